"""The schema, as a numbered list of steps that only ever grows.

`PRAGMA user_version` counts the steps a database has gone through. A step that was released is
never edited: a later step changes what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.store.arrangement import add_arrangement
from app.store.asides import create_aside_index
from app.store.attachments import add_pictures, create_attachments_and_drafts
from app.store.carried_library import add_origins
from app.store.draft_files import create_draft_files
from app.store.edits import create_edits
from app.store.search_index import create_search_index
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database

Migration = Callable[["Database"], object]


def _conversations_messages_settings(db: Database) -> None:
    # AUTOINCREMENT: the id of a removed row is never given to another one.
    # The bulky columns come last, so that reading the others skips their overflow pages.
    db.executescript(
        """
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            deleted_at TEXT,
            current_leaf_id INTEGER REFERENCES messages(id) ON DELETE SET NULL
        );
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
            parent_id INTEGER REFERENCES messages(id) ON DELETE SET NULL,
            role TEXT NOT NULL,
            status TEXT NOT NULL,
            model TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL,
            writer_pid INTEGER,
            writer_started REAL,
            stats TEXT,
            content TEXT NOT NULL DEFAULT '',
            thinking TEXT NOT NULL DEFAULT ''
        );
        CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX conversations_by_leaf ON conversations(current_leaf_id);
        CREATE INDEX messages_by_conversation ON messages(conversation_id, parent_id);
        CREATE INDEX messages_by_parent ON messages(parent_id);
        CREATE INDEX messages_streaming ON messages(status) WHERE status = 'streaming';
        """
    )


def _contexts(db: Database) -> None:
    # The summary goes with the last message it stands for: it would say too much without it.
    db.executescript(
        """
        ALTER TABLE conversations ADD COLUMN context_policy TEXT NOT NULL DEFAULT 'drop_oldest';
        ALTER TABLE messages ADD COLUMN unseen_until_id INTEGER;
        ALTER TABLE messages ADD COLUMN unseen_summarised INTEGER;
        CREATE TABLE summaries (
            conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id) ON DELETE CASCADE,
            until_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
            content TEXT NOT NULL
        );
        CREATE INDEX summaries_by_message ON summaries(until_id);
        """
    )


def _imports(db: Database) -> None:
    # What was written after `last_message_id` was not imported: undoing keeps such conversations.
    db.executescript(
        """
        CREATE TABLE imports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            created_at TEXT NOT NULL,
            n_conversations INTEGER NOT NULL DEFAULT 0,
            n_messages INTEGER NOT NULL DEFAULT 0,
            last_message_id INTEGER
        );
        ALTER TABLE conversations ADD COLUMN import_id INTEGER
            REFERENCES imports(id) ON DELETE SET NULL;
        CREATE INDEX conversations_by_import ON conversations(import_id)
            WHERE import_id IS NOT NULL;
        """
    )


def _thinking_time(db: Database) -> None:
    db.execute("ALTER TABLE messages ADD COLUMN thought_ms INTEGER")


def _steering(db: Database) -> None:
    # A table of its own: most conversations are answered as the model has it.
    db.executescript(
        """
        CREATE TABLE steering (
            conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id) ON DELETE CASCADE,
            system_prompt TEXT NOT NULL,
            model TEXT,
            sampling TEXT NOT NULL,
            thinking TEXT NOT NULL,
            thinking_budget INTEGER
        );
        CREATE TABLE personas (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            prompt TEXT NOT NULL,
            position INTEGER NOT NULL
        );
        """
    )


MIGRATIONS: Sequence[Migration] = (
    _conversations_messages_settings,
    _contexts,
    _imports,
    create_search_index,
    add_arrangement,
    _thinking_time,
    _steering,
    create_attachments_and_drafts,
    add_origins,
    create_draft_files,
    create_aside_index,
    add_pictures,
    create_edits,
)


def schema_version(db: Database) -> int:
    """How many steps the database has gone through; 0 for an empty file."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(db: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the schema up to date, each step in a transaction of its own."""
    for number, migration in enumerate(migrations, start=1):
        if schema_version(db) >= number:
            continue
        with write_transaction(db):
            # Another process may have done it while this one waited for its turn.
            if schema_version(db) < number:
                migration(db)
                db.execute(f"PRAGMA user_version = {number}")
