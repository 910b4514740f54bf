"""The compiled CloudFormation templates."""

from tests.support.template import compile_stage, full_production, production, stage, template

__all__ = ["compile_stage", "full_production", "production", "stage", "template"]
