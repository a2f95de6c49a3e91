"""Templates as Jinja2 renders them: line ends that stay, errors with their line, words of other libraries."""
