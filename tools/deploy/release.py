"""Deploy a stage, run the smoke test, and roll back on failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import CliError, echo, error_message
from tools.deploy import osls
from tools.deploy.artefact import read
from tools.deploy.options import DeployOptions
from tools.deploy.smoke import SmokeFailed, smoke
from tools.deploy.stack import Deployment, Live, Stack

Osls = Callable[[list[str], str, str, Mapping[str, str]], bool]
"""Runs an osls command, given the stage, the region and the parameters. Returns whether it succeeded."""
FAILURES = (CliError, ClientError, BotoCoreError)


def release(options: DeployOptions, stack: Stack, run: Osls = osls.run) -> str:
    """Deploy a package or an image, and return the address of the API after the smoke test.

    Args:
        options: the options of the deployment.
        stack: the stack of the stage.
        run: runs osls.

    Raises:
        CliError: the deployment was refused or failed; the message names the version that is live.
    """
    try:
        before, known = stack.live(), stack.deployments()
    except FAILURES as failure:
        raise CliError(f"{error_message(failure).rstrip('.')}. Nothing was changed.") from None
    # --force, because osls skips a package that equals the last upload, and a rollback may have replaced that one.
    deployed = run(["deploy", "--force"], options.stage, options.region, options.cli_params)
    try:
        if not deployed:
            raise CliError(f"{stack.name} could not be deployed. The output of osls says why.")
        return _verify(options, stack)
    except FAILURES as failure:
        try:
            outcome = _roll_back(options, stack, before, run) if deployed else _describe_failed_update(stack, before)
            _delete_failed_artifacts(stack, known)
        except FAILURES as second:
            outcome = f"Check which version is live, because the rollback stopped: {error_message(second)}"
        raise CliError(f"{error_message(failure).rstrip('.')}. {outcome}") from None


def _verify(options: DeployOptions, stack: Stack) -> str:
    """Return the address, if the deployed code is live and passes the smoke test."""
    live, address = stack.live(), stack.address()
    if live is None or address is None:
        raise CliError(f"{stack.name} was deployed but has no address.")
    artefact = None if options.image else read(options.package)
    expected = artefact.digest if artefact else options.image.rpartition("sha256:")[2]
    if live.digest != expected:
        raise CliError(f"{stack.name} runs code with the SHA-256 {live.digest}, but {expected} was deployed.")
    smoke(address, artefact.version if artefact else None, options.patience)
    return address


def _roll_back(options: DeployOptions, stack: Stack, before: Live | None, run: Osls) -> str:
    """Roll back to the code and the template that were live before, and return a sentence about the outcome."""
    if before is None:
        return "This was the first deployment: there is no version to roll back to, and the failed version is live."
    if before.deployment is None:
        return f"The previous version is no longer in the deployment bucket. Live now: {stack.live()}."
    echo(f"The new version failed. Rolling back to {before}.")
    command = ["rollback", "--timestamp", str(before.deployment.milliseconds)]
    succeeded = run(command, options.stage, options.region, options.params)
    status, now = stack.wait_until_stable(), stack.live()
    if not succeeded or now != before:
        return f"The rollback to {before} failed too. Live now: {now}. The stack is in {status}."
    try:
        wrote = smoke(stack.address() or "", patience=options.patience)
    except SmokeFailed as failure:
        return f"Rolled back to {now}, which fails the smoke test too: {failure}"
    exception = "" if wrote else ", except for writes: its API has no registration"
    return f"Rolled back to {now}, which passes the smoke test{exception}."


def _describe_failed_update(stack: Stack, before: Live | None) -> str:
    """Return a sentence about the live version after CloudFormation has rolled back a failed update."""
    status, now = stack.wait_until_stable(), stack.live()
    live = "No version is live" if now is None else f"{'Still live' if now == before else 'Live now'}: {now}"
    return f"{live}. The stack is in {status}." if status and "FAILED" in status else f"{live}."


def _delete_failed_artifacts(stack: Stack, known: list[Deployment]) -> None:
    """Delete the artefacts of the failed deployment from the bucket.

    osls keeps only the last deployments, so repeated failures would delete the live one. Nothing is deleted if the live
    deployment is unknown, or if CloudFormation may still need the artefacts to recover the stack.
    """
    status, now = stack.status(), stack.live()
    if "FAILED" in (status or "") or (now is not None and now.deployment is None):
        return
    for deployment in stack.deployments():
        if deployment not in known and not (now and now.deployment == deployment):
            stack.delete_artifacts(deployment)
