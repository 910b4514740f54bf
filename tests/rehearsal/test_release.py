"""What a deployment that does not work leaves behind, on an AWS that can be made to fail wherever one likes.

That osls and AWS do what stands for them here is seen in test_rehearsal.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api import __version__
from tests.support.fake_aws import BROKEN, Aws, Osls
from tests.support.served_apps import App, app, served
from tools.cli import CliError
from tools.deploy import preflight
from tools.deploy.artefact import Artefact
from tools.deploy.options import DeployOptions
from tools.deploy.release import release
from tools.deploy.stack import Deployment, Stack

__all__ = ["app"]


@dataclass
class Place:
    """A stage, and those who deploy to it."""

    aws: Aws
    osls: Osls
    folder: Path

    @property
    def stack(self) -> Stack:
        return Stack(self.aws, "staging")

    @property
    def kept(self) -> list[Deployment]:
        """What is in the deployment bucket."""
        return self.stack.deployments()

    def deploy(self, content: bytes) -> str:
        """Deploy a package, and return the address."""
        package = self.folder / "package.zip"
        package.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return release(order(), Artefact(package, digest, __version__), self.stack, self.osls)

    def deploy_image(self, digest: str) -> str:
        """Deploy an image, and return the address."""
        params = {"packageType": "image", "image": f"registry/clowder@sha256:{digest}"}
        return release(order(params), None, self.stack, self.osls)

    def failure(self, content: bytes) -> str:
        """Deploy a package, and return why that has failed."""
        with pytest.raises(CliError) as failed:
            self.deploy(content)
        return str(failed.value)


def order(params: dict[str, str] | None = None) -> DeployOptions:
    return DeployOptions("staging", "eu-west-1", "python3.13", "arm64", params=params or {}, patience=0)


@pytest.fixture
def place(app: App, tmp_path: Path) -> Iterator[Place]:
    """A stage of which nothing is deployed yet. What is deployed is served: the café, or what is broken."""
    aws = Aws()

    def function(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if BROKEN not in aws.code:
            return app(environ, start)
        start("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [b"broken on purpose"]

    with served(function) as aws.address:
        yield Place(aws, Osls(aws), tmp_path)


def test_what_works_stays_and_is_known_by_its_package(place: Place) -> None:
    assert place.deploy(b"one") == place.deploy(b"two") == place.aws.address
    live = place.stack.live()
    assert live is not None
    assert live.deployment == place.kept[-1]
    assert live.digest == hashlib.sha256(b"two").hexdigest()


def test_what_fails_is_taken_back_though_cloudformation_garbles_the_template(place: Place) -> None:
    place.deploy(b"one")
    before, kept = place.stack.live(), place.kept
    said = place.failure(BROKEN)
    assert said.startswith("/health did not return")
    assert said.endswith(f"Rolled back to {before}, which passes the smoke test.")
    assert (place.stack.live(), place.kept) == (before, kept)


def test_a_first_failure_has_nothing_to_go_back_to_and_stays(place: Place) -> None:
    assert place.failure(BROKEN).endswith(
        "This was the first deployment: there is no version to roll back to, and the failed version is live."
    )
    assert len(place.kept) == 1
    assert place.deploy(b"two") == place.aws.address


def test_code_that_is_not_the_packages_is_taken_back(place: Place) -> None:
    place.deploy(b"one")
    place.osls.swaps = b"somebody else's"
    digests = [hashlib.sha256(content).hexdigest() for content in (place.osls.swaps, b"two")]
    said = place.failure(b"two")
    assert said.startswith("clowder-staging runs code with the SHA-256 {}, but {} was deployed.".format(*digests))
    assert said.endswith("which passes the smoke test.")


def test_whose_package_is_gone_is_not_gone_back_to_and_nothing_else_is_removed(place: Place) -> None:
    place.deploy(b"one")
    place.aws.objects.clear()
    said = place.failure(BROKEN)
    live = place.stack.live()
    assert said.endswith(f"The previous version is no longer in the deployment bucket. Live now: {live}.")
    assert place.kept == [live and live.deployment]


def test_where_it_is_not_known_what_is_live_nothing_is_removed(place: Place) -> None:
    place.deploy(b"one")
    place.aws.objects.clear()
    place.osls.refuses = True
    live = place.stack.live()
    assert place.failure(b"two").endswith(f"Still live: {live}.")
    assert str(live).startswith("an unknown deployment")
    assert len(place.kept) == 1


def test_going_back_can_fail_too_and_what_is_live_then_stays(place: Place) -> None:
    place.deploy(b"one")
    before = place.stack.live()
    [package] = [key for key in place.aws.objects if key.endswith(".zip")]
    del place.aws.objects[package]
    said = place.failure(BROKEN)
    live = place.stack.live()
    assert said.endswith(f"The rollback to {before} failed too. Live now: {live}. The stack is in UPDATE_COMPLETE.")
    assert live is not None
    assert live.deployment in place.kept


def test_what_was_there_before_may_not_work_either(place: Place) -> None:
    place.failure(b"one is " + BROKEN)
    before = place.stack.live()
    said = place.failure(b"two is " + BROKEN)
    assert f"Rolled back to {before}, which fails the smoke test too: /health did not return" in said


def test_what_cloudformation_takes_back_is_removed(place: Place) -> None:
    place.deploy(b"one")
    before, kept = place.stack.live(), place.kept
    place.osls.refuses = True
    assert place.failure(b"two").endswith(f"The output of osls says why. Still live: {before}.")
    assert place.kept == kept


def test_what_cloudformation_may_need_is_not_removed(place: Place) -> None:
    place.deploy(b"one")
    place.osls.refuses, place.aws.status = True, "UPDATE_ROLLBACK_FAILED"
    assert place.failure(b"two").endswith("The stack is in UPDATE_ROLLBACK_FAILED.")
    assert len(place.kept) == 2


def test_lost_credentials_hide_no_failure(place: Place) -> None:
    place.deploy(b"one")
    place.osls.forgets = True
    lost = "AWS refused Call: The security token included in the request is expired"
    assert place.failure(BROKEN) == f"{lost}. Check which version is live, because the rollback stopped: {lost}"


def test_an_image_is_known_by_its_digest_and_gone_back_to_by_its_template(place: Place) -> None:
    place.osls.description = "plain"
    one, two = "1" * 64, "2" * 64
    assert place.deploy_image(one) == place.aws.address
    before = place.stack.live()
    assert before is not None
    assert (before.digest, before.deployment) == (one, place.kept[0])
    place.osls.swaps = b"3" * 64
    with pytest.raises(CliError, match=f"SHA-256 3{{64}}, but {two} was deployed.* Rolled back to .* passes the smoke"):
        place.deploy_image(two)
    assert place.stack.live() == before


@pytest.mark.parametrize(("live", "other"), [("zip", "image"), ("image", "zip")])
def test_a_package_never_becomes_an_image_under_the_same_name(live: str, other: str, place: Place) -> None:
    for kind in (live, other):
        preflight.check_package_type(place.stack, kind)
    place.deploy(b"one") if live == "zip" else place.deploy_image("1" * 64)
    preflight.check_package_type(place.stack, live)
    with pytest.raises(CliError) as stopped:
        preflight.check_package_type(place.stack, other)
    assert str(stopped.value) == (
        f"clowder-staging has packageType {live}, and Lambda cannot change it to {other}. "
        "Deploy to another stage. Nothing was changed."
    )
