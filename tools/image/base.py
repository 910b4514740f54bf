"""Makes a base image where there is no registry to fetch one from: ``python -m tools.image.base``.

It is a Debian with Python, made by debootstrap from the mirror that this machine's apt uses, and kept by buildah.
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
"""Its Python is 3.13, as Lambda's default runtime of ours is."""
PACKAGES = ("python3", "python3-venv", "ca-certificates")
# What debootstrap leaves behind, and what it takes over from this machine.
LEFT_OUT = ("var/cache/apt", "var/lib/apt/lists", "var/log", "etc/apt/sources.list", "etc/hostname", "etc/resolv.conf")
RECIPE = sha256(" ".join((SUITE, *PACKAGES, *LEFT_OUT)).encode()).hexdigest()[:12]


def ensure_base() -> str:
    """Return the name of the base image, made if there is none of this recipe yet.

    Raises:
        CliError: it cannot be made.
    """
    image = f"{NAME}:{SUITE}-{RECIPE}"
    if not exists(image):
        _make(image)
    return image


def _make(image: str) -> None:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise CliError(f"{NAME} is made by root with debootstrap; on Debian and Ubuntu: apt install debootstrap")
    echo(f"Making {image} ...")
    container = buildah("from", "scratch")
    try:
        root = Path(buildah("mount", container))
        _bootstrap(root)
        for place in LEFT_OUT:
            _empty(root / place)
        buildah("config", "--cmd", "python3", container)
        buildah("commit", "--quiet", "--timestamp", "0", container, image)
    finally:
        buildah("rm", container)


def _bootstrap(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(root), *_mirror()]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout[-2000:], file=sys.stderr)
        raise CliError(f"debootstrap could not make a Debian {SUITE} (see above).")


def _mirror() -> list[str]:
    """Return the mirror of Debian that this machine's apt uses, or nothing: debootstrap has a default."""
    ask = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Origin: Debian", "Label: Debian"]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return []
    return told[:1]


def _empty(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
        place.mkdir()
    else:
        place.unlink(missing_ok=True)


if __name__ == "__main__":
    run_main(lambda: echo(ensure_base()))
