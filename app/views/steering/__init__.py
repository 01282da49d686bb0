"""What a person sets for a conversation: the side panel, the library of personas, thinking."""
