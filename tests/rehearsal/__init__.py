"""A deployment to a local AWS: release, rollback, restore and roles."""
