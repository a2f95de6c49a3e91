"""What changes a search, and what is said when it is written."""
