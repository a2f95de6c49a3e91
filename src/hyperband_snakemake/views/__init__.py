"""A snapshot as text or as rows."""
