"""What can be told from chance: shares that parameters explain, correlations with intervals, replays of smaller plans."""
