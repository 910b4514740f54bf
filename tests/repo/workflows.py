"""Checks of the GitHub workflows, in addition to the schemas and zizmor (``make check-ci``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

ALLOWED_PERMISSIONS = {("contents", "read"), ("actions", "read"), ("id-token", "write"), ("attestations", "write")}
"""The permissions that a job may have."""
IDENTITY_USERS = (
    "aws-actions/configure-aws-credentials@",
    "actions/attest-build-provenance@",
    "$/.github/workflows/stage.yml",
)
"""Actions and workflows that need an identity token."""
MAX_TIMEOUT_MINUTES = 60
PACKAGE = ("artifact", "sha256")
"""The inputs of a stage that describe the package."""
NEEDS = {
    "build": {"test"}, "staging": {"build"}, "record": {"build", "staging"}, "find": set(), "production": {"find"},
}  # fmt: skip
"""The jobs that each job of a deployment waits for."""
INPUTS = {
    "staging": {name: f"${{{{ needs.build.outputs.{name} }}}}" for name in PACKAGE} | {"run": "${{ github.run_id }}"},
    "production": {name: f"${{{{ needs.find.outputs.{name} }}}}" for name in (*PACKAGE, "run")},
}
"""The package that each stage gets: that of this run, and that of the run that deployed to staging."""
PARAMS = (
    "runbooks=${{ github.server_url }}/${{ github.repository }}/blob/main/docs/operations.md "
    "permissionsBoundary=${{ vars.AWS_BOUNDARY }} ${{ vars.PARAMS }}"
)
"""The parameters of a deployment. Those of the environment come last, so that they can replace the others."""
IF = {
    "test": "${{ inputs.stage != 'production' }}", "build": None, "staging": None, "record": None,
    "find": "${{ inputs.stage == 'production' }}", "production": None,
}  # fmt: skip
"""The condition of each job of a deployment. A job is also skipped if a job that it needs is skipped."""

Job = dict[str, Any]


def find_errors(sources: Mapping[str, str], targets: Collection[str]) -> list[str]:
    """Return the errors in the workflows.

    Args:
        sources: the text of each workflow, by file name.
        targets: the make targets.
    """
    workflows = {name: yaml.safe_load(text) for name, text in sources.items()}
    errors = [error for name, text in sources.items() for error in _text_errors(name, text, sources)]
    for name, workflow in workflows.items():
        if workflow.get("permissions") != {}:
            errors.append(f"{name}: the workflow must not have permissions, only its jobs")
        for key, job in workflow["jobs"].items():
            errors += [f"{name}, {key}: {error}" for error in (*_job_errors(job), *_step_errors(job, targets))]
    return [*errors, *_delivery_errors(workflows["deploy.yml"], workflows["stage.yml"])]


def _text_errors(name: str, text: str, sources: Mapping[str, str]) -> Iterator[str]:
    for used, comment in re.findall(r"uses: (\S+)(.*)", text):
        if used.startswith("$/"):
            if used.removeprefix("$/.github/workflows/") not in sources:
                yield f"{name}: {used} does not exist"
        elif not re.search(r"@[0-9a-f]{40}$", used) or not re.fullmatch(r" # v\d+\.\d+\.\d+", comment):
            yield f"{name}: {used} is not pinned by a commit with its version in a comment"
        elif len(pins := set(re.findall(re.escape(used.partition("@")[0]) + r"@\S+", "".join(sources.values())))) > 1:
            yield f"{name}: {' and '.join(sorted(pins))} are different versions"
    if re.search(r"\bsecrets\b|access.key|session.token", text, re.IGNORECASE):
        yield f"{name}: a secret is used"


def _job_errors(job: Job) -> Iterator[str]:
    permissions = job.get("permissions")
    if not isinstance(permissions, dict) or not ALLOWED_PERMISSIONS.issuperset(permissions.items()):
        yield f"{permissions} are not the minimal permissions"
    elif "id-token" in permissions and not any(used.startswith(IDENTITY_USERS) for used in _uses(job)):
        yield "the job does not need an identity token"
    if "steps" in job and not 0 < job.get("timeout-minutes", 0) <= MAX_TIMEOUT_MINUTES:
        yield f"the job has no timeout of at most {MAX_TIMEOUT_MINUTES} minutes"


def _step_errors(job: Job, targets: Collection[str]) -> Iterator[str]:
    for step in job.get("steps", ()):
        script = step.get("run", "")
        if "${{" in script:
            yield "a script has an expression"
        for target in re.findall(r"\bmake ([a-z-]+)", script):
            if target not in targets:
                yield f"the Makefile has no target {target}"
        if (
            step.get("uses", "").startswith("actions/checkout@")
            and step["with"].get("persist-credentials") is not False
        ):
            yield "the Git credentials are persisted"


def _delivery_errors(deploy: dict[str, Any], stage: dict[str, Any]) -> Iterator[str]:
    """Yield errors that let another artefact reach production than the one that was tested and built."""
    jobs, start = deploy["jobs"], deploy[True]  # YAML 1.1 reads the key "on" as true.
    for name, before in NEEDS.items():
        if _needs(jobs[name]) != before:
            yield f"{name} does not wait for {' and '.join(sorted(before)) or 'nothing'}"
        if jobs[name].get("if") != IF[name]:
            yield f"{name} has another condition"
    for name, inputs in INPUTS.items():
        if jobs[name]["with"] != {"stage": name, **inputs}:
            yield f"{name} does not get the package of {'find' if name == 'production' else 'build'}"
    if set(start) != {"push", "workflow_dispatch"} or start["push"] != {"branches": ["main"]}:
        yield "a deployment starts by itself, and not for a push to main"
    yield from _concurrency_errors(deploy, stage)
    [job] = stage["jobs"].values()
    yield from _deployment_errors(job, job["steps"][-1])


def _concurrency_errors(deploy: dict[str, Any], stage: dict[str, Any]) -> Iterator[str]:
    if any(workflow["concurrency"]["cancel-in-progress"] is not False for workflow in (deploy, stage)):
        yield "a running deployment can be cancelled"
    if deploy["concurrency"]["group"] != "deploy-${{ inputs.stage || 'staging' }}":
        yield "a push to main can cancel a waiting production run"


def _deployment_errors(job: Job, last: dict[str, Any]) -> Iterator[str]:
    if job["environment"] != "${{ inputs.stage }}":
        yield "the job does not use the environment of the stage"
    if last["run"] != 'make deploy STAGE="${STAGE:?}" ARTIFACT="${ARTIFACT:?}" SHA256="${SHA256:?}"':
        yield "the stage does not deploy its inputs with a required digest"
    inputs = {name.upper(): f"${{{{ inputs.{name} }}}}" for name in ("stage", *PACKAGE)}
    if last["env"] != inputs | {"PARAMS": PARAMS}:
        yield "the environment variables are not the inputs of the stage"


def _needs(job: Job) -> set[str]:
    needs = job.get("needs", [])
    return {needs} if isinstance(needs, str) else set(needs)


def _uses(job: Job) -> list[str]:
    return [job.get("uses", ""), *(step.get("uses", "") for step in job.get("steps", ()))]
