"""A client made from the cut service data is the same as one made from all of botocore's data."""

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

from tests.support.deploy_fixtures import ROOT
from tools.package.service_data import OPERATIONS, SERVICE, cut

DATA = Path(botocore.__file__).parent / "data"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a few services, cut."""
    copy = tmp_path_factory.mktemp("botocore") / "data"
    copy.mkdir()
    for path in DATA.iterdir():
        if path.is_file():
            shutil.copyfile(path, copy / path.name)
        elif path.name in (SERVICE, "s3", "sts"):
            shutil.copytree(path, copy / path.name)
    cut(copy)
    return copy


def client(data: Path, region: str, variant: dict[str, str]) -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    for name, value in variant.items():
        session.set_config_variable(name, value)
    return session.create_client(SERVICE, region, aws_access_key_id="x", aws_secret_access_key="x")


def regions() -> list[str]:
    """Return the regions of DynamoDB in all partitions."""
    session = botocore.session.Session()
    found = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(SERVICE, partition, allow_non_regional=True)
    ]
    assert len(found) > 40
    return found


@pytest.mark.parametrize(
    ("variant", "step"), [({}, 1), ({"use_fips_endpoint": "true"}, 12), ({"use_dualstack_endpoint": "true"}, 12)]
)
def test_the_endpoint_is_the_same_in_every_region(small: Path, variant: dict[str, str], step: int) -> None:
    """To make a client takes long, so a few regions stand for the others where the rules are the same."""
    chosen = regions()[::step]
    ours, theirs = ([client(data, name, variant).meta.endpoint_url for name in chosen] for data in (small, DATA))
    assert ours == theirs


def test_the_endpoints_of_dynamodb_and_no_others_are_left(small: Path) -> None:
    ours, theirs = (_load(data, "endpoints") for data in (small, DATA))
    assert [_of_dynamodb(one) for one in ours["partitions"]] == [_of_dynamodb(one) for one in theirs["partitions"]]
    assert {name for partition in ours["partitions"] for name in partition["services"]} == {SERVICE}


def _of_dynamodb(partition: dict[str, Any]) -> dict[str, Any]:
    return partition | {"services": partition["services"].get(SERVICE)}


def _load(data: Path, name: str) -> Any:
    return Loader([str(data)], include_default_search_paths=False).load_data(name)


def _model(data: Path, name: str) -> Any:
    return Loader([str(data)], include_default_search_paths=False).load_service_model(SERVICE, name)


def test_the_operations_are_those_that_are_called() -> None:
    called = set()
    for path in ("api/store/table.py", "tools/tables.py"):
        called |= set(re.findall(r"\bclient\.([a-z_]+)\b", (ROOT / path).read_text(encoding="utf-8")))
    assert {xform_name(name) for name in OPERATIONS} == called


def described(shape: Any) -> Any:
    """Return a shape with all that it consists of; a name stands for a shape that is inside itself."""

    def describe(shape: Any, inside: tuple[str, ...]) -> Any:
        if shape is None or shape.name in inside:
            return shape and shape.name
        parts = {"structure": "members", "list": "member", "map": "value"}.get(shape.type_name)
        found = getattr(shape, parts) if parts else None
        if isinstance(found, dict):
            return shape.name, {name: describe(one, (*inside, shape.name)) for name, one in found.items()}
        return shape.name, shape.metadata, describe(found, (*inside, shape.name))

    return describe(shape, ())


def undocumented(value: Any) -> Any:
    """Return data without its texts."""
    if isinstance(value, list):
        return [undocumented(one) for one in value]
    if not isinstance(value, dict):
        return value
    texts = [name for name, one in value.items() if name == "documentation" and isinstance(one, str)]
    return {name: undocumented(one) for name, one in value.items() if name not in texts}


def test_operations_shapes_and_errors_are_the_same(small: Path) -> None:
    ours, theirs = (ServiceModel(_model(data, "service-2"), SERVICE) for data in (small, DATA))
    assert set(ours.operation_names) == set(OPERATIONS)
    for name in ours.operation_names:
        mine, whole = ours.operation_model(name), theirs.operation_model(name)
        assert [shape.name for shape in mine.error_shapes] == [shape.name for shape in whole.error_shapes]
        assert described(mine.input_shape) == described(whole.input_shape)
        assert described(mine.output_shape) == described(whole.output_shape)
    for name in ours.shape_names:
        mine, whole = ours.shape_for(name), theirs.shape_for(name)
        assert (mine.type_name, mine.metadata) == (whole.type_name, whole.metadata)
        assert getattr(mine, "members", {}).keys() == getattr(whole, "members", {}).keys()


def test_the_rules_of_endpoints_are_the_same(small: Path) -> None:
    ours, theirs = (_model(data, "endpoint-rule-set-1") for data in (small, DATA))
    assert ours == undocumented(theirs)


def test_only_a_small_part_is_left(small: Path) -> None:
    files = sorted(str(path.relative_to(small)) for path in small.rglob("*") if path.is_file())
    assert [file for file in files if "/" in file] == [
        "dynamodb/2012-08-10/endpoint-rule-set-1.json",
        "dynamodb/2012-08-10/service-2.json",
    ]
    assert sum((small / file).stat().st_size for file in files) < 120_000


def test_a_member_with_the_name_documentation_stays(tmp_path: Path) -> None:
    folder = tmp_path / SERVICE / "2012-08-10"
    folder.mkdir(parents=True)
    (tmp_path / "endpoints.json").write_text('{"partitions": []}')
    (folder / "endpoint-rule-set-1.json").write_text("{}")
    shapes = {"X": {"members": {"documentation": {"shape": "Y", "documentation": "A text."}}}, "Y": {"type": "string"}}
    model = {"operations": {name: {"input": {"shape": "X"}} for name in OPERATIONS}, "shapes": shapes}
    (folder / "service-2.json").write_text(json.dumps(model))
    cut(tmp_path)
    left = json.loads((folder / "service-2.json").read_text())
    assert left["shapes"]["X"] == {"members": {"documentation": {"shape": "Y"}}}
