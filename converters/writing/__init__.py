"""GGUF files: planned to the byte before anything is written, and checked when they are."""
