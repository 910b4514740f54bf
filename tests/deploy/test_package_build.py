"""Test make package: builds are reproducible, each error has a message, and a failed build changes no file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.deploy_fixtures import ROOT
from tools.cli import CliError
from tools.package import sources
from tools.package.build import Package, build
from tools.package.target import Target, host_target

INPUT_FILES = ("handler.py", "LICENSE", "requirements.txt", "package-lock.json")
OTHER_ENVIRONMENT = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "LANGUAGE": "ja"}
SECONDS = 300.0
VENDOR = sources.VENDOR.as_posix()

STRAY_FILES = (
    ".DS_Store", ".env", "._app.py", ".#app.py", ".idea/a.py", "app.py~", "app.py.orig", "notes.txt", "secret.pem",
    "__pycache__/app.cpython-313.pyc", "web/static/docs.js.map", "web/static/vendor/more.js",
)  # fmt: skip

Files = dict[str, bytes]


class Checkout:
    """A Git repository with a copy of the input files of the package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("api", "tools"):
            # copyfile does not copy the modification times.
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / folder, root / folder, ignore=ignored, copy_function=shutil.copyfile)
        for name in INPUT_FILES:
            shutil.copyfile(ROOT / name, root / name)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", "--message", "A café")

    def git(self, *arguments: str) -> None:
        """Run git in the repository, without user settings."""
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "-C", str(self.root), *author, *arguments], check=True)

    def start(self, *arguments: str, python: str = sys.executable, **environment: str) -> subprocess.Popen[str]:
        """Start ``python -m tools.package`` in the repository. The interpreter can import the installed packages."""
        target = ["--runtime", host_target().runtime, "--architecture", host_target().architecture]
        defaults = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [python, "-m", "tools.package", *target, *arguments], cwd=self.root, env=defaults | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, umask=0o077,
        )  # fmt: skip

    def package(self) -> Files:
        """Return the files in dist/."""
        return contents(self.root / "dist")


def contents(folder: Path) -> Files:
    """Return the content of each file in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}


def wait(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end of a process, and return its exit code and its standard error."""
    stderr = process.communicate(timeout=SECONDS)[1]
    return process.returncode, stderr


@pytest.fixture(scope="module")
def expected(artefact: Package) -> Files:
    """Return the package, its checksum and its SBOM, as built in this repository."""
    return contents(artefact.path.parent)


@pytest.fixture(scope="module")
def shared_checkout(artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a repository in another folder, with the dependency cache of this repository."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout") / "a café's")
    shutil.copytree(ROOT / ".tools" / "package", checkout.root / ".tools" / "package")
    return checkout


@pytest.fixture
def checkout(shared_checkout: Checkout, artefact: Package) -> Iterator[Checkout]:
    """Return the same repository with an existing package in dist/. Changes of a test are reverted."""
    shutil.rmtree(shared_checkout.root / "dist", ignore_errors=True)
    shutil.copytree(artefact.path.parent, shared_checkout.root / "dist", ignore=shutil.ignore_patterns("lock"))
    yield shared_checkout
    shared_checkout.git("reset", "--quiet", "--hard")
    shared_checkout.git("clean", "--quiet", "-d", "--force", "--", "api")


def test_a_build_in_another_folder_with_a_damaged_cache_is_identical(
    shared_checkout: Checkout, expected: Files
) -> None:
    for cache in shared_checkout.root.glob(".tools/package/*/dependencies.zip"):
        with cache.open("r+b") as file:
            file.seek(1_000_000)
            file.write(b"damaged")
    before = {path.name for path in (shared_checkout.root / ".tools" / "package").iterdir()}
    assert wait(shared_checkout.start(python=host_target().interpreter(), **OTHER_ENVIRONMENT)) == (0, "")
    assert shared_checkout.package() == expected
    assert {path.name for path in (shared_checkout.root / ".tools" / "package").iterdir()} == before


def test_two_builds_at_once_with_stray_files_are_identical(checkout: Checkout, expected: Files) -> None:
    shutil.rmtree(checkout.root / "dist")
    for name in STRAY_FILES:
        (checkout.root / "api" / name).parent.mkdir(exist_ok=True)
        (checkout.root / "api" / name).write_text("x", encoding="utf-8")
    builders = [checkout.start(), checkout.start(PACKAGE_PYTHON=host_target().interpreter())]
    assert [wait(builder) for builder in builders] == [(0, ""), (0, "")]
    assert checkout.package() == expected
    assert set(expected) == {f"clowder-{host_target().name}.{kind}" for kind in ("zip", "zip.sha256", "cdx.json")}


def test_a_changed_source_file_changes_the_package(checkout: Checkout, expected: Files) -> None:
    with (checkout.root / "api" / "web" / "static" / "style.css").open("a", encoding="utf-8") as file:
        file.write(" ")
    assert wait(checkout.start()) == (0, "")
    assert {name for name, content in checkout.package().items() if content != expected[name]} == set(expected)


def change_file(name: str, text: str | None, add: bool = True) -> Callable[[Checkout], None]:
    """Return a function that writes or deletes a file of a repository, and adds the change to Git if required."""

    def change(checkout: Checkout) -> None:
        if text is None:
            (checkout.root / name).unlink()
        else:
            (checkout.root / name).write_text(text, encoding="utf-8")
        if add:
            checkout.git("add", name)

    return change


UNRELATED_CHANGE = change_file("README.md", "A file that is not in the package.")
ERRORS: dict[str, tuple[Callable[[Checkout], None], list[str], dict[str, str], str]] = {
    # name: a change of the repository, arguments, environment, the expected message
    "assets": (
        change_file(f"{VENDOR}/NOTICE", None, add=False),
        [],
        {},
        "(node_modules/swagger-ui-dist/NOTICE is missing). Run npm ci.",
    ),
    "untracked file": (change_file("api/new.py", "", add=False), [], {}, "api/new.py is not tracked by git."),
    "syntax error": (change_file("api/new.py", "def ("), [], {}, "could not compile the modules"),
    "missing requirement": (
        change_file("requirements.txt", "six==0"),
        [],
        {"PIP_NO_INDEX": "1"},
        "pip could not install",
    ),
    "unknown architecture": (
        UNRELATED_CHANGE,
        ["--architecture", "sparc"],
        {},
        "The architecture sparc is not supported",
    ),
    "missing interpreter": (
        UNRELATED_CHANGE,
        [],
        {"PACKAGE_PYTHON": "/nowhere"},
        "PACKAGE_PYTHON=/nowhere is not Python",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_a_message_and_leaves_the_old_package(checkout: Checkout, expected: Files, name: str) -> None:
    change, arguments, environment, message = ERRORS[name]
    change(checkout)
    code, stderr = wait(checkout.start(*arguments, **environment))
    assert code == 1
    assert message in stderr.splitlines()[-1]
    assert stderr.endswith(".\n")
    assert "Traceback" not in stderr
    assert checkout.package() == expected


@pytest.mark.parametrize(
    ("runtime", "architecture", "message"),
    [
        ("python3.8", "arm64", "The runtime python3.8 is not supported: use python3.11 or newer"),
        ("nodejs22.x", "arm64", "The runtime nodejs22.x is not supported"),
        ("python3.13\n", "arm64", "The runtime python3.13\n is not supported"),
        ("python3.13", "aarch64", "The architecture aarch64 is not supported: use arm64 or x86_64."),
        ("python3.29", "arm64", "Compiling for python3.29 needs Python 3.29, which was not found"),
    ],
)
def test_an_unknown_target_is_an_error(runtime: str, architecture: str, message: str) -> None:
    with pytest.raises(CliError, match=re.escape(message)):
        Target.named(runtime, architecture).interpreter()


def test_package_python_selects_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKAGE_PYTHON", sys.executable)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert (host_target().version, host_target().interpreter()) == (version, sys.executable)
    assert all(platform.endswith("_aarch64") for platform in Target(host_target().runtime, "arm64").platforms)


def test_a_package_over_the_size_limit_is_not_written(artefact: Package, expected: Files, tmp_path: Path) -> None:
    folder = shutil.copytree(artefact.path.parent, tmp_path / "dist")
    with pytest.raises(CliError, match=r"was not written: it has \d+\.\d\d MB, and the limit is 0\.5 MB\."):
        build(host_target(), folder, limit_mb=0.5)
    assert contents(folder) == expected
