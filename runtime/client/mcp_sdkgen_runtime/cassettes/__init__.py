"""Recorded calls of a session, to replay."""
