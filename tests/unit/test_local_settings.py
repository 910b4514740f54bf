"""The settings of a café on this machine."""

from __future__ import annotations

import pytest

from api.store.client import credentials
from api.store.sigv4 import Key
from tools.local import local_settings

KEYS = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://127.0.0.1:8000", Key("local", "local")),
        ("http://localhost:8000", Key("local", "local")),
        ("https://dynamodb.eu-west-1.amazonaws.com", Key("mine", "secret", "token")),
    ],
)
def test_an_engine_on_this_machine_gets_nobodys_keys(url: str, key: Key) -> None:
    assert credentials(local_settings(KEYS, "k" * 32, url))() == key
