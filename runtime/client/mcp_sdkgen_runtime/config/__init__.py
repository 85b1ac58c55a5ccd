"""Where servers are and how to log in: bindings, configuration files, secrets."""
