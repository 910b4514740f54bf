"""Tests of deployments to a local AWS: release, rollback, restore and roles."""
