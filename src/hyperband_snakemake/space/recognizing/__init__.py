"""Recovering the values drawn for a configuration from its text."""
