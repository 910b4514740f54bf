"""Every test here runs on a real DynamoDB emulator."""

from tests.support.engine_fixtures import broken, cafe, engine, inject_faults, mortal, opened

__all__ = ["broken", "cafe", "engine", "inject_faults", "mortal", "opened"]
