"""The sampler ``joint``: one model of the results at all budgets."""
