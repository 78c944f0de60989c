//! People as a platform shows them.

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// One person on one platform. Lockstep looks people up and never creates any (engine.md I7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    /// Display name; empty when hidden.
    pub name: String,
    /// Lower-cased e-mail address; `None` when hidden or not set.
    pub email: Option<String>,
    pub active: bool,
}
