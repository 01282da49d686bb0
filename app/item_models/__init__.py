"""Qt item models: they format rows for views, and hold no widgets."""
