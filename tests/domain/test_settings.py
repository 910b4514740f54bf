"""The environment: what is wrong is told in one sentence that names the variable, and never its value."""

from __future__ import annotations

import pytest

from api.domain.urgency import Coefficients
from api.settings import Settings, SettingsError, read_settings, variable_names

GOOD = {"TABLE_NAME": "clowder", "CURSOR_KEY": "k" * 32}
WRONG = {
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
WRONG |= {f"URGENCY_{name.upper()}": ["-77", "qq", "nan"] for name in Coefficients.__struct_fields__}
ZEROS = {
    "URGENCY_SOON_HOURS",
    "URGENCY_LEAD_HOURS",
    "SESSION_HOURS",
    "LOGIN_TRIES",
    "KITTEN_DAYS",
    "KITTEN_GRAMS_PER_DAY",
    "ADULT_LOSS_PERCENT",
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_told_by_the_name_of_its_variable_alone(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**GOOD, name: value})
    told = str(caught.value)
    assert told.startswith(f"{name}: Expected ")
    assert told.endswith(".")
    assert "\n" not in told
    assert not [part for part in (value, "qq", "77", "nan") if part in told.removeprefix(name)]
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("name", sorted(ZEROS))
def test_nothing_that_is_counted_is_zero(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        read_settings({**GOOD, name: "0"})


def test_every_variable_is_tried_here() -> None:
    assert set(WRONG) == {variable_names(field)[0] for field in Settings.__struct_fields__}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("empty", [True, False])
def test_a_variable_that_is_missing_is_told_and_an_empty_one_is_missing(name: str, empty: bool) -> None:
    environ = {**GOOD, name: ""} if empty else {other: value for other, value in GOOD.items() if other != name}
    with pytest.raises(SettingsError, match=rf"^{name} is not set\.$"):
        read_settings(environ)


def test_what_is_not_said_has_its_default() -> None:
    assert read_settings({**GOOD, "HOME": "/x", "STAGE": "", "PATH": "y"}) == Settings(
        table_name="clowder", cursor_key="k" * 32
    )


def test_every_variable_can_be_said() -> None:
    told = read_settings({
        **GOOD, "DYNAMODB_URL": "http://127.0.0.1:8000", "AWS_REGION": "eu-north-1", "STAGE": "prod-2",
        "CORS_ORIGINS": " https://a.example  http://localhost:3000 ", "SECURITY_CONTACT": "tel:+49",
        "LOG_LEVEL": "ERROR", "SESSION_HOURS": "1", "LOGIN_TRIES": "5",
        "LOGIN_WINDOW_SECONDS": "60", "DEADLINE_SECONDS": "8.5", "KITTEN_DAYS": "100",
        "KITTEN_GRAMS_PER_DAY": "7.5", "KITTEN_SPAN_DAYS": "3", "ADULT_LOSS_PERCENT": "5", "ADULT_SPAN_DAYS": "14",
    })  # fmt: skip
    assert (told.dynamodb_url, told.region, told.stage, told.log_level) == (
        "http://127.0.0.1:8000", "eu-north-1", "prod-2", "ERROR",
    )  # fmt: skip
    assert told.cors_origins == ("https://a.example", "http://localhost:3000")
    assert (told.security_contact, told.session_hours, told.login_tries) == ("tel:+49", 1, 5)
    assert (told.login_window_seconds, told.deadline_seconds) == (60, 8.5)
    limits = told.weight_limits
    assert (limits.kitten_days, limits.kitten_grams_per_day, limits.kitten_span_days) == (100, 7.5, 3)
    assert (limits.adult_loss_percent, limits.adult_span_days) == (5.0, 14)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        read_settings(GOOD).stage = "prod"  # type: ignore[misc]


def test_a_secret_is_not_shown() -> None:
    assert GOOD["CURSOR_KEY"] not in repr(read_settings(GOOD))
