"""Clowder: the serverless backend of a cat café or a small cat rescue."""

__version__ = "0.2.0"
