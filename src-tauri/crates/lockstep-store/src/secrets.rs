//! The keychain of the operating system: the one place that opens it, and the one place where secrets rest.
//!
//! There is no fallback in plain text. Calls may wait a minute for a person who unlocks the keychain: keep them off
//! async threads (`spawn_blocking`).

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use lockstep_core::marker::hex;
use lockstep_core::secret::Secret;

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::key::StoreKey;
use crate::open::{STORE_FILE, StorePlace};
use crate::place;
use crate::store::Store;
use crate::tables::accounts::AccountId;

/// The service all entries stand under.
pub const SERVICE: &str = "app.lockstep";
/// Beside the store: its id, which names the key in the keychain, and the check of that key.
pub const ID_FILE: &str = "store.id";
/// Locked while the store's key is looked up or made.
pub(crate) const SETUP_LOCK_FILE: &str = "setup.lock";

/// Longest time that a person is given to answer the keychain's own question. A question that nobody can see, or whose
/// answer was lost on its way, must not hold a program for ever.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// What a secret is for. The name binds it: another origin or store never gets it (threat T16).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The key of a store.
    StoreKey { store: String },
    /// The sign-in of an account: `https://host[:port]`, nothing behind it. The store's id is part of the name because
    /// two stores of one user count their accounts alike.
    Account { store: String, account: AccountId, origin: String },
    /// Written and removed again to prove that the keychain takes writes.
    Proof { store: String },
}

impl Entry {
    /// The entry's user name.
    pub fn user(&self) -> String {
        match self {
            Entry::StoreKey { store } => format!("store-key:{store}"),
            Entry::Account { store, account, origin } => format!("account:{store}.{account}@{origin}"),
            Entry::Proof { store } => format!("write-test:{store}"),
        }
    }

    fn checked(&self) -> Result<String> {
        if let Entry::Account { origin, .. } = self {
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"))
                .unwrap_or_default();
            if host.is_empty() || host.contains(['/', '@', '?', '#', ' ', '\\']) {
                return Err(StoreError::new(
                    StoreErrorKind::Invalid,
                    format!("{origin} is no origin of an account."),
                ));
            }
        }
        Ok(self.user())
    }
}

/// The operating system's keychain.
#[derive(Debug, Clone)]
pub struct Keychain {
    service: String,
}

impl Default for Keychain {
    fn default() -> Self {
        Keychain::system()
    }
}

impl Keychain {
    /// The user's own keychain. Nothing is opened before the first call.
    pub fn system() -> Keychain {
        Keychain { service: SERVICE.to_owned() }
    }

    /// The same keychain under another service name, so that tests leave the user's entries alone.
    pub fn with_service(service: &str) -> Keychain {
        Keychain { service: service.to_owned() }
    }

    /// Reads a secret; [`StoreErrorKind::KeychainMissing`] where there is none.
    pub fn get(&self, entry: &Entry) -> Result<Secret> {
        self.ask(entry, |kept| kept.get_password().map(Secret::new))
    }

    /// Writes a secret over what was there.
    pub fn set(&self, entry: &Entry, secret: &Secret) -> Result<()> {
        let secret = secret.clone();
        self.ask(entry, move |kept| kept.set_password(secret.open()))
    }

    /// Removes a secret; one that is not there counts as removed.
    pub fn delete(&self, entry: &Entry) -> Result<()> {
        self.ask(entry, |kept| match kept.delete_credential() {
            Err(keyring::Error::NoEntry) => Ok(()),
            ended => ended,
        })
    }

    /// Writes, reads and removes an entry of no meaning: before a token is refreshed (hazards.md H51) and before a
    /// key is made.
    pub fn prove_writable(&self, store: &str) -> Result<()> {
        let entry = Entry::Proof { store: store.to_owned() };
        let wanted = Secret::new("proof".to_owned());
        self.set(&entry, &wanted)?;
        let read = self.get(&entry)?;
        self.delete(&entry)?;
        if read.open() == wanted.open() {
            return Ok(());
        }
        Err(StoreError::new(
            StoreErrorKind::KeychainDenied,
            "The keychain did not keep what was written to it.",
        ))
    }

    /// Asks on a thread of its own, which may wait for a person; nobody waits for that thread longer than
    /// [`ANSWER_MAX`]. Where the connection is at fault, a second time over a new one: a keychain that was started anew knows
    /// nothing of the old. All questions may be asked twice.
    fn ask<T: Send + 'static>(
        &self,
        entry: &Entry,
        question: impl Fn(&keyring_core::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (keychain, of) = (self.clone(), entry.clone());
        within(ANSWER_MAX, move || {
            let kept = keychain.entry(&of)?;
            match question(&kept) {
                Err(error @ keyring::Error::PlatformFailure(_)) => {
                    if connect_anew().is_err() {
                        return Err(explain(error, &of));
                    }
                    question(&keychain.entry(&of)?).map_err(|error| explain(error, &of))
                }
                asked => asked.map_err(|error| explain(error, &of)),
            }
        })
    }

    fn entry(&self, entry: &Entry) -> Result<keyring_core::Entry> {
        let user = entry.checked()?;
        let begun = keyring::Entry::store_status();
        // One that came up only after this program is connected to now.
        if UNANSWERED.load(Ordering::Relaxed)
            || (begun.is_err() && keyring_core::get_default_store().is_none())
        {
            let connected = connect_anew();
            if let (Err(error), Err(_)) = (begun, &connected) {
                return Err(absent(&error.to_string()));
            }
            connected.map_err(|error| explain(error, entry))?;
            UNANSWERED.store(false, Ordering::Relaxed);
        }
        keyring_core::Entry::new(&self.service, &user).map_err(|error| explain(error, entry))
    }
}

/// A question waits without an answer, and with it the connection it was asked on: the next one takes a new connection.
static UNANSWERED: AtomicBool = AtomicBool::new(false);

/// Only the Secret Service lets one question hold up all others on its connection.
#[cfg(target_os = "linux")]
fn connect_anew() -> keyring::Result<()> {
    keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn connect_anew() -> keyring::Result<()> {
    Ok(())
}

/// Does `work` on another thread and waits for it at most so long; then it goes on alone, and its answer is lost.
fn within<T: Send + 'static>(
    longest: Duration,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (tell, heard) = mpsc::channel();
    let started = thread::Builder::new().name("keychain".to_owned()).spawn(move || tell.send(work()));
    started.map_err(|error| absent(&format!("no thread for it can be started: {error}")))?;
    heard.recv_timeout(longest).unwrap_or_else(|late| match late {
        RecvTimeoutError::Timeout => {
            UNANSWERED.store(true, Ordering::Relaxed);
            Err(locked(&format!("no answer within {} s", longest.as_secs())))
        }
        RecvTimeoutError::Disconnected => Err(absent("it failed while it was asked")),
    })
}

/// Opens the store of a data folder; on first use makes its key, puts it into the keychain, and makes the store.
///
/// A store file whose key is missing is never given a new one: that would only hide the loss.
pub fn open_or_create(dir: &Path, keychain: &Keychain, now_ms: i64) -> Result<Store> {
    open_with(dir, keychain, now_ms, Store::open)
}

/// The same without threads, for short commands and the simulation.
pub fn open_or_create_inline(dir: &Path, keychain: &Keychain, now_ms: i64) -> Result<Store> {
    open_with(dir, keychain, now_ms, Store::open_inline)
}

fn open_with(
    dir: &Path,
    keychain: &Keychain,
    now_ms: i64,
    open: impl FnOnce(&StorePlace) -> Result<Store>,
) -> Result<Store> {
    place::prepare_folder(dir)?;
    let settled = dir.join(ID_FILE).exists() && dir.join(STORE_FILE).exists();
    // Two first starts at once must not make two keys.
    let _turn = if settled { None } else { Some(setup_turn(dir)?) };
    open(&unlock(dir, keychain, now_ms)?)
}

/// The id of the data folder's store, without opening it.
pub fn store_id(dir: &Path) -> Result<Option<String>> {
    Ok(read_id(dir)?.map(|note| note.id))
}

struct IdNote {
    id: String,
    check: Option<String>,
}

fn unlock(dir: &Path, keychain: &Keychain, now_ms: i64) -> Result<StorePlace> {
    let file_exists = dir.join(STORE_FILE).exists();
    let note = read_id(dir)?;
    let Some(note) = note else {
        if file_exists {
            return Err(id_missing(dir));
        }
        return first_use(dir, keychain, &new_id()?, now_ms);
    };
    let entry = Entry::StoreKey { store: note.id.clone() };
    match keychain.get(&entry) {
        Ok(secret) => {
            let key = StoreKey::from_secret(&secret)?;
            if note.check.is_some_and(|check| check != key.check()) {
                return Err(wrong_entry(&note.id));
            }
            Ok(StorePlace { dir: dir.to_owned(), key, id: note.id, now_ms })
        }
        Err(error) if error.kind == StoreErrorKind::KeychainMissing && !file_exists => {
            first_use(dir, keychain, &note.id, now_ms)
        }
        Err(error) if error.kind == StoreErrorKind::KeychainMissing => Err(key_missing(dir, &note.id)),
        Err(error) => Err(error),
    }
}

fn first_use(dir: &Path, keychain: &Keychain, id: &str, now_ms: i64) -> Result<StorePlace> {
    keychain.prove_writable(id)?;
    let key = StoreKey::generate()?;
    let entry = Entry::StoreKey { store: id.to_owned() };
    keychain.set(&entry, &key.to_secret())?;
    if StoreKey::from_secret(&keychain.get(&entry)?)?.check() != key.check() {
        return Err(StoreError::new(
            StoreErrorKind::KeychainDenied,
            "The keychain did not keep the store's new key.",
        ));
    }
    write_id(dir, id, &key.check())?;
    Ok(StorePlace { dir: dir.to_owned(), key, id: id.to_owned(), now_ms })
}

fn setup_turn(dir: &Path) -> Result<fs::File> {
    let path = dir.join(SETUP_LOCK_FILE);
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|cause| StoreError::io("Opening the lock", &path, &cause))?;
    place::only_for_owner(&path, 0o600)?;
    fs4::FileExt::lock(&file).map_err(|cause| StoreError::io("Locking", &path, &cause))?;
    Ok(file)
}

fn new_id() -> Result<String> {
    let mut bytes = [0_u8; 4];
    getrandom::fill(&mut bytes).map_err(|cause| {
        StoreError::new(StoreErrorKind::Unexpected, format!("The system gives no random numbers: {cause}"))
    })?;
    Ok(hex(&bytes))
}

fn read_id(dir: &Path) -> Result<Option<IdNote>> {
    let path = dir.join(ID_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(StoreError::io("Reading", &path, &cause)),
    };
    let mut words = text.split_whitespace().map(str::to_owned);
    let id = words.next().unwrap_or_default();
    if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(id_missing(dir));
    }
    Ok(Some(IdNote { id, check: words.next() }))
}

/// Written beside and moved into place, so that a crash leaves either nothing or the whole.
fn write_id(dir: &Path, id: &str, check: &str) -> Result<()> {
    use std::io::Write;
    let (path, beside) = (dir.join(ID_FILE), dir.join("store.id.new"));
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&beside)?;
        file.write_all(format!("{id}\n{check}\n").as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    write().map_err(|cause| StoreError::io("Writing", &path, &cause))?;
    place::only_for_owner(&path, 0o600)
}

fn id_missing(dir: &Path) -> StoreError {
    StoreError::new(
        StoreErrorKind::KeychainMissing,
        format!("{} is there, but {ID_FILE} beside it is missing or unreadable, so its key cannot be found.", dir.join(STORE_FILE).display()),
    )
    .with_remedy(format!(
        "Put {ID_FILE} back from a backup, or write it yourself: one line, the 8 characters behind `store-key:` in your keychain's entry of {SERVICE}."
    ))
}

fn key_missing(dir: &Path, id: &str) -> StoreError {
    StoreError::new(
        StoreErrorKind::KeychainMissing,
        format!("The keychain has no key for the store in {} (entry {SERVICE} / store-key:{id}).", dir.display()),
    )
    .with_remedy(
        "Sign in as the user who made the store, or put the entry back from a backup of your keychain. Without it \
         the store cannot be read by anybody: to start anew, move the folder away; Lockstep then finds again what it \
         made by the markers on the tickets, and accounts and connections are set up again or imported.",
    )
}

fn wrong_entry(id: &str) -> StoreError {
    StoreError::new(
        StoreErrorKind::WrongKey,
        format!("The key in the keychain (entry {SERVICE} / store-key:{id}) is not the one this store was made with."),
    )
    .with_remedy("Put the entry back from a backup of your keychain. The store was left as it is.")
}

fn absent(detail: &str) -> StoreError {
    let remedy = if cfg!(target_os = "macos") {
        "Sign in to your user session and open Keychain Access once, then start Lockstep again."
    } else if cfg!(windows) {
        "Start the Windows service `Credential Manager`, then start Lockstep again."
    } else {
        "On a desktop, sign in to your session (GNOME Keyring, KWallet or KeePassXC answers there). On a bare server \
         install gnome-keyring and dbus, then run: `dbus-run-session -- sh -c 'gnome-keyring-daemon --unlock \
         --components=secrets && lockstep watch'`; it asks for the keyring's password on standard input."
    };
    StoreError::new(
        StoreErrorKind::KeychainAbsent,
        format!("No keychain answers on this machine ({detail})."),
    )
    .with_remedy(remedy)
}

/// Secrets never enter the sentence: keyring's own text of bad encodings is left out.
fn explain(error: keyring::Error, entry: &Entry) -> StoreError {
    use keyring::Error;
    let user = entry.user();
    match error {
        Error::NoEntry => StoreError::new(
            StoreErrorKind::KeychainMissing,
            format!("The keychain has no entry {SERVICE} / {user}."),
        )
        .with_remedy("Sign in to the account again; for a store's key, put the entry back from a backup."),
        Error::NoDefaultStore => absent("no store"),
        Error::NoStorageAccess(cause) => no_access(&cause.to_string(), &user),
        Error::PlatformFailure(cause) => platform_failure(&cause.to_string(), &user),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => StoreError::new(
            StoreErrorKind::KeychainDenied,
            format!("The keychain's entry {user} cannot be read."),
        )
        .with_remedy("Remove the entry and sign in again."),
        Error::Ambiguous(_) => StoreError::new(
            StoreErrorKind::KeychainDenied,
            format!("The keychain has several entries {SERVICE} / {user}; none was used."),
        )
        .with_remedy("Remove all but one of them."),
        Error::TooLong(what, limit) => StoreError::new(
            StoreErrorKind::Invalid,
            format!("The {what} is longer than the keychain takes ({limit})."),
        ),
        Error::Invalid(what, _) => {
            StoreError::new(StoreErrorKind::Invalid, format!("The keychain refused the {what}."))
        }
        other => {
            StoreError::new(StoreErrorKind::KeychainDenied, format!("The keychain refused {user}: {other}"))
        }
    }
}

fn no_access(cause: &str, user: &str) -> StoreError {
    let is_locked =
        ["locked", "prompt", "interaction", "not returned"].iter().any(|word| cause.contains(word));
    if is_locked {
        return locked(cause);
    }
    StoreError::new(
        StoreErrorKind::KeychainDenied,
        format!("The keychain refused access to {user} ({cause})."),
    )
    .with_remedy("Allow Lockstep in your keychain program, then try again.")
}

fn locked(cause: &str) -> StoreError {
    StoreError::new(StoreErrorKind::KeychainLocked, format!("The keychain is locked ({cause}).")).with_remedy(
        "Unlock it (by signing in to your session, or with your keychain program), then try again.",
    )
}

fn platform_failure(cause: &str, user: &str) -> StoreError {
    let gone = [
        "ServiceUnknown",
        "NameHasNoOwner",
        "no secret service",
        "Disconnected",
        "Broken pipe",
        "No such file",
    ]
    .iter()
    .any(|word| cause.contains(word));
    if gone {
        return absent(cause);
    }
    if cause.contains("IsLocked") || cause.to_lowercase().contains("locked") {
        return no_access("locked", user);
    }
    StoreError::new(StoreErrorKind::KeychainDenied, format!("The keychain failed for {user}: {cause}"))
        .with_remedy("Try again; if it stays so, restart your session or the keychain service.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_nobody_answers_is_a_locked_keychain() {
        let (keep, never) = mpsc::channel::<()>();
        let asked = within(Duration::from_millis(10), move || Ok(never.recv().is_ok()));
        let error = asked.expect_err("nobody answers");
        assert_eq!(error.kind, StoreErrorKind::KeychainLocked);
        assert!(error.to_string().contains("no answer within"), "{error}");
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("Unlock it")));
        drop(keep);
        assert_eq!(within(ANSWER_MAX, || Ok(7)).expect("answered"), 7);
    }

    #[test]
    fn a_question_that_fails_is_an_error() {
        let error =
            within::<()>(ANSWER_MAX, || panic!("a bug in a platform's library")).expect_err("it failed");
        assert_eq!(error.kind, absent("").kind);
    }
}
