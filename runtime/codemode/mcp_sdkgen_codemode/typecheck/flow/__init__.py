"""Where the values of a program come from, and what it puts together."""
