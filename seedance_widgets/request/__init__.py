"""What is asked of the API: its options, their checks, caps, templates and snippets. Pure."""
