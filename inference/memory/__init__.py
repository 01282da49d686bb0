"""What a model takes in memory and where it lies, known before anything is loaded."""
