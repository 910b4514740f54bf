"""What must hold of the workflows besides what their schemas and zizmor say (``make check-ci``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

ALLOWED = {("contents", "read"), ("id-token", "write"), ("attestations", "write")}
"""The permissions that a job may have."""
IDENTITY = (
    "aws-actions/configure-aws-credentials@",
    "actions/attest-build-provenance@",
    "$/.github/workflows/stage.yml",
)
"""What a job may want an identity token for."""
MINUTES = 60
PACKAGE = ("artifact", "sha256")
"""What a stage is given of the package."""

Job = dict[str, Any]


def faults(sources: Mapping[str, str], targets: Collection[str]) -> list[str]:
    """Return what is wrong, in words.

    Args:
        sources: the workflows' texts, by the names of their files.
        targets: the targets of the Makefile.
    """
    read = {name: yaml.safe_load(text) for name, text in sources.items()}
    found = [fault for name, text in sources.items() for fault in _of_the_text(name, text, sources)]
    for name, workflow in read.items():
        if workflow.get("permissions") != {}:
            found.append(f"{name}: every job asks for its own permissions, and the workflow for none")
        for job, what in workflow["jobs"].items():
            found += [f"{name}, {job}: {fault}" for fault in (*_of_a_job(what), *_of_its_steps(what, targets))]
    return [*found, *_of_delivery(read["deploy.yml"], read["stage.yml"])]


def _of_the_text(name: str, text: str, sources: Mapping[str, str]) -> Iterator[str]:
    for used, comment in re.findall(r"uses: (\S+)(.*)", text):
        if used.startswith("$/"):
            if used.removeprefix("$/.github/workflows/") not in sources:
                yield f"{name}: there is no {used}"
        elif not re.search(r"@[0-9a-f]{40}$", used) or not re.fullmatch(r" # v\d+\.\d+\.\d+", comment):
            yield f"{name}: {used} is not pinned by a commit, with its version beside it"
        elif len(pins := set(re.findall(re.escape(used.partition("@")[0]) + r"@\S+", "".join(sources.values())))) > 1:
            yield f"{name}: {' and '.join(sorted(pins))} are two versions"
    if re.search(r"\bsecrets\b|access.key|session.token", text, re.IGNORECASE):
        yield f"{name}: a secret is stored"


def _of_a_job(job: Job) -> Iterator[str]:
    asked = job.get("permissions")
    if not isinstance(asked, dict) or not ALLOWED.issuperset(asked.items()):
        yield f"{asked} are no least permissions"
    elif "id-token" in asked and not any(used.startswith(IDENTITY) for used in _uses(job)):
        yield "it may have an identity token, and has no use for one"
    if "steps" in job and not 0 < job.get("timeout-minutes", 0) <= MINUTES:
        yield "it has no timeout"


def _of_its_steps(job: Job, targets: Collection[str]) -> Iterator[str]:
    for step in job.get("steps", ()):
        script = step.get("run", "")
        if "${{" in script:
            yield "a script has a value in it that comes from outside"
        for target in re.findall(r"\bmake ([a-z-]+)", script):
            if target not in targets:
                yield f"the Makefile has no {target}"
        if (
            step.get("uses", "").startswith("actions/checkout@")
            and step["with"].get("persist-credentials") is not False
        ):
            yield "what it runs can read the credentials of git"


def _of_delivery(deploy: dict[str, Any], stage: dict[str, Any]) -> Iterator[str]:
    """Yield what keeps the artefact that was tested, built and tried from being the one in production."""
    jobs, package = deploy["jobs"], {name: f"${{{{ needs.build.outputs.{name} }}}}" for name in PACKAGE}
    for name, before in {"build": {"test"}, "staging": {"build"}, "production": {"build", "staging"}}.items():
        if _needs(jobs[name]) != before:
            yield f"{name} does not wait for {' and '.join(sorted(before))}"
    for name in ("staging", "production"):
        if jobs[name]["with"] != {"stage": name, **package}:
            yield f"{name} is not given what was built"
    if any(workflow["concurrency"]["cancel-in-progress"] is not False for workflow in (deploy, stage)):
        yield "a deployment can be cancelled midway"
    [job] = stage["jobs"].values()
    yield from _of_a_deployment(job, job["steps"][-1])


def _of_a_deployment(job: Job, last: dict[str, Any]) -> Iterator[str]:
    if job["environment"] != "${{ inputs.stage }}":
        yield "no environment guards the stage"
    if last["run"] != 'make deploy STAGE="${STAGE:?}" ARTIFACT="${ARTIFACT:?}" SHA256="${SHA256:?}"':
        yield "the stage does not deploy what it is given, or does not hold it against its digest"
    given = {name.upper(): f"${{{{ inputs.{name} }}}}" for name in ("stage", *PACKAGE)}
    if last["env"] != given | {"PARAMS": "${{ vars.PARAMS }}"}:
        yield "the stage deploys something else than it is given"


def _needs(job: Job) -> set[str]:
    named = job["needs"]
    return {named} if isinstance(named, str) else set(named)


def _uses(job: Job) -> list[str]:
    return [job.get("uses", ""), *(step.get("uses", "") for step in job.get("steps", ()))]
