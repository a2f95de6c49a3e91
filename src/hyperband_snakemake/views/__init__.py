"""A snapshot as text or rows."""
