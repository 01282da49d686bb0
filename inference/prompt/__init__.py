"""From messages to the prompt text: chat templates, and how models are led to think."""
