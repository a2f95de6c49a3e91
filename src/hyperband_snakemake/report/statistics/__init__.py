"""Effects beyond chance: what parameters explain, correlations with intervals, replays of smaller plans."""
