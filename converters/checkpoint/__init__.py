"""Reads checkpoints as the Hugging Face Hub publishes them: configuration and safetensors."""

from converters.checkpoint.checkpoint import Checkpoint
from converters.checkpoint.safetensors_file import SafetensorsFile, StoredTensor

__all__ = ["Checkpoint", "SafetensorsFile", "StoredTensor"]
