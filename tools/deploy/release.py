"""Brings a package to a stage, tries it there, and brings back what was there before if it does not work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import CliError, echo, error_message
from tools.deploy import osls
from tools.deploy.artefact import Artefact
from tools.deploy.options import DeployOptions
from tools.deploy.smoke import SmokeFailed, smoke
from tools.deploy.stack import Deployment, Live, Stack

Osls = Callable[[list[str], str, str, Mapping[str, str]], bool]
"""Runs a command of the serverless CLI: its words, the stage, the region and the parameters; says if it succeeded."""
FAILURES = (CliError, ClientError, BotoCoreError)


def release(order: DeployOptions, artefact: Artefact | None, stack: Stack, run: Osls = osls.run) -> str:
    """Deploy a package, or the image of the order, and return the address where it has been seen to work.

    Args:
        order: what is asked for.
        artefact: the package, unless it is an image.
        stack: the stage's.
        run: runs osls.

    Raises:
        CliError: it does not work; says why, and what is live now.
    """
    before, known = stack.live(), stack.deployments()
    own = {"runtime": order.runtime, "architecture": order.architecture}
    own |= {"artifact": str(artefact.path), "sha256": artefact.digest} if artefact else {}
    # Forced: osls would compare with what was uploaded last, and that may have been taken back.
    deployed = run(["deploy", "--force"], order.stage, order.region, own | order.params)
    try:
        if not deployed:
            raise CliError(f"{stack.name} could not be deployed: osls says why, above.")
        return _verify(order, stack, artefact)
    except FAILURES as failure:
        try:
            # What could not be tried is not left there either.
            outcome = _roll_back(order, stack, before, run) if deployed else _describe_failed_update(stack, before)
            _delete_failed_artifacts(stack, known)
        except FAILURES as second:
            outcome = f"What is live now has to be looked at, for then: {error_message(second)}"
        raise CliError(f"{error_message(failure).rstrip('.')}. {outcome}") from None


def _verify(order: DeployOptions, stack: Stack, artefact: Artefact | None) -> str:
    """Return the address, if what runs there is what was ordered, and works."""
    live, address = stack.live(), stack.address()
    if live is None or address is None:
        raise CliError(f"{stack.name} was deployed and has no address.")
    ordered = artefact.digest if artefact else (order.image or "").rpartition("sha256:")[2]
    if live.digest != ordered:
        raise CliError(f"{stack.name} runs code with the SHA-256 {live.digest}, and {ordered} was ordered.")
    smoke(address, artefact.version if artefact else None, order.patience)
    return address


def _roll_back(order: DeployOptions, stack: Stack, before: Live | None, run: Osls) -> str:
    """Bring back the code and the template that were live before, and say what came of it."""
    if before is None:
        return "It was the first deployment, with nothing to go back to: it is live, and does not work."
    if before.deployment is None:
        return f"What was live before is no longer in the deployment bucket: live now is {stack.live()}."
    echo(f"The new version does not work: going back to {before}.")
    command = ["rollback", "--timestamp", str(before.deployment.milliseconds)]
    done = run(command, order.stage, order.region, order.params)
    status, now = stack.wait_until_stable(), stack.live()
    if not done or now != before:
        return f"Going back to {before} failed too: live now is {now}, and the stack is in {status}."
    try:
        smoke(stack.address() or "", patience=order.patience)
    except SmokeFailed as failure:
        return f"Live again is {now}, and it does not work either: {failure}"
    return f"Live again is {now}, and it works."


def _describe_failed_update(stack: Stack, before: Live | None) -> str:
    """Say what is live after CloudFormation has refused a change, and has taken back what it had done of it."""
    status, now = stack.wait_until_stable(), stack.live()
    live = "Nothing is live" if now is None else f"Live {'is still' if now == before else 'now is'} {now}"
    return f"{live}; the stack is in {status}." if status and "FAILED" in status else f"{live}."


def _delete_failed_artifacts(stack: Stack, known: list[Deployment]) -> None:
    """Leave no package in the bucket that has just failed, unless it is live all the same.

    osls keeps the last few: a row of failures would push out the one that is live, the only one to go back to. Where it
    is not known what is live, or CloudFormation has not ended well and may need it, nothing is taken away.
    """
    status, now = stack.status(), stack.live()
    if "FAILED" in (status or "") or (now is not None and now.deployment is None):
        return
    for deployment in stack.deployments():
        if deployment not in known and not (now and now.deployment == deployment):
            stack.delete_artifacts(deployment)
