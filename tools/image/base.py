"""Creates a base image without a registry: ``python -m tools.image.base``.

The image is a Debian with Python, created by debootstrap from the mirror that apt uses on this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tools.cli import CliError, echo, run_main
from tools.image.buildah import buildah, exists

NAME = "localhost/clowder-base"
SUITE = "trixie"
"""The Debian release. Its Python is 3.13, the default runtime."""
PACKAGES = ("python3", "python3-venv", "ca-certificates")
# Files that differ between builds, and files that debootstrap copies from this machine.
REMOVED = ("var/cache/apt", "var/lib/apt/lists", "var/log", "etc/apt/sources.list", "etc/hostname", "etc/resolv.conf")
RECIPE = sha256(" ".join((SUITE, *PACKAGES, *REMOVED)).encode()).hexdigest()[:12]


def ensure_base() -> str:
    """Return the name of the base image. Create the image if none of this recipe exists.

    Raises:
        CliError: the image cannot be created.
    """
    image = f"{NAME}:{SUITE}-{RECIPE}"
    if not exists(image):
        _create(image)
    return image


def _create(image: str) -> None:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise CliError(f"{NAME} needs root and debootstrap; on Debian and Ubuntu: apt install debootstrap")
    echo(f"Creating {image} ...")
    container = buildah("from", "scratch")
    try:
        root = Path(buildah("mount", container))
        _bootstrap(root)
        for name in REMOVED:
            _empty(root / name)
        buildah("config", "--cmd", "python3", container)
        buildah("commit", "--quiet", "--timestamp", "0", container, image)
    finally:
        buildah("rm", container)


def _bootstrap(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(root), *_mirror()]
    completed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if completed.returncode:
        print(completed.stdout[-2000:], file=sys.stderr)
        raise CliError(f"debootstrap could not create a Debian {SUITE} (see above).")


def _mirror() -> list[str]:
    """Return the Debian mirror of this machine's apt, or an empty list for the default of debootstrap."""
    command = [
        "apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Origin: Debian", "Label: Debian",
    ]  # fmt: skip
    try:
        sites = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return []
    return sites[:1]


def _empty(path: Path) -> None:
    """Remove a file, or the content of a folder."""
    if path.is_dir():
        shutil.rmtree(path)
        path.mkdir()
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    run_main(lambda: echo(ensure_base()))
