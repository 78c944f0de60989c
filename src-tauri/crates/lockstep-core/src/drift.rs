//! What changed in a live system between two readings of its fields, options and statuses: told to whoever keeps a mapping that was
//! made against the earlier one.

use serde::{Deserialize, Serialize};

use crate::ids::FieldId;
use crate::schema::{FieldSchema, Schema};

/// One change of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SchemaChange {
    pub what: SchemaChangeKind,
    /// The field; `None` where the ticket type itself changed.
    pub field: Option<FieldId>,
    /// The field's name for people.
    pub field_label: String,
    /// The option or status, by the platform's id; `None` where the field itself changed.
    pub value: Option<String>,
    /// The option's or status's name for people.
    pub value_label: String,
}

/// What happened to a field or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum SchemaChangeKind {
    FieldGone,
    ValueGone,
    /// It takes other kinds of values now.
    KindChanged,
    /// Nobody may write it any more.
    ReadOnlyNow,
    /// No ticket is created without it any more.
    RequiredNow,
    /// It takes shorter texts now.
    ShorterNow,
    FieldNew,
    ValueNew,
    /// The same id carries another name.
    Renamed,
}

/// What `after` has otherwise than `before`, what is gone first. What a reading could not see is not told as gone.
pub fn drift(before: &Schema, after: &Schema) -> Vec<SchemaChange> {
    let mut changes = Vec::new();
    let readable = after.not_confirmed.is_empty();
    for (id, was) in &before.fields {
        match after.fields.get(id) {
            Some(is) => of_field(was, is, &mut changes),
            None if readable => changes.push(change(SchemaChangeKind::FieldGone, was, None)),
            None => {}
        }
    }
    for (id, is) in &after.fields {
        if !before.fields.contains_key(id) && before.not_confirmed.is_empty() {
            changes.push(change(SchemaChangeKind::FieldNew, is, None));
        }
    }
    statuses(before, after, &mut changes);
    changes.sort_by(|one, other| {
        one.what.cmp(&other.what).then_with(|| one.field_label.cmp(&other.field_label))
    });
    changes
}

fn of_field(was: &FieldSchema, is: &FieldSchema, changes: &mut Vec<SchemaChange>) {
    if was.kind != is.kind {
        changes.push(change(SchemaChangeKind::KindChanged, is, None));
    }
    if was.read_only.is_none() && is.read_only.is_some() {
        changes.push(change(SchemaChangeKind::ReadOnlyNow, is, None));
    }
    if !was.required_on_create && is.required_on_create {
        changes.push(change(SchemaChangeKind::RequiredNow, is, None));
    }
    if is.chars_max.is_some_and(|max| was.chars_max.is_none_or(|before| max < before)) {
        changes.push(change(SchemaChangeKind::ShorterNow, is, None));
    }
    if was.label != is.label {
        changes.push(change(SchemaChangeKind::Renamed, is, None));
    }
    let pairs = |field: &FieldSchema| -> Vec<(String, String)> {
        field.options.iter().map(|option| (option.id.clone(), option.label.clone())).collect()
    };
    // An empty list may be one that could not be read.
    if !was.options.is_empty() && !is.options.is_empty() {
        of_values(is, &pairs(was), &pairs(is), changes);
    }
}

fn statuses(before: &Schema, after: &Schema, changes: &mut Vec<SchemaChange>) {
    let Some(field) = after.status_field.as_ref().and_then(|id| after.fields.get(id)) else { return };
    let pairs = |schema: &Schema| -> Vec<(String, String)> {
        schema.workflow.statuses.iter().map(|status| (status.id.clone(), status.label.clone())).collect()
    };
    let (was, is) = (pairs(before), pairs(after));
    // Statuses that are options of the field too were told there.
    if !was.is_empty() && !is.is_empty() && field.options.is_empty() {
        of_values(field, &was, &is, changes);
    }
}

fn of_values(
    field: &FieldSchema,
    was: &[(String, String)],
    is: &[(String, String)],
    changes: &mut Vec<SchemaChange>,
) {
    for (value, label) in was {
        match is.iter().find(|(other, _)| other == value) {
            None => changes.push(change(SchemaChangeKind::ValueGone, field, Some((value, label)))),
            Some((_, now)) if now != label => {
                changes.push(change(SchemaChangeKind::Renamed, field, Some((value, now))));
            }
            Some(_) => {}
        }
    }
    for (value, label) in is {
        if was.iter().all(|(other, _)| other != value) {
            changes.push(change(SchemaChangeKind::ValueNew, field, Some((value, label))));
        }
    }
}

fn change(what: SchemaChangeKind, field: &FieldSchema, value: Option<(&String, &String)>) -> SchemaChange {
    SchemaChange {
        what,
        field: Some(field.id.clone()),
        field_label: field.label.clone(),
        value: value.map(|(value, _)| value.clone()),
        value_label: value.map(|(_, label)| label.clone()).unwrap_or_default(),
    }
}

/// Puts what changed last upon what had changed before: what came and went again is no change, and nothing is told twice.
pub fn accumulate(known: Vec<SchemaChange>, new: Vec<SchemaChange>) -> Vec<SchemaChange> {
    let same_place =
        |one: &SchemaChange, other: &SchemaChange| one.field == other.field && one.value == other.value;
    let mut all = known;
    for change in new {
        let opposite = match change.what {
            SchemaChangeKind::FieldGone => Some(SchemaChangeKind::FieldNew),
            SchemaChangeKind::FieldNew => Some(SchemaChangeKind::FieldGone),
            SchemaChangeKind::ValueGone => Some(SchemaChangeKind::ValueNew),
            SchemaChangeKind::ValueNew => Some(SchemaChangeKind::ValueGone),
            _ => None,
        };
        let before = all.len();
        all.retain(|known| !(Some(known.what) == opposite && same_place(known, &change)));
        let undone = all.len() < before;
        if !undone && !all.iter().any(|known| known.what == change.what && same_place(known, &change)) {
            all.push(change);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Choice, FieldKind};

    fn field(id: &str, options: &[(&str, &str)]) -> FieldSchema {
        FieldSchema {
            id: id.into(),
            label: id.to_uppercase(),
            kind: FieldKind::Choice,
            required_on_create: false,
            read_only: None,
            on_create: true,
            chars_max: None,
            options: options
                .iter()
                .map(|(value, label)| Choice { id: (*value).to_owned(), label: (*label).to_owned() })
                .collect(),
        }
    }

    fn schema(fields: &[FieldSchema]) -> Schema {
        Schema {
            fields: fields.iter().map(|field| (field.id.clone(), field.clone())).collect(),
            ..Schema::default()
        }
    }

    fn told(before: &[FieldSchema], after: &[FieldSchema]) -> Vec<(SchemaChangeKind, String, String)> {
        let changes = drift(&schema(before), &schema(after));
        changes.into_iter().map(|change| (change.what, change.field_label, change.value_label)).collect()
    }

    #[test]
    fn what_came_and_went_is_told_by_name() {
        let before = [field("region", &[]), field("state", &[("1", "New"), ("2", "Old")])];
        let mut state = field("state", &[("1", "Fresh"), ("3", "Escalated")]);
        state.required_on_create = true;
        state.read_only = Some("calculated".to_owned());
        state.chars_max = Some(40);
        let after = [state, field("impact", &[])];
        use SchemaChangeKind::{
            FieldGone, FieldNew, ReadOnlyNow, Renamed, RequiredNow, ShorterNow, ValueGone, ValueNew,
        };
        let expected = [
            (FieldGone, "REGION", ""),
            (ValueGone, "STATE", "Old"),
            (ReadOnlyNow, "STATE", ""),
            (RequiredNow, "STATE", ""),
            (ShorterNow, "STATE", ""),
            (FieldNew, "IMPACT", ""),
            (ValueNew, "STATE", "Escalated"),
            (Renamed, "STATE", "Fresh"),
        ];
        let expected: Vec<_> =
            expected.map(|(what, field, value)| (what, field.to_owned(), value.to_owned())).to_vec();
        assert_eq!(told(&before, &after), expected);
        assert_eq!(told(&before, &before), []);
    }

    #[test]
    fn what_could_not_be_read_is_not_gone() {
        let before = schema(&[field("region", &[]), field("state", &[("1", "New")])]);
        let mut after = schema(&[field("state", &[])]);
        after.not_confirmed.push("Fields were hidden.".to_owned());
        assert_eq!(drift(&before, &after), []);
    }

    #[test]
    fn what_came_back_is_no_change() {
        let with = schema(&[field("region", &[])]);
        let gone = drift(&with, &Schema::default());
        assert_eq!(gone.len(), 1);
        assert_eq!(accumulate(gone.clone(), gone.clone()), gone, "told once");
        assert_eq!(accumulate(gone, drift(&Schema::default(), &with)), []);
    }
}
