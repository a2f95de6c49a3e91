"""What the page has inside beside its charts: the table with all columns, and what a panel says of a configuration."""
