"""The HTML pages in Chromium."""
