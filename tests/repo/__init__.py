"""Tests of the repository: architecture, documentation, workflows and changes of the OpenAPI document."""
