"""The development server: make run, its sample data and make demo-reset."""
