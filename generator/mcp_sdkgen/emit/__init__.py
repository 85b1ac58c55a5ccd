"""From the IR to files: rendering, formatting, package data."""
