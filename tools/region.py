"""The default AWS region of the tools. tools/serverless/region.cjs has the same rule for the serverless CLI."""

from __future__ import annotations

import argparse
import os

from botocore.session import Session

REGION = "eu-west-1"
"""The region if nothing selects one."""


def default_region() -> str:
    """Return AWS_REGION, AWS_DEFAULT_REGION, the region of the profile, or eu-west-1.

    Raises:
        BotoCoreError: the profile does not exist, or its file cannot be parsed.
    """
    environment = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return environment or Session().get_scoped_config().get("region") or REGION


def add_region_option(parser: argparse.ArgumentParser) -> None:
    """Add the option --region."""
    parser.add_argument("--region", default=default_region(), help="default: %(default)s")
