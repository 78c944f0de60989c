-- The first schema. Milliseconds are since 1970 UTC; columns named `*_account` hold an account's fingerprint.
-- A migration holds no BEGIN or COMMIT: it runs inside one transaction together with its record.

CREATE TABLE store_info (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    id         TEXT NOT NULL CHECK (length(id) = 8),
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    key      TEXT PRIMARY KEY,
    value    TEXT NOT NULL,
    saved_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE locks (
    name     TEXT PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    holder   TEXT NOT NULL,
    taken_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    who    TEXT NOT NULL,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- Secrets are never here: they lie in the keychain under account id and origin.
CREATE TABLE accounts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    platform    TEXT NOT NULL,
    base_url    TEXT NOT NULL,
    sign_in     TEXT NOT NULL,
    fingerprint TEXT,
    identity    TEXT,
    settings    TEXT NOT NULL,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE connections (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT NOT NULL,
    source_account INTEGER REFERENCES accounts (id),
    target_account INTEGER REFERENCES accounts (id),
    revision       INTEGER NOT NULL,
    automatic      INTEGER NOT NULL DEFAULT 0 CHECK (automatic IN (0, 1)),
    created_ms     INTEGER NOT NULL,
    removed_ms     INTEGER
) STRICT;

CREATE UNIQUE INDEX connections_name ON connections (name) WHERE removed_ms IS NULL;
CREATE INDEX connections_source_account ON connections (source_account);
CREATE INDEX connections_target_account ON connections (target_account);

CREATE TABLE connection_versions (
    connection INTEGER NOT NULL REFERENCES connections (id),
    revision   INTEGER NOT NULL,
    document   TEXT NOT NULL,
    saved_ms   INTEGER NOT NULL,
    PRIMARY KEY (connection, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_snapshots (
    account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scope    TEXT NOT NULL,
    schema   TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    PRIMARY KEY (account, scope)
) STRICT;

CREATE TABLE people (
    account TEXT NOT NULL,
    person  TEXT NOT NULL,
    json    TEXT NOT NULL,
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE people_found (
    from_account TEXT NOT NULL,
    person       TEXT NOT NULL,
    to_account   TEXT NOT NULL,
    found        TEXT NOT NULL,
    looked_ms    INTEGER NOT NULL,
    PRIMARY KEY (from_account, to_account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE people_manual (
    from_account TEXT NOT NULL,
    person       TEXT NOT NULL,
    to_account   TEXT NOT NULL,
    counterpart  TEXT,
    set_ms       INTEGER NOT NULL,
    PRIMARY KEY (from_account, to_account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    connection      INTEGER NOT NULL REFERENCES connections (id),
    type_mapping    TEXT NOT NULL,
    source_account  TEXT NOT NULL,
    source_ticket   TEXT NOT NULL,
    target_account  TEXT NOT NULL,
    target_ticket   TEXT NOT NULL,
    source_key      TEXT NOT NULL,
    target_key      TEXT NOT NULL,
    origin          TEXT NOT NULL CHECK (origin IN ('source', 'target')),
    generation      INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('live', 'parked', 'not_visible', 'merged', 'ended')),
    reason          TEXT NOT NULL,
    source_stamp_ms INTEGER NOT NULL,
    source_counter  INTEGER,
    target_stamp_ms INTEGER NOT NULL,
    target_counter  INTEGER,
    marker_due      INTEGER NOT NULL CHECK (marker_due IN (0, 1)),
    linked_ms       INTEGER NOT NULL,
    extras          TEXT NOT NULL
) STRICT;

-- A ticket has one link to another account at most; ended ones do not count. Each row sits in two of these four.
CREATE UNIQUE INDEX links_source ON links (source_account, source_ticket, target_account) WHERE state <> 'ended';
CREATE UNIQUE INDEX links_target ON links (target_account, target_ticket, source_account) WHERE state <> 'ended';
CREATE INDEX links_source_ended ON links (source_account, source_ticket, target_account) WHERE state = 'ended';
CREATE INDEX links_target_ended ON links (target_account, target_ticket, source_account) WHERE state = 'ended';
-- Lists, counts and the search by key read this index alone.
CREATE INDEX links_listed ON links (connection, state, source_key, target_key, type_mapping);
CREATE INDEX links_marker_due ON links (connection) WHERE marker_due = 1;

CREATE TABLE bases (
    link    INTEGER NOT NULL REFERENCES links (id),
    mapping TEXT NOT NULL,
    base    TEXT NOT NULL,
    PRIMARY KEY (link, mapping)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    link       INTEGER NOT NULL REFERENCES links (id),
    kind       TEXT NOT NULL,
    side       TEXT NOT NULL,
    id         TEXT NOT NULL,
    copy       TEXT,
    state      TEXT NOT NULL,
    edited_ms  INTEGER NOT NULL,
    hash       TEXT NOT NULL,
    visibility TEXT NOT NULL,
    PRIMARY KEY (link, kind, side, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_copy ON ledger (side, copy) WHERE copy IS NOT NULL;

CREATE TABLE cursors (
    connection   INTEGER NOT NULL REFERENCES connections (id),
    type_mapping TEXT NOT NULL,
    side         TEXT NOT NULL,
    cursor       TEXT NOT NULL,
    saved_ms     INTEGER NOT NULL,
    PRIMARY KEY (connection, type_mapping, side)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending (
    connection    INTEGER NOT NULL REFERENCES connections (id),
    type_mapping  TEXT NOT NULL,
    side          TEXT NOT NULL,
    ticket        TEXT NOT NULL,
    account       TEXT NOT NULL,
    reason        TEXT NOT NULL,
    detail        TEXT NOT NULL,
    since_ms      INTEGER NOT NULL,
    tries         INTEGER NOT NULL,
    not_before_ms INTEGER NOT NULL,
    run           INTEGER,
    PRIMARY KEY (connection, type_mapping, side, ticket)
) STRICT, WITHOUT ROWID;

CREATE INDEX pending_due ON pending (connection, type_mapping, side, not_before_ms, ticket);

CREATE TABLE seen (
    connection    INTEGER NOT NULL REFERENCES connections (id),
    type_mapping  TEXT NOT NULL,
    side          TEXT NOT NULL,
    ticket        TEXT NOT NULL,
    account       TEXT NOT NULL,
    rule_revision TEXT NOT NULL,
    decision      TEXT NOT NULL,
    seen_ms       INTEGER NOT NULL,
    PRIMARY KEY (connection, type_mapping, side, ticket)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_revision ON seen (connection, type_mapping, side, rule_revision, ticket);

CREATE TABLE plans (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    connection       INTEGER NOT NULL REFERENCES connections (id),
    made_ms          INTEGER NOT NULL,
    mapping_revision INTEGER NOT NULL,
    epoch            INTEGER NOT NULL,
    kept_until_ms    INTEGER NOT NULL,
    summary          TEXT NOT NULL
) STRICT;

CREATE INDEX plans_connection ON plans (connection, id);

CREATE TABLE plan_rows (
    plan     INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    ordinal  INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    json     TEXT NOT NULL,
    included INTEGER NOT NULL CHECK (included IN (0, 1)),
    state    TEXT NOT NULL,
    PRIMARY KEY (plan, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX plan_rows_subject ON plan_rows (plan, subject);
CREATE INDEX plan_rows_outcome ON plan_rows (plan, outcome, included, state);

CREATE TABLE runs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    connection INTEGER NOT NULL REFERENCES connections (id),
    kind       TEXT NOT NULL,
    trigger    TEXT NOT NULL,
    state      TEXT NOT NULL,
    result     TEXT,
    started_ms INTEGER NOT NULL,
    ended_ms   INTEGER,
    epoch      INTEGER NOT NULL,
    plan       INTEGER,
    counts     TEXT NOT NULL,
    calls      TEXT NOT NULL,
    summary    TEXT NOT NULL
) STRICT;

CREATE INDEX runs_connection ON runs (connection, id);
CREATE INDEX runs_unfinished ON runs (connection) WHERE state <> 'done';

-- No AUTOINCREMENT: it would cost each commit one more page, and a number that retention freed is no harm.
CREATE TABLE journal (
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
    payload         TEXT,
    before          TEXT,
    sent_ms         INTEGER,
    outcome         TEXT,
    error           TEXT,
    absent_first_ms INTEGER,
    lookups         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX journal_run ON journal (run);
CREATE INDEX journal_link ON journal (link) WHERE link IS NOT NULL;
CREATE INDEX journal_pair_key ON journal (pair_key) WHERE pair_key IS NOT NULL;
CREATE INDEX journal_open ON journal (connection) WHERE state IN ('planned', 'sent', 'unknown');
CREATE INDEX journal_created ON journal (connection, side, sent_ms) WHERE kind = 'create' AND state = 'done';

CREATE TABLE outcomes (
    run        INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    source_key TEXT,
    target_key TEXT,
    title      TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX outcomes_outcome ON outcomes (run, outcome);
CREATE INDEX outcomes_subject ON outcomes (subject, run);

CREATE TABLE conflicts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    link       INTEGER NOT NULL REFERENCES links (id),
    connection INTEGER NOT NULL REFERENCES connections (id),
    mapping    TEXT NOT NULL,
    json       TEXT NOT NULL,
    found_ms   INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'decided', 'closed')),
    decision   TEXT,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX conflicts_one ON conflicts (link, mapping) WHERE state <> 'closed';
CREATE INDEX conflicts_waiting ON conflicts (connection, id) WHERE state <> 'closed';

CREATE TABLE quarantine (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    connection INTEGER NOT NULL REFERENCES connections (id),
    subject    TEXT NOT NULL,
    link       INTEGER REFERENCES links (id),
    side       TEXT NOT NULL,
    ticket     TEXT NOT NULL,
    key        TEXT NOT NULL,
    error      TEXT NOT NULL,
    since_ms   INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    run        INTEGER
) STRICT;

CREATE UNIQUE INDEX quarantine_subject ON quarantine (connection, subject);
