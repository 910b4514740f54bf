"""Where DynamoDB is found, and with which credentials it is asked."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from api.domain.errors import Unavailable
from api.settings import Settings, SettingsError
from api.store.client import credentials, endpoint
from api.store.sigv4 import Key
from tests.container import container

AWS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def settings(**told: str) -> Settings:
    return Settings(table_name="cats", cursor_key="k" * 32, **told)


@pytest.fixture(autouse=True)
def nothing_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test finds the credentials of whoever runs it."""
    for name in AWS:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"])
def test_dynamodb_is_where_aws_has_it(region: str) -> None:
    told = boto3.client("dynamodb", region_name=region, aws_access_key_id="a", aws_secret_access_key="b")
    assert endpoint(region) == told.meta.endpoint_url


def test_what_the_environment_gives_is_taken() -> None:
    given = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    assert credentials(settings(**given))() == Key("a", "b")
    assert credentials(settings(**given, aws_session_token="c"))() == Key("a", "b", "c")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_an_engine_on_this_machine_needs_none(url: str) -> None:
    assert credentials(settings(dynamodb_url=url))() == Key("local", "local")


def test_there_is_no_store_without_credentials() -> None:
    with pytest.raises(SettingsError, match="AWS_ACCESS_KEY_ID"):
        credentials(settings())


@pytest.mark.parametrize(
    "given",
    [
        {"AWS_ACCESS_KEY_ID": "a"},
        {"AWS_PROFILE": "nobody"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1"},
    ],
)
def test_what_boto3_cannot_find_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError):
        credentials(settings())


def test_credentials_that_cannot_be_renewed_are_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with container() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        key = credentials(settings())
    with pytest.raises(Unavailable):
        key()


def test_a_profile_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "AWS_SHARED_CREDENTIALS_FILE").write_text(
        "[rescue]\naws_access_key_id = a\naws_secret_access_key = b\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_PROFILE", "rescue")
    assert credentials(settings())()[:3] == ("a", "b", None)


def test_those_of_a_container_are_asked_for_and_renewed_before_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with container() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        key = credentials(settings())
        first, second = key(), key()
    assert (first.secret_key, first.token) == ("b", "c")
    assert first.access_key != second.access_key
