"""Measurements of Conclave, run by `python3 dev.py bench`.

Every figure is a median over repetitions that alternate with what they are compared with, in one
run: machines are noisy, and only the ratio travels.
"""
