"""The forms of the pages: which fields each of them has."""
