"""The resources: a module for each family of URLs. They have no business rules."""
