"""Other processes of this machine: whether they live, what they run, and how to end one that was left over."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

END_SECONDS = 3.0
POLL_SECONDS = 0.02


def command_line(pid: int) -> str:
    """Return what a process was started with; empty if there is none, or none that we may know of."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    try:
        answer = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip()


def terminate_stale(pid: int, mark: str) -> bool:
    """End a process if it still is the one that we know; say whether it was.

    Args:
        pid: its id, which may belong to somebody else by now.
        mark: what its command line must mention.
    """
    if mark not in command_line(pid):
        return False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if mark not in command_line(pid):
                return True
            time.sleep(POLL_SECONDS)
    return True
