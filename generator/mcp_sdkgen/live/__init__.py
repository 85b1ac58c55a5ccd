"""A server's tools called as they are now, without an SDK."""
