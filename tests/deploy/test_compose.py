"""Test that compose.yaml agrees with the Dockerfile, the settings and the documentation.

The tests do not run compose.yaml, because they have no container engine. ``make check`` validates its schema, and
``test_image.py`` builds and starts its image.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from api.settings import read_settings
from tests.support.deploy_fixtures import ROOT
from tools.local.server import DEFAULT_PORT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
APP, DATABASE = COMPOSE["services"]["cafe"], COMPOSE["services"]["dynamodb"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGE = DOCKERFILE.split(f" AS {APP['build']['target']}\n")[1].split("\nFROM ")[0]
"""The part of the Dockerfile that builds the image of the app."""
IMAGE_VARIABLES = dict(re.findall(r"(\w+)=(\S+)", STAGE.partition("ENV ")[2].partition("\n")[0]))
"""The environment variables of the image."""
NETWORK_KEYS = {"expose", "extends", "external_links", "links", "network_mode", "networks", "ports"}
"""The keys of a service that can make it reachable from outside of its network."""
CREDENTIALS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_the_app_uses_the_url_of_the_database() -> None:
    settings = read_settings({"TABLE_NAME": "clowder", "CURSOR_KEY": "k" * 32, **APP["environment"]})
    assert settings.dynamodb_url == "http://dynamodb:8000"
    assert APP["depends_on"] == {"dynamodb": {"condition": "service_healthy"}}
    assert "http://127.0.0.1:8000" in DATABASE["healthcheck"]["test"]


def test_every_environment_variable_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([A-Z_]+)`", page))
    assert APP["environment"].keys() | IMAGE_VARIABLES.keys() <= documented


def test_only_the_port_of_the_app_is_published_and_on_the_loopback_interface_only() -> None:
    assert APP["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{IMAGE_VARIABLES['PORT']}"]
    assert IMAGE_VARIABLES["HOST"] == "0.0.0.0"
    assert f"EXPOSE {IMAGE_VARIABLES['PORT']}" in STAGE
    reachable = {name: service.keys() & NETWORK_KEYS for name, service in COMPOSE["services"].items()}
    assert reachable == {"cafe": {"ports"}, "dynamodb": set()}
    assert COMPOSE.keys() == {"name", "services", "volumes"}
    assert [path.name for path in ROOT.glob("*compose*")] == ["compose.yaml"], "Docker merges other files into this one"


def test_data_is_stored_in_volumes() -> None:
    assert APP["volumes"] == [f"cafe:{IMAGE_VARIABLES['DATA_DIR']}"]
    assert f"VOLUME {IMAGE_VARIABLES['DATA_DIR']}" in STAGE
    assert DATABASE["volumes"] == ["dynamodb:/home/dynamodblocal/data"]
    assert DATABASE["command"][DATABASE["command"].index("-dbPath") + 1] == "./data"
    assert "-inMemory" not in DATABASE["command"]
    assert COMPOSE["volumes"].keys() == {"cafe", "dynamodb"}


def test_the_containers_have_no_extra_privileges() -> None:
    assert (APP["read_only"], APP["cap_drop"], APP["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in (APP, DATABASE))


def test_the_file_has_no_secret() -> None:
    """The app generates its secrets in its volume."""
    assert APP["environment"].keys() == {"DYNAMODB_URL"} | CREDENTIALS
    assert {APP["environment"][name] for name in CREDENTIALS} == {"local"}
    assert "environment" not in DATABASE


def test_the_database_image_is_pinned() -> None:
    assert re.fullmatch(r"amazon/dynamodb-local:\d+\.\d+\.\d+", DATABASE["image"])
