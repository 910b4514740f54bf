"""What is left of AWS's service data makes the same client as all of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
from botocore.loaders import Loader

from tools.package.service_data import cut

DATA = Path(botocore.__file__).parent / "data"
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1")


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a few services, cut."""
    copy = tmp_path_factory.mktemp("botocore") / "data"
    copy.mkdir()
    for path in DATA.iterdir():
        if path.is_file():
            shutil.copyfile(path, copy / path.name)
        elif path.name in ("dynamodb", "s3", "sts"):
            shutil.copytree(path, copy / path.name)
    cut(copy)
    return copy


def client(data: Path, region: str) -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return session.create_client("dynamodb", region, aws_access_key_id="x", aws_secret_access_key="x")


@pytest.mark.parametrize("region", REGIONS)
def test_a_client_finds_the_same_address(left: Path, region: str) -> None:
    mine, whole = client(left, region), client(DATA, region)
    assert mine.meta.endpoint_url == whole.meta.endpoint_url
    assert mine._ruleset_resolver is not None
    assert mine.meta.config.signature_version == whole.meta.config.signature_version


def test_the_endpoints_of_our_services_are_all_there(left: Path) -> None:
    mine, whole = (json.loads((data / "endpoints.json").read_bytes())["partitions"] for data in (left, DATA))
    assert [partition["services"] for partition in mine] == [
        {name: told for name, told in partition["services"].items() if name == "dynamodb"} for partition in whole
    ]
    assert [partition["regions"] for partition in mine] == [partition["regions"] for partition in whole]


def test_a_client_knows_the_same_operations_and_shapes(left: Path) -> None:
    mine, whole = (client(data, "eu-west-1").meta.service_model for data in (left, DATA))
    assert mine.operation_names == whole.operation_names
    assert mine.shape_names == whole.shape_names
    for name in whole.shape_names:
        ours, theirs = mine.shape_for(name), whole.shape_for(name)
        assert (ours.type_name, ours.metadata) == (theirs.type_name, theirs.metadata)
        assert getattr(ours, "members", {}).keys() == getattr(theirs, "members", {}).keys()


def test_it_is_a_small_part_of_all(left: Path) -> None:
    files = sorted(str(path.relative_to(left)) for path in left.rglob("*") if path.is_file())
    assert [file for file in files if "/" in file] == [
        "dynamodb/2012-08-10/endpoint-rule-set-1.json",
        "dynamodb/2012-08-10/service-2.json",
    ]
    assert sum((left / file).stat().st_size for file in files) < 250_000


def test_a_member_that_is_called_documentation_stays(tmp_path: Path) -> None:
    place = tmp_path / "dynamodb" / "2012-08-10"
    place.mkdir(parents=True)
    (tmp_path / "endpoints.json").write_text('{"partitions": []}')
    told = {"shapes": {"X": {"members": {"documentation": {"shape": "Y", "documentation": "It says so."}}}}}
    (place / "service-2.json").write_text(json.dumps(told))
    cut(tmp_path)
    kept = json.loads((place / "service-2.json").read_text())
    assert kept == {"shapes": {"X": {"members": {"documentation": {"shape": "Y"}}}}}
