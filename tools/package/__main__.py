"""Builds the package: ``python -m tools.package [--runtime python3.13] [--architecture arm64]``."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package import archive, dependencies
from tools.package.target import MACHINES, RUNTIME, Target
from tools.problem import Problem, run_command, say

ROOT = dependencies.ROOT
DIST = ROOT / "dist"
OURS = ("api", "handler.py")
LIMIT_MB = 8.0
MEGABYTE = 1_000_000


def main() -> None:
    """Build the package and say where it is."""
    target = _target()
    package = DIST / f"clowder-{target.name}.zip"
    with TemporaryDirectory(prefix="clowder-package-") as name:
        folder = Path(name) / "task"
        fill(folder, target)
        digest = archive.write(folder, package)
    size = package.stat().st_size / MEGABYTE
    if size > LIMIT_MB:
        package.unlink()
        raise Problem(f"The package would have {size:.1f} MB, and at most {LIMIT_MB:g} are allowed; none was made.")
    package.with_suffix(".zip.sha256").write_text(f"{digest}  {package.name}\n", encoding="ascii")
    say(f"{package.relative_to(ROOT)}: {size:.2f} MB, SHA-256 {digest}")


def fill(folder: Path, target: Target) -> None:
    """Fill a folder with all that runs on the target."""
    interpreter = target.interpreter()
    dependencies.install(target, folder)
    dependencies.prune(folder)
    for name in OURS:
        _copy(ROOT / name, folder / name)
    script = Path(__file__).with_name("bytecode.py")
    subprocess.run([interpreter, "-I", "-S", str(script), str(folder), *OURS], check=True, env={"PYTHONHASHSEED": "0"})


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", ".stamp"))
    else:
        shutil.copyfile(source, place)


def _target() -> Target:
    parser = argparse.ArgumentParser(prog="python -m tools.package", description="Builds the package for Lambda.")
    parser.add_argument("--runtime", default="python3.13", help="Lambda's name of the runtime")
    parser.add_argument("--architecture", default="arm64", choices=sorted(MACHINES), help="the function's")
    told = parser.parse_args()
    if not RUNTIME.fullmatch(told.runtime):
        raise Problem(f"There is no runtime {told.runtime} for us: it is python3.12 or newer, for example python3.13.")
    return Target(told.runtime, told.architecture)


if __name__ == "__main__":
    run_command(main)
