"""Benchmark of the cost of requests with a growing number of cats and to-dos (``make growth``)."""
