"""One file per noun: URL <-> domain. Authorise, load, precondition, validate, decide, write, answer."""
