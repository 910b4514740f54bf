"""Checks and generators of `make check` and `make docs`: OpenAPI changes, templates, the page of permissions."""
