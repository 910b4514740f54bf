"""Rules for the repository itself: architecture, words, documentation, workflows and the OpenAPI gate."""
