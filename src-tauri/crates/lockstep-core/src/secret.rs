//! Secrets in memory: masked when printed, not serialisable at all, wiped when dropped.

use zeroize::Zeroizing;

/// A password, token or key. Opened only where a request is built and where the keychain is written.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the secret over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. Callers: the request builder of `lockstep-connectors`, and `lockstep-store`'s `secrets.rs`.
    pub fn open(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
