"""Data in the page besides its charts: the table with all columns, and the panels about configurations."""
