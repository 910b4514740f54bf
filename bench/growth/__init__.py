"""Measures what reading costs in a café of any size: see docs/growth.md."""
