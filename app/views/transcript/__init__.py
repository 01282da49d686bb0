"""The transcript: a native view that lays out only the messages in sight."""

from app.views.transcript.view import TranscriptView

__all__ = ["TranscriptView"]
