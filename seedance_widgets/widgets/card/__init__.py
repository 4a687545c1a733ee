"""The card of one job: live, then replaced by one that needs no kernel."""
