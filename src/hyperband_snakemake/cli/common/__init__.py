"""Code shared by several commands: option types, output for any terminal, the live view, notes."""
