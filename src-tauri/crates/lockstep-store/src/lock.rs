//! One process runs on a store: a lock of the operating system, gone when its process is gone, with no expiry by any
//! clock (hazards.md H47). A hung holder is named, not robbed.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::place;
use crate::store::{Answer, Store};
use crate::tables::locks::{self, Epoch};

/// The locked file. It stays empty: on Windows nobody else could read it while it is locked.
pub const LOCK_FILE: &str = "lockstep.lock";
/// Who holds the lock, for display only; it may be stale when nobody does.
pub const HOLDER_FILE: &str = "lockstep.holder";

/// The right to run on a store, held until dropped.
#[derive(Debug)]
pub struct RunLock {
    /// The operating system lets go of the lock with the file.
    _file: File,
    holder: Holder,
    note: PathBuf,
}

/// Who holds a lock, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub pid: u32,
    /// What it does: `the window`, `lockstep run "Corvane to Platform"`.
    pub doing: String,
    /// Since when, milliseconds since 1970 UTC.
    pub since_ms: i64,
}

impl RunLock {
    /// Takes the lock of the data folder, or names its holder. `doing` completes "held by … ".
    ///
    /// Open the store first: a store that needs an update takes this lock while it is opened.
    pub fn acquire(dir: &Path, doing: &str, now_ms: i64) -> Result<RunLock> {
        place::prepare_folder(dir)?;
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|cause| StoreError::io("Opening the lock", &path, &cause))?;
        place::only_for_owner(&path, 0o600)?;
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(fs4::TryLockError::WouldBlock) => return Err(held(dir)),
            Err(fs4::TryLockError::Error(cause)) => return Err(StoreError::io("Locking", &path, &cause)),
        }
        let holder = Holder { pid: std::process::id(), doing: doing.to_owned(), since_ms: now_ms };
        let lock = RunLock { _file: file, holder, note: dir.join(HOLDER_FILE) };
        lock.write_note()?;
        Ok(lock)
    }

    /// Raises the epoch: whoever held the lock before and still sleeps somewhere can commit nothing any more.
    pub fn raise_epoch(&self, store: &Store) -> Answer<Epoch> {
        let (doing, since_ms) = (self.holder.doing.clone(), self.holder.since_ms);
        store.write(move |tx| locks::raise_epoch(tx, &doing, since_ms))
    }

    /// Who is named to others.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    fn write_note(&self) -> Result<()> {
        let text = serde_json::to_string(&self.holder).map_err(|cause| StoreError::data("holder", cause))?;
        std::fs::write(&self.note, text).map_err(|cause| StoreError::io("Writing", &self.note, &cause))?;
        place::only_for_owner(&self.note, 0o600)
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // A stale note only misleads the eye; nothing hangs on it.
        let _ = std::fs::remove_file(&self.note);
    }
}

/// What the holder wrote about itself; `None` where nobody did.
pub fn holder(dir: &Path) -> Option<Holder> {
    serde_json::from_str(&std::fs::read_to_string(dir.join(HOLDER_FILE)).ok()?).ok()
}

fn held(dir: &Path) -> StoreError {
    let message = match holder(dir) {
        Some(Holder { pid, doing, since_ms }) => {
            format!(
                "Another Lockstep runs on this store: process {pid} ({doing}), since {}.",
                moment(since_ms)
            )
        }
        None => "Another Lockstep runs on this store.".to_owned(),
    };
    StoreError::new(StoreErrorKind::HeldElsewhere, message).with_remedy(
        "Wait until it has ended, or end it yourself; its work is then finished by the next run.",
    )
}

fn moment(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}
