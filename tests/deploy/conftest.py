"""Fixtures of the Lambda function and of the deployment artefacts."""

from tests.support.artefact import artefact
from tests.support.deploy_fixtures import (
    engine_cafe,
    engine_environment,
    function,
    gateway,
    import_handler,
    staff,
)
from tests.support.images import base, image, lambda_base, local_image

__all__ = [
    "artefact", "base", "engine_cafe", "engine_environment", "function", "gateway", "image", "import_handler",
    "lambda_base", "local_image", "staff",
]  # fmt: skip
