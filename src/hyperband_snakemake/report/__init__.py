"""The report: a search as one HTML file, with statistics and figures."""
