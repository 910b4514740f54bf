"""Writes templates for linters to read: ``python -m tools.template [STAGE...]`` makes dist/template-STAGE.json."""

from __future__ import annotations

import argparse
import json

from tools.deploy import service
from tools.problem import run_command
from tools.template.compiling import compile_template


def main() -> None:
    """Compile the template of each stage that is named, or of all."""
    parser = argparse.ArgumentParser(prog="python -m tools.template", description="Compiles CloudFormation templates.")
    parser.add_argument("stage", nargs="*", help="one of the stages in serverless.yml")
    folder = service.ROOT / "dist"
    folder.mkdir(exist_ok=True)
    for stage in parser.parse_args().stage or service.stages():
        template = json.dumps(compile_template(stage), indent=2)
        (folder / f"template-{stage}.json").write_text(template, encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
