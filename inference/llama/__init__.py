"""llama.cpp through llama_cpp's low-level API; the only room that imports it.

Never imported by the window's process: native code that aborts would take the window with it.
"""
