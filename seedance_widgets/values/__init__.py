"""Values as people give them."""
