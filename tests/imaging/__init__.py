"""Tests of the function that makes the sizes of photos."""
