"""What a model is told, and how much of it fits."""
