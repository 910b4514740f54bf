"""The templates of the pages as Python modules, so that a new process does not compile them for its first page."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.cli import CliError
from tools.package.target import Target, python_environment

TEMPLATES = Path("api", "web", "templates")
COMPILED = Path("api", "web", "compiled")
"""The folder of the modules. ``App`` in ``api/http/routing.py`` loads them in place of the templates."""

COMPILE = """
import sys
from flask import Flask
task, templates, compiled = sys.argv[1:]
environment = Flask("api", root_path=task, template_folder=templates).jinja_env
environment.compile_templates(compiled, zip=None, ignore_errors=False)
"""
"""It runs with Flask and Jinja of the package, because the packager has no other packages."""


def compile_templates(target: Target, task: Path) -> None:
    """Replace the templates of a package by modules.

    Args:
        target: the target of the package; its Python reads the packages, which are compiled for it.
        task: the folder of the package.
    """
    command = [target.interpreter(), "-B", "-S", "-s", "-c", COMPILE, str(task), str(TEMPLATES), str(task / COMPILED)]
    if subprocess.run(command, check=False, env=python_environment(PYTHONPATH=str(task))).returncode:
        raise CliError("The templates of the pages could not be compiled (see above).")
    shutil.rmtree(task / TEMPLATES)
