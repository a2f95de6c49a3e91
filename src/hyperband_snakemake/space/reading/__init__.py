"""The parameters in a configuration's text, read by a parser for its format."""
