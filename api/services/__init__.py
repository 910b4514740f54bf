"""Use cases: read, decide, write. No Flask and no request: tools use them too."""
