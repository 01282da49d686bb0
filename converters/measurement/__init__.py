"""How good a model's predictions are, by themselves and against those of a reference."""
