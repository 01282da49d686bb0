"""JSON schemas turned into grammars for the sampler."""
