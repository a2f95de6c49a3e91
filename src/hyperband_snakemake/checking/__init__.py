"""What `hyband check` finds in a search, and repairs if that is safe."""
