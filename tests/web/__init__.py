"""Unit tests of api/web/."""
