"""What several commands share: types of options, output that survives any terminal, the live view, remarks."""
