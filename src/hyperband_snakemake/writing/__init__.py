"""Everything that changes a search: create, extend, undo, retry, limits."""
