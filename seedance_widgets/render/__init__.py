"""Tables and text as people read them: in a terminal, on a page, in a picture."""
