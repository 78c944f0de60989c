-- Rows that every ticket writes become smaller: JSON is packed (src/packed.rs), a link's bases are one row, rows of
-- plans and outcomes are kept in the order in which they are written, and what no query needs has no index.

CREATE TABLE packed_bases (
    link  INTEGER PRIMARY KEY REFERENCES links (id),
    bases BLOB NOT NULL
) STRICT;

INSERT INTO packed_bases (link, bases)
    SELECT link, CAST(json_group_object(mapping, json(base)) AS BLOB) FROM bases GROUP BY link;
DROP TABLE bases;
ALTER TABLE packed_bases RENAME TO bases;

-- A plan is good for a day; one made before the update is made again.
DELETE FROM plans;
DROP TABLE plan_rows;

CREATE TABLE plan_rows (
    -- plan * 2^32 + ordinal
    id       INTEGER PRIMARY KEY,
    plan     INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    ordinal  INTEGER NOT NULL,
    outcome  TEXT NOT NULL,
    row      BLOB NOT NULL,
    included INTEGER NOT NULL CHECK (included IN (0, 1))
) STRICT;

CREATE INDEX plan_rows_outcome ON plan_rows (plan, outcome, included);

CREATE TABLE packed_outcomes (
    -- run * 2^32 + ordinal
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    source_key TEXT,
    target_key TEXT,
    title      TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    detail     BLOB NOT NULL
) STRICT;

INSERT INTO packed_outcomes (id, run, ordinal, subject, source_key, target_key, title, outcome, detail)
    SELECT run * 4294967296 + ordinal, run, ordinal, subject, source_key, target_key, title, outcome,
        CAST(detail AS BLOB)
    FROM outcomes;
DROP TABLE outcomes;
ALTER TABLE packed_outcomes RENAME TO outcomes;

CREATE INDEX outcomes_outcome ON outcomes (run, outcome);
CREATE INDEX outcomes_subject ON outcomes (subject, run);

CREATE TABLE packed_journal (
    id              INTEGER PRIMARY KEY,
    op_id           TEXT NOT NULL UNIQUE,
    call_id         TEXT NOT NULL,
    run             INTEGER REFERENCES runs (id),
    epoch           INTEGER NOT NULL,
    connection      INTEGER NOT NULL REFERENCES connections (id),
    link            INTEGER REFERENCES links (id),
    side            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    pair_key        TEXT,
    source_ticket   TEXT,
    target_ticket   TEXT,
    state           TEXT NOT NULL CHECK (state IN ('planned', 'sent', 'done', 'failed', 'unknown', 'void')),
    payload         BLOB,
    before          BLOB,
    sent_ms         INTEGER,
    outcome         TEXT,
    error           TEXT,
    absent_first_ms INTEGER,
    lookups         INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO packed_journal
    SELECT id, op_id, call_id, run, epoch, connection, link, side, kind, pair_key, source_ticket, target_ticket, state,
        CAST(payload AS BLOB), CAST(before AS BLOB), sent_ms, outcome, error, absent_first_ms, lookups
    FROM journal;
DROP TABLE journal;
ALTER TABLE packed_journal RENAME TO journal;

CREATE INDEX journal_run ON journal (run);
CREATE INDEX journal_link ON journal (link) WHERE link IS NOT NULL;
-- What is done has a link, which is found by its tickets.
CREATE INDEX journal_pair_key ON journal (pair_key) WHERE pair_key IS NOT NULL AND state <> 'done';
CREATE INDEX journal_open ON journal (connection) WHERE state IN ('planned', 'sent', 'unknown');
CREATE INDEX journal_created ON journal (connection, side, sent_ms) WHERE kind = 'create' AND state = 'done';
