"""Test which files the package contains."""

from __future__ import annotations

import json
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import PIL
import pytest
from jinja2 import ModuleLoader

from tests.support.deploy_fixtures import ROOT
from tests.support.plugin import call
from tools.package import dependencies
from tools.package.build import IMAGING, Package, photo_package
from tools.package.sources import ASSETS, SUFFIXES, VENDOR
from tools.package.target import MACHINES, Target, host_target
from tools.package.templates import COMPILED, TEMPLATES

ELF_MACHINES = {62: "x86_64", 183: "arm64"}
"""The architectures of Lambda by the machine number in the ELF header (e_machine)."""
UNCHECKED_HASH = 0b01
"""The flags of bytecode with a hash that Python does not check (PEP 552)."""
OWN_FILES = re.compile(r"(__pycache__/)?handler\.|api/|LICENSE$")
FORBIDDEN = re.compile(
    r"(^|/)(tests?|pip|setuptools|pycparser|tools|bench|infra|node_modules|\.[^/]+)(/|$)|wsgi_handler"
    r"|\.(pem|key|env|zip|whl|pyi|pyx|[ch]|so\.debug)$|/botocore/data/(?!dynamodb/|s3/)[^/]+/"
)
ALLOWED = {"botocore/cacert.pem"}
"""Certificates of authorities, without keys."""

Files = dict[str, bytes]


def read_files(package: Package) -> Files:
    """Return the content of each file of a package."""
    with zipfile.ZipFile(package.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def files(artefact: Package) -> Files:
    """Return the files of the package for this machine."""
    return read_files(artefact)


@pytest.fixture(scope="module")
def photos(artefact: Package) -> Package:
    """Return the package of the photo function for this machine."""
    return Package.at(artefact.path.with_name(photo_package(host_target())))


def test_only_the_photo_function_has_pillow(files: Files, photos: Package) -> None:
    additional = {name: content for name, content in read_files(photos).items() if files.get(name) != content}
    own = {name for name in additional if Path(name).is_relative_to(IMAGING)}
    assert {f"{IMAGING}/{path.name}" for path in (ROOT / IMAGING).glob("*.py")} <= own
    additional = {name: content for name, content in additional.items() if name not in own}
    assert {name.split("/")[0] for name in additional} == {"PIL", "pillow.libs", f"pillow-{PIL.__version__}.dist-info"}
    assert read_files(photos).keys() >= files.keys() - {f"photos-sha256-{photos.sha256}"}
    assert set(library_architectures(additional).values()) == {host_target().architecture}
    assert forbidden(additional) == []
    assert list(uncompiled(additional)) == []
    assert unlicensed(additional) == {VENDOR.as_posix()}  # which is not among these files
    assert not [name for name in additional if re.search("avif|freetype|harfbuzz|imagingft|imagingtk", name)]


def test_the_package_of_the_api_names_that_of_the_photo_function(files: Files, photos: Package) -> None:
    assert [name for name in files if name.startswith("photos-sha256-")] == [f"photos-sha256-{photos.sha256}"]
    bom = json.loads(photos.path.with_suffix(".cdx.json").read_text(encoding="utf-8"))
    assert bom["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": photos.sha256}]
    assert f"pkg:pypi/pillow@{PIL.__version__}" in {component["purl"] for component in bom["components"]}


def test_a_package_of_another_build_is_an_error(artefact: Package, photos: Package, tmp_path: Path) -> None:
    def error(path: Path) -> str | None:
        result: str | None = call("checks", "photosError", {"artifact": str(artefact.path), "photos": str(path)})
        return result

    assert error(photos.path) is None
    other = tmp_path / photos.path.name
    assert error(other) == f"{other}, the package of the photo function, does not exist: run make package."
    other.write_bytes(photos.path.read_bytes() + b"x")
    assert error(other) == f"{other} and {artefact.path} are not from the same build: run make package."
    with other.open("r+b") as file:
        file.truncate(12_100_000)
    assert error(other) == f"{other} has 12.1 MB, and the limit is 12 MB."


def library_architectures(files: Files) -> dict[str, str]:
    """Return the architecture of each shared library, by its name without the platform tag."""
    libraries = {name: content for name, content in files.items() if name.endswith(".so")}
    assert {content[:4] for content in libraries.values()} == {b"\x7fELF"}
    return {
        name.partition(".")[0]: ELF_MACHINES[int.from_bytes(content[18:20], "little")]
        for name, content in libraries.items()
    }


def test_every_library_has_the_architecture_of_the_package(files: Files, tmp_path: Path) -> None:
    architectures = library_architectures(files)
    assert set(architectures.values()) == {host_target().architecture}
    # The dependencies can also be installed for the other architecture.
    (other,) = MACHINES.keys() - {host_target().architecture}
    dependencies.install(Target(host_target().runtime, other), tmp_path, dependencies.REQUIREMENTS)
    shutil.rmtree(tmp_path / "cffi")
    foreign = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.so")}
    assert library_architectures(foreign) == dict.fromkeys(architectures, other)


def test_the_package_has_exactly_the_files_of_the_application(files: Files) -> None:
    sources = [path.relative_to(ROOT) for path in (ROOT / "api").rglob("*") if path.suffix in SUFFIXES]
    sources = [path for path in sources if not {VENDOR, TEMPLATES, IMAGING}.intersection(path.parents)]
    paths = {Path("handler.py"), Path("LICENSE"), *sources, *(VENDOR / name for name in ASSETS)}
    expected = {path.as_posix(): (ROOT / path).read_bytes() for path in paths}
    packaged = {name: content for name, content in files.items() if OWN_FILES.match(name) and not name.endswith(".pyc")}
    assert packaged.keys() == expected.keys()
    assert [name for name in expected if packaged[name] != expected[name]] == []


def test_each_template_is_compiled(files: Files) -> None:
    names = {path.relative_to(ROOT / TEMPLATES).as_posix() for path in (ROOT / TEMPLATES).rglob("*.html")}
    compiled = {name for name in files if Path(name).is_relative_to(COMPILED)}
    assert compiled == {f"{COMPILED}/{ModuleLoader.get_module_filename(name)}c" for name in names}


def forbidden(names: Files | list[str]) -> list[str]:
    """Return the names of files that must not be in a package."""
    return [name for name in names if FORBIDDEN.search(f"/{name}") and name not in ALLOWED]


def test_the_package_has_no_forbidden_files(files: Files) -> None:
    assert forbidden(files) == []


@pytest.mark.parametrize(
    "name",
    ["tests/support/app.py", "six/test/a.pyc", "pip/__init__.pyc", "tools/local/__main__.py", ".env", "api/.DS_Store",
     "api/.git/HEAD",
     "wsgi_handler.py", "wsgi_handler.pyc", "key.pem", "msgspec/_core.c",
     "botocore/data/ec2/2016-11-15/service-2.json.gz"],
)  # fmt: skip
def test_a_forbidden_file_is_found(name: str) -> None:
    assert forbidden([name]) == [name]


def test_no_file_contains_a_path_of_the_build(files: Files, artefact: Package) -> None:
    paths = [str(ROOT).encode(), str(artefact.path.parent).encode(), b".new-"]
    assert [(name, path) for name, content in files.items() for path in paths if path in content] == []


def uncompiled(files: Files) -> Iterator[str]:
    """Yield the modules that a cold start would compile, or whose bytecode it would check."""
    tag = f"cpython-{host_target().version.replace('.', '')}"
    for name in files:
        path = Path(name)
        if path.suffix == ".py" and f"{path.parent / '__pycache__' / path.stem}.{tag}.pyc" not in files:
            yield name
        if path.suffix == ".pyc" and int.from_bytes(files[name][4:8], "little") != UNCHECKED_HASH:
            yield name


def test_every_module_has_unchecked_bytecode(files: Files) -> None:
    assert list(uncompiled(files)) == []
    incomplete = {name: content for name, content in files.items() if not name.startswith("api/__pycache__/app.")}
    dated = files["six.pyc"][:4] + bytes(12) + files["six.pyc"][16:]
    assert list(uncompiled({**incomplete, "six.pyc": dated})) == ["api/app.py", "six.pyc"]


def test_dependencies_have_no_source_files(files: Files) -> None:
    assert [name for name in files if name.endswith(".py") and not OWN_FILES.match(name)] == []


def unlicensed(files: Files) -> set[str]:
    """Return the names of dependencies in a package without their licence."""
    dependencies = {name.split("/")[0] for name in files if ".dist-info/" in name} | {VENDOR.as_posix()}
    pattern = re.compile(r"(.+?)/(licenses/)?(LICEN[CS]E|COPYING)[^/]*")
    return dependencies - {match[1] for name in files if (match := pattern.fullmatch(name))}


def test_every_dependency_has_its_licence(files: Files) -> None:
    assert unlicensed(files) == set()
    # cffi itself is left out, but not its shared library.
    assert any(name.startswith("_cffi_backend.") for name in files)
    assert any(re.match(r"cffi-[\d.]+\.dist-info/licenses/", name) for name in files)
    incomplete = {name: content for name, content in files.items() if name != f"{VENDOR.as_posix()}/LICENSE"}
    assert unlicensed(incomplete) == {VENDOR.as_posix()}


def test_the_package_is_within_the_limit_and_has_fixed_file_attributes(artefact: Package) -> None:
    assert call("checks", "artifactError", {"artifact": str(artefact.path), "sha256": artefact.sha256}) is None
    with zipfile.ZipFile(artefact.path) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
    assert len({entry.filename for entry in entries}) == len(entries)
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), stat.S_IFREG | 0o644)
    }
