"""What a generated client class extends."""
