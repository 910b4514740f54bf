"""Loads the café for minutes: what a core answers, how long callers wait, whether memory grows (``make load``)."""
