"""A whole search, read into a value."""
