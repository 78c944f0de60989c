//! What Lockstep remembers: an encrypted SQLite file with one owner thread, the lock that lets one process run on it,
//! and the secrets in the operating system's keychain.
//!
//! SQL stays in here; callers compose the functions of [`tables`] inside [`Store::write`] and [`Store::read`]. Nothing
//! in here looks at a clock or draws a number: times and ids are arguments. (Keys and the store's id are drawn once,
//! in [`secrets`].)

mod error;
mod key;
mod lock;
mod migrate;
mod open;
mod packed;
mod place;
pub mod secrets;
mod store;
pub mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod words;

pub use error::{Result, StoreError, StoreErrorKind};
pub use key::StoreKey;
pub use lock::{HOLDER_FILE, Holder, LOCK_FILE, RunLock, holder};
pub use open::{BACKUP_FOLDER, STORE_FILE, StorePlace};
pub use packed::Packed;
pub use place::{DATA_DIR_VARIABLE, KeptPlace, PlaceKind, data_dir, describe_places};
pub use secrets::{Entry, Keychain, open_or_create, open_or_create_inline};
pub use store::{Answer, Connection, Store, Tx};
pub use tables::accounts::AccountId;
pub use tables::connections::{ConnectionId, Revision};
pub use tables::feed::Feed;
pub use tables::journal::JournalId;
pub use tables::locks::Epoch;
pub use tables::plans::PlanId;
pub use tables::runs::RunId;
