"""Prints the Python on this machine that runs what is packaged: of the default runtime, or, without one, this one."""

from __future__ import annotations

from tools.package.target import here
from tools.problem import run_command, say

if __name__ == "__main__":
    run_command(lambda: say(here().interpreter()))
