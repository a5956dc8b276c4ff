"""Migrations: the ledger's schema as numbered steps that are only ever appended to."""

from __future__ import annotations

_FIRST = """
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    text TEXT NOT NULL,
    created TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('complete', 'stopped', 'broken')),
    provenance TEXT,
    timings TEXT
);
CREATE INDEX messages_of_conversation ON messages (conversation_id, id);

CREATE TABLE lessons (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('manner', 'term', 'procedure', 'fact')),
    prompt TEXT NOT NULL,
    rejected TEXT NOT NULL,
    corrected TEXT NOT NULL,
    note TEXT NOT NULL,
    created TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'learned', 'in_context', 'superseded')),
    reason TEXT NOT NULL DEFAULT '',
    adapter INTEGER,
    message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL
);
CREATE INDEX lessons_of_message ON lessons (message_id);

-- What is left of a forgotten lesson: that there was one, so that its id is never given again.
CREATE TABLE forgotten_lessons (
    id TEXT PRIMARY KEY,
    forgotten TEXT NOT NULL
) WITHOUT ROWID;

-- AUTOINCREMENT: a version number is never given twice, also after its adapter is destroyed.
CREATE TABLE adapters (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    created TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'kept', 'retired')),
    file TEXT NOT NULL UNIQUE,
    key BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    base_name TEXT NOT NULL,
    base_sha256 TEXT NOT NULL,
    scale REAL NOT NULL,
    recipe TEXT NOT NULL,
    seed INTEGER NOT NULL,
    libraries TEXT NOT NULL,
    exam TEXT,
    parent INTEGER NOT NULL,
    salt BLOB NOT NULL
);
CREATE UNIQUE INDEX one_active_adapter ON adapters (state) WHERE state = 'active';

CREATE TABLE adapter_lessons (
    version INTEGER NOT NULL REFERENCES adapters (version) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    lesson_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    learned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (version, lesson_id)
) WITHOUT ROWID;

CREATE TABLE studies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    report TEXT NOT NULL
);

-- Apart from their report, because they quote the lesson and must go when it is forgotten.
CREATE TABLE study_lessons (
    study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    lesson_id TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (study_id, position)
) WITHOUT ROWID;
CREATE INDEX study_lessons_of_lesson ON study_lessons (lesson_id);
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
"""Script number n (from 1) takes a ledger from schema n - 1 to n; published ones never change."""
