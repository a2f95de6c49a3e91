"""Trees of the original tool that become searches."""
