"""Unit tests of api/store/."""
