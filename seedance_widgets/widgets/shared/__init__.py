"""What the widgets share: one model of live clips, messages, words."""
