"""Blocking code over async sessions, and context managers owned by one task."""
