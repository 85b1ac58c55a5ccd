"""A generated package on disk: verified, written, built as a wheel."""
