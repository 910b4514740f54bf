"""Finds permissions in a template that are too broad. Checkov does not report ``dynamodb:*`` on ``*``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

WILDCARD_EXCEPTIONS = {
    ("ApiRole", "xray:PutTraceSegments", "*"): "X-Ray has no resource-level permissions",
    ("ApiRole", "xray:PutTelemetryRecords", "*"): "X-Ray has no resource-level permissions",
    **{
        (
            "BackupRole",
            f"dynamodb:{action}",
            ":table/${AWS::StackName}-*",
        ): "restored tables have other names"
        for action in (
            "DescribeTable",
            "CreateBackup",
            "StartAwsBackupJob",
            "ListTagsOfResource",
            "DescribeBackup",
            "DeleteBackup",
        )
    },
    **{
        (name, f"s3:{action}", f"${{Bucket.Arn}}/{prefix}/*"): "the keys have random ids"
        for name, prefix, actions in (
            ("ApiRole", "uploads", ("PutObject",)),
            ("ApiRole", "photos", ("GetObject", "DeleteObject")),
            ("PhotoPolicy", "uploads", ("GetObject", "DeleteObject")),
            ("PhotoPolicy", "photos", ("PutObject", "DeleteObject")),
        )
        for action in actions
    },
    (
        "PhotoPermission",
        "lambda:InvokeFunction",
        ":s3:::${AWS::StackName}-bucket-*",
    ): "CloudFormation generates the name",
    ("ApiLambdaPermissionHttpApi", "lambda:InvokeFunction", "${HttpApi}/*"): "all routes of the API of this stack",
}
"""Allowed wildcards: the resource of the template, the action, and the end of the ARN; with the reason."""
KEY_TYPES = {"AWS::KMS::Key": "in a key policy, * is that key"}
TRUST_POLICY = "AssumeRolePolicyDocument"

Permission = tuple[str, str, str]


def find_broad_permissions(document: dict[str, Any]) -> list[str]:
    """Return a finding for each permission that is too broad. Resources with a false condition are included."""
    return sorted(
        {finding for name, resource in document["Resources"].items() for finding in _findings(name, resource)}
    )


def used_exceptions(document: dict[str, Any]) -> set[Permission]:
    """Return the allowed wildcards that the template uses."""
    return {
        exception
        for name, definition in document["Resources"].items()
        for _, statement in _statements(definition)
        for exception in WILDCARD_EXCEPTIONS
        for action, resource in product(
            possible_strings(statement.get("Action")), possible_strings(statement.get("Resource"))
        )
        if (name, action) == exception[:2] and resource.endswith(exception[2])
    }


def _findings(name: str, definition: dict[str, Any]) -> Iterator[str]:
    if managed := definition["Properties"].get("ManagedPolicyArns"):
        yield f"{name} has managed policies: {managed}"
    for policy, statement in _statements(definition):
        if statement.get("Effect", "Allow") != "Deny":
            yield from _broad_actions(name, statement)
            if policy != TRUST_POLICY and definition["Type"] not in KEY_TYPES:
                yield from _broad_resources(name, statement)


def _broad_actions(name: str, statement: dict[str, Any]) -> Iterator[str]:
    for negation in sorted({"NotAction", "NotResource", "NotPrincipal"} & set(statement)):
        yield f"{name} has a statement with {negation}"
    if "*" in possible_strings(statement.get("Principal")):
        yield f"{name} allows any principal"
    for action in possible_strings(statement.get("Action")):
        if _has_wildcard(action):
            yield f"{name} allows {action}"


def _broad_resources(name: str, statement: dict[str, Any]) -> Iterator[str]:
    resources = possible_strings(statement.get("Resource"))
    for action in possible_strings(statement.get("Action")):
        suffixes = [exception[2] for exception in WILDCARD_EXCEPTIONS if exception[:2] == (name, action)]
        if not resources:
            yield f"{name} allows {action} without a resource"
        for resource in resources:
            if _has_wildcard(resource) and not any(_is_exception(resource, suffix) for suffix in suffixes):
                yield f"{name} allows {action} on {resource}"


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _is_exception(resource: str, suffix: str) -> bool:
    """Return whether the only wildcard of an ARN is in the allowed suffix."""
    return resource.endswith(suffix) and resource.count("*") == 1 and (suffix != "*" or resource == "*")


def _statements(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the statements of a resource, each with the name of the property that has its policy."""
    if definition["Type"] == "AWS::Lambda::Permission":
        permission = definition["Properties"]
        members = {key: permission.get(key) for key in ("Action", "Principal")}
        yield "", members | {"Resource": permission.get("SourceArn")}
    yield from _nested_statements("", definition["Properties"])


def _nested_statements(policy: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and "Statement" in value:
        statements = value["Statement"]
        yield from ((policy, statement) for statement in (statements if isinstance(statements, list) else [statements]))
    for key, member in value.items() if isinstance(value, dict) else ():
        yield from _nested_statements(key, member)
    for item in value if isinstance(value, list) else ():
        yield from _nested_statements(policy, item)


def possible_strings(value: Any) -> list[str]:
    """Return every string that a value can have. References remain in the strings, as in ``${Table}``."""
    match value:
        case None:
            return []
        case str():
            return [value]
        case list():
            return [text for item in value for text in possible_strings(item)]
        case {"Fn::If": [_, yes, no]}:
            return possible_strings(yes) + possible_strings(no)
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Sub": _} | {"Fn::Join": _}:
            return _possible_results(value)
        case dict():
            return [text for member in value.values() for text in possible_strings(member)]
    raise AssertionError(value)


def _possible_results(value: Any) -> list[str]:
    match value:
        case {"Ref": name}:
            return ["${" + name + "}"]
        case {"Fn::GetAtt": [name, attribute]}:
            return ["${" + f"{name}.{attribute}" + "}"]
        case {"Fn::Sub": [text, variables]}:
            choices = product(*map(possible_strings, variables.values()))
            return [_substitute(text, dict(zip(variables, values, strict=True))) for values in choices]
        case {"Fn::Sub": text}:
            return [text]
        case {"Fn::Join": [separator, parts]}:
            return [separator.join(values) for values in product(*map(possible_strings, parts))]
    raise AssertionError(value)


def _substitute(text: str, variables: dict[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace("${" + name + "}", value)
    return text
