"""compose.yaml names only what there is.

It is not run: no machine that tests it has a container engine. ``make check`` checks its schema, and ``test_image.py``
builds and opens its café.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from api.settings import read_settings
from tests.support.deploy_fixtures import ROOT
from tools.local.server import DEFAULT_PORT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
CAFE, DATABASE = COMPOSE["services"]["cafe"], COMPOSE["services"]["dynamodb"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGE = DOCKERFILE.split(f" AS {CAFE['build']['target']}\n")[1].split("\nFROM ")[0]
"""The part of the Dockerfile that the café is built from."""
GIVEN = dict(re.findall(r"(\w+)=(\S+)", STAGE.partition("ENV ")[2].partition("\n")[0]))
"""The variables that the image sets."""
KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_the_cafe_finds_the_database_where_it_listens() -> None:
    settings = read_settings({"TABLE_NAME": "clowder", "CURSOR_KEY": "k" * 32, **CAFE["environment"]})
    assert settings.dynamodb_url == "http://dynamodb:8000"
    assert CAFE["depends_on"] == {"dynamodb": {"condition": "service_healthy"}}
    assert "http://127.0.0.1:8000" in DATABASE["healthcheck"]["test"]


def test_every_variable_is_one_that_somebody_reads() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    read = set(re.findall(r"`([A-Z_]+)`", page))
    assert CAFE["environment"].keys() | GIVEN.keys() <= read


def test_the_ports_are_open_to_this_machine_alone() -> None:
    assert CAFE["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{GIVEN['PORT']}"]
    assert GIVEN["HOST"] == "0.0.0.0"
    assert f"EXPOSE {GIVEN['PORT']}" in STAGE
    assert DATABASE["ports"] == ["127.0.0.1:8000:8000"]


def test_what_is_kept_lies_in_volumes() -> None:
    assert CAFE["volumes"] == [f"cafe:{GIVEN['DATA_DIR']}"]
    assert f"VOLUME {GIVEN['DATA_DIR']}" in STAGE
    assert DATABASE["volumes"] == ["dynamodb:/home/dynamodblocal/data"]
    assert DATABASE["command"][DATABASE["command"].index("-dbPath") + 1] == "./data"
    assert "-inMemory" not in DATABASE["command"]
    assert COMPOSE["volumes"].keys() == {"cafe", "dynamodb"}


def test_the_cafe_may_do_as_little_as_in_lambda() -> None:
    assert (CAFE["read_only"], CAFE["cap_drop"], CAFE["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in (CAFE, DATABASE))


def test_no_secret_stands_in_it() -> None:
    """The café makes its own, once, in its volume."""
    assert CAFE["environment"].keys() == {"DYNAMODB_URL"} | KEYS
    assert {CAFE["environment"][name] for name in KEYS} == {"local"}
    assert "environment" not in DATABASE


def test_images_of_others_are_pinned() -> None:
    assert re.fullmatch(r"amazon/dynamodb-local:\d+\.\d+\.\d+", DATABASE["image"])
