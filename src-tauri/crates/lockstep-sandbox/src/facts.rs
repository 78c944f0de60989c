//! Tickets as they stand, for a test's referee: no permission, no lag and no request in between.

use std::collections::BTreeMap;

use bytes::Bytes;

/// One ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub key: String,
    /// Where it lives: a table, or a project.
    pub place: String,
    /// Login name or e-mail address of who made it.
    pub created_by: String,
    /// Login name or e-mail address of who changed it last.
    pub updated_by: String,
    /// What people edit, by the platform's own field names; persons as e-mail addresses, rich texts as stored.
    pub fields: BTreeMap<&'static str, String>,
    /// What stands in the place of Lockstep's marker.
    pub marker: String,
    /// Comments, oldest first.
    pub comments: Vec<Remark>,
    /// Files, oldest first.
    pub files: Vec<Filed>,
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The platform's id.
    pub id: String,
    /// Who wrote it.
    pub by: String,
    /// Not for customers.
    pub internal: bool,
    /// The text as stored.
    pub text: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The platform's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who uploaded it.
    pub by: String,
    /// What is in it.
    pub content: Bytes,
}
