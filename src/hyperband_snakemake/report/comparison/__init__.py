"""Several searches, or the parts of one, next to each other: in words, in a table, and on a page."""
