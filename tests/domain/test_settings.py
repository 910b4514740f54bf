"""Settings from the environment: defaults, every variable, and error messages that never contain the value."""

from __future__ import annotations

import pytest

from api.domain.urgency import Coefficients
from api.settings import Settings, SettingsError, read_settings, variable_names

REQUIRED = {"TABLE_NAME": "clowder", "CURSOR_KEY": "k" * 32}
INVALID = {
    "TABLE_NAME": ["qq", "qq" * 128, "qq-café", "qq qq", "qqq\n"],
    "CURSOR_KEY": ["qq", "qq" * 15],
    "DYNAMODB_URL": [
        "ftp://qq",
        "localhost:qq",
        "http://qq:77x",
        "http://q:q@qq",
        "https://qq/qq",
        "http://qq\n",
        "http://",
    ],
    "AWS_REGION": ["qq"],
    "STAGE": ["Qqq!", "9qq"],
    "LOG_LEVEL": ["LOUDqq", "info"],
    "METRICS": ["qq", "77"],
    "CORS_ORIGINS": ["http://*.qq", "https://qq.example/", "https://good.example qq.example", "null"],
    "SECURITY_CONTACT": ["qq@example.org", "http://qq.example", "mailto:qq q"],
    "TIME_ZONE": ["Europe/Qq", "qq", "../qq", "/qq", "Qq\n", "America", "posix/Europe/Berlin", "right/Europe/Berlin"],
    "SESSION_HOURS": ["-77", "7777", "qq", "1.5", "true"],
    "LOGIN_TRIES": ["-77", "qq"],
    "LOGIN_WINDOW_SECONDS": ["-77", "qq"],
    "DEADLINE_SECONDS": ["0.77", "qq", "nan"],
    "KITTEN_DAYS": ["-77", "qq"],
    "KITTEN_GRAMS_PER_DAY": ["-77", "qq", "nan"],
    "KITTEN_SPAN_DAYS": ["-77", "qq"],
    "ADULT_LOSS_PERCENT": ["-77", "777", "qq", "nan"],
    "ADULT_SPAN_DAYS": ["-77", "qq"],
}
INVALID |= {f"URGENCY_{name.upper()}": ["-77", "qq", "nan"] for name in Coefficients.__struct_fields__}
POSITIVE = {
    "URGENCY_SOON_HOURS",
    "URGENCY_LEAD_HOURS",
    "SESSION_HOURS",
    "LOGIN_TRIES",
    "KITTEN_DAYS",
    "KITTEN_GRAMS_PER_DAY",
    "ADULT_LOSS_PERCENT",
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in INVALID.items() for value in values])
def test_error_names_the_variable_and_not_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**REQUIRED, name: value})
    message = str(caught.value)
    assert message.startswith(f"{name}: Expected ")
    assert message.endswith(".")
    assert "\n" not in message
    assert not [part for part in (value, "qq", "77", "nan") if part in message.removeprefix(name)]
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "value", "message"),
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
def test_error_says_what_is_expected(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**REQUIRED, name: value})
    assert str(caught.value) == message


@pytest.mark.parametrize("name", sorted(POSITIVE))
def test_positive_number_is_not_zero(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        read_settings({**REQUIRED, name: "0"})


def test_this_module_covers_every_variable() -> None:
    assert set(INVALID) == {variable_names(field)[0] for field in Settings.__struct_fields__}


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", [True, False])
def test_missing_or_empty_required_variable_is_an_error(name: str, empty: bool) -> None:
    environ = {**REQUIRED, name: ""} if empty else {other: value for other, value in REQUIRED.items() if other != name}
    with pytest.raises(SettingsError, match=rf"^{name} is not set\.$"):
        read_settings(environ)


def test_missing_and_empty_optional_variables_have_their_defaults() -> None:
    assert read_settings({**REQUIRED, "HOME": "/x", "STAGE": "", "PATH": "y"}) == Settings(
        table_name="clowder", cursor_key="k" * 32
    )


def test_settings_are_read_from_the_variables() -> None:
    settings = read_settings({
        **REQUIRED, "DYNAMODB_URL": "http://127.0.0.1:8000", "AWS_REGION": "eu-north-1", "STAGE": "prod-2",
        "CORS_ORIGINS": " https://a.example  http://localhost:3000 ", "SECURITY_CONTACT": "tel:+49",
        "LOG_LEVEL": "ERROR", "SESSION_HOURS": "1", "LOGIN_TRIES": "5",
        "LOGIN_WINDOW_SECONDS": "60", "DEADLINE_SECONDS": "8.5", "KITTEN_DAYS": "100",
        "KITTEN_GRAMS_PER_DAY": "7.5", "KITTEN_SPAN_DAYS": "3", "ADULT_LOSS_PERCENT": "5", "ADULT_SPAN_DAYS": "14",
    })  # fmt: skip
    assert (settings.dynamodb_url, settings.region, settings.stage, settings.log_level) == (
        "http://127.0.0.1:8000", "eu-north-1", "prod-2", "ERROR",
    )  # fmt: skip
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert (settings.security_contact, settings.session_hours, settings.login_tries) == ("tel:+49", 1, 5)
    assert (settings.login_window_seconds, settings.deadline_seconds) == (60, 8.5)
    limits = settings.weight_limits
    assert (limits.kitten_days, limits.kitten_grams_per_day, limits.kitten_span_days) == (100, 7.5, 3)
    assert (limits.adult_loss_percent, limits.adult_span_days) == (5.0, 14)


def test_settings_are_immutable() -> None:
    with pytest.raises(AttributeError):
        read_settings(REQUIRED).stage = "prod"  # type: ignore[misc]


def test_repr_hides_the_cursor_key() -> None:
    assert REQUIRED["CURSOR_KEY"] not in repr(read_settings(REQUIRED))
