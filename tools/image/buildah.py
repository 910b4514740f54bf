"""Runs buildah. Its messages go to standard error, and its output is returned."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools.cli import CliError

PROGRAM = "buildah"
# Needs no user namespaces and no container runtime, so that it works inside a container.
ISOLATION = ("--isolation", "chroot")


def buildah(*arguments: str) -> str:
    """Run a command of buildah and return its output.

    Raises:
        CliError: buildah is not installed, or the command failed and printed its messages.
    """
    if not shutil.which(PROGRAM):
        raise CliError("buildah, which builds images, is not installed; on Debian and Ubuntu: apt install buildah")
    command = [PROGRAM, *arguments]
    completed = subprocess.run(command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True, check=False)
    if completed.returncode:
        raise CliError(f"buildah {arguments[0]} failed (see above).")
    return completed.stdout.strip()


def exists(image: str) -> bool:
    """Return whether the image exists on this machine."""
    return bool(buildah("images", "--quiet", "--filter", f"reference={image}"))
