"""Verbs that check, run and find programs and tools."""
