"""Rendering templates with Jinja2: preserved line ends, errors with line numbers, names from other libraries."""
