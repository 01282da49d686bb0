"""llama.cpp as a judge of headers: which type each tensor gets, and whether a file loads.

It may abort the process it runs in, so it runs in one of its own.
"""

from converters.llama.judge import Judge, Mix, MixQuestion

__all__ = ["Judge", "Mix", "MixQuestion"]
