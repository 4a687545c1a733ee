"""Text from outside: made printable, and links without their secrets. Standard library only."""
