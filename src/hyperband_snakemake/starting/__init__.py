"""The first hour: from a command line that works to the templates of a search, and one training run tried out."""
