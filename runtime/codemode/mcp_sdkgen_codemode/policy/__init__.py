"""The rule on each call, and the answers of a person who is asked."""
