"""From a template to distinct configurations: rendering, draw functions, and records of what was drawn."""
