//! A ServiceNow-like and a Jira-like schema, and a mapping between them, small enough to read.

use lockstep_core::FieldId;
use lockstep_core::connector::{Capabilities, CommentMarker, Scope, StatusWriting};
use lockstep_core::mapping::{
    Direction, FieldMapping, Need, OnConflict, Otherwise, Rule, Supply, Template, TypeMapping, ValuePair,
    Write,
};
use lockstep_core::schema::{
    Choice, FieldKind, FieldSchema, Schema, StatusSchema, Step, StepField, Workflow,
};
use lockstep_core::side::Pair;

pub use Direction::{Both, ToSource, ToTarget};

pub fn servicenow_capabilities() -> Capabilities {
    Capabilities {
        platform: "servicenow",
        label: "ServiceNow",
        status: StatusWriting::Field,
        create_batch: 1,
        fetch_batch: 50,
        refusal_by_rate_is_proof: true,
        rows_lag: false,
        edits_comments: false,
        comment_rides: true,
        narrows_comments: false,
        internal_comments: true,
        comment_marker: CommentMarker::Text,
        overwrite_evidence: "a counter",
        comment_chars_max: 4000,
        concurrency_max: 2,
    }
}

pub fn jira_capabilities() -> Capabilities {
    Capabilities {
        platform: "jira",
        label: "Jira",
        status: StatusWriting::Transitions,
        refusal_by_rate_is_proof: false,
        rows_lag: true,
        edits_comments: true,
        comment_rides: false,
        narrows_comments: true,
        comment_marker: CommentMarker::Property,
        comment_chars_max: 32_767,
        ..servicenow_capabilities()
    }
}

fn field(id: &str, label: &str, kind: FieldKind, chars_max: Option<u32>) -> FieldSchema {
    FieldSchema {
        id: id.into(),
        label: label.to_owned(),
        kind,
        required_on_create: false,
        read_only: None,
        on_create: true,
        chars_max,
        options: vec![],
    }
}

fn schema(fields: Vec<FieldSchema>, status: &str, workflow: Workflow) -> Schema {
    Schema {
        ticket_type: "t".into(),
        type_label: "T".into(),
        fields: fields.into_iter().map(|field| (field.id.clone(), field)).collect(),
        status_field: Some(status.into()),
        workflow,
        internal_comments: true,
        customers_read: false,
        not_confirmed: vec![],
    }
}

fn status(id: &str, label: &str, done: bool) -> StatusSchema {
    StatusSchema { id: id.to_owned(), label: label.to_owned(), done }
}

pub fn servicenow() -> Schema {
    use FieldKind::{Choice, Line, Person, Set, Status, Text};
    let mut fields = vec![
        field("title", "Short description", Line, Some(40)),
        field("text", "Description", Text, Some(200)),
        field("state", "State", Status, None),
        field("impact", "Impact", Choice, None),
        field("urgency", "Urgency", Choice, None),
        field("owner", "Assigned to", Person, None),
        field("tags", "Tags", Set, None),
        field("category", "Category", Choice, None),
        field("notes", "Close notes", Text, None),
        field("code", "Close code", Choice, None),
        field("vendor", "Vendor", Line, None),
    ];
    for (index, labels) in [(3, ["1", "2"]), (4, ["1", "2"]), (7, ["hardware", "soft ware"])] {
        fields[index].options = labels.iter().map(|id| choice(id, id)).collect();
    }
    let statuses =
        [("1", "New", false), ("2", "In Progress", false), ("3", "On Hold", false), ("6", "Resolved", true)];
    let workflow = Workflow {
        initial: Some("1".into()),
        statuses: statuses.map(|(id, label, done)| status(id, label, done)).into(),
        free: true,
        ..Workflow::default()
    };
    schema(fields, "state", workflow)
}

fn choice(id: &str, label: &str) -> Choice {
    Choice { id: id.to_owned(), label: label.to_owned() }
}

pub fn jira() -> Schema {
    use FieldKind::{Choice, Line, Person, Rich, Set, Status};
    let mut fields = vec![
        field("summary", "Summary", Line, Some(255)),
        field("description", "Description", Rich, Some(2000)),
        field("status", "Status", Status, None),
        field("priority", "Priority", Choice, None),
        field("assignee", "Assignee", Person, None),
        field("labels", "Labels", Set, None),
        field("environment", "Environment", Rich, None),
        field("vendor", "Vendor", Line, None),
    ];
    fields[3].options = vec![choice("h", "High"), choice("m", "Medium"), choice("l", "Low")];
    let step = |from: &str, to: &str, asks: &[&str]| Step {
        from: from.to_owned(),
        to: to.to_owned(),
        id: format!("{from}>{to}"),
        label: String::new(),
        fields: asks
            .iter()
            .map(|id| StepField {
                id: (*id).into(),
                label: (*id).to_owned(),
                required: true,
                options: vec![],
            })
            .collect(),
    };
    let statuses = [
        ("todo", "To Do", false),
        ("doing", "In Progress", false),
        ("wait", "Waiting", false),
        ("done", "Done", true),
    ];
    let workflow = Workflow {
        initial: Some("todo".into()),
        statuses: statuses.map(|(id, label, done)| status(id, label, done)).into(),
        steps: vec![
            step("todo", "doing", &[]),
            step("doing", "wait", &[]),
            step("wait", "doing", &[]),
            step("doing", "done", &["resolution"]),
            step("done", "todo", &[]),
        ],
        free: false,
        explored: ["todo", "doing", "wait", "done"].map(String::from).into(),
    };
    schema(fields, "status", workflow)
}

pub fn mapped(source: &str, direction: Direction, target: &str, rule: Rule) -> FieldMapping {
    let ids = |text: &str| text.split('+').filter(|id| !id.is_empty()).map(FieldId::from).collect();
    FieldMapping {
        source: ids(source),
        target: ids(target),
        direction,
        write: Write::Always,
        on_conflict: OnConflict::Ask,
        enforce: false,
        rule,
    }
}

pub fn pair(source: &str, direction: Direction, target: &str) -> ValuePair {
    ValuePair {
        source: source.to_owned(),
        target: target.to_owned(),
        direction,
        target_needs: vec![],
        source_needs: vec![],
    }
}

pub fn values(pairs: Vec<ValuePair>) -> Rule {
    Rule::Values { pairs, otherwise: Otherwise::Ask, otherwise_back: Otherwise::Ask }
}

fn need(field: &str, supply: Supply) -> Need {
    Need { field: field.into(), supply }
}

pub fn states() -> Rule {
    let mut resolved = pair("6", Both, "done");
    let reason = Supply::From { field: "notes".into(), or: Some("Fixed".into()) };
    resolved.target_needs = vec![need("resolution", reason)];
    resolved.source_needs = vec![
        need("code", Supply::Fixed("solved".into())),
        need("notes", Supply::LastPublicComment("Closed in Jira".into())),
    ];
    values(vec![pair("1", Both, "todo"), pair("2", Both, "doing"), pair("3", Both, "wait"), resolved])
}

pub fn mapping() -> TypeMapping {
    let scope = |container: &str, ticket_type: &str| Scope {
        container: container.to_owned(),
        ticket_type: ticket_type.to_owned(),
        request_type: None,
    };
    TypeMapping {
        name: "Incident".into(),
        source: scope("", "incident"),
        target: scope("CSD", "10001"),
        filter: Pair::default(),
        target_tickets: false,
        include_private: false,
        fields: vec![mapped("title", Both, "summary", Rule::Copy), mapped("state", Both, "status", states())],
        templates: vec![Template {
            name: "All".into(),
            conditions: Default::default(),
            set: Default::default(),
            container: None,
        }],
        source_templates: vec![],
        no_match: Default::default(),
        match_rule: None,
        comments: Default::default(),
        attachments: Default::default(),
    }
}
