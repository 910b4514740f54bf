"""Compiled CloudFormation templates, with evaluated conditions."""

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
    # Staging uses an image, so that the tests of each stage cover both package types.
    "staging": {"packageType": "image", "image": IMAGE},
    "production": {},
}
"""The parameters of each stage."""
ALL_OPTIONS = {
    "snapStart": "true",
    "reservedConcurrency": "20",
    "permissionsBoundary": "arn:aws:iam::123456789012:policy/clowder-ci-production-Boundary-1",
    "domain": "api.cafe.example",
    "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
    "hostedZoneId": "Z0123456789",
    "alarmEmail": "vet@cafe.example",
    "restoredTable": "clowder-production-restored",
    "cursorKeyVersion": "7",
    "tracing": "true",
    "budget": "50",
    "runbooks": "https://github.com/OWNER/NAME/blob/main/docs/operations.md",
}
"""All optional parameters of production."""
NO_VALUE = {"Ref": "AWS::NoValue"}


class Template:
    """A compiled template.

    Args:
        document: the output of osls.
        parameters: values of parameters in place of their defaults.
    """

    def __init__(self, document: dict[str, Any], **parameters: str) -> None:
        self.document = document
        self._parameters = {name: value["Default"] for name, value in document.get("Parameters", {}).items()}
        assert parameters.keys() <= self._parameters.keys()
        self._parameters |= parameters

    @property
    def resources(self) -> dict[str, Any]:
        """Return the resources whose condition is true."""
        return {k: self.resolve(v) for k, v in self.document["Resources"].items() if self._is_active(v)}

    @property
    def outputs(self) -> dict[str, Any]:
        """Return the outputs whose condition is true."""
        return {k: self.resolve(v["Value"]) for k, v in self.document["Outputs"].items() if self._is_active(v)}

    def list(self, kind: str) -> dict[str, Any]:
        """Return the properties of all resources of a type, by name."""
        resources = self.resources.items()
        return {name: resource["Properties"] for name, resource in resources if resource["Type"] == f"AWS::{kind}"}

    def get(self, kind: str) -> dict[str, Any]:
        """Return the properties of the only resource of a type."""
        [properties] = self.list(kind).values()
        return dict(properties)

    def function(self, name: str = "Api") -> dict[str, Any]:
        """Return the properties of a Lambda function, ``Api`` or ``Photos``."""
        return dict(self.list("Lambda::Function")[f"{name}LambdaFunction"])

    def _is_active(self, definition: dict[str, Any]) -> bool:
        return self.evaluate({"Condition": definition.get("Condition")})

    def evaluate(self, condition: Any) -> bool:
        """Evaluate a condition. A missing condition is true."""
        match condition:
            case {"Condition": None}:
                return True
            case {"Condition": name}:
                return self.evaluate(self.document["Conditions"][name])
            case {"Fn::Equals": [left, right]}:
                return bool(self._value(left) == self._value(right))
            case {"Fn::Not": [inner]}:
                return not self.evaluate(inner)
            case {"Fn::And": conditions}:
                return all(map(self.evaluate, conditions))
        raise AssertionError(condition)

    def resolve(self, value: Any) -> Any:
        """Return a value with each Fn::If and each reference to a parameter resolved."""
        match value:
            case {"Fn::If": [name, yes, no]}:
                return self.resolve(yes if self.evaluate({"Condition": name}) else no)
            case {"Ref": name} if name in self._parameters:
                return self._parameters[name]
            case dict():
                members = {key: self.resolve(member) for key, member in value.items()}
                return {key: member for key, member in members.items() if member != NO_VALUE}
            case list():
                return [item for item in map(self.resolve, value) if item != NO_VALUE]
        return value

    def _value(self, value: Any) -> Any:
        return self._parameters[value["Ref"]] if isinstance(value, dict) else value


Compile = Callable[..., Template]


@pytest.fixture(scope="session")
def compile_stage(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Return a function that compiles the template of a stage with parameters. All pytest workers share the results."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "templates"
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
    """Return the name of each stage."""
    return str(request.param)


@pytest.fixture
def template(compile_stage: Compile, stage: str) -> Template:
    """Return the template of each stage."""
    return compile_stage(stage, **STAGES[stage])


@pytest.fixture
def production(compile_stage: Compile) -> Template:
    """Return the template of production."""
    return compile_stage("production")


@pytest.fixture
def full_production(compile_stage: Compile) -> Template:
    """Return the template of production with all optional parameters."""
    return compile_stage("production", **ALL_OPTIONS)


def all_strings(value: Any) -> list[str]:
    """Return all strings in a value, including keys."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for part in pair for text in all_strings(part)]
        case list():
            return [text for item in value for text in all_strings(item)]
    return []


def references(value: Any) -> set[str]:
    """Return the names of the resources and parameters that a value refers to, also inside of Fn::Sub."""
    match value:
        case {"Ref": name}:
            return {name}
        case {"Fn::GetAtt": [name, _]}:
            return {name}
        case {"Fn::Sub": [text, variables]}:
            return (_references_in(text) - set(variables)) | references(variables)
        case {"Fn::Sub": text}:
            return _references_in(text)
        case dict():
            return set().union(*map(references, value.values()))
        case list():
            return set().union(*map(references, value))
    return set()


def _references_in(text: str) -> set[str]:
    return {part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:]}
