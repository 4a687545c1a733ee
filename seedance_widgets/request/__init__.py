"""The request to the API: its options, their checks, caps, templates and snippets. Pure."""
