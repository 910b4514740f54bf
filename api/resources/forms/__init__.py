"""What the forms of the pages do: load, save, and return the path of the next page."""
