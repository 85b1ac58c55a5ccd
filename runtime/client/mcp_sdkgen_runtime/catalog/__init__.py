"""What is installed, and how it is read and searched."""
