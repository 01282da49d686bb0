-- A database as version 1 made it, with one conversation that has two branches.
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
INSERT INTO conversations VALUES
    (1, 'Sky', '2026-11-01T08:00:00.000000+00:00', '2026-11-01T08:00:09.500000+00:00', NULL, 4);
INSERT INTO messages VALUES
    (1, 1, NULL, 'user', 'complete', '', '2026-11-01T08:00:00.000000+00:00', NULL, NULL, NULL,
     'Why is the sky blue?', ''),
    (2, 1, 1, 'assistant', 'stopped', 'SmolLM2', '2026-11-01T08:00:01.000000+00:00', NULL, NULL,
     '{"tokens_in": 21, "tokens_out": 4, "tokens_reused": 0, "prefill_ms": 80.5, "decode_ms": 50.0}',
     'Because of', 'Rayleigh'),
    (3, 1, 1, 'assistant', 'complete', 'SmolLM2', '2026-11-01T08:00:05.000000+00:00', NULL, NULL,
     '{"tokens_in": 21, "tokens_out": 8, "tokens_reused": 20, "prefill_ms": 4.5, "decode_ms": 100.0}',
     'Air scatters blue light.', ''),
    (4, 1, 3, 'user', 'complete', '', '2026-11-01T08:00:09.500000+00:00', NULL, NULL, NULL,
     'And the sunset?', '');
INSERT INTO settings VALUES ('theme', '"dark"');
PRAGMA user_version = 1;
