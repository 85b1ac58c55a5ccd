"""One conversation with a server: lazy, blocking, retried, watched for drift."""
