"""Models that write programs: chat, providers, and adapters for frameworks."""
