"""Checks and generators for `make check` and `make docs`: OpenAPI changes, templates and the permissions page."""
