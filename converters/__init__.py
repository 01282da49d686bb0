"""Makes and measures model files: safetensors to GGUF, quantization, calibration, measurement."""
