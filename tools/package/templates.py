"""The templates of the pages as Python modules, so that a new process does not compile them for its first page."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

TEMPLATES = Path("api", "web", "templates")
COMPILED = Path("api", "web", "compiled")
"""The folder of the modules. ``App`` in ``api/http/routing.py`` loads them in place of the templates."""


def compile_templates(task: Path) -> None:
    """Write a module for each template of a package.

    Args:
        task: the folder of the package.
    """
    environment = Flask("api", root_path=str(task), template_folder=str(TEMPLATES)).jinja_env
    environment.compile_templates(task / COMPILED, zip=None, ignore_errors=False)
