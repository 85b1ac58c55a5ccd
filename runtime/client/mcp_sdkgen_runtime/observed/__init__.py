"""Recording answers of tools that declare no output schema."""
