"""The common part of the widgets: one base of live views, messages, words."""
