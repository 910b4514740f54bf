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
    "PHOTO_BUCKET": ["qq", "Qqq", "qq-café", "-qqq", "qqq\n"],
    "STAGE": ["Qqq!", "9qq"],
    "LOG_LEVEL": ["LOUDqq", "info"],
    "METRICS": ["qq", "77"],
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
    ],
)
def test_error_says_what_is_expected(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**REQUIRED, name: value})
    assert str(caught.value) == message


EXAMPLE = "write an origin such as 'https://cafe.example'."
OTHER_SCHEME = "begins with another scheme than 'https://' or 'http://'"
WRONG_ORIGINS = {
    "https://cafe.example/": "ends with a slash; write 'https://cafe.example'.",
    "https://a.example https://b.example/": "ends with a slash; write 'https://b.example'.",
    "https://cafe.example:8443/": "ends with a slash; write 'https://cafe.example:8443'.",
    "https://cafe.example/menu": "has a path, a query or a fragment; write 'https://cafe.example'.",
    "https://cafe.example?x=1": "has a path, a query or a fragment; write 'https://cafe.example'.",
    "https://cafe.example#x": "has a path, a query or a fragment; write 'https://cafe.example'.",
    "cafe.example": "has no scheme; write 'https://cafe.example'.",
    "//cafe.example": "has no scheme; write 'https://cafe.example'.",
    "https:/cafe.example": "has no scheme; write 'https://cafe.example'.",
    "localhost:3000": "has no scheme; write 'http://localhost:3000'.",
    "[::1]:3000": "has no scheme; write 'http://[::1]:3000'.",
    "https://a.example,https://b.example": (
        "has a comma or a semicolon instead of a space; write 'https://a.example https://b.example'."
    ),
    "https://a.example, https://b.example": "has a comma or a semicolon instead of a space; write 'https://a.example'.",
    "null": "is the origin of all files; write the origin of a page, or '*' for all.",
    "https://Cafe.example": "has upper-case letters; write 'https://cafe.example'.",
    "HTTPS://cafe.example": "has upper-case letters; write 'https://cafe.example'.",
    "https://*.cafe.example": "has a wildcard; write each origin, such as 'https://cafe.example', or '*' for all.",
    "https://*": "has a wildcard; write each origin, such as 'https://cafe.example', or '*' for all.",
    "https://cafe.example:443": "has the default port of its scheme; write 'https://cafe.example'.",
    "http://cafe.example:80": "has the default port of its scheme; write 'http://cafe.example'.",
    "https://k\u00e4se.example": "has letters that are not ASCII; write 'https://xn--kse-qla.example'.",
    "ftp://cafe.example": f"{OTHER_SCHEME}; write 'https://cafe.example'.",
    '"https://cafe.example"': "has quotation marks; write 'https://cafe.example'.",
    "https://cafe.example:99999": f"is not an origin; {EXAMPLE}",
    "https://": f"is not an origin; {EXAMPLE}",
    "https://a.example|https://b.example": f"has a path, a query or a fragment; {EXAMPLE}",
    "https://" + "a" * 300: f"is not an origin; {EXAMPLE}",
}


@pytest.mark.parametrize(("value", "explanation"), WRONG_ORIGINS.items())
def test_wrong_origin_is_explained_with_what_to_write_instead(value: str, explanation: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**REQUIRED, "CORS_ORIGINS": value})
    message = str(caught.value)
    assert message.startswith("CORS_ORIGINS: ")
    assert message.endswith(f" {explanation}")
    assert len(message) < 250
    *_, quoted, end = explanation.split("'")
    if end == ".":
        assert " ".join(read_settings({**REQUIRED, "CORS_ORIGINS": quoted}).cors_origins) == quoted


def test_password_in_an_origin_is_not_in_the_message() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**REQUIRED, "CORS_ORIGINS": "https://lu:hunter2@cafe.example/"})
    message = "CORS_ORIGINS: An origin has no username and no password; write 'https://cafe.example'."
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["*", "* https://cafe.example", "http://[::1]:3000 https://xn--kse-qla.example"])
def test_origins_and_the_asterisk_are_read(value: str) -> None:
    assert read_settings({**REQUIRED, "CORS_ORIGINS": value}).cors_origins == tuple(value.split())


@pytest.mark.parametrize("name", sorted(POSITIVE))
def test_positive_number_is_not_zero(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        read_settings({**REQUIRED, name: "0"})


def test_this_module_covers_every_variable() -> None:
    assert {*INVALID, "CORS_ORIGINS"} == {variable_names(field)[0] for field in Settings.__struct_fields__}


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
