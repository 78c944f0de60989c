//! Opening the file: key, settings of the connection, rights, the copy before a migration.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags, params};

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::key::StoreKey;
use crate::lock::RunLock;
use crate::migrate::{Birth, MIGRATIONS, Migration, Standing, migrate, standing};
use crate::place;

/// The store's file in the data folder.
pub const STORE_FILE: &str = "lockstep.db";
/// Copies made before a migration lie here.
pub const BACKUP_FOLDER: &str = "backups";

/// How long a statement waits for another process.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Statements kept prepared on each connection; above the number of statements in `tables`.
const STATEMENTS_KEPT: usize = 192;

/// What is needed to open a store.
#[derive(Debug, Clone)]
pub struct StorePlace {
    /// The data folder; made when missing.
    pub dir: PathBuf,
    pub key: StoreKey,
    /// Eight hexadecimal characters; written into a new store, compared with an existing one.
    pub id: String,
    /// Now, for the record of migrations.
    pub now_ms: i64,
}

impl StorePlace {
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.join(STORE_FILE)
    }
}

/// Opens the file for writing, brings the schema up to date, and proves that it is the store it should be.
pub(crate) fn open_for_writing(place: &StorePlace, known: &[Migration]) -> Result<Connection> {
    place::prepare_folder(&place.dir)?;
    let file = place.file();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = keyed(&file, &place.key, flags).map_err(|error| told_apart(error, &file))?;
    // Until the schema is known to be ours, closing must not write either.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let standing = standing(&connection, known).map_err(|error| told_apart(error, &file))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    place::only_for_owner(&file, 0o600)?;
    settle_writing(&connection)?;
    let newest = known.last().map_or(0, |migration| migration.number);
    let birth = Birth { id: &place.id, now_ms: place.now_ms };
    match standing {
        Standing::At(number) if number == newest => {}
        Standing::New => {
            migrate(&connection, known, &birth)?;
            // Into the file itself, so that a lost log never makes a store look new.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Standing::At(number) => {
            let _alone = RunLock::acquire(&place.dir, "updates the store", place.now_ms)?;
            copy_before(&connection, place, number)?;
            migrate(&connection, known, &birth)?;
        }
    }
    prove_id(&connection, &place.id)?;
    Ok(connection)
}

/// A second connection for reading; the file exists and is up to date.
pub(crate) fn open_for_reading(place: &StorePlace) -> Result<Connection> {
    let connection = keyed(&place.file(), &place.key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(connection)
}

/// A store that lives and dies in memory, for the simulation and for tests.
pub(crate) fn open_in_memory(id: &str, now_ms: i64) -> Result<Connection> {
    let template = template();
    let template = template.as_ref().map_err(Clone::clone)?.lock().unwrap_or_else(PoisonError::into_inner);
    let connection = copy_in_memory(&template)?;
    connection.execute("UPDATE store_info SET id = ?1, created_ms = ?2", params![id, now_ms])?;
    connection.execute("UPDATE migrations SET applied_ms = ?1", [now_ms])?;
    Ok(connection)
}

/// A store in memory with the pages of another one.
pub(crate) fn copy_in_memory(from: &Connection) -> Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    Backup::new(from, &mut connection)?.step(-1)?;
    settle(&connection)?;
    Ok(connection)
}

/// A migrated store to copy: pages are copied far quicker than a schema is made, and the simulation makes thousands.
fn template() -> &'static Result<Mutex<Connection>> {
    static TEMPLATE: OnceLock<Result<Mutex<Connection>>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let connection = Connection::open_in_memory()?;
        migrate(&connection, MIGRATIONS, &Birth { id: "00000000", now_ms: 0 })?;
        Ok(Mutex::new(connection))
    })
}

fn keyed(file: &Path, key: &StoreKey, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLCipher would write to standard error what comes back as an error anyway.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    connection.execute_batch(&key.pragma())?;
    let cipher: Option<String> = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).ok();
    if cipher.is_none() {
        return Err(StoreError::new(
            StoreErrorKind::Unexpected,
            "This build has no encryption: the store stays closed.",
        ));
    }
    connection.execute_batch("PRAGMA cipher_memory_security = OFF;")?;
    settle(&connection)?;
    Ok(connection)
}

fn settle(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    add_functions(connection)?;
    // A plan stands whatever is bound: without this, each new value of a LIMIT has its statement prepared once more.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048; PRAGMA trusted_schema = OFF;",
    )?;
    Ok(())
}

/// `holds(part, text, …)`: whether one of the texts holds the part, which is in lower case. SQLite's own knows no case
/// outside ASCII.
fn add_functions(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("holds", -1, flags, |texts| {
        let part = texts.get_raw(0).as_str()?;
        for at in 1..texts.len() {
            if texts.get_raw(at).as_str()?.to_lowercase().contains(part) {
                return Ok(true);
            }
        }
        Ok(false)
    })?;
    Ok(())
}

fn settle_writing(connection: &Connection) -> Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::new(
            StoreErrorKind::Unexpected,
            format!("The drive allows no write-ahead log ({mode})."),
        ));
    }
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;")?;
    Ok(())
}

/// SQLCipher says "not a database" to a wrong key, to noise and to a torn first page alike.
fn told_apart(error: StoreError, file: &Path) -> StoreError {
    if error.kind != StoreErrorKind::WrongKey {
        return error;
    }
    let Ok(head) = read_head(file) else { return error };
    if head.starts_with(b"SQLite format 3\0") {
        return StoreError::new(
            StoreErrorKind::NotAStore,
            format!(
                "{} is a plain SQLite file, not a store of Lockstep's: those are always encrypted.",
                file.display()
            ),
        )
        .with_remedy("Move the file away, or choose another data folder with --data-dir.");
    }
    StoreError::new(
        StoreErrorKind::WrongKey,
        format!("{} does not open: the key is another store's, or the beginning of the file is damaged.", file.display()),
    )
    .with_remedy("If the key is right, put back the newest copy from the folder `backups` or from your own backup. The file was left as it is.")
}

fn read_head(file: &Path) -> std::io::Result<[u8; 16]> {
    use std::io::Read;
    let mut head = [0_u8; 16];
    std::fs::File::open(file)?.read_exact(&mut head)?;
    Ok(head)
}

fn prove_id(connection: &Connection, id: &str) -> Result<()> {
    let found: String = connection.query_row("SELECT id FROM store_info", [], |row| row.get(0))?;
    if found == id {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::WrongKey,
        format!("The data folder belongs to store {id}, but the file in it is store {found}."),
    )
    .with_remedy("Put store file and `store.id` back from the same backup."))
}

fn copy_before(connection: &Connection, place: &StorePlace, number: i64) -> Result<()> {
    let folder = place.dir.join(BACKUP_FOLDER);
    place::prepare_folder(&folder)?;
    let file = folder.join(format!("lockstep-schema{number:04}-{}.db", place.now_ms));
    copy_to(connection, &file, &place.key)
        .map_err(|error| error.while_doing("Copying the store before its update"))
}

/// Copies a whole store, encrypted with the same key, while others may use it. An existing file is refused.
pub(crate) fn copy_to(connection: &Connection, file: &Path, key: &StoreKey) -> Result<()> {
    if file.exists() {
        return Err(StoreError::new(StoreErrorKind::Taken, format!("{} exists already.", file.display())));
    }
    let copied = copy_pages(connection, file, key);
    if copied.is_err() {
        // Best effort: the first error is the one to tell, and half a copy must not pass for a whole one.
        let _ = std::fs::remove_file(file);
    }
    copied
}

fn copy_pages(connection: &Connection, file: &Path, key: &StoreKey) -> Result<()> {
    let mut copy = keyed(file, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    place::only_for_owner(file, 0o600)?;
    {
        let backup = Backup::new(connection, &mut copy)?;
        match backup.step(-1)? {
            rusqlite::backup::StepResult::Done => {}
            _ => return Err(StoreError::new(StoreErrorKind::Busy, "The store was too busy to be copied.")),
        }
    }
    let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::new(StoreErrorKind::Damaged, format!("The copy is not whole: {verdict}.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &Path) -> StorePlace {
        StorePlace {
            dir: dir.to_owned(),
            key: StoreKey::from_bytes([7; 32]),
            id: "5a1e0001".to_owned(),
            now_ms: 5,
        }
    }

    fn known(second: &'static str) -> Vec<Migration> {
        let first = &MIGRATIONS[0];
        vec![
            Migration { number: first.number, name: first.name, sql: first.sql },
            Migration { number: 2, name: "second", sql: second },
        ]
    }

    #[test]
    fn a_store_is_copied_before_it_is_migrated() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = place(dir.path());
        drop(open_for_writing(&place, &known("")[..1]).expect("made"));
        let good = known("CREATE TABLE later (x);");
        drop(open_for_writing(&place, &good).expect("migrated"));
        let copies: Vec<_> = std::fs::read_dir(dir.path().join(BACKUP_FOLDER)).expect("there").collect();
        assert_eq!(copies.len(), 1);
        let copy = copies[0].as_ref().expect("an entry").path();
        let copy = keyed(&copy, &place.key, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("opens");
        assert_eq!(standing(&copy, &good).expect("ours"), Standing::At(1));
        let back = open_for_writing(&place, &good[..1]).expect_err("newer");
        assert_eq!(back.kind, StoreErrorKind::Newer);
    }

    #[test]
    fn a_failed_migration_leaves_the_store_as_it_was() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = place(dir.path());
        drop(open_for_writing(&place, &known("")[..1]).expect("made"));
        let error = open_for_writing(&place, &known("CREATE TABLE later (x); nonsense")).expect_err("bad");
        assert_eq!(error.kind, StoreErrorKind::MigrationFailed);
        drop(open_for_writing(&place, &known("")[..1]).expect("still opens with the old program"));
    }

    #[test]
    fn nobody_migrates_under_a_running_process() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = place(dir.path());
        drop(open_for_writing(&place, &known("")[..1]).expect("made"));
        let _runs = RunLock::acquire(dir.path(), "runs", 5).expect("free");
        let error = open_for_writing(&place, &known("CREATE TABLE later (x);")).expect_err("held");
        assert_eq!(error.kind, StoreErrorKind::HeldElsewhere);
    }

    #[test]
    fn a_full_store_says_so_and_keeps_nothing_of_the_step() {
        let dir = tempfile::tempdir().expect("a folder");
        let connection = open_for_writing(&place(dir.path()), MIGRATIONS).expect("made");
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("counts");
        connection.execute_batch(&format!("PRAGMA max_page_count = {}", pages + 4)).expect("set");
        connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
        let mut written = 0;
        let error = loop {
            let row = connection.execute(
                "INSERT INTO audit (at_ms, who, what, detail) VALUES (1, 'w', 'x', ?1)",
                ["y".repeat(3000)],
            );
            match row {
                Ok(_) => written += 1,
                Err(error) => break StoreError::from(error),
            }
            assert!(written < 1000, "never full");
        };
        assert_eq!(error.kind, StoreErrorKind::Full);
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK").expect("rolls back");
        }
        let rows: i64 =
            connection.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).expect("counts");
        assert_eq!(rows, 0);
    }
}
