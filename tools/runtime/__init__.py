"""Lambda's own part on this machine: the Runtime API, and the packaged function as an execution environment runs it."""
