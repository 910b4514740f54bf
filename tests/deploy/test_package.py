"""make package: the same bytes from the same input, one clear sentence for what is wrong, and never half a package."""

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

INPUT = ("handler.py", "LICENSE", "requirements.txt", "package-lock.json")
ANOTHER_MOOD = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "LANGUAGE": "ja"}
SECONDS = 300.0
VENDOR = sources.VENDOR.as_posix()

STRAY = (".DS_Store", ".env", "._app.py", ".#app.py", ".idea/a.py", "app.py~", "app.py.orig", "notes.txt", "secret.pem",
         "__pycache__/app.cpython-313.pyc", "web/static/docs.js.map", "web/static/vendor/more.js")  # fmt: skip

Files = dict[str, bytes]


class Checkout:
    """A copy of what the package is made from, in a repository of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("api", "tools"):
            # copyfile leaves the times behind, and every file is as new as the copy.
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / folder, root / folder, ignore=ignored, copy_function=shutil.copyfile)
        for name in INPUT:
            shutil.copyfile(ROOT / name, root / name)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", "--message", "A café")

    def git(self, *arguments: str) -> None:
        """Run git there, as somebody who needs no settings."""
        somebody = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "-C", str(self.root), *somebody, *arguments], check=True)

    def start(self, *arguments: str, python: str = sys.executable, **environment: str) -> subprocess.Popen[str]:
        """Run ``python -m tools.package`` there, with some Python that finds what our own has installed."""
        target = ["--runtime", host_target().runtime, "--architecture", host_target().architecture]
        given = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [python, "-m", "tools.package", *target, *arguments], cwd=self.root, env=given | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, umask=0o077,
        )  # fmt: skip

    def package(self) -> Files:
        """Return what lies in dist/."""
        return contents(self.root / "dist")


def contents(folder: Path) -> Files:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end of a run; return its exit code and what it has complained of."""
    complaint = process.communicate(timeout=SECONDS)[1]
    return process.returncode, complaint


@pytest.fixture(scope="module")
def expected(artefact: Package) -> Files:
    """The package, its checksum and its bill, as they were built host_target."""
    return contents(artefact.path.parent)


@pytest.fixture(scope="module")
def elsewhere(artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A repository elsewhere, with the dependencies that were kept host_target."""
    checkout = Checkout(tmp_path_factory.mktemp("elsewhere") / "a café's")
    shutil.copytree(ROOT / ".tools" / "package", checkout.root / ".tools" / "package")
    return checkout


@pytest.fixture
def checkout(elsewhere: Checkout, artefact: Package) -> Iterator[Checkout]:
    """The same; a package lies there already, and what a test spoils is mended after it."""
    shutil.rmtree(elsewhere.root / "dist", ignore_errors=True)
    shutil.copytree(artefact.path.parent, elsewhere.root / "dist", ignore=shutil.ignore_patterns("lock"))
    yield elsewhere
    elsewhere.git("reset", "--quiet", "--hard")
    elsewhere.git("clean", "--quiet", "-d", "--force", "--", "api")


def test_another_python_makes_the_same_package_elsewhere_though_what_was_kept_is_damaged(
    elsewhere: Checkout, expected: Files
) -> None:
    for kept in elsewhere.root.glob(".tools/package/*/dependencies.zip"):
        with kept.open("r+b") as file:
            file.seek(1_000_000)
            file.write(b"damaged")
    before = {path.name for path in (elsewhere.root / ".tools" / "package").iterdir()}
    assert ended(elsewhere.start(python=host_target().interpreter(), **ANOTHER_MOOD)) == (0, "")
    assert elsewhere.package() == expected
    assert {path.name for path in (elsewhere.root / ".tools" / "package").iterdir()} == before


def test_two_who_build_at_once_make_the_same_whatever_lies_about(checkout: Checkout, expected: Files) -> None:
    shutil.rmtree(checkout.root / "dist")
    for name in STRAY:
        (checkout.root / "api" / name).parent.mkdir(exist_ok=True)
        (checkout.root / "api" / name).write_text("x", encoding="utf-8")
    builders = [checkout.start(), checkout.start(PACKAGE_PYTHON=host_target().interpreter())]
    assert [ended(builder) for builder in builders] == [(0, ""), (0, "")]
    assert checkout.package() == expected
    assert set(expected) == {f"clowder-{host_target().name}.{kind}" for kind in ("zip", "zip.sha256", "cdx.json")}


def test_what_is_changed_in_the_sources_changes_the_package(checkout: Checkout, expected: Files) -> None:
    with (checkout.root / "api" / "web" / "static" / "style.css").open("a", encoding="utf-8") as file:
        file.write(" ")
    assert ended(checkout.start()) == (0, "")
    assert {name for name, content in checkout.package().items() if content != expected[name]} == set(expected)


def spoil(name: str, text: str | None, add: bool = True) -> Callable[[Checkout], None]:
    """Return what writes a file of a checkout, or removes it, and lets git know or not."""

    def change(checkout: Checkout) -> None:
        if text is None:
            (checkout.root / name).unlink()
        else:
            (checkout.root / name).write_text(text, encoding="utf-8")
        if add:
            checkout.git("add", name)

    return change


NOTHING = spoil("README.md", "Nothing of the package.")
REFUSED: dict[str, tuple[Callable[[Checkout], None], list[str], dict[str, str], str]] = {
    # why: what is done to the checkout, arguments, environment, what is said
    "assets": (spoil(f"{VENDOR}/NOTICE", None, add=False), [], {}, "(NOTICE is missing). Remove that folder and"),
    "not of the repository": (spoil("api/new.py", "", add=False), [], {}, "api/new.py is not tracked by git."),
    "no Python": (spoil("api/new.py", "def ("), [], {}, "could not compile the modules"),
    "no such requirement": (spoil("requirements.txt", "six==0"), [], {"PIP_NO_INDEX": "1"}, "pip could not install"),
    "another machine": (NOTHING, ["--architecture", "sparc"], {}, "The architecture sparc is not supported"),
    "no Python there": (NOTHING, [], {"PACKAGE_PYTHON": "/nowhere"}, "PACKAGE_PYTHON=/nowhere is not Python"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_wrong_is_said_in_a_sentence_and_the_old_package_stays(
    checkout: Checkout, expected: Files, why: str
) -> None:
    change, arguments, environment, sentence = REFUSED[why]
    change(checkout)
    code, complaint = ended(checkout.start(*arguments, **environment))
    assert code == 1
    assert sentence in complaint.splitlines()[-1]
    assert complaint.endswith(".\n")
    assert "Traceback" not in complaint
    assert checkout.package() == expected


@pytest.mark.parametrize(
    ("runtime", "architecture", "sentence"),
    [
        ("python3.8", "arm64", "The runtime python3.8 is not supported: use python3.11 or newer"),
        ("nodejs22.x", "arm64", "The runtime nodejs22.x is not supported"),
        ("python3.13\n", "arm64", "The runtime python3.13\n is not supported"),
        ("python3.13", "aarch64", "The architecture aarch64 is not supported: use arm64 or x86_64."),
        ("python3.29", "arm64", "Compiling for python3.29 needs Python 3.29, which was not found"),
    ],
)
def test_a_target_that_there_is_not_is_named(runtime: str, architecture: str, sentence: str) -> None:
    with pytest.raises(CliError, match=re.escape(sentence)):
        Target.named(runtime, architecture).interpreter()


def test_the_python_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKAGE_PYTHON", sys.executable)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert (host_target().version, host_target().interpreter()) == (version, sys.executable)
    assert all(platform.endswith("_aarch64") for platform in Target(host_target().runtime, "arm64").platforms)


def test_a_package_over_the_limit_is_not_made(artefact: Package, expected: Files, tmp_path: Path) -> None:
    folder = shutil.copytree(artefact.path.parent, tmp_path / "dist")
    with pytest.raises(CliError, match=r"was not written: it has \d+\.\d\d MB, and the limit is 0\.5 MB\."):
        build(host_target(), folder, limit_mb=0.5)
    assert contents(folder) == expected
