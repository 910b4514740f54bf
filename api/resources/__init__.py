"""The URLs: one module for each family of paths. They have no business rules."""
