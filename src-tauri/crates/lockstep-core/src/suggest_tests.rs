use super::*;
use crate::schema::{Choice, StatusSchema, Workflow};

fn field(id: &str, label: &str, kind: FieldKind) -> (FieldId, FieldSchema) {
    let schema = FieldSchema {
        id: id.into(),
        label: label.to_owned(),
        kind,
        required_on_create: false,
        read_only: None,
        on_create: true,
        chars_max: None,
        options: Vec::new(),
    };
    (id.into(), schema)
}

fn with_options(mut field: (FieldId, FieldSchema), options: &[(&str, &str)]) -> (FieldId, FieldSchema) {
    let choice = |(id, label): &(&str, &str)| Choice { id: (*id).to_owned(), label: (*label).to_owned() };
    field.1.options = options.iter().map(choice).collect();
    field
}

#[test]
fn names_are_compared_without_case_numbers_and_punctuation() {
    for (one, other, alike) in [
        ("Short description", "Short Description", true),
        ("1 - High", "High", true),
        ("Short description", "Summary", true),
        ("On Hold", "Waiting for customer", true),
        ("Caller", "Reporter", true),
        ("Urgency", "Description", false),
        ("", "Summary", false),
        ("3", "3", true),
        ("3", "4", false),
    ] {
        assert_eq!(likeness(one, other) >= LIKE, alike, "{one:?} and {other:?}: {}", likeness(one, other));
        assert!((likeness(one, other) - likeness(other, one)).abs() < 1e-9);
    }
}

#[test]
fn a_row_is_suggested_for_fields_that_sound_alike_can_meet_and_are_not_mapped() {
    let mut locked = field("number", "Number", FieldKind::Line);
    locked.1.read_only = Some("set by the platform".to_owned());
    let mut also_locked = field("key", "Number", FieldKind::Line);
    also_locked.1.read_only = Some("set by the platform".to_owned());
    let source = Schema {
        fields: [
            field("short_description", "Short description", FieldKind::Line),
            field("caller_id", "Caller", FieldKind::Person),
            field("due_date", "Due date", FieldKind::DateTime),
            locked,
        ]
        .into(),
        ..Schema::default()
    };
    let target = Schema {
        fields: [
            field("summary", "Summary", FieldKind::Line),
            field("reporter", "Reporter", FieldKind::Person),
            field("duedate", "Due date", FieldKind::Rich),
            also_locked,
        ]
        .into(),
        ..Schema::default()
    };
    let schemas = Pair { source: &source, target: &target };
    let suggested = rows(schemas, &[]);
    let keys: Vec<String> = suggested.iter().map(|row| row.mapping.key()).collect();
    assert_eq!(keys, ["caller_id=reporter", "short_description=summary"], "a date cannot go into a text");
    assert_eq!(suggested[0].mapping.rule, Rule::Person { fallback: None });
    let mapped = [suggested[0].mapping.clone()];
    assert_eq!(rows(schemas, &mapped).len(), 1, "a mapped field is not suggested again");
}

#[test]
fn values_meet_the_likeliest_partner_and_each_only_one() {
    let source = Schema {
        fields: [with_options(
            field("state", "State", FieldKind::Choice),
            &[("1", "New"), ("2", "In Progress"), ("6", "Resolved"), ("7", "Closed"), ("9", "Zebra")],
        )]
        .into(),
        ..Schema::default()
    };
    let status = |id: &str, label: &str| StatusSchema { id: id.into(), label: label.into(), done: false };
    let target = Schema {
        fields: [field("status", "Status", FieldKind::Status)].into(),
        status_field: Some("status".into()),
        workflow: Workflow {
            statuses: vec![
                status("10", "Open"),
                status("11", "Work in progress"),
                status("12", "Done"),
                status("13", "Closed"),
            ],
            ..Workflow::default()
        },
        ..Schema::default()
    };
    let pairs = values(Pair { source: &source, target: &target }, &"state".into(), &"status".into());
    let drawn: Vec<(&str, &str)> = pairs.iter().map(|p| (p.source.as_str(), p.target.as_str())).collect();
    assert_eq!(drawn, [("1", "10"), ("2", "11"), ("6", "12"), ("7", "13")]);
}
