"""Evaluated tokens that are not in the context just now: in memory and on disk."""
