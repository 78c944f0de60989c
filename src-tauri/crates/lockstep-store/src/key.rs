//! The store's key: 256 raw bits, so that opening derives nothing and costs no time.

use lockstep_core::marker::hex;
use lockstep_core::secret::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::{Result, StoreError, StoreErrorKind};

/// Opens one store. Masked when printed, wiped when dropped.
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// From raw bytes; tests use a fixed one.
    pub fn from_bytes(bytes: [u8; 32]) -> StoreKey {
        StoreKey(Zeroizing::new(bytes))
    }

    /// A new one from the system's random source.
    pub fn generate() -> Result<StoreKey> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|cause| {
            StoreError::new(
                StoreErrorKind::Unexpected,
                format!("The system gives no random numbers: {cause}"),
            )
        })?;
        Ok(StoreKey(bytes))
    }

    /// Reads what [`StoreKey::to_secret`] wrote.
    pub fn from_secret(secret: &Secret) -> Result<StoreKey> {
        let text = secret.open().trim();
        let damaged = || {
            StoreError::new(
                StoreErrorKind::WrongKey,
                "The keychain's entry for the store does not hold a key.",
            )
            .with_remedy("Put back the entry from a backup of your keychain: 64 hexadecimal characters.")
        };
        if text.len() != 64 || !text.is_ascii() {
            return Err(damaged());
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| damaged())?;
        }
        Ok(StoreKey(bytes))
    }

    /// As it lies in the keychain: 64 hexadecimal characters.
    pub fn to_secret(&self) -> Secret {
        Secret::new(hex(self.0.as_ref()))
    }

    /// Eight characters that tell one key from another and give nothing away; kept beside the store, so that a wrong
    /// key is not taken for a damaged file.
    pub fn check(&self) -> String {
        let digest =
            Sha256::new().chain_update("lockstep store key check\n").chain_update(self.0.as_ref()).finalize();
        hex(&digest)[..8].to_owned()
    }

    /// The statement that hands the key to SQLCipher.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", Zeroizing::new(hex(self.0.as_ref())).as_str()))
    }
}

impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKey(…)")
    }
}
