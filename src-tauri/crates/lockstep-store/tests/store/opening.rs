//! Opening: keys, rights, newer, foreign and damaged files, migrations, copies.

use std::fs;

use lockstep_store::{BACKUP_FOLDER, STORE_FILE, Store, StoreErrorKind, StoreKey, StorePlace, tables};

use crate::support::{ID, NOW, ground, key, place, raw};

#[test]
fn nothing_readable_is_ever_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    ground(&store);
    store.write(|tx| tables::settings::put(tx, "canary", "an-unmistakable-canary", NOW)).wait().unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for word in [&b"unmistakable"[..], b"CREATE TABLE", b"SQLite format"] {
            assert!(
                !bytes.windows(word.len()).any(|window| window == word),
                "{} in {path:?}",
                word.escape_ascii()
            );
        }
    }
}

#[test]
fn t8_no_file_shows_a_subject_before_or_after_it_is_gone() {
    const SUBJECT: &str = "Payroll of Corvane is wrong (canary)";
    let dir = tempfile::tempdir().unwrap();
    let shows = || {
        let wide: Vec<u8> = SUBJECT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        files_below(dir.path()).into_iter().find(|path| {
            let bytes = fs::read(path).unwrap();
            [SUBJECT.as_bytes(), &wide].iter().any(|word| bytes.windows(word.len()).any(|at| at == *word))
        })
    };
    let store = Store::open(&place(dir.path())).unwrap();
    let ground = ground(&store);
    let mut op = crate::support::create_op(ground, "op-1", "1");
    op.payload = lockstep_store::Packed::of(&serde_json::json!({ "summary": SUBJECT })).unwrap();
    store.write(move |tx| tables::journal::plan(tx, &op)).wait().unwrap();
    store.write(|tx| tables::settings::put(tx, "subject", SUBJECT, NOW)).wait().unwrap();
    store.backup(dir.path().join("copy.db")).wait().unwrap();
    assert_eq!(shows(), None, "open, with its write-ahead log, and a copy");
    store.write(|tx| tables::settings::put(tx, "subject", "", NOW)).wait().unwrap();
    drop(store);
    assert_eq!(shows(), None, "closed");
}

fn files_below(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("data");
    let store = Store::open(&place(&inner)).unwrap();
    ground(&store);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    store.backup(inner.join("copy.db")).wait().unwrap();
    for entry in fs::read_dir(&inner).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}

#[test]
fn the_settings_of_the_connection_hold() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    let connection = raw(dir.path());
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let cipher: String = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).unwrap();
    assert!(cipher.starts_with('4'), "{cipher}");
}

#[test]
fn a_wrong_key_is_told_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    let before = fs::read(dir.path().join(STORE_FILE)).unwrap();
    let wrong = StorePlace { key: StoreKey::from_bytes([7; 32]), ..place(dir.path()) };
    let error = Store::open(&wrong).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::WrongKey, "{error}");
    assert!(error.remedy.is_some());
    assert_eq!(fs::read(dir.path().join(STORE_FILE)).unwrap(), before);
    Store::open(&place(dir.path())).unwrap();
}

#[test]
fn another_stores_file_is_told_by_its_id() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    let error = Store::open(&StorePlace { id: "00000000".to_owned(), ..place(dir.path()) }).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::WrongKey, "{error}");
}

#[test]
fn files_that_are_no_store_are_refused_and_left_alone() {
    let noise: Vec<u8> =
        (0..8192_u32).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    for (bytes, kind) in [
        (noise, StoreErrorKind::WrongKey),
        (b"just a text".to_vec(), StoreErrorKind::WrongKey),
        (plain_database(), StoreErrorKind::NotAStore),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(STORE_FILE);
        fs::write(&file, &bytes).unwrap();
        let error = Store::open(&place(dir.path())).unwrap_err();
        assert!(error.kind == kind || error.kind == StoreErrorKind::NotAStore, "{error:?}");
        assert_eq!(fs::read(&file).unwrap(), bytes, "left as it was");
    }
}

fn plain_database() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plain.db");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        .unwrap();
    fs::read(file).unwrap()
}

#[test]
fn an_encrypted_database_of_another_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    raw(dir.path()).execute_batch("CREATE TABLE notes (x); INSERT INTO notes VALUES (1)").unwrap();
    let error = Store::open(&place(dir.path())).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::NotAStore, "{error}");
}

#[test]
fn a_damaged_page_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    ground(&store);
    drop(store);
    let file = dir.path().join(STORE_FILE);
    let mut bytes = fs::read(&file).unwrap();
    for page in 1..bytes.len() / 4096 {
        bytes[page * 4096 + 100] ^= 0xff;
    }
    fs::write(&file, &bytes).unwrap();
    let told = match Store::open(&place(dir.path())) {
        Err(error) => error,
        Ok(store) => store.read(tables::accounts::list).wait().unwrap_err(),
    };
    assert_eq!(told.kind, StoreErrorKind::Damaged, "{told:?}");
    assert!(told.remedy.is_some());
}

#[test]
fn a_newer_store_is_refused_and_left_untouched() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    raw(dir.path()).execute_batch("INSERT INTO migrations VALUES (999, 'future', 'x', 1)").unwrap();
    let before = fs::read(dir.path().join(STORE_FILE)).unwrap();
    let error = Store::open(&place(dir.path())).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Newer, "{error}");
    assert!(error.message.contains("999"));
    assert_eq!(fs::read(dir.path().join(STORE_FILE)).unwrap(), before);
}

#[test]
fn a_changed_migration_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    raw(dir.path()).execute_batch("UPDATE migrations SET checksum = 'other'").unwrap();
    assert_eq!(Store::open(&place(dir.path())).unwrap_err().kind, StoreErrorKind::MigrationChanged);
}

#[test]
fn a_copy_opens_with_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    ground(&store);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join(STORE_FILE);
    store.backup(file.clone()).wait().unwrap();
    assert_eq!(store.backup(file).wait().unwrap_err().kind, StoreErrorKind::Taken, "never over another file");
    let copy = Store::open(&place(elsewhere.path())).unwrap();
    assert_eq!(copy.read(tables::accounts::list).wait().unwrap().len(), 2);
    assert_eq!(copy.integrity().wait().unwrap(), Vec::<String>::new());
    assert!(!dir.path().join(BACKUP_FOLDER).exists(), "a store that is up to date is not copied at opening");
}

#[test]
fn a_read_only_folder_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a-file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&place(&file.join("data"))).unwrap_err();
    assert!(matches!(error.kind, StoreErrorKind::Io | StoreErrorKind::ReadOnly), "{error:?}");
}

#[test]
fn the_store_knows_itself() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    let info = store.read(tables::info::get).wait().unwrap();
    assert_eq!((info.id.as_str(), info.created_ms, info.schema), (ID, NOW, 3));
    assert_eq!(store.id(), ID);
    assert_eq!(format!("{:?}", key()), "StoreKey(…)");
}

#[test]
fn a_store_of_version_1_still_opens() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/version-0001.db");
    if std::env::var_os("LOCKSTEP_WRITE_FIXTURE").is_some() {
        let store = Store::open(&place(dir.path())).unwrap();
        let ground = ground(&store);
        store.write(move |tx| crate::support::add_link(tx, ground.connection, "1", "2")).wait().unwrap();
        store.backup(fixture.into()).wait().unwrap();
        return;
    }
    fs::copy(fixture, dir.path().join(STORE_FILE)).unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    assert_eq!(store.integrity().wait().unwrap(), Vec::<String>::new());
    assert_eq!(store.read(tables::connections::list).wait().unwrap().len(), 1);
    let found = store.read(|conn| tables::links::by_ticket(conn, &crate::support::servicenow(), &"1".into()));
    assert_eq!(found.wait().unwrap().len(), 1);
}

#[test]
fn the_schema_is_the_one_written_down() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    let connection = raw(dir.path());
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name")
        .unwrap();
    let lines: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    insta::with_settings!({ snapshot_path => "..", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("schema", lines.join(";\n\n"));
    });
}
