"""Test make package: builds are reproducible, each error has a message, and a failed build changes no file."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.deploy_fixtures import ROOT
from tools.cli import CliError
from tools.package import assets, dependencies, sources
from tools.package.build import Package
from tools.package.target import UV, Target, host_target

INPUT_FILES = (
    "handler.py", "LICENSE", "requirements.txt", "requirements-photos.txt", "requirements-lock.txt",
    "package-lock.json", "pyproject.toml",
)  # fmt: skip
OTHER_ENVIRONMENT = {
    "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "LANGUAGE": "ja", "UV_COMPILE_BYTECODE": "1",
    "SOURCE_DATE_EPOCH": "1500000000", "UV_LINK_MODE": "symlink",
}  # fmt: skip
SECONDS = 300.0
LOCK = dependencies.LOCK.name
PACKAGER = "tools/requirements/package.txt"
# A Python with the requirements of the packager alone, as in a clone without .venv.
UV_RUN = (*UV, "run", "--quiet", "--no-project", "--isolated", "--with-requirements", PACKAGER, "python")
NOT_INSTALLED = "uv could not install requirements.txt for"
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

    def start(
        self, *arguments: str, command: Sequence[str] = (sys.executable,), **environment: str
    ) -> subprocess.Popen[str]:
        """Start ``python -m tools.package`` in the repository."""
        target = ["--runtime", host_target().runtime, "--architecture", host_target().architecture]
        defaults = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [*command, "-m", "tools.package", *target, *arguments], cwd=self.root, env=defaults | environment,
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
def shared_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a repository in another folder."""
    return Checkout(tmp_path_factory.mktemp("checkout") / "a café's")


@pytest.fixture
def checkout(shared_checkout: Checkout, artefact: Package) -> Iterator[Checkout]:
    """Return the same repository with an existing package in dist/. Changes of a test are reverted."""
    shutil.rmtree(shared_checkout.root / "dist", ignore_errors=True)
    shutil.copytree(artefact.path.parent, shared_checkout.root / "dist", ignore=shutil.ignore_patterns("lock"))
    yield shared_checkout
    shared_checkout.git("reset", "--quiet", "--hard")
    shared_checkout.git("clean", "--quiet", "-d", "--force")


def test_two_builds_at_once_are_identical_with_stray_files_and_without_other_packages(
    checkout: Checkout, expected: Files
) -> None:
    shutil.rmtree(checkout.root / "dist")
    for name in STRAY_FILES:
        (checkout.root / "api" / name).parent.mkdir(exist_ok=True)
        (checkout.root / "api" / name).write_text("x", encoding="utf-8")
    builders = [checkout.start(), checkout.start(command=UV_RUN, **OTHER_ENVIRONMENT)]
    assert [wait(builder) for builder in builders] == [(0, ""), (0, "")]
    assert checkout.package() == expected
    name = host_target().name
    assert set(expected) == {
        *(f"clowder-{name}.{kind}" for kind in ("zip", "zip.sha256", "cdx.json")),
        *(f"photos-{name}.{kind}" for kind in ("zip", "cdx.json")),
    }


def test_the_assets_are_copied_from_node_modules(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(checkout.root / VENDOR)
    (checkout.root / "node_modules").symlink_to(ROOT / "node_modules")
    monkeypatch.setattr(assets, "ROOT", checkout.root)
    assets.copy_missing()
    copied = contents(checkout.root / VENDOR)
    assert copied.keys() == set(sources.ASSETS)
    for name, content in copied.items():
        original = (ROOT / "node_modules" / "swagger-ui-dist" / name.removesuffix(".gz")).read_bytes()
        assert (gzip.decompress(content) if name.endswith(".gz") else content) == original
    bundle, style = (checkout.root / VENDOR / name for name in sources.ASSETS[:2])
    bundle.write_bytes(other := gzip.compress(gzip.decompress(bundle.read_bytes()), 1))
    style.write_bytes(gzip.compress(b"old"))
    assets.copy()
    assert (bundle.read_bytes(), style.read_bytes()) == (other, copied[style.name])


def pinned(text: str) -> set[str]:
    """Return the normalised names (PEP 503) and the versions in a requirements file."""
    requirements = re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M)
    return {f"{re.sub('[-_.]+', '-', name).lower()}=={version}" for name, version in requirements}


def test_the_lock_has_exactly_the_requirements() -> None:
    lock = dependencies.LOCK.read_text(encoding="utf-8")
    files = (dependencies.REQUIREMENTS, dependencies.PHOTO_REQUIREMENTS)
    assert pinned(lock) == set().union(*(pinned(file.read_text(encoding="utf-8")) for file in files))
    assert "://" not in lock


def test_the_requirements_of_the_packager_are_complete() -> None:
    command = [*UV, "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--no-header", PACKAGER]
    resolved = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    listed = pinned((ROOT / PACKAGER).read_text(encoding="utf-8"))
    assert pinned(resolved) - listed <= pinned(dependencies.REQUIREMENTS.read_text(encoding="utf-8"))
    assert listed <= pinned(resolved)


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


def require(requirement: str, digest: str) -> Callable[[Checkout], None]:
    """Return a function that replaces the requirements and the lock of a repository by one requirement."""

    def change(checkout: Checkout) -> None:
        change_file("requirements.txt", requirement)(checkout)
        change_file(LOCK, f"{requirement} --hash=sha256:{digest}")(checkout)

    return change


def add_sdist(checkout: Checkout) -> None:
    """Require a package that has a source distribution and no wheel."""
    sdist = checkout.root / "six-1.18.0.tar.gz"
    with tarfile.open(sdist, "w:gz"):
        pass
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    require("six==1.18.0", digest)(checkout)


UNRELATED_CHANGE = change_file("README.md", "A file that is not in the package.")
ERRORS: dict[str, tuple[Callable[[Checkout], None], list[str], dict[str, str], str]] = {
    # name: a change of the repository, arguments, environment, a pattern of the messages
    "assets": (change_file(f"{VENDOR}/NOTICE", None, add=False), [], {}, "is not in node_modules. Run npm ci"),
    "untracked file": (change_file("api/new.py", "", add=False), [], {}, "api/new.py is not tracked by git."),
    "syntax error": (change_file("api/new.py", "def ("), [], {}, "could not compile the modules"),
    "wrong hash": (require("six==1.17.0", "0" * 64), [], {}, f"Hash mismatch for `six==1.17.0`.*{NOT_INSTALLED}"),
    "missing hash": (
        change_file("requirements.txt", "six==1.16.0"), [], {}, f"provided for: six==1.16.0\n{NOT_INSTALLED}",
    ),
    "missing wheel": (
        add_sdist, [], {"UV_NO_INDEX": "1", "UV_FIND_LINKS": "."}, f"six==1.18.0 has no usable wheels.*{NOT_INSTALLED}",
    ),
    "unknown architecture": (
        UNRELATED_CHANGE, ["--architecture", "sparc"], {}, "The architecture sparc is not supported",
    ),
    "missing interpreter": (UNRELATED_CHANGE, ["--runtime", "python3.29"], {}, "Run uv python install 3.29, or"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_a_message_and_leaves_the_old_package(checkout: Checkout, expected: Files, name: str) -> None:
    change, arguments, environment, message = ERRORS[name]
    change(checkout)
    code, stderr = wait(checkout.start(*arguments, **environment))
    assert code == 1
    assert re.search(f"{message}[^\n]*\\.$", stderr.strip(), re.DOTALL)
    assert "Traceback" not in stderr
    assert checkout.package() == expected


@pytest.mark.parametrize(
    ("runtime", "architecture", "message"),
    [
        ("python3.8", "arm64", "The runtime python3.8 is not supported: use python3.12 or newer"),
        ("python3.11", "arm64", "The runtime python3.11 is not supported: use python3.12 or newer"),
        ("nodejs22.x", "arm64", "The runtime nodejs22.x is not supported"),
        ("python3.13\n", "arm64", "The runtime python3.13\n is not supported"),
        ("python3.13", "aarch64", "The architecture aarch64 is not supported: use arm64 or x86_64."),
    ],
)
def test_an_unknown_target_is_an_error(runtime: str, architecture: str, message: str) -> None:
    with pytest.raises(CliError, match=re.escape(message)):
        Target.named(runtime, architecture)


def test_the_interpreter_can_be_one_of_pyenv_that_is_not_selected(tmp_path: Path) -> None:
    python, version = host_target().interpreter(), host_target().version
    shim = tmp_path / f"python{version}"
    shim.write_text(f'#!/bin/sh\n[ "$PYENV_VERSION" = {version} ] || exit 127\nexec "{python}" "$@"\n')
    shim.chmod(0o755)
    command = [sys.executable, "-m", "tools.package.target"]
    environment = os.environ | {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    result = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert result.stdout == f"{python}\n"
