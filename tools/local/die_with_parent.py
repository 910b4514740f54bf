"""Runs a program that the kernel kills when its parent process ends, even if that is killed with SIGKILL (Linux only).

Usage: ``python die_with_parent.py PARENT_PID PROGRAM ARGUMENT...``. This is a script and not a ``preexec_fn``, because
that can deadlock in a process with threads. On other systems the script only runs the program; the next start of the
server terminates an emulator that is still running (``DataDir.terminate_stale``).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Request SIGKILL at the death of the parent, then replace this process by the program."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("The parent process has already ended.")
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}.")


if __name__ == "__main__":
    main()
