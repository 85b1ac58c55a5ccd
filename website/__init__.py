"""Makes the site of `docs/`, the reference included: `python -m website`, or `make docs`."""
