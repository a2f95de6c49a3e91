"""Before anything is written: the largest plan that fits, its forecast, ways to extend it, and its picture."""
