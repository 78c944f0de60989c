//! The rows that Jira answers with, as far as Lockstep reads them (sheet jira.md §3, §7, §8, §9). Values of
//! fields stay raw JSON text until `fields` turns the wanted ones into values, so a page never becomes a
//! tree.

use std::collections::BTreeMap;
use std::fmt;

use lockstep_core::ids::{AttachmentId, PersonId};
use lockstep_core::ticket::{Attachment, Person};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error_body::ErrorBody;
use crate::http::base_name;

/// A time in any of the spellings met: ISO text with an offset without colon, or epoch milliseconds (§3.2,
/// §3.4, §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub i64);

impl Stamp {
    /// Reads the text form; the offset counts, whatever the account's zone is.
    pub fn parse(text: &str) -> Option<Stamp> {
        for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M:%S%.f%:z"] {
            if let Ok(time) = jiff::Timestamp::strptime(format, text) {
                return Some(Stamp(time.as_millisecond()));
            }
        }
        text.parse::<jiff::Timestamp>().ok().map(|time| Stamp(time.as_millisecond()))
    }

    /// Writes `ms` the way date-time fields take it (§2.3), in UTC.
    pub fn format(ms: i64) -> Option<String> {
        let time = jiff::Timestamp::from_millisecond(ms).ok()?;
        Some(time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string())
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Stamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time as text or in milliseconds")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Stamp, E> {
                Stamp::parse(text).ok_or_else(|| E::custom("not a time"))
            }

            fn visit_i64<E: de::Error>(self, ms: i64) -> Result<Stamp, E> {
                Ok(Stamp(ms))
            }

            fn visit_u64<E: de::Error>(self, ms: u64) -> Result<Stamp, E> {
                i64::try_from(ms).map(Stamp).map_err(|_| E::custom("a time too far away"))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// An id that is text in one answer and a number in another (§8).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id as text or number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                if text.is_empty() { Err(E::custom("an empty id")) } else { Ok(Id(text.to_owned())) }
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id, E> {
                Ok(Id(number.to_string()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// One issue of a search, a bulk fetch, a single read or a `returnIssue` answer.
#[derive(Debug, Deserialize)]
pub struct IssueRow<'a> {
    pub id: Id,
    pub key: String,
    /// Raw values by field id. A key that is missing is *unknown*, not empty (hazards.md H18).
    #[serde(borrow, default)]
    pub fields: BTreeMap<String, &'a RawValue>,
    /// The properties asked for; `None` when the answer does not speak of properties at all.
    #[serde(borrow, default)]
    pub properties: Option<BTreeMap<String, &'a RawValue>>,
}

/// `POST /search/jql` (§3.1).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchPage<'a> {
    #[serde(borrow)]
    pub issues: Vec<IssueRow<'a>>,
    #[serde(default)]
    pub next_page_token: Option<String>,
    #[serde(default)]
    pub is_last: Option<bool>,
}

/// `POST /issue/bulkfetch` (§3.1): what is missing or hidden is left out without a word.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkFetched<'a> {
    #[serde(borrow)]
    pub issues: Vec<IssueRow<'a>>,
}

/// A user as any answer shows one (§2.5).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    #[serde(default)]
    pub account_id: Option<String>,
    #[serde(default)]
    pub account_type: Option<String>,
    #[serde(default)]
    pub active: Option<bool>,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub email_address: Option<String>,
    #[serde(default)]
    pub time_zone: Option<String>,
}

impl UserRow {
    /// The neutral person; `None` without an account id. The placeholder `unknown` is nobody (§2.5).
    pub fn person(&self) -> Option<Person> {
        let id = self.account_id.as_deref().filter(|id| !id.is_empty() && *id != "unknown")?;
        Some(Person {
            id: id.into(),
            name: self.display_name.clone().unwrap_or_default(),
            email: self
                .email_address
                .as_ref()
                .map(|mail| mail.trim().to_lowercase())
                .filter(|mail| !mail.is_empty()),
            active: self.active.unwrap_or(true),
        })
    }

    /// The person, or a nameless one where the platform shows none (anonymous, deleted, automation).
    pub fn person_or_nobody(user: Option<&UserRow>) -> Person {
        user.and_then(UserRow::person).unwrap_or_else(|| Person {
            id: PersonId(String::new()),
            name: user.and_then(|user| user.display_name.clone()).unwrap_or_default(),
            email: None,
            active: false,
        })
    }
}

/// A property of a comment.
#[derive(Debug, Deserialize)]
pub struct PropertyRow<'a> {
    pub key: String,
    #[serde(borrow)]
    pub value: &'a RawValue,
}

/// One comment (§7).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentRow<'a> {
    pub id: Id,
    #[serde(default)]
    pub author: Option<UserRow>,
    #[serde(borrow, default)]
    pub body: Option<&'a RawValue>,
    pub created: Stamp,
    #[serde(default)]
    pub updated: Option<Stamp>,
    #[serde(default)]
    pub jsd_public: Option<bool>,
    /// Restriction to a role or group; that there is one is all that counts.
    #[serde(default)]
    pub visibility: Option<de::IgnoredAny>,
    #[serde(borrow, default)]
    pub properties: Option<Vec<PropertyRow<'a>>>,
}

/// `GET /issue/{id}/comment`: pages without `isLast` (§3.5).
#[derive(Debug, Deserialize)]
pub struct CommentPage<'a> {
    #[serde(borrow)]
    pub comments: Vec<CommentRow<'a>>,
    pub total: usize,
}

/// One attachment (§8).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentRow {
    pub id: Id,
    pub filename: String,
    #[serde(default)]
    pub author: Option<UserRow>,
    pub created: Stamp,
    pub size: u64,
    #[serde(default)]
    pub mime_type: Option<String>,
}

impl AttachmentRow {
    /// The neutral attachment. The name is reduced to its last part (reliability.md T9).
    pub fn attachment(self, us: &PersonId) -> Attachment {
        let author = self.author.as_ref().and_then(UserRow::person);
        Attachment {
            id: AttachmentId(self.id.0),
            name: base_name(&self.filename),
            mime: self
                .mime_type
                .filter(|m| !m.is_empty())
                .unwrap_or_else(|| "application/octet-stream".into()),
            size_bytes: self.size,
            by_us: author.as_ref().is_some_and(|person| person.id == *us),
            author,
            created_ms: self.created.0,
            sha256: None,
        }
    }
}

/// `POST /issue` → 201, and the elements of a bulk create (§4.1).
#[derive(Debug, Clone, Deserialize)]
pub struct CreatedRow {
    pub id: Id,
    pub key: String,
    #[serde(default)]
    pub transition: Option<NestedAnswer>,
}

/// How the step inside a create ended.
#[derive(Debug, Clone, Deserialize)]
pub struct NestedAnswer {
    #[serde(default)]
    pub status: Option<u16>,
}

/// `POST /issue/bulk`: 201 if any element went through, 400 if none did.
#[derive(Debug, Deserialize)]
pub struct BulkCreated {
    #[serde(default)]
    pub issues: Vec<CreatedRow>,
    #[serde(default)]
    pub errors: Vec<BulkRefusal>,
}

/// One refused element of a bulk create.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkRefusal {
    pub failed_element_number: usize,
    #[serde(default)]
    pub element_errors: ErrorBody,
}

/// `POST /servicedeskapi/request` → 201 (§9.2).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRow {
    pub issue_id: Id,
    pub issue_key: String,
}

/// One step the workflow offers now (§4.3).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransitionRow {
    pub id: Id,
    pub name: String,
    pub to: NamedRow,
    #[serde(default)]
    pub has_screen: bool,
    #[serde(default)]
    pub is_available: Option<bool>,
    #[serde(default)]
    pub fields: BTreeMap<String, FieldMetaRow>,
}

/// `GET /issue/{id}/transitions`.
#[derive(Debug, Deserialize)]
pub struct Transitions {
    #[serde(default)]
    pub transitions: Vec<TransitionRow>,
}

/// Anything with an id and a name.
#[derive(Debug, Clone, Deserialize)]
pub struct NamedRow {
    pub id: Id,
    #[serde(default)]
    pub name: String,
}

/// `schema` of a field; an open enumeration (§2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct SchemaRow {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub items: Option<String>,
    #[serde(default)]
    pub custom: Option<String>,
    #[serde(default)]
    pub system: Option<String>,
}

/// An option of a picklist, whatever its kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionRow {
    #[serde(default)]
    pub id: Option<Id>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub disabled: bool,
    #[serde(default)]
    pub children: Vec<OptionRow>,
}

impl OptionRow {
    /// What people read.
    pub fn label(&self) -> String {
        self.value.clone().or_else(|| self.name.clone()).unwrap_or_default()
    }
}

/// A field on a create screen, an edit screen or a step's screen (§2.2).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldMetaRow {
    #[serde(default)]
    pub field_id: Option<String>,
    #[serde(default)]
    pub key: Option<String>,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub has_default_value: bool,
    #[serde(default)]
    pub operations: Vec<String>,
    #[serde(default)]
    pub schema: SchemaRow,
    #[serde(default)]
    pub allowed_values: Option<Vec<OptionRow>>,
}

/// One field of `GET /field` (§2.3).
#[derive(Debug, Clone, Deserialize)]
pub struct FieldRow {
    pub id: String,
    #[serde(default)]
    pub schema: Option<SchemaRow>,
}

/// The value of `lockstep.link` on a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentLink {
    pub v: u32,
    /// The ref of the original (`marker::content_ref`).
    #[serde(rename = "ref")]
    pub copy_of: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_with_its_offset() {
        assert_eq!(Stamp::parse("2026-11-20T10:31:07.123+0100"), Some(Stamp(1_795_167_067_123)));
        assert_eq!(Stamp::parse("2026-11-20T09:31:07.123Z"), Some(Stamp(1_795_167_067_123)));
        assert_eq!(Stamp::parse("2026-11-20T10:31:07.123+01:00"), Some(Stamp(1_795_167_067_123)));
        assert_eq!(Stamp::parse("yesterday"), None);
        assert_eq!(serde_json::from_str::<Stamp>("1795167067123").unwrap(), Stamp(1_795_167_067_123));
        assert_eq!(Stamp::format(1_795_167_067_123).as_deref(), Some("2026-11-20T09:31:07.123+0000"));
        assert_eq!(Stamp::parse(&Stamp::format(-5).unwrap()), Some(Stamp(-5)));
    }

    #[test]
    fn ids_come_as_text_or_number() {
        assert_eq!(serde_json::from_str::<Id>("\"10001\"").unwrap().0, "10001");
        assert_eq!(serde_json::from_str::<Id>("10001").unwrap().0, "10001");
        assert!(serde_json::from_str::<Id>("\"\"").is_err());
        assert!(serde_json::from_str::<Id>("null").is_err());
    }

    #[test]
    fn a_deep_value_does_not_spoil_its_row() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let text = format!(r#"{{"id":"1","key":"A-1","fields":{{"summary":"s","x":{deep}}}}}"#);
        let row: IssueRow<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!(row.fields["summary"].get(), "\"s\"");
        assert!(serde_json::from_str::<serde_json::Value>(row.fields["x"].get()).is_err());
        assert!(row.properties.is_none());
    }

    #[test]
    fn a_hidden_address_is_none_and_a_corrupt_user_is_nobody() {
        let user: UserRow =
            serde_json::from_str(r#"{"accountId":"a","displayName":"Mia","emailAddress":"","active":true}"#)
                .unwrap();
        assert_eq!(user.person().unwrap().email, None);
        let corrupt: UserRow = serde_json::from_str(r#"{"accountId":"unknown"}"#).unwrap();
        assert!(corrupt.person().is_none());
        assert_eq!(UserRow::person_or_nobody(None).id.as_str(), "");
    }
}
