"""Showing somebody else: what a clip was made from, and jobs packed into one file."""
