"""The page: a search as one file of HTML, with its statistics and figures."""
