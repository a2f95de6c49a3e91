"""Making a search of ours from one of the original tool, which is not changed."""
