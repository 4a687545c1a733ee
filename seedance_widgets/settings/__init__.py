"""Settings from the environment, and where the API key is found."""
