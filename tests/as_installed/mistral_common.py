"""Stands in the way of the package of this name, which only tests use.

`gguf` imports it wherever it finds it, and that takes longer than all else that a process of
Conclave imports. The processes that tests start find this module first, and so run as they do in an
installation.
"""

raise ImportError("mistral_common belongs to the tests alone")
