"""The name by which llama.cpp knows how a tokenizer splits text."""
