"""The rules of HTTP, each in one place. It knows Flask and no noun of the café."""
