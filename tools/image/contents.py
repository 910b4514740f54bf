"""Creates the files of the images in the build stage: ``python -m tools.image.contents TARGETARCH FOLDER``.

The image of the function consists of the folders ``task``, which becomes /var/task, and ``root``, which is copied over
the base image. The image of compose.yaml also has ``local``, which is copied into /var/task, and ``data``, its empty
data directory. Only Python and uv are needed.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.cli import CliError
from tools.package import assets, sources
from tools.package.build import fill
from tools.package.dependencies import install, install_photo_requirements
from tools.package.target import Target

LAMBDA_ENTRYPOINT = Path("/lambda-entrypoint.sh")
"""The entry point in the base images of Lambda."""
RUNTIME = Path("/var/runtime")
"""The folder of the runtime client in the base images of Lambda."""
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}
"""The architectures of Lambda, by their names for containers."""
ENTRYPOINT = Path(__file__).with_name("entrypoint.sh")
CLIENT = sources.ROOT / "tools" / "requirements" / "awslambdaric.txt"
SERVER = sources.ROOT / "requirements-local.txt"


def build_task(target: Target, task: Path) -> None:
    """Create the files of the package of the photo function, which are also those of the API."""
    assets.copy()
    fill(target, sources.find(), task)
    with TemporaryDirectory() as name:
        install_photo_requirements(target, Path(name))
        shutil.copytree(name, task, dirs_exist_ok=True)


def build_root(target: Target, root: Path) -> None:
    """Install Lambda's runtime client and an entry point, unless the base image has them."""
    root.mkdir()
    if not LAMBDA_ENTRYPOINT.exists():
        install(target, root / RUNTIME.relative_to("/"), CLIENT)
        target.compile(root, with_source=True, path="/")
        shutil.copyfile(ENTRYPOINT, root / LAMBDA_ENTRYPOINT.name)


def build_local(target: Target, local: Path) -> None:
    """Install the WSGI server and the tools that start it."""
    with TemporaryDirectory() as name:
        # Without "-r requirements.txt", whose packages are in the task folder.
        requirements = Path(name) / SERVER.name
        requirements.write_text(re.sub(r"^-.*\n", "", SERVER.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")
        install(target, local, requirements)
    for name in ("tools", "infra"):
        shutil.copytree(sources.ROOT / name, local / name, ignore=shutil.ignore_patterns("__pycache__"))
    target.compile(local, with_source=True)


def make_readable(folder: Path) -> None:
    """Make all files readable for every user, whatever the umask of the checkout was."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.name == LAMBDA_ENTRYPOINT.name else 0o644)


def main(architecture: str, folder: Path) -> None:
    """Create the files for a container architecture.

    Raises:
        CliError: Lambda does not have the architecture, or a package is missing or could not be installed.
    """
    runtime = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    target = Target.named(runtime, ARCHITECTURES.get(architecture, architecture))
    build_task(target, folder / "task")
    build_root(target, folder / "root")
    build_local(target, folder / "local")
    (folder / "data").mkdir()
    make_readable(folder)


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except CliError as error:
        sys.exit(str(error))
