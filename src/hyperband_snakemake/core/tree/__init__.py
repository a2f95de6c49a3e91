"""What is on disk: all names, and one reader and writer for each kind of file."""
