"""Recorded answers, and the result types inferred from them."""
