"""A session: how there comes to be one, and everything that can be done with it."""
