"""What the Makefile and CI run to install, build and try a checkout. It is not released."""
