"""Successive halving on disk: which configurations are promoted, which files move or are deleted, which is best."""
