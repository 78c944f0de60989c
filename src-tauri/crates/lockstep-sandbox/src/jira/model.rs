//! What the practice Jira keeps: issues, comments, attachments, changelog, users. Rich text is kept as raw JSON text.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Position of a user in the site's list.
pub type UserNo = u16;

/// The service account that Lockstep signs in as.
pub const LOCKSTEP: UserNo = 0;

/// One ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub id: u64,
    /// Position of the project.
    pub project: usize,
    /// Number in the key.
    pub number: u32,
    /// Issue type id.
    pub kind: u32,
    /// Status id.
    pub status: u32,
    pub summary: String,
    /// ADF text.
    pub description: Option<String>,
    /// ADF text.
    pub environment: Option<String>,
    pub priority: Option<u32>,
    pub resolution: Option<u32>,
    pub resolved_ms: Option<i64>,
    pub labels: Vec<String>,
    pub components: Vec<u32>,
    pub duedate: Option<String>,
    pub assignee: Option<UserNo>,
    pub reporter: Option<UserNo>,
    pub creator: UserNo,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub parent: Option<u64>,
    pub custom: Vec<(u32, Custom)>,
    /// Key and raw JSON value.
    pub properties: Vec<(String, String)>,
    pub comments: Vec<Arc<Comment>>,
    pub attachments: Vec<u64>,
    pub remote_links: Vec<Arc<RemoteLink>>,
    pub history: Vec<Arc<Change>>,
    /// Service management data, for tickets that are requests.
    pub request: Option<Request>,
    /// When the status became what it is.
    pub status_since_ms: i64,
    /// Earlier statuses with their times, for the request's status history.
    pub status_path: Vec<(u32, i64)>,
}

/// Value of a custom field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Custom {
    Line(String),
    /// ADF text.
    Rich(String),
    Option(u32),
    /// Milliseconds since 1970.
    Moment(i64),
}

impl Issue {
    /// Value of a custom field.
    pub fn custom(&self, number: u32) -> Option<&Custom> {
        self.custom.iter().find(|(at, _)| *at == number).map(|(_, value)| value)
    }

    /// Sets or clears a custom field.
    pub fn set_custom(&mut self, number: u32, value: Option<Custom>) {
        self.custom.retain(|(at, _)| *at != number);
        if let Some(value) = value {
            self.custom.push((number, value));
            self.custom.sort_by_key(|(at, _)| *at);
        }
    }

    /// Raw JSON of a property.
    pub fn property(&self, key: &str) -> Option<&str> {
        find_property(&self.properties, key)
    }

    /// All ADF texts of the ticket itself, by field id.
    pub fn rich_texts(&self) -> impl Iterator<Item = &str> {
        let custom = self.custom.iter().filter_map(|(_, value)| match value {
            Custom::Rich(text) => Some(text.as_str()),
            _ => None,
        });
        self.description.as_deref().into_iter().chain(self.environment.as_deref()).chain(custom)
    }
}

/// Raw JSON of a property in a list of properties.
pub fn find_property<'a>(properties: &'a [(String, String)], key: &str) -> Option<&'a str> {
    properties.iter().find(|(at, _)| at == key).map(|(_, value)| value.as_str())
}

/// Sets a property; tells whether it is new.
pub fn put_property(properties: &mut Vec<(String, String)>, key: &str, value: String) -> bool {
    match properties.iter_mut().find(|(at, _)| at == key) {
        Some((_, old)) => {
            *old = value;
            false
        }
        None => {
            properties.push((key.to_owned(), value));
            true
        }
    }
}

/// Service management side of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub type_id: u32,
    pub participants: Vec<UserNo>,
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    pub id: u64,
    pub author: UserNo,
    pub update_author: UserNo,
    /// ADF text.
    pub body: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    /// Raw JSON of `visibility`.
    pub visibility: Option<Visibility>,
    /// Key and raw JSON value.
    pub properties: Vec<(String, String)>,
    /// From when on the properties are shown (they may appear after the body, sheet §12).
    pub properties_from_ms: i64,
    /// Files that came with the comment (service management).
    pub attachments: Vec<u64>,
}

impl Comment {
    /// Whether the comment is an internal note of a service project (sheet §7: public unless it says otherwise).
    pub fn is_internal(&self) -> bool {
        find_property(&self.properties, "sd.public.comment").is_some_and(|raw| {
            serde_json::from_str::<serde_json::Value>(raw)
                .ok()
                .and_then(|value| value.get("internal").cloned())
                .is_some_and(|internal| internal == true || internal == "true")
        })
    }
}

/// Restriction of a comment to a role or a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    #[serde(rename = "type")]
    pub kind: String,
    pub value: String,
    pub identifier: Option<String>,
}

/// A web link on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteLink {
    pub id: u64,
    pub global_id: Option<String>,
    /// Raw JSON of `application`.
    pub application: Option<String>,
    pub relationship: Option<String>,
    /// Raw JSON of `object`.
    pub object: String,
}

/// One entry of the changelog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub id: u64,
    pub author: UserNo,
    pub created_ms: i64,
    pub items: Vec<ChangeItem>,
    /// Raw JSON of `historyMetadata`.
    pub metadata: Option<String>,
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeItem {
    pub field: String,
    pub field_id: Option<String>,
    pub custom: bool,
    pub from: Option<String>,
    pub from_text: Option<String>,
    pub to: Option<String>,
    pub to_text: Option<String>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: u64,
    pub issue: u64,
    pub name: String,
    pub mime: String,
    pub author: UserNo,
    pub created_ms: i64,
    /// Id in the media service; this is what media nodes name, not `id` (sheet §6.1).
    pub media_id: String,
    #[serde(with = "base64_bytes")]
    pub content: bytes::Bytes,
}

/// A user of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub account_id: String,
    pub name: String,
    pub email: String,
    /// The profile does not show the e-mail address to others.
    pub hidden_email: bool,
    /// `atlassian`, `app` or `customer`.
    pub account_type: String,
    pub active: bool,
    pub zone: String,
    /// API token.
    pub token: String,
}

pub mod base64_bytes {
    //! Bytes as base64 text in the saved state.

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &bytes::Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bytes::Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Into::into).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_public_unless_the_property_says_internal() {
        let mut comment = Comment {
            id: 1,
            author: 0,
            update_author: 0,
            body: String::new(),
            created_ms: 0,
            updated_ms: 0,
            visibility: None,
            properties: Vec::new(),
            properties_from_ms: 0,
            attachments: Vec::new(),
        };
        assert!(!comment.is_internal());
        assert!(put_property(&mut comment.properties, "sd.public.comment", r#"{"internal":true}"#.into()));
        assert!(comment.is_internal());
        assert!(!put_property(&mut comment.properties, "sd.public.comment", r#"{"internal":false}"#.into()));
        assert!(!comment.is_internal());
    }
}
