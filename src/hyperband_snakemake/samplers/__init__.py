"""All that knows Optuna or scipy."""
