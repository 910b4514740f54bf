"""The environment, read once into a frozen object. No other module reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from api.domain.urgency import Coefficients, Hours, Weight
from api.domain.weights import Thresholds

Url = Annotated[str, Meta(pattern=r"^https?://(\[[\da-fA-F:]+\]|[^\s/:@\[\]?#]+)(:\d{1,5})?/?\Z")]
Origin = Annotated[str, Meta(pattern=r"^https?://[^/\s*]+$")]


DEFAULT = Coefficients()


class SettingsError(Exception):
    """A variable of the environment is missing or wrong; says which and what it takes."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the operator decides. Each field is the environment variable of its name in capitals."""

    table_name: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_.-]{3,255}\Z")]
    cursor_key: Annotated[str, Meta(min_length=32)]
    """Secret that signs cursors and tags; at least 32 characters."""
    dynamodb_url: Url | None = None
    """A local DynamoDB: the embedded engine, DynamoDB Local. For any other endpoint, boto3 has its own variables."""
    region: Annotated[str, Meta(min_length=3)] = "eu-west-1"
    stage: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")] = "local"
    log_level: Annotated[str, Meta(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    metrics: bool = False
    """Whether the line of each request carries metrics for CloudWatch; only there does anybody read them."""
    cors_origins: tuple[Origin, ...] = ()
    """The exact origins that browsers may call from, separated by spaces; none by default."""
    security_contact: Annotated[str, Meta(pattern=r"^(mailto:|https://|tel:)\S+$")] = "mailto:security@localhost"
    """Where to report a vulnerability (RFC 9116)."""
    session_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    """How long a bearer token lives."""
    login_tries: Annotated[int, Meta(ge=1)] = 10
    """Wrong passwords that an account has in one window; an address has ten times as many."""
    login_window_seconds: Annotated[int, Meta(ge=1)] = 300
    deadline_seconds: Annotated[float, Meta(ge=1)] = 20.0
    """Within which a request is answered; the function's time-out lies above."""

    # Kittens gain about 10 to 15 g a day until they are about half a year old; a cat who loses a tenth
    # of her weight within a month needs a vet (the thresholds of common shelter-medicine guidance).
    kitten_days: Annotated[int, Meta(ge=1)] = 182
    kitten_grams_per_day: Annotated[float, Meta(gt=0)] = 10.0
    kitten_span_days: Annotated[int, Meta(ge=1)] = 7
    adult_loss_percent: Annotated[float, Meta(gt=0, lt=100)] = 10.0
    adult_span_days: Annotated[int, Meta(ge=1)] = 30

    # How much each term of a to-do's urgency weighs; api/domain/urgency.py says what each of them measures.
    urgency_due: Weight = DEFAULT.due
    urgency_late_days: Weight = DEFAULT.late_days
    urgency_late_days_squared: Weight = DEFAULT.late_days_squared
    urgency_age: Weight = DEFAULT.age
    urgency_blocking: Weight = DEFAULT.blocking
    urgency_priority: Weight = DEFAULT.priority
    urgency_cat: Weight = DEFAULT.cat
    urgency_assignee: Weight = DEFAULT.assignee
    urgency_soon_hours: Hours = DEFAULT.soon_hours
    urgency_lead_hours: Hours = DEFAULT.lead_hours

    def __repr__(self) -> str:
        """Return what may be seen: there are secrets in it."""
        return f"Settings(stage={self.stage!r})"

    @property
    def urgency(self) -> Coefficients:
        """What the to-do engine weighs with."""
        return Coefficients(**{name: getattr(self, f"urgency_{name}") for name in Coefficients.__struct_fields__})

    @property
    def weight_limits(self) -> Thresholds:
        """Where a weight alarm begins."""
        return Thresholds(**{name: getattr(self, name) for name in Thresholds.__struct_fields__})


_VARIABLES = {
    "region": ("AWS_REGION",),
}
"""Those of a field, where they are not its name in capitals."""
_LISTS = frozenset({"cors_origins"})


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        environ: usually ``os.environ``. An empty value counts as none.

    Raises:
        SettingsError: with one sentence for the first variable that is missing or wrong.
    """
    told = {field: name for field in Settings.__struct_fields__ if (name := _variable(field, environ))}
    known: dict[str, Any] = {field: environ[name] for field, name in told.items()}
    for field in _LISTS & known.keys():
        known[field] = known[field].split()
    try:
        return msgspec.convert(known, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_sentence(str(error), told)) from None


def _variable(field: str, environ: Mapping[str, str]) -> str | None:
    """Return the variable that says what a field is to be, if one does."""
    return next((name for name in variable_names(field) if environ.get(name)), None)


def variable_names(field: str) -> tuple[str, ...]:
    """Return the variables that a field is read from; the first one that is set counts."""
    return _VARIABLES.get(field) or (field.upper(),)


def _sentence(message: str, told: Mapping[str, str]) -> str:
    """Say which variable msgspec's message is about and what it takes, never its value."""
    if "missing required field" in message:
        return f"{message.split('`')[1].upper()} is not set."
    field = message.rpartition("$.")[2].rstrip("`").split("[")[0]
    return f"{told.get(field, 'The environment')}: {message.split(' - at')[0].replace('`', '')}."
