//! Issue rows → neutral tickets. What a row does not hold stays unknown (hazards.md H18).

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_core::ids::{FieldId, PersonId, TicketId};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::ticket::{Ticket, Value, Version};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{self, Shapes};
use super::kept::Block;
use super::marker;
use super::wire::{AttachmentRow, IssueRow, OptionRow, Stamp, UserRow};

/// Read with every row: where the issue lies, what it is, its stamps, its creator, and whether it is
/// restricted.
const ALWAYS: [&str; 6] = ["project", "issuetype", "created", "updated", "creator", "security"];
pub const DESCRIPTION: &str = "description";
pub const ATTACHMENT: &str = "attachment";
pub const COMMENT: &str = "comment";

/// The `fields` parameter: what every row needs, what the mapping wants, and `more`.
pub fn wanted(fields: &[FieldId], more: &[&'static str]) -> Vec<String> {
    let mut names: Vec<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
    let rest = fields.iter().map(FieldId::as_str).chain(more.iter().copied());
    for name in rest {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// What is needed to understand a row.
pub struct Reader<'a> {
    /// `https://acme.atlassian.net`, for the address people open.
    pub site: &'a str,
    pub shapes: &'a Shapes,
    pub us: &'a PersonId,
    /// The fields whose values are wanted.
    pub fields: &'a [FieldId],
}

impl Reader<'_> {
    /// The neutral ticket. Fails when the row lacks what makes it one: project, type or stamps.
    pub fn ticket(&self, row: &IssueRow<'_>) -> Result<Ticket, ConnectorError> {
        let mut people = BTreeMap::new();
        let mut values = BTreeMap::new();
        let mut description_ref = None;
        for field in self.fields {
            let Some(raw) = row.fields.get(field.as_str()) else { continue };
            if let Some(value) = fields::read(self.shapes.shape(field.as_str()), raw, &mut people) {
                values.insert(field.clone(), value);
            }
        }
        if let Some(raw) = row.fields.get(DESCRIPTION)
            && let Some(Value::Rich(text)) = fields::read(fields::Shape::Rich, raw, &mut people)
            && let Some((rest, found)) = marker::split_ref_line(&text)
        {
            if let Some(value) = values.get_mut(&FieldId::from(DESCRIPTION)) {
                *value = Value::rich(rest);
            }
            description_ref = Some(found);
        }
        let creator: Option<UserRow> = part(row, "creator");
        let created_by = creator.as_ref().and_then(UserRow::person).map(|person| {
            let id = person.id.clone();
            people.insert(id.clone(), person);
            id
        });
        let property = row.properties.as_ref().map(|all| all.get(marker::PROPERTY).copied());
        Ok(Ticket {
            id: TicketId(row.id.0.clone()),
            key: row.key.clone(),
            ticket_type: self.id_of(row, "issuetype")?,
            container: self.id_of(row, "project")?,
            version: Version { stamp_ms: self.stamp(row, "updated")?, counter: None },
            created_ms: self.stamp(row, "created")?,
            created_by,
            updated_by: None,
            fields: values,
            marker: marker::read(property, description_ref.filter(|_| !left_out(Omission::RefLineNotRead))),
            people,
            private: row.fields.get("security").is_some_and(|raw| raw.get() != "null"),
            immutable: None,
            comments: None,
            attachments: self.attachments(row),
            url: format!("{}/browse/{}", self.site, row.key),
        })
    }

    /// The values of `fields` in a write's own answer.
    pub fn values(&self, row: &IssueRow<'_>) -> BTreeMap<FieldId, Value> {
        let mut people = BTreeMap::new();
        let one = |field: &FieldId| {
            let raw = row.fields.get(field.as_str())?;
            let value = fields::read(self.shapes.shape(field.as_str()), raw, &mut people)?;
            Some((field.clone(), value))
        };
        self.fields.iter().filter_map(one).collect()
    }

    fn attachments(&self, row: &IssueRow<'_>) -> Option<Vec<lockstep_core::ticket::Attachment>> {
        let rows: Vec<AttachmentRow> = part(row, ATTACHMENT)?;
        Some(rows.into_iter().map(|file| file.attachment(self.us)).collect())
    }

    fn id_of(&self, row: &IssueRow<'_>, field: &str) -> Result<String, ConnectorError> {
        let named: Option<OptionRow> = part(row, field);
        named.and_then(|named| named.id).map(|id| id.0).ok_or_else(|| lacking(row, field))
    }

    fn stamp(&self, row: &IssueRow<'_>, field: &str) -> Result<i64, ConnectorError> {
        part::<Stamp>(row, field).map(|stamp| stamp.0).ok_or_else(|| lacking(row, field))
    }
}

/// The embedded block of comments, where it was asked for.
pub fn comment_block(row: &IssueRow<'_>) -> Option<Block> {
    Block::read(row.fields.get(COMMENT)?)
}

/// The last change, where the row tells.
pub fn version(row: &IssueRow<'_>) -> Option<Version> {
    part::<Stamp>(row, "updated").map(|stamp| Version { stamp_ms: stamp.0, counter: None })
}

/// The id of an object field such as `status`.
pub fn named(row: &IssueRow<'_>, field: &str) -> Option<String> {
    part::<OptionRow>(row, field)?.id.map(|id| id.0)
}

fn part<'a, T: Deserialize<'a>>(row: &IssueRow<'a>, field: &str) -> Option<T> {
    let raw: &'a RawValue = row.fields.get(field)?;
    serde_json::from_str(raw.get()).ok()
}

fn lacking(row: &IssueRow<'_>, field: &str) -> ConnectorError {
    let text =
        format!("Jira answered with {} but left out its field {field}, which every issue has", row.key);
    ConnectorError::new(ErrorKind::Unexpected, text)
}

#[cfg(test)]
mod tests {
    use lockstep_core::ticket::MarkerRead;
    use serde_json::json;

    use super::*;
    use crate::jira::marker::tests::marker;

    fn row() -> serde_json::Value {
        json!({
            "id": "10042", "key": "CSD-12",
            "fields": {
                "project": { "id": "10001" }, "issuetype": { "id": "10101" },
                "created": "2026-11-19T08:00:01.001+0100", "updated": "2026-11-20T10:31:07.123+0100",
                "creator": { "accountId": "us", "displayName": "Lockstep", "active": true },
                "summary": "Printer offline", "labels": ["hw"], "customfield_1": { "odd": true }
            },
            "properties": {}
        })
    }

    fn read(row: &serde_json::Value, fields: &[FieldId]) -> Result<Ticket, ConnectorError> {
        let text = row.to_string();
        let row: IssueRow<'_> = serde_json::from_str(&text).unwrap();
        let shapes = Shapes::default();
        let us = PersonId::from("us");
        Reader { site: "https://a.example", shapes: &shapes, us: &us, fields }.ticket(&row)
    }

    #[test]
    fn a_row_becomes_a_ticket() {
        let fields = ["summary", "labels", "priority", "customfield_1"].map(FieldId::from);
        let ticket = read(&row(), &fields).unwrap();
        assert_eq!(ticket.key, "CSD-12");
        assert_eq!(ticket.version.stamp_ms, 1_795_167_067_123);
        assert_eq!(ticket.created_by.as_ref().map(PersonId::as_str), Some("us"));
        assert_eq!(ticket.value(&fields[0]), Some(&Value::Text("Printer offline".into())));
        assert_eq!(ticket.value(&fields[2]), None, "a missing key is unknown");
        assert_eq!(ticket.value(&fields[3]), None, "what is not understood is unknown");
        assert_eq!(ticket.marker, MarkerRead::Absent);
        assert_eq!(ticket.attachments, None);
        assert!(!ticket.private);
        assert_eq!(ticket.url, "https://a.example/browse/CSD-12");
    }

    #[test]
    fn marker_security_and_files_are_read() {
        let mut row = row();
        row["properties"] = json!({ "lockstep.link": crate::jira::marker::to_json(&marker()) });
        row["fields"]["security"] = json!({ "id": "1" });
        row["fields"]["attachment"] = json!([{ "id": 7, "filename": "a.png", "created": 1_795_167_067_123_i64, "size": 3, "author": { "accountId": "us" } }]);
        let ticket = read(&row, &[]).unwrap();
        assert_eq!(ticket.marker, MarkerRead::Ours(marker()));
        assert!(ticket.private);
        let files = ticket.attachments.unwrap();
        assert!(files[0].by_us && files[0].id.as_str() == "7");
    }

    #[test]
    fn no_properties_in_the_answer_means_unknown() {
        let mut row = row();
        row.as_object_mut().unwrap().remove("properties");
        assert_eq!(read(&row, &[]).unwrap().marker, MarkerRead::Unknown);
    }

    #[test]
    fn an_issue_without_stamps_is_no_ticket() {
        let mut row = row();
        row["fields"]["updated"] = json!("soon");
        assert_eq!(read(&row, &[]).map_err(|e| e.kind), Err(ErrorKind::Unexpected));
    }

    #[test]
    fn every_row_brings_what_a_ticket_needs() {
        let names = wanted(&["summary".into(), "project".into()], &["attachment"]);
        assert_eq!(
            names,
            ["project", "issuetype", "created", "updated", "creator", "security", "summary", "attachment"]
        );
    }
}
