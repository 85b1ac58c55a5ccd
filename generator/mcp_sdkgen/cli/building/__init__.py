"""Verbs that make SDKs and look at tool lists."""
