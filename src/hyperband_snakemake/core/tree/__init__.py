"""What lies on disk: the names, and one reader and writer for each kind of file."""
