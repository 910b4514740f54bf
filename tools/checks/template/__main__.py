"""Write dist/template-STAGE.json for the linters: ``python -m tools.checks.template [STAGE...]``."""

from __future__ import annotations

import argparse
import json

from tools.checks.template.compile import compile_template
from tools.cli import run_main
from tools.deploy import serverless_config


def main() -> None:
    """Compile the templates of the given stages, or of all stages."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.checks.template", description="Compile CloudFormation templates."
    )
    parser.add_argument("stage", nargs="*", help="a stage in serverless.yml")
    folder = serverless_config.ROOT / "dist"
    folder.mkdir(exist_ok=True)
    for stage in parser.parse_args().stage or serverless_config.stages():
        template = json.dumps(compile_template(stage), indent=2)
        (folder / f"template-{stage}.json").write_text(template, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
