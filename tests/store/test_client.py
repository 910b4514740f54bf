"""The boto3 client uses the endpoint, the certificates and the credentials that boto3 would use."""

from __future__ import annotations

import re
from pathlib import Path

import boto3
import pytest

from api.domain.errors import Unavailable
from api.settings import Settings, SettingsError
from api.store.client import is_loopback, make_client, open_table
from tests.support.container_credentials import container
from tests.support.scripted_server import ScriptedServer, respond, scripted_server
from tests.support.tls import self_signed
from tools.local.data_dir import local_settings

pytestmark = pytest.mark.slow

KEY = {"pk": "cats#luna", "sk": "record"}
KEYS = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
CLEARED = (
    *KEYS, "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_CA_BUNDLE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY",
)  # fmt: skip


def settings(**values: object) -> Settings:
    return Settings(table_name="cats", cursor_key="k" * 32, **values)


def set_environment(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the AWS configuration of the machine."""
    for name in CLEARED:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def access_keys(server: ScriptedServer) -> list[str]:
    """Return the access key that signed each request."""
    return [re.search("Credential=([^/]*)/", headers["authorization"])[1] for _, headers, _ in server.received]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"])
@pytest.mark.parametrize("variable", ["", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_endpoint_is_that_of_boto3(monkeypatch: pytest.MonkeyPatch, region: str, variable: str) -> None:
    set_environment(monkeypatch, KEYS | ({variable: "true"} if variable else {}))
    plain = boto3.client("dynamodb", region_name=region)
    assert make_client(settings(region=region)).meta.endpoint_url == plain.meta.endpoint_url


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_endpoint_variables_of_boto3_are_used(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with scripted_server(respond()) as server:
        set_environment(monkeypatch, KEYS | {variable: server.url})
        assert open_table(settings()).get(KEY, consistent=True) == {"pk": "cats#luna"}
    assert access_keys(server) == ["mine"]
    assert server.received[0][1]["x-amz-security-token"] == "token"


def test_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(respond()) as server:
        set_environment(monkeypatch, KEYS | {"HTTP_PROXY": server.url, "AWS_ENDPOINT_URL": "http://dynamodb.example"})
        open_table(settings()).get(KEY, consistent=True)
    assert server.received[0][1]["host"] == "dynamodb.example"


def test_aws_ca_bundle_is_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pem = tmp_path / "server.pem"
    pem.write_bytes(self_signed("127.0.0.1"))
    with scripted_server(respond(), certificate=pem) as server:
        with pytest.raises(Unavailable):
            open_table(settings(dynamodb_url=server.url)).get(KEY, consistent=True)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
        assert open_table(settings(dynamodb_url=server.url)).get(KEY, consistent=True) == {"pk": "cats#luna"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_local_endpoint_never_gets_real_credentials(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    set_environment(monkeypatch, KEYS)
    with scripted_server(respond()) as server:
        url = server.url.replace("127.0.0.1", host)
        open_table(local_settings(KEYS, "k" * 32, url)).get(KEY, consistent=True)
    assert access_keys(server) == ["local"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "a"}, "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_PROFILE": "missing"}, "missing"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1"}, "127.0.0.1"),
        (KEYS | {"AWS_ENDPOINT_URL": "engine.example"}, "engine.example"),
    ],
)
def test_invalid_aws_configuration_is_a_settings_error(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    set_environment(monkeypatch, variables)
    with pytest.raises(SettingsError, match=message):
        make_client(settings())


def test_credentials_of_a_profile_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = "[rescue]\naws_access_key_id = a\naws_secret_access_key = b\n"
    (tmp_path / "AWS_SHARED_CREDENTIALS_FILE").write_text(lines, encoding="utf-8")
    with scripted_server(respond()) as server:
        set_environment(monkeypatch, {"AWS_PROFILE": "rescue", "AWS_ENDPOINT_URL": server.url})
        open_table(settings()).get(KEY, consistent=True)
    assert access_keys(server) == ["a"]


def test_container_credentials_are_renewed_and_a_failed_renewal_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(respond()) as server:
        with container() as environment:
            set_environment(monkeypatch, environment | {"AWS_ENDPOINT_URL": server.url})
            table = open_table(settings())
            for _ in range(2):
                table.get(KEY, consistent=True)
        with pytest.raises(Unavailable):
            table.get(KEY, consistent=True)
    assert len(set(access_keys(server))) == 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://[::1]:8000", True), ("http://0.0.0.0:8000", True), ("http://127.9.9.9", True), (None, False),
     ("http://dynamodb:8000", False), ("https://dynamodb.eu-west-1.amazonaws.com", False), ("http://10.0.0.1", False)],
)  # fmt: skip
def test_is_loopback(url: str | None, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_malformed_url_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="boto3 cannot"):
        make_client(settings(dynamodb_url="http://[1]:8000"))


def test_deadline_shorter_than_one_attempt_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="DEADLINE_SECONDS"):
        open_table(settings(deadline_seconds=3))
