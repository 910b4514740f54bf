"""Measures what a caller waits for and what an operator pays for; ``make bench`` runs it."""
