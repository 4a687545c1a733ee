"""The command `seedance`."""
