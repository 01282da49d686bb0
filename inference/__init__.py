"""The engine: llama.cpp in a child process, prompts and their reading back."""
