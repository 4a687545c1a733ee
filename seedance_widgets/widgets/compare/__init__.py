"""Compare: clips side by side on one transport."""
