"""Golden items: the items of every kind as each release has stored them. See ``tests/support/golden.py``."""
