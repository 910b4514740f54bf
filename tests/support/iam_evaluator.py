"""Decides requests with the IAM evaluator of MiniStack, in its own Python environment.

The HTTP interface of MiniStack passes no ``iam:`` condition key to its evaluator. These requests carry the keys that
the Service Authorization Reference of AWS lists for the action.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from tools.rehearsal.ministack import PYTHON

SCRIPT = """
import json, sys
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

def decide(request):
    context = EvalContext(
        principal_arn="arn:aws:sts::000000000000:assumed-role/deployer/session", principal_type="AssumedRole",
        principal_account="000000000000", action=request["action"], resource_arn=request["resource"],
        region="eu-west-1", service_context={key.lower(): value for key, value in request["context"].items()},
    )
    policies = [parse_policy_document(each) for each in request["policies"]]
    limits = [[parse_policy_document(each)] for each in request["boundaries"]]
    return evaluate(context, policies, *limits).decision == "Allow"

json.dump([decide(request) for request in json.load(sys.stdin)], sys.stdout)
"""


@dataclass(frozen=True)
class Request:
    """A request to AWS.

    Args:
        action: the IAM action, such as ``iam:CreateRole``.
        resource: the ARN of the resource.
        context: the condition keys of the request.
        policies: the policy documents of the principal.
        boundaries: the permissions boundary of the principal, if it has one.
    """

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    policies: tuple[Any, ...] = ()
    boundaries: tuple[Any, ...] = ()


def decide(requests: Iterable[Request]) -> list[bool]:
    """Return for each request whether it is allowed."""
    result = subprocess.run(
        [str(PYTHON), "-c", SCRIPT],
        input=json.dumps([asdict(request) for request in requests]),
        capture_output=True,
        text=True,
        check=True,
    )
    decisions: list[bool] = json.loads(result.stdout)
    return decisions
