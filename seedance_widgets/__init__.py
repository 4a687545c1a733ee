"""AI video in a notebook."""
