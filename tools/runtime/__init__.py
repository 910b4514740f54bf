"""A local Lambda: the Runtime API, and a sandbox that runs the package as an execution environment does."""
