"""Unit tests of api/domain/ and api/settings.py."""
