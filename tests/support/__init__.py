"""Helpers that are not tests: the test app, clients, factories, fault injection and broken variants."""
