"""What `hyband check` finds in a search, and repairs where that is safe."""
