"""Search over tools by words, intents and meaning."""
