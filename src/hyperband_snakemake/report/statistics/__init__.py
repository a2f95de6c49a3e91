"""What stands out from chance: what parameters explain, correlations with intervals, replays of smaller plans."""
