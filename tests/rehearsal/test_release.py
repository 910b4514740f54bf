"""Test releases and rollbacks on a fake AWS that fails on demand.

test_rehearsal.py tests the same tools with osls and a local AWS.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from api import __version__
from tests.support.fake_aws import (
    BROKEN,
    WITHOUT_LOGINS,
    WITHOUT_REGISTRATION,
    WITHOUT_WRITES,
    FakeAws,
    FakeOsls,
)
from tests.support.served_apps import App, app, served, with_response
from tools.cli import CliError
from tools.deploy.options import DeployOptions
from tools.deploy.release import release
from tools.deploy.smoke import JSON
from tools.deploy.stack import Deployment, Stack

__all__ = ["app"]


@dataclass
class FakeStage:
    """A stage on a fake AWS."""

    aws: FakeAws
    osls: FakeOsls
    folder: Path

    @property
    def stack(self) -> Stack:
        return Stack(self.aws, "staging")

    @property
    def deployments(self) -> list[Deployment]:
        """Return the deployments in the deployment bucket."""
        return self.stack.deployments()

    def deploy(self, content: bytes) -> str:
        """Deploy a package and return the URL."""
        package = self.folder / "package.zip"
        package.write_bytes(zipped(content))
        return release(options(artifact=package), self.stack, self.osls)

    def deploy_image(self, digest: str) -> str:
        """Deploy an image and return the URL."""
        params = {"packageType": "image", "image": f"registry/clowder@sha256:{digest}"}
        return release(options(params), self.stack, self.osls)

    def deploy_failure(self, content: bytes) -> str:
        """Deploy a package that fails, and return the error message."""
        with pytest.raises(CliError) as error:
            self.deploy(content)
        return str(error.value)


def options(params: dict[str, str] | None = None, artifact: Path | None = None) -> DeployOptions:
    return DeployOptions("staging", "eu-west-1", artifact=artifact, params=params or {}, patience=0)


def zipped(content: bytes) -> bytes:
    """Return a package whose bytes contain the content."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in {"api/__init__.py": f'__version__ = "{__version__}"\n', "content": content}.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of the package with a content."""
    return hashlib.sha256(zipped(content)).hexdigest()


@pytest.fixture
def stage(app: App, tmp_path: Path) -> Iterator[FakeStage]:
    """Return an empty stage. Its function serves a working app, or errors if the package is broken."""
    aws = FakeAws()
    error = "500 Internal Server Error", "text/plain", b"broken"
    failing = {
        BROKEN: with_response("*", *error)(app),
        WITHOUT_WRITES: with_response("*", *error, method="P*")(app),
        WITHOUT_LOGINS: with_response("/sessions", *error)(app),
        WITHOUT_REGISTRATION: with_response("/openapi.json", "200 OK", JSON, b'{"paths": {"/cats": {}}}')(app),
    }

    def function(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        served_app = next((broken for content, broken in failing.items() if content in aws.code), app)
        return served_app(environ, start)

    with served(function) as aws.address:
        yield FakeStage(aws, FakeOsls(aws), tmp_path)


def test_a_working_release_is_live_with_the_digest_of_its_package(stage: FakeStage) -> None:
    assert stage.deploy(b"one") == stage.deploy(b"two") == stage.aws.address
    live = stage.stack.live()
    assert live is not None
    assert live.deployment == stage.deployments[-1]
    assert live.digest == digest_of(b"two")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (BROKEN, "/health did not return"),
        (WITHOUT_WRITES, "POST /users did not return a new user"),
        (WITHOUT_LOGINS, "POST /sessions did not return a token"),
    ],
)
def test_a_failed_release_is_rolled_back_with_a_non_ascii_template(
    content: bytes, problem: str, stage: FakeStage
) -> None:
    stage.deploy(b"one")
    before, deployments = stage.stack.live(), stage.deployments
    message = stage.deploy_failure(content)
    assert message.startswith(problem)
    assert message.endswith(f"Rolled back to {before}, which passes the smoke test.")
    assert (stage.stack.live(), stage.deployments) == (before, deployments)


def test_a_failed_first_release_stays_live(stage: FakeStage) -> None:
    assert stage.deploy_failure(BROKEN).endswith(
        "This was the first deployment: there is no version to roll back to, and the failed version is live."
    )
    assert len(stage.deployments) == 1
    assert stage.deploy(b"two") == stage.aws.address


def test_a_release_with_another_digest_is_rolled_back(stage: FakeStage) -> None:
    stage.deploy(b"one")
    stage.osls.replacement = b"another package"
    digests = [hashlib.sha256(stage.osls.replacement).hexdigest(), digest_of(b"two")]
    message = stage.deploy_failure(b"two")
    assert message.startswith("clowder-staging runs code with the SHA-256 {}, but {} was deployed.".format(*digests))
    assert message.endswith("which passes the smoke test.")


def test_without_the_old_package_there_is_no_rollback(stage: FakeStage) -> None:
    stage.deploy(b"one")
    stage.aws.objects.clear()
    message = stage.deploy_failure(BROKEN)
    live = stage.stack.live()
    assert message.endswith(f"The previous version is no longer in the deployment bucket. Live now: {live}.")
    assert stage.deployments == [live and live.deployment]


def test_if_the_live_deployment_is_unknown_nothing_is_deleted(stage: FakeStage) -> None:
    stage.deploy(b"one")
    stage.aws.objects.clear()
    stage.osls.update_fails = True
    live = stage.stack.live()
    assert stage.deploy_failure(b"two").endswith(f"Still live: {live}.")
    assert str(live).startswith("an unknown deployment")
    assert len(stage.deployments) == 1


def test_a_failed_rollback_keeps_the_live_deployment(stage: FakeStage) -> None:
    stage.deploy(b"one")
    before = stage.stack.live()
    [package] = [key for key in stage.aws.objects if key.endswith(".zip")]
    del stage.aws.objects[package]
    message = stage.deploy_failure(BROKEN)
    live = stage.stack.live()
    assert message.endswith(f"The rollback to {before} failed too. Live now: {live}. The stack is in UPDATE_COMPLETE.")
    assert live is not None
    assert live.deployment in stage.deployments


def test_a_rollback_to_a_broken_version_is_reported(stage: FakeStage) -> None:
    stage.deploy_failure(b"one is " + BROKEN)
    before = stage.stack.live()
    message = stage.deploy_failure(b"two is " + BROKEN)
    assert f"Rolled back to {before}, which fails the smoke test too: /health did not return" in message


def test_a_rollback_to_an_api_without_registration_says_that_no_write_was_tested(stage: FakeStage) -> None:
    stage.deploy(b"one " + WITHOUT_REGISTRATION)
    before = stage.stack.live()
    message = stage.deploy_failure(BROKEN)
    assert message.endswith(
        f"Rolled back to {before}, which passes the smoke test, except for writes: its API has no registration."
    )


def test_a_deployment_that_cloudformation_rolls_back_is_deleted(stage: FakeStage) -> None:
    stage.deploy(b"one")
    before, deployments = stage.stack.live(), stage.deployments
    stage.osls.update_fails = True
    assert stage.deploy_failure(b"two").endswith(f"The output of osls says why. Still live: {before}.")
    assert stage.deployments == deployments


def test_a_deployment_is_preserved_if_the_cloudformation_rollback_failed(stage: FakeStage) -> None:
    stage.deploy(b"one")
    stage.osls.update_fails, stage.aws.status = True, "UPDATE_ROLLBACK_FAILED"
    assert stage.deploy_failure(b"two").endswith("The stack is in UPDATE_ROLLBACK_FAILED.")
    assert len(stage.deployments) == 2


def test_expired_credentials_do_not_hide_the_failure(stage: FakeStage) -> None:
    stage.deploy(b"one")
    stage.osls.loses_credentials = True
    expired = "AWS refused Call: The security token included in the request is expired"
    assert (
        stage.deploy_failure(BROKEN)
        == f"{expired}. Check which version is live, because the rollback stopped: {expired}"
    )


def test_a_failed_image_release_is_rolled_back(stage: FakeStage) -> None:
    stage.osls.description = "plain"
    old, new = "1" * 64, "2" * 64
    assert stage.deploy_image(old) == stage.aws.address
    before = stage.stack.live()
    assert before is not None
    assert (before.digest, before.deployment) == (old, stage.deployments[0])
    stage.osls.replacement = b"3" * 64
    with pytest.raises(CliError, match=f"SHA-256 3{{64}}, but {new} was deployed.* Rolled back to .* passes the smoke"):
        stage.deploy_image(new)
    assert stage.stack.live() == before
