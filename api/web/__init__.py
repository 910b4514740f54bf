"""HTML templates, static files and the Atom feed."""
