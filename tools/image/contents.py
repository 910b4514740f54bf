"""Makes what the images hold, in the build stage: ``python -m tools.image.contents TARGETARCH FOLDER``.

The folder ``task`` becomes /var/task, and ``root`` is laid over the base image: that is the function. For the café of
compose.yaml, ``local`` joins /var/task, and ``data`` is where it keeps its data. Nothing is needed but Python and pip.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.cli import CliError
from tools.package import dependencies, sources
from tools.package.target import Target

ENTRY = Path("/lambda-entrypoint.sh")
"""Where Lambda's base images have their entry point."""
RUNTIME = Path("/var/runtime")
"""Where they have the runtime client."""
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}
"""The architectures of containers, and what Lambda calls them."""
OURS = Path(__file__).with_name("entrypoint.sh")
CLIENT = sources.ROOT / "tools" / "requirements" / "awslambdaric.txt"
SERVER = sources.ROOT / "requirements-local.txt"


def build_task(target: Target, task: Path) -> None:
    """Make what ``make package`` puts into the zip."""
    dependencies.install(target, task)
    dependencies.prune(task)
    target.compile(task, with_source=False)
    for place in sources.find():
        (task / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sources.ROOT / place, task / place)
    target.compile(task, with_source=True)


def build_root(target: Target, root: Path) -> None:
    """Bring Lambda's runtime client and an entry point that starts it, unless the base has its own."""
    root.mkdir()
    if not ENTRY.exists():
        install(CLIENT, target, root / RUNTIME.relative_to("/"))
        target.compile(root, with_source=True, path="/")
        shutil.copyfile(OURS, root / ENTRY.name)


def build_local(target: Target, local: Path) -> None:
    """Bring a server, and the tools that open the café."""
    install(SERVER, target, local)
    for name in ("tools", "infra"):
        shutil.copytree(sources.ROOT / name, local / name, ignore=shutil.ignore_patterns("__pycache__"))
    target.compile(local, with_source=True)


def install(requirements: Path, target: Target, folder: Path) -> None:
    """Install what a file lists, without the files that it refers to, as wheels for the target.

    Raises:
        CliError: pip cannot; its own words stand above.
    """
    listed = re.sub(r"^-.*\n", "", requirements.read_text(encoding="utf-8"), flags=re.M)
    command = [sys.executable, "-I", "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--no-compile", "--implementation=cp", f"--python-version={target.version}"]
    command += [f"--platform={platform}" for platform in target.platforms]
    command += ["--target", str(folder), "--requirement", "/dev/stdin"]
    if subprocess.run(command, input=listed, text=True, check=False).returncode:
        raise CliError(f"There is no image for {target.name}: pip could not install {requirements.name} (see above).")


def make_readable(folder: Path) -> None:
    """Let any user read all of it, whatever the umask was with which the sources came here."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.name == ENTRY.name else 0o644)


def main(architecture: str, folder: Path) -> None:
    """Fill the folder for one of the architectures of containers."""
    target = Target.named(f"python{sys.version_info[0]}.{sys.version_info[1]}", ARCHITECTURES[architecture])
    build_task(target, folder / "task")
    build_root(target, folder / "root")
    build_local(target, folder / "local")
    (folder / "data").mkdir()
    make_readable(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
