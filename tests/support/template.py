"""A compiled template, as CloudFormation reads it: with its conditions decided."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from tools.checks.template.compile import compile_template

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/clowder@sha256:" + "0" * 64
STAGES: dict[str, dict[str, str]] = {
    "dev": {},
    # With an image: what is true of a stage is true however the function is packed.
    "staging": {"packageType": "image", "image": IMAGE},
    "production": {},
}
"""Each stage, with the parameters that it is compiled with."""
CHOSEN = {
    "snapStart": "true",
    "reservedConcurrency": "20",
    "domain": "api.cafe.example",
    "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
    "hostedZoneId": "Z0123456789",
    "alarmEmail": "vet@cafe.example",
    "restoredTable": "restored-1",
    "cursorKeyVersion": "7",
}
"""Everything that production can have besides."""


class Template:
    """A template.

    Args:
        document: as osls has compiled it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._parameters = {name: told["Default"] for name, told in document.get("Parameters", {}).items()}

    @property
    def resources(self) -> dict[str, Any]:
        """The resources that are made, and none whose condition does not hold."""
        made = {k: v for k, v in self.document["Resources"].items() if self.holds({"Condition": v.get("Condition")})}
        return {name: self.decided(resource) for name, resource in made.items()}

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs that there are."""
        told = self.document["Outputs"].items()
        return {k: self.decided(v["Value"]) for k, v in told if self.holds({"Condition": v.get("Condition")})}

    def of(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a type that are made, by name."""
        made = self.resources.items()
        return {name: resource["Properties"] for name, resource in made if resource["Type"] == f"AWS::{kind}"}

    def one(self, kind: str) -> dict[str, Any]:
        """The properties of the only resource of a type."""
        [properties] = self.of(kind).values()
        return dict(properties)

    def holds(self, condition: Any) -> bool:
        """Decide a condition; what has none is made."""
        match condition:
            case {"Condition": None}:
                return True
            case {"Condition": name}:
                return self.holds(self.document["Conditions"][name])
            case {"Fn::Equals": [one, other]}:
                return bool(self._value(one) == self._value(other))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": inner}:
                return all(map(self.holds, inner))
        raise AssertionError(condition)

    def decided(self, value: Any) -> Any:
        """Return a value with every Fn::If in it decided, and every parameter put in."""
        match value:
            case {"Fn::If": [name, yes, no]}:
                return self.decided(yes if self.holds({"Condition": name}) else no)
            case {"Ref": name} if name in self._parameters:
                return self._parameters[name]
            case dict():
                kept = {key: self.decided(inner) for key, inner in value.items()}
                return {key: inner for key, inner in kept.items() if inner != {"Ref": "AWS::NoValue"}}
            case list():
                return [self.decided(inner) for inner in value]
        return value

    def _value(self, value: Any) -> Any:
        return self._parameters[value["Ref"]] if isinstance(value, dict) else value


Compile = Callable[..., Template]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Compiles the template of a stage, with some parameters; each once for all of pytest's workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "templates"
    folder.mkdir(exist_ok=True)

    def compiled(stage: str, **params: str) -> Template:
        file = folder / f"{'-'.join([stage, *params])}.json"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_text(json.dumps(compile_template(stage, params)), encoding="utf-8")
        return Template(json.loads(file.read_text(encoding="utf-8")))

    return compiled


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    """Each stage."""
    return str(request.param)


@pytest.fixture
def made(template: Compile, stage: str) -> Template:
    """The template of that stage."""
    return template(stage, **STAGES[stage])


@pytest.fixture
def production(template: Compile) -> Template:
    """The template of production."""
    return template("production")


@pytest.fixture
def chosen(template: Compile) -> Template:
    """The template of production, with all that it can have besides."""
    return template("production", **CHOSEN)


def strings(value: Any) -> list[str]:
    """Return all strings in a value, its keys too."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for inner in pair for text in strings(inner)]
        case list():
            return [text for inner in value for text in strings(inner)]
    return []


def named(value: Any) -> set[str]:
    """Return the names of all resources and parameters that a value refers to, inside of texts too."""
    match value:
        case {"Ref": name}:
            return {name}
        case {"Fn::GetAtt": [name, _]}:
            return {name}
        case {"Fn::Sub": [text, own]}:
            return (_in_text(text) - set(own)) | named(own)
        case {"Fn::Sub": text}:
            return _in_text(text)
        case dict():
            return set().union(*map(named, value.values()))
        case list():
            return set().union(*map(named, value))
    return set()


def _in_text(text: str) -> set[str]:
    return {part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:]}
