"""The repository of this folder on GitHub, through the GitHub CLI."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.cli import CliError, echo

BRANCH_POLICIES = {("main", "branch"), ("v*", "tag")}
"""The branches and tags that may use an environment."""
NO_REVIEWERS = "billing plan"
"""In the message of GitHub if the plan has no required reviewers for the repository."""
UNCHANGED = "Nothing was changed."


class GitHubError(CliError):
    """An error of the GitHub CLI.

    Args:
        status: the status of the response; 0 if there was none.
        message: the message of GitHub.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"GitHub: {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Repository:
    """A repository.

    Args:
        name: OWNER/NAME.
        subject: OWNER/NAME or OWNER@ID/NAME@ID, as in the subject of its OIDC tokens.
    """

    name: str
    subject: str

    @classmethod
    def current(cls) -> Repository:
        """Return the repository of this folder.

        Raises:
            CliError: the GitHub CLI is missing or not logged in, or the user is not an administrator of the repository.
        """
        if shutil.which("gh") is None:
            raise CliError(f"The GitHub CLI (gh) is not installed. Install it from https://cli.github.com. {UNCHANGED}")
        if _run("auth", "status").returncode:
            raise CliError(f"The GitHub CLI is not logged in. Run gh auth login. {UNCHANGED}")
        try:
            repository = _api("repos/{owner}/{repo}")
            template = _api("repos/{owner}/{repo}/actions/oidc/customization/sub")
        except GitHubError as error:
            raise CliError(
                f"GitHub refused to read the repository of this folder: {error.message}. {UNCHANGED}"
            ) from None
        name = repository["full_name"]
        if not repository.get("permissions", {}).get("admin"):
            raise CliError(f"You are not an administrator of {name}. {UNCHANGED}")
        if template.get("use_default") is False and template.get("include_claim_keys"):
            raise CliError(
                f"{name} has its own template for the subject of OIDC tokens, and the role would not accept it. Run "
                f"gh api --method PUT repos/{name}/actions/oidc/customization/sub -F use_default=true. {UNCHANGED}"
            )
        return cls(name, _subject(repository, template))

    def protection(self, stage: str, logins: Sequence[str], *, needs_reviewers: bool) -> dict[str, Any]:
        """Return the protection rules of an environment: those that it has, with the given reviewers.

        Args:
            stage: the name of the environment.
            logins: the reviewers; empty for those that it has.
            needs_reviewers: whether the user becomes the reviewer if there is none.

        Raises:
            CliError: a reviewer does not exist.
        """
        try:
            rules = self._rules(stage)
            reviewers = [{"type": "User", "id": _api(f"users/{login}")["id"]} for login in logins]
            if needs_reviewers and not (reviewers or rules.get("reviewers")):
                reviewers = [{"type": "User", "id": _api("user")["id"]}]
        except GitHubError as error:
            raise CliError(
                f"GitHub refused to read the environment or a reviewer: {error.message}. {UNCHANGED}"
            ) from None
        return rules | ({"reviewers": reviewers} if reviewers else {})

    def create_environment(self, stage: str, protection: dict[str, Any]) -> bool:
        """Create or change an environment for main and tags. Return whether it has reviewers.

        Raises:
            CliError: GitHub refused the environment.
        """
        path = f"repos/{self.name}/environments/{stage}"
        refs = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
        approved = "reviewers" in protection
        try:
            try:
                _api(path, "PUT", refs | protection)
            except GitHubError as error:
                # Another 422, such as for a reviewer who may not read the repository, must not remove the reviewers.
                if not (approved and error.status == 422 and NO_REVIEWERS in error.message):
                    raise
                approved = False
                _api(path, "PUT", refs)
        except GitHubError as error:
            raise CliError(
                f"GitHub refused the environment {stage}: {error.message}. A reviewer must be able to read the "
                "repository, and a private repository has environments with "
                f"the plans Pro, Team and Enterprise only. {UNCHANGED}"
            ) from None
        echo(f"The environment {stage} exists{', with reviewers' if approved else ''}.")
        for name, kind in sorted(BRANCH_POLICIES - self._branch_policies(stage)):
            _api(f"{path}/deployment-branch-policies", "POST", {"name": name, "type": kind})
        return approved

    def other_refs(self, stage: str) -> list[str]:
        """Return the branches and tags that may use an environment, except main and v*."""
        return sorted(name for name, _ in self._branch_policies(stage) - BRANCH_POLICIES)

    def set_variable(self, stage: str, name: str, value: str) -> None:
        """Set a variable of an environment."""
        result = _run("variable", "set", name, "--env", stage, "--repo", self.name, "--body", value)
        if result.returncode:
            raise _error(result)

    def _branch_policies(self, stage: str) -> set[tuple[str, str]]:
        policies = _api(f"repos/{self.name}/environments/{stage}/deployment-branch-policies")["branch_policies"]
        return {(policy["name"], policy.get("type", "branch")) for policy in policies}

    def _rules(self, stage: str) -> dict[str, Any]:
        """Return the protection rules of an environment, as its PUT accepts them. A PUT removes rules that it lacks."""
        try:
            rules = _api(f"repos/{self.name}/environments/{stage}").get("protection_rules", ())
        except GitHubError as error:
            if error.status == 404:
                return {}
            raise
        settings: dict[str, Any] = {}
        for rule in rules:
            if rule["type"] == "required_reviewers":
                reviewers = [{"type": each["type"], "id": each["reviewer"]["id"]} for each in rule["reviewers"]]
                settings |= {"reviewers": reviewers, "prevent_self_review": rule.get("prevent_self_review", False)}
            elif rule["type"] == "wait_timer":
                settings["wait_timer"] = rule["wait_timer"]
        return settings


def _subject(repository: dict[str, Any], template: dict[str, Any]) -> str:
    """Return the repository as in the subject of its tokens. Repositories created since July 2026 have ids in it."""
    if prefix := template.get("sub_claim_prefix"):
        return str(prefix).removeprefix("repo:")
    if not template.get("use_immutable_subject"):
        return str(repository["full_name"])
    owner = repository["owner"]
    return f"{owner['login']}@{owner['id']}/{repository['name']}@{repository['id']}"


def _api(path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
    """Call the REST API, and return the response."""
    more = ("--input", "-") if body is not None else ()
    result = _run("api", "--method", method, path, *more, text=json.dumps(body) if body is not None else "")
    if result.returncode:
        raise _error(result)
    return json.loads(result.stdout) if result.stdout.strip() else {}


def _run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["gh", *arguments], input=text, capture_output=True, text=True, check=False)


def _error(result: subprocess.CompletedProcess[str]) -> GitHubError:
    lines = result.stderr.strip().splitlines() or ["gh failed without a message"]
    message, status = lines[0].removeprefix("gh: "), re.search(r"\(HTTP (\d+)\)", result.stderr)
    return GitHubError(int(status[1]) if status else 0, message.rstrip("."))
