"""Test that a client with the reduced service data of botocore is the same as one with the complete data."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from api.store.bucket import client_config
from tests.support.deploy_fixtures import ROOT
from tools.package.service_data import OPERATIONS, cut

DATA = Path(botocore.__file__).parent / "data"
SERVICES = sorted(OPERATIONS)
CALLERS = {"dynamodb": ("api/store/table.py", "tools/tables.py"), "s3": ("api/store/bucket.py",)}
"""The modules that call each service."""


@pytest.fixture(scope="module")
def reduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the data of DynamoDB, S3 and STS, reduce it, and return the folder."""
    copy = tmp_path_factory.mktemp("botocore") / "data"
    copy.mkdir()
    for path in DATA.iterdir():
        if path.is_file():
            shutil.copyfile(path, copy / path.name)
        elif path.name in (*OPERATIONS, "sts"):
            shutil.copytree(path, copy / path.name)
    cut(copy)
    return copy


def create_client(data: Path, service: str, region: str, variant: dict[str, str], config: Any = None) -> Any:
    """Create a client of botocore with service data and configuration variables."""
    session = botocore.session.Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    for name, value in variant.items():
        session.set_config_variable(name, value)
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return session.create_client(service, region, config=config, **keys)


def regions(service: str) -> list[str]:
    """Return the regions of a service in all partitions."""
    session = botocore.session.Session()
    names = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service, partition, allow_non_regional=True)
    ]
    assert len(names) > 40
    return names


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("variant", "step"), [({}, 1), ({"use_fips_endpoint": "true"}, 12), ({"use_dualstack_endpoint": "true"}, 12)]
)
def test_the_endpoint_is_the_same_in_every_region(
    reduced: Path, service: str, variant: dict[str, str], step: int
) -> None:
    """Creating a client is slow, so only some regions are tested with the variants."""
    chosen = regions(service)[:: step if service == "dynamodb" else 12]
    left, right = (
        [create_client(data, service, name, variant).meta.endpoint_url for name in chosen] for data in (reduced, DATA)
    )
    assert left == right


def test_only_the_endpoints_of_our_services_remain(reduced: Path) -> None:
    left, right = (_load(data, "endpoints") for data in (reduced, DATA))
    assert left["partitions"] == [_ours_only(each) for each in right["partitions"]]
    assert {name for partition in left["partitions"] for name in partition["services"]} == set(SERVICES)


def _ours_only(partition: dict[str, Any]) -> dict[str, Any]:
    return partition | {
        "services": {name: partition["services"][name] for name in SERVICES if name in partition["services"]}
    }


def _load(data: Path, name: str) -> Any:
    return Loader([str(data)], include_default_search_paths=False).load_data(name)


def _model(data: Path, service: str, name: str) -> Any:
    return Loader([str(data)], include_default_search_paths=False).load_service_model(service, name)


@pytest.mark.parametrize("service", SERVICES)
def test_the_operations_are_those_that_the_code_calls(service: str) -> None:
    called = set()
    for path in CALLERS[service]:
        called |= set(re.findall(r"\b_?client\.([a-z_]+)\b", (ROOT / path).read_text(encoding="utf-8")))
    # botocore reads the endpoint of a form from CreateBucket.
    called = {"create_bucket" if name == "generate_presigned_post" else name for name in called}
    assert {xform_name(name) for name in OPERATIONS[service]} == called


def test_a_form_for_an_upload_is_the_same(reduced: Path) -> None:
    left, right = (create_client(data, "s3", "eu-west-1", {}, client_config()) for data in (reduced, DATA))
    forms = [client.generate_presigned_post("bucket", "uploads/1") for client in (left, right)]
    assert forms[0]["url"] == forms[1]["url"]
    assert forms[0]["fields"].keys() == forms[1]["fields"].keys()


def describe_shape(shape: Any) -> Any:
    """Return a shape with its nested shapes. A recursive shape is represented by its name."""

    def describe(shape: Any, parents: tuple[str, ...]) -> Any:
        if shape is None or shape.name in parents:
            return shape and shape.name
        attribute = {"structure": "members", "list": "member", "map": "value"}.get(shape.type_name)
        nested = getattr(shape, attribute) if attribute else None
        if isinstance(nested, dict):
            return shape.name, {name: describe(member, (*parents, shape.name)) for name, member in nested.items()}
        return shape.name, shape.metadata, describe(nested, (*parents, shape.name))

    return describe(shape, ())


def without_documentation(value: Any) -> Any:
    """Return data without its documentation texts."""
    if isinstance(value, list):
        return [without_documentation(item) for item in value]
    if not isinstance(value, dict):
        return value
    texts = [name for name, member in value.items() if name == "documentation" and isinstance(member, str)]
    return {name: without_documentation(member) for name, member in value.items() if name not in texts}


@pytest.mark.parametrize("service", SERVICES)
def test_operations_shapes_and_errors_are_the_same(reduced: Path, service: str) -> None:
    left, right = (ServiceModel(_model(data, service, "service-2"), service) for data in (reduced, DATA))
    assert set(left.operation_names) == set(OPERATIONS[service])
    for name in left.operation_names:
        small, full = left.operation_model(name), right.operation_model(name)
        assert [shape.name for shape in small.error_shapes] == [shape.name for shape in full.error_shapes]
        assert describe_shape(small.input_shape) == describe_shape(full.input_shape)
        assert describe_shape(small.output_shape) == describe_shape(full.output_shape)
    for name in left.shape_names:
        small, full = left.shape_for(name), right.shape_for(name)
        assert (small.type_name, small.metadata) == (full.type_name, full.metadata)
        assert getattr(small, "members", {}).keys() == getattr(full, "members", {}).keys()


@pytest.mark.parametrize("service", SERVICES)
def test_the_endpoint_rules_are_the_same(reduced: Path, service: str) -> None:
    left, right = (_model(data, service, "endpoint-rule-set-1") for data in (reduced, DATA))
    assert left == without_documentation(right)


def test_the_reduced_data_has_few_small_files_of_each_service(reduced: Path) -> None:
    files = sorted(str(path.relative_to(reduced)) for path in reduced.rglob("*") if path.is_file())
    assert [file for file in files if "/" in file] == [
        "dynamodb/2012-08-10/endpoint-rule-set-1.json",
        "dynamodb/2012-08-10/service-2.json",
        "s3/2006-03-01/endpoint-rule-set-1.json",
        "s3/2006-03-01/service-2.json",
        "s3/2006-03-01/service-2.sdk-extras.json",
    ]
    # A start of the API reads all files except those of S3.
    assert sum((reduced / file).stat().st_size for file in files if not file.startswith("s3/")) < 120_000
    assert sum((reduced / file).stat().st_size for file in files) < 240_000


def test_a_member_named_documentation_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text('{"partitions": []}')
    shapes = {"X": {"members": {"documentation": {"shape": "Y", "documentation": "A text."}}}, "Y": {"type": "string"}}
    for service, operations in OPERATIONS.items():
        folder = tmp_path / service / "2012-08-10"
        folder.mkdir(parents=True)
        (folder / "endpoint-rule-set-1.json").write_text("{}")
        model = {"operations": {name: {"input": {"shape": "X"}} for name in operations}, "shapes": shapes}
        (folder / "service-2.json").write_text(json.dumps(model))
    cut(tmp_path)
    for service in OPERATIONS:
        model = json.loads((tmp_path / service / "2012-08-10" / "service-2.json").read_text())
        assert model["shapes"]["X"] == {"members": {"documentation": {"shape": "Y"}}}


def test_a_file_that_is_linked_is_replaced_and_not_changed(tmp_path: Path) -> None:
    for service in OPERATIONS:
        shutil.copytree(DATA / service, tmp_path / "data" / service)
    shutil.copyfile(DATA / "endpoints.json", tmp_path / "original.json")
    (tmp_path / "data" / "endpoints.json").hardlink_to(tmp_path / "original.json")
    cut(tmp_path / "data")
    assert (tmp_path / "original.json").read_bytes() == (DATA / "endpoints.json").read_bytes()
    assert (tmp_path / "data" / "endpoints.json").stat().st_size < (tmp_path / "original.json").stat().st_size
