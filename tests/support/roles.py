"""A role on the local AWS, whose policies a test changes for a while."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Statement = dict[str, Any]


@dataclass(frozen=True)
class Role:
    """A role of a deployed function.

    Args:
        iam: the IAM client.
        name: the role's name.
    """

    iam: Any
    name: str

    @contextmanager
    def modified(self, change: Callable[[Statement], Statement]) -> Iterator[None]:
        """Change each statement of each policy, and restore the policies at the end. Remove empty statements."""
        policies = {policy: self._document(policy) for policy in self._names()}
        try:
            for policy, document in policies.items():
                statements = [change(copy.deepcopy(statement)) for statement in document["Statement"]]
                effective = [each for each in statements if each["Action"] and each["Resource"]]
                self._put(policy, document | {"Statement": effective}) if effective else self._delete(policy)
            yield
        finally:
            for policy, document in policies.items():
                self._put(policy, document)

    def _names(self) -> list[str]:
        names: list[str] = self.iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        return names

    def _document(self, policy: str) -> dict[str, Any]:
        document: dict[str, Any] = self.iam.get_role_policy(RoleName=self.name, PolicyName=policy)["PolicyDocument"]
        return document

    def _put(self, policy: str, document: dict[str, Any]) -> None:
        self.iam.put_role_policy(RoleName=self.name, PolicyName=policy, PolicyDocument=json.dumps(document))

    def _delete(self, policy: str) -> None:
        self.iam.delete_role_policy(RoleName=self.name, PolicyName=policy)
