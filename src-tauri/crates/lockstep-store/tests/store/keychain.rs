//! The real keychain: a private bus and a private GNOME Keyring, in a process of their own. Skipped, loudly, where
//! the two programs are missing.

use std::path::Path;
use std::process::{Command, Stdio};

use lockstep_core::secret::Secret;
use lockstep_store::{
    AccountId, Entry, Keychain, STORE_FILE, StoreErrorKind, open_or_create, secrets, tables,
};

use crate::support::NOW;

const PLAY: &str = "LOCKSTEP_STORE_TEST_KEYCHAIN";

fn have(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|path| path.join(program).is_file())
}

/// Runs the test `part` of this program under a bus of its own; `keyring` says how its keyring is started.
fn play(part: &str, keyring: &str) {
    if !cfg!(target_os = "linux") || !have("dbus-run-session") || !have("gnome-keyring-daemon") {
        eprintln!("SKIPPED: keychain::{part} needs dbus-run-session and gnome-keyring-daemon");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    std::fs::create_dir(&runtime).unwrap();
    let script = format!("{keyring} exec \"$0\" --exact keychain::{part} --nocapture --test-threads=1");
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(PLAY, part)
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", &runtime)
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("GNOME_KEYRING_CONTROL")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn playing(part: &str) -> bool {
    std::env::var(PLAY).is_ok_and(|played| played == part)
}

const UNLOCKED: &str =
    "printf 'a password of tests' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1;";

#[test]
fn with_a_keyring() {
    play("a_working_keychain", UNLOCKED);
}

#[test]
fn without_a_keyring() {
    // A bus that may start nothing by itself: no service file is found under this data folder.
    play(
        "an_absent_keychain",
        "export XDG_DATA_DIRS=/nonexistent DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent;",
    );
}

#[test]
fn with_a_locked_keyring() {
    // Started without a password and without a screen to ask on.
    play("a_locked_keychain", "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1;");
}

#[test]
fn a_working_keychain() {
    if !playing("a_working_keychain") {
        return;
    }
    let keychain = Keychain::system();
    let account = |origin: &str| Entry::Account {
        store: "ab12cd34".to_owned(),
        account: AccountId(3),
        origin: origin.to_owned(),
    };
    let here = account("https://corvane.example");
    assert_eq!(keychain.get(&here).unwrap_err().kind, StoreErrorKind::KeychainMissing);
    keychain.prove_writable("ab12cd34").unwrap();
    keychain.set(&here, &Secret::new("one".into())).unwrap();
    keychain.set(&here, &Secret::new("zwei ☃".into())).unwrap();
    assert_eq!(keychain.get(&here).unwrap().open(), "zwei ☃");
    let elsewhere = keychain.get(&account("https://corvane.example.evil")).unwrap_err();
    assert_eq!(elsewhere.kind, StoreErrorKind::KeychainMissing, "bound to its origin (T16)");
    for no_origin in ["https://x.example/path", "x.example", "https://u@x.example", "ftp://x"] {
        assert_eq!(
            keychain.get(&account(no_origin)).unwrap_err().kind,
            StoreErrorKind::Invalid,
            "{no_origin}"
        );
    }
    keychain.delete(&here).unwrap();
    keychain.delete(&here).unwrap();
    assert_eq!(keychain.get(&here).unwrap_err().kind, StoreErrorKind::KeychainMissing);
    first_use_and_loss(&keychain);
    first_starts_at_once(&keychain);
}

#[test]
fn t8_without_its_keychain() {
    play("t8_a_copied_profile_stays_closed", UNLOCKED);
}

#[test]
fn t8_a_copied_profile_stays_closed() {
    if !playing("t8_a_copied_profile_stays_closed") {
        return;
    }
    let (owner, thief) = (Keychain::system(), Keychain::with_service("app.lockstep.of-a-thief"));
    let dir = tempfile::tempdir().unwrap();
    let (data, copy) = (dir.path().join("data"), dir.path().join("copy"));
    let store = open_or_create(&data, &owner, NOW).unwrap();
    store.write(|tx| tables::settings::put(tx, "subject", "canary-subject-4711", NOW)).wait().unwrap();
    // While it is open, so that the write-ahead log goes along.
    std::fs::create_dir(&copy).unwrap();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        names.push(path.file_name().unwrap().to_owned());
        std::fs::copy(&path, copy.join(names.last().unwrap())).unwrap();
    }
    assert!(names.iter().any(|name| name.to_string_lossy().ends_with("-wal")), "{names:?}");
    no_file_holds(&copy, "canary-subject-4711");
    let before: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(copy.join(name)).unwrap()).collect();
    let error = open_or_create(&copy, &thief, NOW).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::KeychainMissing, "{error:?}");
    assert!(error.remedy.is_some());
    let after: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(copy.join(name)).unwrap()).collect();
    assert!(before == after, "nothing was made anew over it");
    // A key of his own does not help him either.
    let id = secrets::store_id(&copy).unwrap().unwrap();
    thief.set(&Entry::StoreKey { store: id }, &Secret::new("ab".repeat(32))).unwrap();
    assert_eq!(open_or_create(&copy, &thief, NOW).unwrap_err().kind, StoreErrorKind::WrongKey);
    drop(store);
    let again = open_or_create(&data, &owner, NOW).unwrap();
    let subject: Option<String> = again.read(|conn| tables::settings::get(conn, "subject")).wait().unwrap();
    assert_eq!(subject.as_deref(), Some("canary-subject-4711"));
}

fn first_starts_at_once(keychain: &Keychain) {
    let dir = tempfile::tempdir().unwrap();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let (dir, keychain) = (dir.path().to_owned(), keychain.clone());
            std::thread::spawn(move || open_or_create(&dir, &keychain, NOW).unwrap().id().to_owned())
        })
        .collect();
    let mut ids: Vec<String> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "one store, one key");
}

fn first_use_and_loss(keychain: &Keychain) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let store = open_or_create(&data, keychain, NOW).unwrap();
    let id = store.id().to_owned();
    store.write(|tx| tables::settings::put(tx, "kept", &1, NOW)).wait().unwrap();
    drop(store);
    assert_eq!(secrets::store_id(&data).unwrap().as_deref(), Some(id.as_str()));
    let again = open_or_create(&data, keychain, NOW).unwrap();
    assert_eq!(again.read(|conn| tables::settings::get::<i32>(conn, "kept")).wait().unwrap(), Some(1));
    drop(again);

    let entry = Entry::StoreKey { store: id.clone() };
    let key = keychain.get(&entry).unwrap();
    no_file_holds(&data, key.open());

    // Another key under the entry: told apart from a damaged file.
    keychain.set(&entry, &Secret::new("00".repeat(32))).unwrap();
    assert_eq!(open_or_create(&data, keychain, NOW).unwrap_err().kind, StoreErrorKind::WrongKey);

    // No key: never a new one while the store is there.
    keychain.delete(&entry).unwrap();
    let lost = open_or_create(&data, keychain, NOW).unwrap_err();
    assert_eq!(lost.kind, StoreErrorKind::KeychainMissing);
    assert!(lost.message.contains(&id) && lost.remedy.is_some(), "{lost:?}");
    assert_eq!(keychain.get(&entry).unwrap_err().kind, StoreErrorKind::KeychainMissing, "none was made");

    // The id's file is gone: told, and it can be written by hand.
    keychain.set(&entry, &key).unwrap();
    std::fs::remove_file(data.join(secrets::ID_FILE)).unwrap();
    let lost = open_or_create(&data, keychain, NOW).unwrap_err();
    assert!(lost.remedy.unwrap().contains("store-key:"));
    std::fs::write(data.join(secrets::ID_FILE), format!("{id}\n")).unwrap();
    drop(open_or_create(&data, keychain, NOW).unwrap());

    // A first start that broke off before the store was made goes on with a key of its own.
    std::fs::remove_file(data.join(STORE_FILE)).unwrap();
    keychain.delete(&entry).unwrap();
    assert_eq!(open_or_create(&data, keychain, NOW).unwrap().id(), id);
}

fn no_file_holds(dir: &Path, secret: &str) {
    for file in std::fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{path:?}");
    }
}

#[test]
fn an_absent_keychain() {
    if !playing("an_absent_keychain") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let error = open_or_create(dir.path(), &Keychain::system(), NOW).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::KeychainAbsent, "{error:?}");
    assert!(error.remedy.unwrap().contains("gnome-keyring"));
    assert!(!dir.path().join(STORE_FILE).exists(), "no store without a key, and none in plain");
}

#[test]
fn a_locked_keychain() {
    if !playing("a_locked_keychain") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let error = open_or_create(dir.path(), &Keychain::system(), NOW).unwrap_err();
    assert!(
        matches!(error.kind, StoreErrorKind::KeychainLocked | StoreErrorKind::KeychainAbsent),
        "{error:?}"
    );
    assert!(error.remedy.is_some());
    assert!(!dir.path().join(STORE_FILE).exists());
}
