//! The neutral ticket: what a connector hands in, whatever the platform.

mod attachment;
mod comment;
mod person;
mod value;

pub use attachment::Attachment;
pub use comment::{Comment, Visibility};
pub use person::Person;
pub use value::{Value, canonical_text};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{FieldId, PersonId, TicketId};
use crate::marker::Marker;

/// How far a ticket has moved: the platform's stamp and, where it has one, its counter of changes.
///
/// Equal stamps never prove equal content (hazards.md H17); a counter does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// Last change by the platform's clock, milliseconds since 1970 UTC.
    pub stamp_ms: i64,
    /// ServiceNow `sys_mod_count`; `None` where the platform has no counter.
    pub counter: Option<u64>,
}

/// What the place for a marker on a ticket holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkerRead {
    /// The place was read and is empty.
    Absent,
    /// A marker of Lockstep's.
    Ours(Marker),
    /// Something of another tool's: never overwritten (hazards.md H7).
    Foreign(String),
    /// The place could not be read: decides nothing (hazards.md H18).
    Unknown,
}

/// One ticket as read from its platform, values in canonical form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    /// What people call it: `INC0048213`, `CSD-1187`.
    pub key: String,
    /// The platform's name of the type: ServiceNow table, Jira issue type id.
    pub ticket_type: String,
    /// The container it lies in now: ServiceNow table, Jira project id.
    pub container: String,
    pub version: Version,
    /// By the platform's clock, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Who created it; `None` where the platform does not say.
    pub created_by: Option<PersonId>,
    /// Who changed it last, where the platform tells.
    pub updated_by: Option<PersonId>,
    /// Known fields only. A missing key is *unknown*; an empty field is [`Value::Empty`].
    pub fields: BTreeMap<FieldId, Value>,
    pub marker: MarkerRead,
    /// People named by the fields, as far as the platform shows them.
    pub people: BTreeMap<PersonId, Person>,
    /// A private ticket leaves only by opt-in (engine.md I6).
    pub private: bool,
    /// The platform will not change it any more (archived, closed for good), with its reason.
    pub immutable: Option<String>,
    /// `None`: not read, or the list is incomplete; then nothing is sent on its strength (hazards.md H18).
    pub comments: Option<Vec<Comment>>,
    /// As `comments`.
    pub attachments: Option<Vec<Attachment>>,
    /// Where a person opens it in a browser.
    pub url: String,
}

impl Ticket {
    /// The value of `field`, `None` when unknown.
    pub fn value(&self, field: &FieldId) -> Option<&Value> {
        self.fields.get(field)
    }
}
