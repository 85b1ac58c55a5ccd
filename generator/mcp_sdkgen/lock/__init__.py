"""What is pinned for a server, and which version comes next."""
