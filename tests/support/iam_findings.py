"""Finds in a template every right that is wider than it must be. Checkov does not see ``dynamodb:*`` on ``*``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

NEEDED = {
    ("ApiRole", "xray:PutTraceSegments", "*"): "X-Ray has no resources to name",
    ("ApiRole", "xray:PutTelemetryRecords", "*"): "X-Ray has no resources to name",
    **{
        (
            "BackupRole",
            f"dynamodb:{action}",
            ":table/${AWS::StackName}-*",
        ): "tables that are restored have names of theirs"
        for action in (
            "DescribeTable",
            "CreateBackup",
            "StartAwsBackupJob",
            "ListTagsOfResource",
            "DescribeBackup",
            "DeleteBackup",
        )
    },
    ("ApiLambdaPermissionHttpApi", "lambda:InvokeFunction", "${HttpApi}/*"): "all routes of our own API",
}
"""What may end in a wildcard: the resource of the template, the action, and how what it is granted on ends."""
KEYS = {"AWS::KMS::Key": "in a key's own policy, * is that key"}
TRUST = "AssumeRolePolicyDocument"

Right = tuple[str, str, str]


def too_wide(document: dict[str, Any]) -> list[str]:
    """Return a sentence for each right that is too wide, in resources that are made and in such as could be."""
    return sorted({fault for name, made in document["Resources"].items() for fault in _faults(name, made)})


def wildcards(document: dict[str, Any]) -> set[Right]:
    """Return the exceptions that the template makes use of."""
    return {
        exception
        for name, made in document["Resources"].items()
        for _, statement in _statements(made)
        for exception in NEEDED
        for action, resource in product(texts(statement.get("Action")), texts(statement.get("Resource")))
        if (name, action) == exception[:2] and resource.endswith(exception[2])
    }


def _faults(name: str, made: dict[str, Any]) -> Iterator[str]:
    if managed := made["Properties"].get("ManagedPolicyArns"):
        yield f"{name} has policies that others write: {managed}"
    for place, statement in _statements(made):
        if statement.get("Effect", "Allow") != "Deny":  # there, a wildcard takes away
            yield from _wide_actions(name, statement)
            if place != TRUST and made["Type"] not in KEYS:
                yield from _wide_resources(name, statement)


def _wide_actions(name: str, statement: dict[str, Any]) -> Iterator[str]:
    for negative in sorted({"NotAction", "NotResource", "NotPrincipal"} & set(statement)):
        yield f"{name} grants all but some: {negative}"
    if "*" in texts(statement.get("Principal")):
        yield f"{name} grants to everybody"
    for action in texts(statement.get("Action")):
        if _wild(action):
            yield f"{name} grants {action}"


def _wide_resources(name: str, statement: dict[str, Any]) -> Iterator[str]:
    resources = texts(statement.get("Resource"))
    for action in texts(statement.get("Action")):
        ends = [end for who, what, end in NEEDED if (who, what) == (name, action)]
        if not resources:
            yield f"{name} grants {action} on nothing that is named"
        for resource in resources:
            if _wild(resource) and not any(_ends(resource, end) for end in ends):
                yield f"{name} grants {action} on {resource}"


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


def _ends(resource: str, end: str) -> bool:
    """Say whether a resource has its only wildcard in the end that is allowed."""
    return resource.endswith(end) and resource.count("*") == 1 and (end != "*" or resource == "*")


def _statements(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all statements in a resource, each with the property that its policy is in."""
    if made["Type"] == "AWS::Lambda::Permission":
        told = made["Properties"]
        yield "", {key: told.get(key) for key in ("Action", "Principal")} | {"Resource": told.get("SourceArn")}
    yield from _in("", made["Properties"])


def _in(place: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and "Statement" in value:
        told = value["Statement"]
        yield from ((place, statement) for statement in (told if isinstance(told, list) else [told]))
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from _in(key, inner)
    for inner in value if isinstance(value, list) else ():
        yield from _in(place, inner)


def texts(value: Any) -> list[str]:
    """Return every text that a value can become, with references left in, as in ``${Table}``."""
    match value:
        case None:
            return []
        case str():
            return [value]
        case list():
            return [text for inner in value for text in texts(inner)]
        case {"Fn::If": [_, yes, no]}:
            return texts(yes) + texts(no)
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Sub": _} | {"Fn::Join": _}:
            return _computed(value)
        case dict():
            return [text for inner in value.values() for text in texts(inner)]
    raise AssertionError(value)


def _computed(value: Any) -> list[str]:
    match value:
        case {"Ref": name}:
            return ["${" + name + "}"]
        case {"Fn::GetAtt": [name, attribute]}:
            return ["${" + f"{name}.{attribute}" + "}"]
        case {"Fn::Sub": [text, own]}:
            return [_filled(text, dict(zip(own, chosen, strict=True))) for chosen in product(*map(texts, own.values()))]
        case {"Fn::Sub": text}:
            return [text]
        case {"Fn::Join": [between, parts]}:
            return [between.join(chosen) for chosen in product(*map(texts, parts))]
    raise AssertionError(value)


def _filled(text: str, own: dict[str, str]) -> str:
    for name, value in own.items():
        text = text.replace("${" + name + "}", value)
    return text
