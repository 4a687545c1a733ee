"""Files of clips: what kind they are, what is in them, what they are called, and the story beside them."""
