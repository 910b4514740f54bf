"""What is in the package, and what must never be in it."""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deploy_fixtures import ROOT
from tools.package import dependencies
from tools.package.build import LIMIT_MB, MEGABYTE, Package
from tools.package.sources import ASSETS, SUFFIXES, VENDOR
from tools.package.target import MACHINES, Target, host_target

ELF_MACHINES = {62: "x86_64", 183: "arm64"}
"""Lambda's architectures by the number that a library of theirs has in its header (e_machine)."""
UNCHECKED_HASH = 0b01
"""The flags of bytecode that goes by a hash, and is not checked against it (PEP 552)."""
OURS = re.compile(r"(__pycache__/)?handler\.|api/|LICENSE$")
FORBIDDEN = re.compile(
    r"(^|/)(tests?|pip|setuptools|pycparser|tools|bench|infra|node_modules|\.[^/]+)(/|$)|wsgi_handler"
    r"|\.(pem|key|env|zip|whl|pyi|pyx|[ch]|so\.debug)$|/botocore/data/(?!dynamodb/)[^/]+/"
)
EXCUSED = {"botocore/cacert.pem"}
"""Whom the store trusts: certificates, and no key."""

Files = dict[str, bytes]


def read(package: Package) -> Files:
    """Return the files of a package."""
    with zipfile.ZipFile(package.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def files(artefact: Package) -> Files:
    """The files of the package for this machine."""
    return read(artefact)


def libraries(files: Files) -> dict[str, str]:
    """Return the libraries of a package, without what their names say of machines, and what they are built for."""
    found = {name: content for name, content in files.items() if name.endswith(".so")}
    assert {content[:4] for content in found.values()} == {b"\x7fELF"}
    return {
        name.partition(".")[0]: ELF_MACHINES[int.from_bytes(content[18:20], "little")]
        for name, content in found.items()
    }


def test_every_library_is_for_the_machine_that_the_package_is_for(files: Files, tmp_path: Path) -> None:
    ours = libraries(files)
    assert set(ours.values()) == {host_target().architecture}
    # No machine has to be of the kind that it packages for.
    (other,) = MACHINES.keys() - {host_target().architecture}
    # botocore is by far the largest part, and has none.
    lines = dependencies.REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    requirements, task = tmp_path / "requirements.txt", tmp_path / "task"
    requirements.write_text("\n".join(line for line in lines if not line.startswith("boto")), encoding="utf-8")
    dependencies.install(Target(host_target().runtime, other), task, requirements)
    shutil.rmtree(task / "cffi")
    foreign = {path.relative_to(task).as_posix(): path.read_bytes() for path in task.rglob("*.so")}
    assert libraries(foreign) == dict.fromkeys(ours, other)


def test_all_of_ours_is_there_and_nothing_else_of_ours(files: Files) -> None:
    found = [path.relative_to(ROOT) for path in (ROOT / "api").rglob("*") if path.suffix in SUFFIXES]
    ours = {Path("handler.py"), Path("LICENSE"), *found, *(VENDOR / name for name in ASSETS)}
    expected = {path.as_posix(): (ROOT / path).read_bytes() for path in ours}
    shipped = {name: content for name, content in files.items() if OURS.match(name) and not name.endswith(".pyc")}
    assert shipped.keys() == expected.keys()
    assert [name for name in expected if shipped[name] != expected[name]] == []


def forbidden(names: Files | list[str]) -> list[str]:
    """Return those of some files that have no place in a package."""
    return [name for name in names if FORBIDDEN.search(f"/{name}") and name not in EXCUSED]


def test_nothing_is_there_that_does_not_run(files: Files) -> None:
    assert forbidden(files) == []


@pytest.mark.parametrize(
    "name",
    ["tests/support/app.py", "six/test/a.pyc", "pip/__init__.pyc", "tools/local/__main__.py", ".env", "api/.DS_Store",
     "api/.git/HEAD",
     "wsgi_handler.py", "wsgi_handler.pyc", "key.pem", "msgspec/_core.c",
     "botocore/data/ec2/2016-11-15/service-2.json.gz"],
)  # fmt: skip
def test_what_does_not_run_would_be_found(name: str) -> None:
    assert forbidden([name]) == [name]


def test_no_file_tells_where_it_was_built(files: Files, artefact: Package) -> None:
    places = [str(ROOT).encode(), str(artefact.path.parent).encode(), b".new-"]
    assert [(name, place) for name, content in files.items() for place in places if place in content] == []


def uncompiled(files: Files) -> Iterator[str]:
    """Yield the modules of a package that a cold start would have to compile, or to check."""
    tag = f"cpython-{host_target().version.replace('.', '')}"
    for name in files:
        path = Path(name)
        if path.suffix == ".py" and f"{path.parent / '__pycache__' / path.stem}.{tag}.pyc" not in files:
            yield name
        if path.suffix == ".pyc" and int.from_bytes(files[name][4:8], "little") != UNCHECKED_HASH:
            yield name


def test_everything_is_compiled_and_never_checked(files: Files) -> None:
    assert list(uncompiled(files)) == []
    lacking = {name: content for name, content in files.items() if not name.startswith("api/__pycache__/app.")}
    dated = files["six.pyc"][:4] + bytes(12) + files["six.pyc"][16:]
    assert list(uncompiled({**lacking, "six.pyc": dated})) == ["six.pyc", "api/app.py"]


def test_others_modules_come_without_their_source(files: Files) -> None:
    assert [name for name in files if name.endswith(".py") and not OURS.match(name)] == []


def unlicensed(files: Files) -> set[str]:
    """Return what a package ships without its licence."""
    shipped = {name.split("/")[0] for name in files if ".dist-info/" in name} | {VENDOR.as_posix()}
    licence = re.compile(r"(.+?)/(licenses/)?(LICEN[CS]E|COPYING)[^/]*")
    return shipped - {found[1] for name in files if (found := licence.fullmatch(name))}


def test_every_licence_is_there(files: Files) -> None:
    assert unlicensed(files) == set()
    # cffi itself is left out, and its library is not.
    assert any(name.startswith("_cffi_backend.") for name in files)
    assert any(re.match(r"cffi-[\d.]+\.dist-info/licenses/", name) for name in files)
    lacking = {name: content for name, content in files.items() if name != f"{VENDOR.as_posix()}/LICENSE"}
    assert unlicensed(lacking) == {VENDOR.as_posix()}


def test_it_is_small_and_every_file_looks_the_same_to_lambda(artefact: Package) -> None:
    assert artefact.size == artefact.path.stat().st_size <= LIMIT_MB * MEGABYTE
    with zipfile.ZipFile(artefact.path) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
    assert len({entry.filename for entry in entries}) == len(entries)
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), stat.S_IFREG | 0o644)
    }
