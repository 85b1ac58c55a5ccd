"""Notations of values with names, in which an argument may hold a secret."""
