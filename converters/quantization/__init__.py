"""Weights to ggml's types: float32 rows in, the bytes of a GGUF tensor out."""
