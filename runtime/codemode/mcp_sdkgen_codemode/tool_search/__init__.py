"""Search over tools by words and by meaning."""
