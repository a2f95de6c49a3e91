"""Before anything is written: the largest plan that fits, its forecast, how it may grow, and its picture."""
