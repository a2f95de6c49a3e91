"""Successive halving on disk: who is promoted, what moves and goes with it, and who is the best."""
