"""Sessions inside a sandbox, whose calls the host makes."""
