"""The parameters that a configuration's text shows, read by the parser of its format."""
