"""Verbs that put code mode before a model or a host."""
