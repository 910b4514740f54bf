"""Fixtures of the benchmark tests."""

from tests.support.artefact import artefact
from tests.support.deploy_fixtures import engine_cafe, engine_environment

__all__ = ["artefact", "engine_cafe", "engine_environment"]
