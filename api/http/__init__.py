"""The rules of HTTP, one module for each. They know Flask and no entity."""
