"""The rules that every resource follows, run on each resource, and the permission matrix."""
