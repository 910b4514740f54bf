"""The rules alone: no Flask, no AWS."""
