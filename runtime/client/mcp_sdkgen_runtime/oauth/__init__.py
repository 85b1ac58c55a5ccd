"""OAuth 2.1: providers and the store of tokens."""
