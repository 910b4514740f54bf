"""The sentences themselves that tell of a wrong variable: its name, what it takes, and no path of ours."""

from __future__ import annotations

import pytest

from api.settings import SettingsError, read_settings

GOOD = {"TABLE_NAME": "clowder", "CURSOR_KEY": "k" * 32}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CURSOR_KEY", "short", "CURSOR_KEY: Expected str of length >= 32."),
        ("AWS_REGION", "eu", "AWS_REGION: Expected str of length >= 3."),
        ("SESSION_HOURS", "soon", "SESSION_HOURS: Expected int, got str."),
        ("SESSION_HOURS", "0", "SESSION_HOURS: Expected int >= 1."),
        (
            "CORS_ORIGINS",
            "https://a.example *",
            "CORS_ORIGINS: Expected str matching regex '^https?://[^/\\\\s*]+$'.",
        ),
    ],
)
def test_one_sentence_says_which_variable_and_what_it_takes(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**GOOD, name: value})
    assert str(caught.value) == told
