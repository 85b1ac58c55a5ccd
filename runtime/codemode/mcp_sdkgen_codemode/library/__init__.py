"""Saved programs."""
