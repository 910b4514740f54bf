"""Test the steps of ``make rehearse``. Each step depends on the steps before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tools.package.build import Package
from tools.rehearsal.environment import Environment
from tools.rehearsal.scenario import STEPS, Rehearsal

Step = Callable[[Rehearsal], str]


@pytest.fixture(scope="module")
def rehearsal(stage: Environment, artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """Return a rehearsal of the package."""
    return Rehearsal(stage, artefact.path, tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__doc__)
def test_each_step_of_the_rehearsal_passes(step: Step, rehearsal: Rehearsal) -> None:
    assert step(rehearsal)
