"""Widgets: pixels, keys and focus. They ask services to act, and never touch disk or model."""
