"""A search that the original tool made becomes one of ours, beside it."""
