"""The OpenAPI document. Only requests for it import this package."""
