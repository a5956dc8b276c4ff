"""Schema: the ledger's tables as numbered scripts that are only ever appended to."""

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

_SHARDS = """
-- Whether lessons that shared its weights still wait for these to be made without it.
ALTER TABLE forgotten_lessons ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;

-- What a version is the sum of. Once its adapter is destroyed a shard has neither file nor key,
-- and says only which lessons stay together.
CREATE TABLE shards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created TEXT NOT NULL,
    base_sha256 TEXT NOT NULL,
    digest TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    scale REAL NOT NULL,
    file TEXT UNIQUE,
    key BLOB
);

CREATE TABLE shard_lessons (
    shard INTEGER NOT NULL REFERENCES shards (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    lesson_id TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('taught', 'left_out', 'everywhere')),
    why TEXT NOT NULL,
    PRIMARY KEY (shard, lesson_id)
) WITHOUT ROWID;
CREATE INDEX shard_lessons_of_lesson ON shard_lessons (lesson_id);

CREATE TABLE version_shards (
    version INTEGER NOT NULL REFERENCES adapters (version) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    shard INTEGER NOT NULL REFERENCES shards (id) ON DELETE CASCADE,
    PRIMARY KEY (version, position)
) WITHOUT ROWID;

CREATE TABLE notebook (
    file TEXT PRIMARY KEY,
    key BLOB NOT NULL
) WITHOUT ROWID;
"""

_BENEATH = """
-- Shards are trained on top of each other: a shard holds the lessons beneath it as well.
CREATE TABLE new_shard_lessons (
    shard INTEGER NOT NULL REFERENCES shards (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    lesson_id TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('taught', 'left_out', 'beneath')),
    why TEXT NOT NULL,
    PRIMARY KEY (shard, lesson_id)
) WITHOUT ROWID;
INSERT INTO new_shard_lessons (shard, position, lesson_id, part, why)
    SELECT shard, position, lesson_id, replace(part, 'everywhere', 'beneath'), why
    FROM shard_lessons;
DROP TABLE shard_lessons;
ALTER TABLE new_shard_lessons RENAME TO shard_lessons;
CREATE INDEX shard_lessons_of_lesson ON shard_lessons (lesson_id);
"""

_DOCUMENTS = """
CREATE TABLE folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    added TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0
);

-- `path` is empty for a text that came without a file. `modified_ns`, `inode` and `device` are the
-- file's own when it was last read or found unchanged; `sha256` is of its content.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER REFERENCES folders (id) ON DELETE SET NULL,
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    added TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'failed', 'missing')),
    reason TEXT NOT NULL DEFAULT '',
    pages INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX documents_of_path ON documents (path) WHERE path <> '';
CREATE INDEX documents_of_state ON documents (state, id);
CREATE INDEX documents_of_folder ON documents (folder_id);

-- Apart from the rows above, which are read often and together.
CREATE TABLE document_texts (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    page_starts TEXT NOT NULL
);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    finish INTEGER NOT NULL,
    page INTEGER,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    fingerprint INTEGER NOT NULL
);
CREATE INDEX passages_of_document ON passages (document_id, start);

-- Half-precision vectors of length 1, little-endian; a table of their own is read at full speed.
CREATE TABLE passage_vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL
);

-- Files of watched folders that were forgotten, so that the next look into the folder does not take
-- them in again: SHA-256 of the path. Teaching one by hand takes it off the list.
CREATE TABLE left_out (
    digest BLOB PRIMARY KEY
) WITHOUT ROWID;

CREATE VIRTUAL TABLE passage_words USING fts5 (
    heading, words, content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2"
);
-- Without it the words of a deleted passage stay in the index until it is merged by chance.
INSERT INTO passage_words (passage_words, rank) VALUES ('secure-delete', 1);
"""

_DATES = """
-- The days that the person gave a fact (ISO dates), NULL where they follow from when it was taught
-- and what took its place; and the lesson that took it.
ALTER TABLE lessons ADD COLUMN valid_from TEXT;
ALTER TABLE lessons ADD COLUMN valid_to TEXT;
ALTER TABLE lessons ADD COLUMN superseded_by TEXT;
"""

_NOTES = """
-- What a model wrote about a document, of the text with this SHA-256; `made` is NULL while it is
-- not finished. Only the first `parts_read` of its `parts` stand behind the summary.
CREATE TABLE document_notes (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    model TEXT NOT NULL,
    parts INTEGER NOT NULL,
    parts_read INTEGER NOT NULL,
    summary TEXT,
    made TEXT
);

-- What was noted of each part until the summary is written, so that a kill loses one at most.
CREATE TABLE document_part_notes (
    document_id INTEGER NOT NULL REFERENCES document_notes (document_id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (document_id, part)
) WITHOUT ROWID;

-- One for each passage that was looked at; all of it is empty where no question was kept.
CREATE TABLE document_questions (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES document_notes (document_id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX document_questions_of_document ON document_questions (document_id);
"""

_PROPOSALS = """
-- What a person thought of an answer: marked as not helpful, copied, or asked for in the place of
-- another, which is `replaced` (and was `disliked`); `looked` once nothing more is made of it.
CREATE TABLE answer_signs (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    unhelpful INTEGER NOT NULL DEFAULT 0,
    copied INTEGER NOT NULL DEFAULT 0,
    replaced TEXT,
    disliked INTEGER NOT NULL DEFAULT 0,
    looked INTEGER NOT NULL DEFAULT 0
);

-- Lessons offered and not taken; `message_id` is the answer. Once decided on, only the fingerprint
-- stays, which belongs to no message and so outlives the conversation.
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sign TEXT NOT NULL CHECK (sign IN ('said', 'unhelpful', 'asked_again')),
    state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'dismissed')),
    created TEXT NOT NULL,
    fingerprint BLOB NOT NULL UNIQUE,
    prompt_id INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    message_id INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    told_id INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    kept_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    told TEXT NOT NULL,
    note TEXT NOT NULL,
    example TEXT NOT NULL
);
CREATE INDEX proposals_of_message ON proposals (message_id);
CREATE INDEX proposals_of_prompt ON proposals (prompt_id);
CREATE INDEX proposals_of_told ON proposals (told_id);
CREATE INDEX proposals_of_kept ON proposals (kept_id);
"""

_NIGHTS = """
-- One row a night; only the last one was known before, as a setting.
CREATE TABLE nights (
    night TEXT PRIMARY KEY,
    record TEXT NOT NULL
) WITHOUT ROWID;
DELETE FROM settings WHERE name = 'night stretches';
"""

_VERSIONS = """
-- What the person calls a version, and whether it is kept whatever comes.
ALTER TABLE adapters ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE adapters ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;

-- Since it was put to use: 0 nothing is known, 1 it was tried, 2 it has given a whole answer; how
-- often in a row it did not start before that; and why it was set aside, '' while it was not.
ALTER TABLE adapters ADD COLUMN started INTEGER NOT NULL DEFAULT 0;
ALTER TABLE adapters ADD COLUMN failed_starts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE adapters ADD COLUMN trouble TEXT NOT NULL DEFAULT '';
"""

_SUMMARIES = """
-- What a model wrote of an exchange, messages `first` to `last` of a conversation; '' where nothing
-- came of it, so that it is not tried again. `shown` ones stand in prompts, which hold few.
CREATE TABLE conversation_summaries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    text TEXT NOT NULL,
    model TEXT NOT NULL,
    shown INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX summaries_of_conversation ON conversation_summaries (conversation_id, first);

-- Up to which message a conversation was looked at, for a model, and nothing was left to do.
CREATE TABLE summaries_looked (
    conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    last INTEGER NOT NULL,
    model TEXT NOT NULL
);

-- Messages that rest on what was forgotten since: they are left out of every later summary.
CREATE TABLE not_summarised (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE
);

-- Whatever changes a message: what was written of it goes in the same moment.
CREATE TRIGGER summary_of_changed AFTER UPDATE OF text, state ON messages
WHEN old.text <> new.text OR old.state <> new.state BEGIN
    DELETE FROM conversation_summaries WHERE conversation_id = old.conversation_id
        AND old.id BETWEEN first AND last;
    DELETE FROM summaries_looked WHERE conversation_id = old.conversation_id;
END;
CREATE TRIGGER summary_of_deleted AFTER DELETE ON messages BEGIN
    DELETE FROM conversation_summaries WHERE conversation_id = old.conversation_id
        AND old.id BETWEEN first AND last;
    DELETE FROM summaries_looked WHERE conversation_id = old.conversation_id;
END;
"""

MIGRATIONS: tuple[str, ...] = (
    _FIRST,
    _SHARDS,
    _BENEATH,
    _DOCUMENTS,
    _DATES,
    _NOTES,
    _PROPOSALS,
    _NIGHTS,
    _VERSIONS,
    _SUMMARIES,
)
"""Script number n (from 1) takes a ledger from schema n - 1 to n; published ones never change."""
