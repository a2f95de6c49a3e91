"""Getting started: from a working command line to the templates of a search, and trying one training run."""
