"""Puts a program on a leash: on Linux it dies with the process that started it, even if that one dies by kill -9.

It is a script that becomes the program (``python leash.py PARENT PROGRAM ARGUMENT...``) and no ``preexec_fn``,
because that one may hang in a process with threads. On other systems it only becomes the program, and the next
start ends what was left over (``tools/local/processes.py``).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("The process that started this one has ended already.")
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}.")


if __name__ == "__main__":
    main()
