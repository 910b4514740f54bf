"""Runs buildah. What it says goes to standard error, what it answers is returned."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools.cli import CliError

PROGRAM = "buildah"
# Needs neither user namespaces nor a container runtime: it works inside of containers too.
ISOLATION = ("--isolation", "chroot")


def buildah(*arguments: str) -> str:
    """Run a command of buildah and return what it printed.

    Raises:
        CliError: it is not installed, or it failed; its own words stand above.
    """
    if not shutil.which(PROGRAM):
        raise CliError(
            "Images are built with buildah, which is not installed; on Debian and Ubuntu: apt install buildah"
        )
    done = subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=sys.stderr, text=True, check=False)
    if done.returncode:
        raise CliError(f"buildah {arguments[0]} failed (see above).")
    return done.stdout.strip()


def exists(image: str) -> bool:
    """Say whether there is an image of that name on this machine."""
    return bool(buildah("images", "--quiet", "--filter", f"reference={image}"))
