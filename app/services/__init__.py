"""Operations of several steps: chat, conversations, models. No pixels, no SQL."""
