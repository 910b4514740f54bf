"""Creates base images without a registry: a Debian with Python, by debootstrap from the mirror of this machine's apt.

As in Lambda's base images, a library of Python is in /var/lang/lib, and LD_LIBRARY_PATH names that folder. So Python
starts only with the environment of the image. The second image also has pip, the entry point and the runtime client.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from tests.support.buildah import buildah, exists
from tools.image.contents import build_root, make_readable
from tools.package.target import host_target

SUITE = "trixie"
"""The Debian release. Its Python is 3.13, the default runtime."""
PACKAGES = ("python3", "python3-venv", "ca-certificates")
# Files that differ between builds, and files that debootstrap copies from this machine.
REMOVED = ("var/cache/apt", "var/lib/apt/lists", "var/log", "etc/apt/sources.list", "etc/hostname", "etc/resolv.conf")
LIBRARIES = "var/lang/lib"
"""The folder of libraries in Lambda's base images that is not a default folder of the dynamic linker."""


def ensure_base() -> str:
    """Return the name of the base image. Create the image if none of this recipe exists."""
    recipe = sha256(" ".join((SUITE, *PACKAGES, *REMOVED, LIBRARIES)).encode()).hexdigest()[:12]
    image = f"localhost/clowder-base:{SUITE}-{recipe}"
    if not exists(image):
        _create(image)
    return image


def create_lambda_base(debian: str, image: str) -> None:
    """Create an image with the parts of Lambda's base image that a build can use."""
    container = buildah("from", debian)
    try:
        root = Path(buildah("mount", container))
        with TemporaryDirectory(prefix="clowder-base-") as folder:
            build_root(host_target(), runtime := Path(folder) / "root")
            make_readable(runtime)
            shutil.copytree(runtime, root, dirs_exist_ok=True)
        for wheel in root.glob("usr/share/python-wheels/pip-*.whl"):
            ZipFile(wheel).extractall(root / "usr/lib/python3/dist-packages")
        buildah("commit", "--quiet", "--timestamp", "0", container, image)
    finally:
        buildah("rm", container)


def _create(image: str) -> None:
    container = buildah("from", "scratch")
    try:
        root = Path(buildah("mount", container))
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(root), *_mirror()]
        subprocess.run(command, stdout=sys.stderr, check=True)
        for name in REMOVED:
            _empty(root / name)
        (root / LIBRARIES).mkdir(parents=True)
        for library in root.glob("usr/lib/*-linux-gnu/libexpat.so.*"):
            library.rename(root / LIBRARIES / library.name)
        buildah("config", "--cmd", "python3", f"--env=LD_LIBRARY_PATH=/{LIBRARIES}", container)
        buildah("commit", "--quiet", "--timestamp", "0", container, image)
    finally:
        buildah("rm", container)


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
