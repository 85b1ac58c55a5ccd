"""The host's end of a sandbox's only channel."""
