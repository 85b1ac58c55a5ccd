"""Verbs that look after the installation and logins."""
