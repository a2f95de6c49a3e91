"""Comparing several searches, or the parts of one: in words, in a table, and on a page."""
