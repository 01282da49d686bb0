"""The Conclave application: window, terminal chat, services and the conversation store."""
