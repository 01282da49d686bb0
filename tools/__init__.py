"""What `dev.py` does, one subject a file. Standard library only: nothing is installed yet."""
