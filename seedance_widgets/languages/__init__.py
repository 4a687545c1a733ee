"""What stands on pages in other languages than English: one catalogue a language, such as `th.json`."""
