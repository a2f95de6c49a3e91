"""Everything that uses Optuna or scipy."""
