"""All that changes a search: create, extend, retry, repair."""
