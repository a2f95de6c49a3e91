"""Packing the small files of a bracket that has ended into one, and bringing them back."""
