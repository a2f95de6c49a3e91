"""The way back from the text of a configuration to the values that were drawn for it."""
