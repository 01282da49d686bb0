"""What must survive a restart: conversations and settings in SQLite, on one background thread."""

from app.store.database import OpenReport
from app.store.repository import Repository
from app.store.settings import JsonValue
from app.store.thread import MemoryStore, Store

__all__ = ["JsonValue", "MemoryStore", "OpenReport", "Repository", "Store"]
