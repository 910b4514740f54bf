"""What people see: templates, static files, feeds."""
