"""The settings, read from environment variables. No other module reads the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, tzinfo
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from api.domain.urgency import Coefficients, Hours, Weight
from api.domain.weights import Thresholds

Url = Annotated[str, Meta(pattern=r"^https?://(\[[\da-fA-F:]+\]|[^\s/:@\[\]?#]+)(:\d{1,5})?/?\Z")]

_ORIGIN = r"(https?)://(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?"
"""An origin as browsers send it: in lower case, and without a path (RFC 6454, section 6.2)."""
_DEFAULT_PORTS = {"https": "443", "http": "80"}

DEFAULTS = Coefficients()


class SettingsError(Exception):
    """An environment variable is missing or invalid. The message names it and what it expects."""


class Settings(Struct, frozen=True, kw_only=True):
    """The settings. Each field is read from the environment variable of its name in capitals."""

    table_name: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_.-]{3,255}\Z")]
    cursor_key: Annotated[str, Meta(min_length=32)]
    """The secret for cursors, sessions, device cookies and fingerprints of requests; at least 32 characters."""
    dynamodb_url: Url | None = None
    """The URL of a local DynamoDB emulator. For other endpoints use the variables of boto3."""
    region: Annotated[str, Meta(min_length=3)] = "eu-west-1"
    photo_bucket: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")] | None = None
    """The S3 bucket of the photos. Without it, photos cannot be uploaded."""
    stage: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")] = "local"
    log_level: Annotated[str, Meta(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    metrics: bool = False
    """Whether the log line of a request contains metrics in the CloudWatch format."""
    cors_origins: tuple[str, ...] = ()
    """The origins whose pages may call the API, separated by spaces. With ``*``, all others may read public data."""
    security_contact: Annotated[str, Meta(pattern=r"^(mailto:|https://|tel:)\S+$")] = "mailto:security@localhost"
    """Where to report a vulnerability (RFC 9116)."""
    time_zone: Annotated[str, Meta(pattern=r"^(?!posix/|right/)[A-Z][A-Za-z0-9/_+-]*\Z")] = "UTC"
    """The name of the time zone of the café in the IANA database. Its days end at midnight there."""
    session_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    """The lifetime of a session."""
    login_tries: Annotated[int, Meta(ge=1)] = 10
    """The number of wrong passwords per account, client address and window. An address has ten times as many."""
    login_window_seconds: Annotated[int, Meta(ge=1)] = 300
    deadline_seconds: Annotated[float, Meta(ge=1)] = 20.0
    """The deadline of a request. The timeout of the Lambda function is longer."""

    # Kittens gain about 10 to 15 g a day until they are about half a year old. A cat that loses a tenth of its weight
    # within a month needs a vet. These are the thresholds of common shelter-medicine guidance.
    kitten_days: Annotated[int, Meta(ge=1)] = 182
    kitten_grams_per_day: Annotated[float, Meta(gt=0)] = 10.0
    kitten_span_days: Annotated[int, Meta(ge=1)] = 7
    adult_loss_percent: Annotated[float, Meta(gt=0, lt=100)] = 10.0
    adult_span_days: Annotated[int, Meta(ge=1)] = 30

    # The coefficients of the urgency of to-dos. api/domain/urgency.py explains them.
    urgency_due: Weight = DEFAULTS.due
    urgency_late_days: Weight = DEFAULTS.late_days
    urgency_late_days_squared: Weight = DEFAULTS.late_days_squared
    urgency_age: Weight = DEFAULTS.age
    urgency_blocking: Weight = DEFAULTS.blocking
    urgency_priority: Weight = DEFAULTS.priority
    urgency_cat: Weight = DEFAULTS.cat
    urgency_assignee: Weight = DEFAULTS.assignee
    urgency_soon_hours: Hours = DEFAULTS.soon_hours
    urgency_lead_hours: Hours = DEFAULTS.lead_hours

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"Settings(stage={self.stage!r})"

    @property
    def zone(self) -> tzinfo:
        """The time zone of the café."""
        return _zone(self.time_zone)

    @property
    def urgency(self) -> Coefficients:
        """The coefficients of the urgency of to-dos."""
        return Coefficients(**{name: getattr(self, f"urgency_{name}") for name in Coefficients.__struct_fields__})

    @property
    def weight_limits(self) -> Thresholds:
        """The limits of the weight alarms."""
        return Thresholds(**{name: getattr(self, name) for name in Thresholds.__struct_fields__})


_VARIABLE_NAMES = {"region": ("AWS_REGION",)}
"""The variables of fields that are not the name of the field in capitals."""
_LIST_FIELDS = frozenset({"cors_origins"})


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        environ: usually ``os.environ``. An empty value counts as not set.

    Raises:
        SettingsError: a variable is missing or invalid. The message is about the first such variable.
    """
    variables = {field: name for field in Settings.__struct_fields__ if (name := _variable(field, environ))}
    values: dict[str, Any] = {field: environ[name] for field, name in variables.items()}
    for field in _LIST_FIELDS & values.keys():
        values[field] = values[field].split()
        for origin in values[field]:
            _check_origin(variables[field], origin)
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_error_message(str(error), variables)) from None
    try:
        _zone(settings.time_zone)
    except (ValueError, OSError, KeyError):  # ZoneInfo also raises OSError, for example for a folder
        raise SettingsError(
            "TIME_ZONE: Expected the name of a time zone in the IANA database, such as Europe/London."
        ) from None
    return settings


def _check_origin(variable: str, origin: str) -> None:
    """Check an element of CORS_ORIGINS. The message says what to write instead.

    Raises:
        SettingsError: no browser sends this origin.
    """
    if origin == "*" or _is_origin(origin):
        return
    if "@" in origin:  # what is before it may be a password
        raise SettingsError(f"{variable}: An origin has no username and no password; write 'https://cafe.example'.")
    shown = f"{variable}: {origin[:100]!r}"
    if origin == "null":
        raise SettingsError(f"{shown} is the origin of all files; write the origin of a page, or '*' for all.")
    if "*" in origin:
        raise SettingsError(
            f"{shown} has a wildcard; write each origin, such as 'https://cafe.example', or '*' for all."
        )
    instead = [_clean(part) for part in re.split("[,;]", origin) if part]
    advice = f"'{' '.join(instead)}'" if all(map(_is_origin, instead)) else "an origin such as 'https://cafe.example'"
    raise SettingsError(f"{shown} {_explain(origin)}; write {advice}.")


def _is_origin(text: str) -> bool:
    match = re.fullmatch(_ORIGIN, text)
    return match is not None and match[2] != _DEFAULT_PORTS[match[1]] and int(match[2] or 0) < 2**16


def _explain(origin: str) -> str:
    """Return why an origin is wrong: the first reason that applies."""
    scheme, separator, rest = origin.partition("://")
    host = re.split("[/?#]", rest)[0]
    end = rest.removeprefix(host)
    reasons = {
        "has a comma or a semicolon instead of a space": "," in origin or ";" in origin,
        "has quotation marks": origin.strip("\"'`") != origin,
        "has no scheme": not separator,
        "begins with another scheme than 'https://' or 'http://'": scheme.lower() not in _DEFAULT_PORTS,
        "ends with a slash": end == "/",
        "has a path, a query or a fragment": bool(end),
        "has upper-case letters": origin != origin.lower(),
        "has the default port of its scheme": host.endswith(f":{_DEFAULT_PORTS.get(scheme)}"),
        "has letters that are not ASCII": not origin.isascii(),
    }
    return next((reason for reason, applies in reasons.items() if applies), "is not an origin")


def _clean(origin: str) -> str:
    """Return the origin that a text probably means."""
    text = re.sub(r"^(https?):/*", r"\1://", origin.strip("\"'`").lower())
    scheme, separator, rest = text.partition("://")
    rest = rest if separator else text
    host = re.split("[/?#]", rest.lstrip("/"))[0].rpartition("@")[2]
    if scheme not in _DEFAULT_PORTS:
        scheme = "http" if re.match(r"(localhost|127\.|\[::1\])", host) else "https"
    name, colon, port = host.removesuffix(f":{_DEFAULT_PORTS[scheme]}").partition(":")
    if not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("idna").decode()
    return f"{scheme}://{name}{colon}{port}"


@cache
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _variable(field: str, environ: Mapping[str, str]) -> str | None:
    """Return the variable that sets a field, or None."""
    return next((name for name in variable_names(field) if environ.get(name)), None)


def variable_names(field: str) -> tuple[str, ...]:
    """Return the variables that set a field. The first of them that is set counts."""
    return _VARIABLE_NAMES.get(field) or (field.upper(),)


def _error_message(message: str, variables: Mapping[str, str]) -> str:
    """Return a message of msgspec with the name of the variable. It never contains the value."""
    if "missing required field" in message:
        return f"{message.split('`')[1].upper()} is not set."
    field = message.rpartition("$.")[2].rstrip("`").split("[")[0]
    return f"{variables.get(field, 'The environment')}: {message.split(' - at')[0].replace('`', '')}."
