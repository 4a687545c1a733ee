"""Choose: many clips one at a time, each marked by a key."""
