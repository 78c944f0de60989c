//! Where things are, for programs that open an application: the data folder, and what belongs to it.

use std::path::{Path, PathBuf};

use crate::api_error::ApiError;

pub use lockstep_core::secret::Secret;
pub use lockstep_store::tables::runs::RunKind;
pub use lockstep_store::{DATA_DIR_VARIABLE, Entry, KeptPlace, Keychain, PlaceKind};

/// Logs lie here, inside the data folder.
pub const LOG_FOLDER: &str = "logs";

/// The data folder: the argument, else `LOCKSTEP_DATA_DIR`, else the platform's own place.
pub fn data_dir(argument: Option<PathBuf>) -> Result<PathBuf, ApiError> {
    Ok(lockstep_store::data_dir(argument)?)
}

/// Whether a store was ever made in this data folder.
pub fn has_store(data_dir: &Path) -> bool {
    data_dir.join("lockstep.db").exists()
}
