//! Migrations: numbered, forward only, each in one transaction together with its record and checksum.
//!
//! A store that a newer program wrote is refused before anything is written; a store that needs migrating is copied
//! first. The files lie in `migrations/` and are never changed once released.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError, StoreErrorKind};

/// One step of the schema.
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// All of them, in order, without gaps.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "store", sql: include_str!("../migrations/0001_store.sql") },
    Migration { number: 2, name: "packed", sql: include_str!("../migrations/0002_packed.sql") },
    Migration { number: 3, name: "shown", sql: include_str!("../migrations/0003_shown.sql") },
];

/// Marks the file as Lockstep's ("Lkst").
const APPLICATION_ID: i64 = 0x4c6b_7374;

/// What the first migration writes down besides the schema.
pub(crate) struct Birth<'a> {
    pub id: &'a str,
    pub now_ms: i64,
}

/// What an opened file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing in it yet.
    New,
    /// The last migration that ran.
    At(i64),
}

impl Migration {
    /// Line ends do not count: a checkout may change them.
    fn checksum(&self) -> String {
        lockstep_core::marker::hex(&Sha256::digest(self.sql.replace("\r\n", "\n")))
    }
}

/// Compares the file with what this program knows; writes nothing.
pub(crate) fn standing(connection: &Connection, known: &[Migration]) -> Result<Standing> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Standing::New);
    }
    let has_record: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations')",
        [],
        |row| row.get(0),
    )?;
    if !has_record {
        return Err(StoreError::new(StoreErrorKind::NotAStore, "The file is a database of another program."));
    }
    let mut statement =
        connection.prepare("SELECT number, name, checksum FROM migrations ORDER BY number")?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<Vec<(i64, String, String)>>>()?;
    let newest = known.last().map_or(0, |migration| migration.number);
    if let Some((number, ..)) = rows.last().filter(|(number, ..)| *number > newest) {
        return Err(StoreError::new(
            StoreErrorKind::Newer,
            format!("A newer Lockstep wrote this store (schema {number}; this program knows {newest}). It was left as it is."),
        )
        .with_remedy("Install the newest Lockstep, or put back the copy from the folder `backups` that was made before the update."));
    }
    for (at, (number, name, checksum)) in rows.iter().enumerate() {
        let expected = &known[at];
        if *number != expected.number || *checksum != expected.checksum() {
            return Err(StoreError::new(
                StoreErrorKind::MigrationChanged,
                format!("Step {number} ({name}) of this store's schema is not the one this program knows."),
            )
            .with_remedy("Use the build that made this store, or a released one; a test build may have its own schema."));
        }
    }
    Ok(rows.last().map_or(Standing::New, |(number, ..)| Standing::At(*number)))
}

/// Runs what is missing. The caller has made a copy and holds the run lock, or the file is new.
pub(crate) fn migrate(connection: &Connection, known: &[Migration], birth: &Birth<'_>) -> Result<()> {
    for migration in known {
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        let done =
            run_one(connection, migration, birth).and_then(|()| Ok(connection.execute_batch("COMMIT")?));
        if let Err(error) = done {
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK")?;
            }
            let known_kind =
                matches!(error.kind, StoreErrorKind::Full | StoreErrorKind::Busy | StoreErrorKind::Io);
            return Err(StoreError {
                kind: if known_kind { error.kind } else { StoreErrorKind::MigrationFailed },
                message: format!(
                    "Step {} ({}) of the schema failed and was taken back: {}",
                    migration.number, migration.name, error.message
                ),
                remedy: error.remedy,
            });
        }
    }
    Ok(())
}

fn run_one(connection: &Connection, migration: &Migration, birth: &Birth<'_>) -> Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
             number     INTEGER PRIMARY KEY,
             name       TEXT NOT NULL,
             checksum   TEXT NOT NULL,
             applied_ms INTEGER NOT NULL
         ) STRICT",
    )?;
    let ran: Option<i64> = connection
        .query_row("SELECT number FROM migrations WHERE number = ?1", [migration.number], |row| row.get(0))
        .optional()?;
    if ran.is_some() {
        return Ok(());
    }
    connection.execute_batch(migration.sql)?;
    connection.execute(
        "INSERT INTO migrations (number, name, checksum, applied_ms) VALUES (?1, ?2, ?3, ?4)",
        params![migration.number, migration.name, migration.checksum(), birth.now_ms],
    )?;
    if migration.number == 1 {
        connection.execute(
            "INSERT INTO store_info (one, id, created_ms) VALUES (1, ?1, ?2)",
            params![birth.id, birth.now_ms],
        )?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    connection.pragma_update(None, "user_version", migration.number)?;
    let broken: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if broken > 0 {
        return Err(StoreError::new(
            StoreErrorKind::MigrationFailed,
            format!("{broken} rows would refer to nothing"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIRTH: Birth<'static> = Birth { id: "5a1e0001", now_ms: 5 };
    const BASE: Migration = Migration {
        number: 1,
        name: "base",
        sql: "CREATE TABLE store_info (one INTEGER PRIMARY KEY, id TEXT, created_ms INTEGER);
              CREATE TABLE a (x INTEGER PRIMARY KEY);
              CREATE TABLE b (x INTEGER REFERENCES a (x));
              INSERT INTO a VALUES (1);",
    };

    fn objects(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn migrations_are_numbered_without_gaps() {
        assert!(MIGRATIONS.iter().zip(1..).all(|(migration, number)| migration.number == number));
        assert!(MIGRATIONS.iter().all(|migration| !migration.sql.to_uppercase().contains("COMMIT;")));
    }

    #[test]
    fn what_version_1_kept_is_kept_packed() {
        use serde_json::{Value, json};

        use crate::packed::Unpacked;

        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, &MIGRATIONS[..1], &BIRTH).unwrap();
        connection
            .execute_batch(
                r#"INSERT INTO connections (id, name, revision, created_ms) VALUES (1, 'Incidents', 1, 5);
                   INSERT INTO links (id, connection, type_mapping, source_account, source_ticket, target_account, target_ticket,
                       source_key, target_key, origin, generation, state, reason, source_stamp_ms, target_stamp_ms,
                       marker_due, linked_ms, extras)
                       VALUES (7, 1, 'Incident', 'a', '1', 'b', '2', 'INC1', 'CSD-2', 'source', 0, 'live', '', 1, 2, 0, 3, '{}');
                   INSERT INTO bases VALUES (7, 'state=status', '{"revision":"r1"}'), (7, 'title', '{"revision":"r\"2"}');
                   INSERT INTO runs (id, connection, kind, trigger, state, started_ms, epoch, counts, calls, summary)
                       VALUES (3, 1, 'manual', 'x', 'done', 1, 1, '{}', '{}', '{}');
                   INSERT INTO outcomes VALUES (3, 4, 'link:7', 'INC1', 'CSD-2', 'Printer', 'created', '{"done":["x"]}');
                   INSERT INTO journal (id, op_id, call_id, run, epoch, connection, link, side, kind, pair_key, state, payload, lookups)
                       VALUES (9, 'op', 'call', 3, 1, 1, 7, 'target', 'create', 'k', 'unknown', '{"key":"INC1"}', 2);
                   INSERT INTO plans VALUES (5, 1, 1, 1, 1, 9, '{}');
                   INSERT INTO plan_rows VALUES (5, 0, 'link:7', 'skipped', '{}', 1, 'planned');"#,
            )
            .unwrap();
        migrate(&connection, MIGRATIONS, &BIRTH).unwrap();
        let packed =
            |sql: &str| connection.query_row(sql, [], |row| Ok(row.get::<_, Unpacked<Value>>(0)?.0)).unwrap();
        assert_eq!(
            packed("SELECT bases FROM bases WHERE link = 7"),
            json!({ "state=status": { "revision": "r1" }, "title": { "revision": "r\"2" } })
        );
        assert_eq!(packed("SELECT detail FROM outcomes WHERE id = (3 << 32) + 4"), json!({ "done": ["x"] }));
        assert_eq!(
            packed("SELECT payload FROM journal WHERE state = 'unknown' AND lookups = 2"),
            json!({ "key": "INC1" })
        );
        let plans: i64 = connection.query_row("SELECT count(*) FROM plans", [], |row| row.get(0)).unwrap();
        assert_eq!(plans, 0, "a plan of the day before is made again");
    }

    #[test]
    fn version_3_takes_titles_and_times_from_the_history() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, &MIGRATIONS[..2], &BIRTH).unwrap();
        connection
            .execute_batch(
                r#"INSERT INTO connections (id, name, revision, created_ms) VALUES (1, 'Incidents', 1, 5);
                   INSERT INTO links (id, connection, type_mapping, source_account, source_ticket, target_account, target_ticket,
                       source_key, target_key, origin, generation, state, reason, source_stamp_ms, target_stamp_ms,
                       marker_due, linked_ms, extras)
                       VALUES (7, 1, 'Incident', 'a', '1', 'b', '2', 'INC1', 'CSD-2', 'source', 0, 'live', '', 1, 2, 0, 3, '{}'),
                           (8, 1, 'Incident', 'a', '3', 'b', '4', 'INC3', 'CSD-4', 'source', 0, 'live', '', 1, 2, 0, 4, '{}');
                   INSERT INTO runs (id, connection, kind, trigger, state, started_ms, ended_ms, epoch, counts, calls, summary)
                       VALUES (3, 1, 'manual', 'x', 'done', 1, 20, 1, '{}', '{}', '{}'),
                           (4, 1, 'manual', 'x', 'done', 21, 30, 1, '{}', '{}', '{}');
                   INSERT INTO outcomes (id, run, ordinal, subject, title, outcome, detail)
                       VALUES (31, 3, 1, 'link:7', 'Printer', 'updated', x'7b7d'),
                           (41, 4, 1, 'link:7', 'Printer on fire', 'failed', x'7b7d');
                   INSERT INTO quarantine (connection, subject, link, side, ticket, key, error, since_ms, tries)
                       VALUES (1, 'link:7', 7, 'source', '1', 'INC1', '[]', 30, 1), (1, 'new:source:9', NULL, 'source', '9', 'INC9', '[]', 30, 1);"#,
            )
            .unwrap();
        migrate(&connection, MIGRATIONS, &BIRTH).unwrap();
        let read = |sql: &str| -> Vec<(String, String, i64)> {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            rows.collect::<rusqlite::Result<_>>().unwrap()
        };
        assert_eq!(
            read("SELECT source_title, target_title, synced_ms FROM links ORDER BY id"),
            [("Printer on fire".to_owned(), String::new(), 20), (String::new(), String::new(), 4)]
        );
        assert_eq!(
            read("SELECT type_mapping, title, since_ms FROM quarantine ORDER BY id"),
            [("Incident".to_owned(), "Printer on fire".to_owned(), 30), (String::new(), String::new(), 30)]
        );
    }

    #[test]
    fn a_bad_migration_is_taken_back_whole() {
        for bad in [
            "CREATE TABLE c (x); INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1);",
            "CREATE TABLE c (x); PRAGMA foreign_keys = OFF; PRAGMA defer_foreign_keys = ON; INSERT INTO b VALUES (99);",
            "CREATE TABLE c (x",
        ] {
            let connection = Connection::open_in_memory().unwrap();
            migrate(&connection, &[BASE], &BIRTH).unwrap();
            let before = objects(&connection);
            let known = [BASE, Migration { number: 2, name: "bad", sql: bad }];
            assert_eq!(standing(&connection, &known).unwrap(), Standing::At(1));
            let error = migrate(&connection, &known, &BIRTH).unwrap_err();
            assert_eq!(error.kind, StoreErrorKind::MigrationFailed, "{error}");
            assert!(error.message.contains("Step 2 (bad)"), "{error}");
            assert_eq!(objects(&connection), before);
            let rows: i64 = connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).unwrap();
            let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
            assert_eq!((rows, version), (1, 1));
            assert_eq!(
                standing(&connection, &[BASE]).unwrap(),
                Standing::At(1),
                "the old program still works"
            );
            migrate(
                &connection,
                &[BASE, Migration { number: 2, name: "good", sql: "CREATE TABLE c (x);" }],
                &BIRTH,
            )
            .unwrap();
        }
    }

    #[test]
    fn running_again_changes_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        for _ in 0..2 {
            migrate(&connection, MIGRATIONS, &BIRTH).unwrap();
        }
        let count: i64 =
            connection.query_row("SELECT count(*) FROM migrations", [], |row| row.get(0)).unwrap();
        assert_eq!(count, MIGRATIONS.len() as i64);
    }

    #[test]
    fn line_ends_do_not_change_a_checksum() {
        let windows = Migration { number: 1, name: "base", sql: "a\r\nb" };
        assert_eq!(windows.checksum(), Migration { number: 1, name: "base", sql: "a\nb" }.checksum());
    }
}
