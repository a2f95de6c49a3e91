"""From a template to distinct configurations: rendering, draw functions, and what was drawn."""
