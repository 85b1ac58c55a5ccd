"""Log records, spans, and the redaction of secrets in both."""
