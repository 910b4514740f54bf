"""Every test here runs on a real DynamoDB emulator."""

from tests.support.engine_fixtures import cafe, engine, inject_faults, killable_engine, make_app, make_broken_app

__all__ = ["cafe", "engine", "inject_faults", "killable_engine", "make_app", "make_broken_app"]
