"""Benchmarks of cold starts and warm requests, compared with other frameworks (``make bench``)."""
