//! Each check by name. A small incident ↔ issue pair that the checker accepts is changed by one thing at a time.

mod broken;
mod connections;
mod creation;
mod fields;
mod values;
mod workflow;

pub use super::problem::ProblemCode as Code;
use super::*;
use crate::connector::{CommentMarker, Scope, StatusWriting};
use crate::mapping::{
    DescriptionLayout, DescriptionLine, Direction, FieldMapping, OnConflict, Otherwise, Rule,
};
use crate::mapping::{Template, ValuePair, WhenEmpty, Write};
use crate::schema::{Choice, StatusSchema, Step, StepField, Workflow};

pub fn capabilities(platform: &'static str) -> Capabilities {
    let jira = platform == "jira";
    Capabilities {
        platform,
        label: if jira { "Jira" } else { "ServiceNow" },
        status: if jira { StatusWriting::Transitions } else { StatusWriting::Field },
        create_batch: 1,
        fetch_batch: 50,
        refusal_by_rate_is_proof: !jira,
        rows_lag: jira,
        edits_comments: jira,
        comment_rides: !jira,
        narrows_comments: jira,
        internal_comments: true,
        comment_marker: if jira { CommentMarker::Property } else { CommentMarker::Text },
        overwrite_evidence: "none",
        comment_chars_max: 32_767,
        concurrency_max: 2,
    }
}

pub fn field(id: &str, label: &str, kind: FieldKind) -> FieldSchema {
    FieldSchema {
        id: id.into(),
        label: label.to_owned(),
        kind,
        required_on_create: false,
        read_only: None,
        on_create: true,
        chars_max: None,
        options: vec![],
    }
}

pub fn options(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs.iter().map(|(id, label)| Choice { id: (*id).to_owned(), label: (*label).to_owned() }).collect()
}

fn statuses(all: &[(&str, &str, bool)]) -> Vec<StatusSchema> {
    let status = |(id, label, done): &(&str, &str, bool)| StatusSchema {
        id: (*id).to_owned(),
        label: (*label).to_owned(),
        done: *done,
    };
    all.iter().map(status).collect()
}

pub fn step(from: &str, to: &str, asks: &[&str]) -> Step {
    let asked =
        |id: &&str| StepField { id: (*id).into(), label: (*id).to_owned(), required: true, options: vec![] };
    Step {
        from: from.to_owned(),
        to: to.to_owned(),
        id: format!("{from}>{to}"),
        label: String::new(),
        fields: asks.iter().map(asked).collect(),
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

pub fn servicenow() -> Schema {
    let mut fields = vec![
        field("short_description", "Short description", FieldKind::Line),
        field("description", "Description", FieldKind::Text),
        field("state", "State", FieldKind::Status),
        field("priority", "Priority", FieldKind::Choice),
        field("impact", "Impact", FieldKind::Choice),
        field("urgency", "Urgency", FieldKind::Choice),
        field("assigned_to", "Assigned to", FieldKind::Person),
        field("assignment_group", "Assignment group", FieldKind::Group),
        field("due_date", "Due date", FieldKind::DateTime),
        field("close_notes", "Close notes", FieldKind::Text),
        field("active", "Active", FieldKind::Boolean),
        field("tags", "Tags", FieldKind::Set),
    ];
    fields[0].chars_max = Some(160);
    fields[1].chars_max = Some(4000);
    for field in &mut fields[4..6] {
        field.options = options(&[("1", "High"), ("2", "Low")]);
    }
    let workflow = Workflow {
        statuses: statuses(&[("1", "New", false), ("2", "In Progress", false), ("6", "Resolved", true)]),
        free: true,
        ..Workflow::default()
    };
    schema(fields, "state", workflow)
}

pub fn jira() -> Schema {
    let mut fields = vec![
        field("summary", "Summary", FieldKind::Line),
        field("description", "Description", FieldKind::Rich),
        field("status", "Status", FieldKind::Status),
        field("priority", "Priority", FieldKind::Choice),
        field("assignee", "Assignee", FieldKind::Person),
        field("duedate", "Due date", FieldKind::Date),
        field("labels", "Labels", FieldKind::Set),
        field("environment", "Environment", FieldKind::Rich),
        field("team", "Team", FieldKind::Group),
        field("points", "Points", FieldKind::Number),
    ];
    fields[0].chars_max = Some(255);
    fields[0].required_on_create = true;
    fields[1].chars_max = Some(32_767);
    fields[3].options = options(&[("h", "High"), ("m", "Medium"), ("l", "Low")]);
    let steps = vec![
        step("todo", "doing", &[]),
        step("doing", "todo", &[]),
        step("doing", "done", &[]),
        step("todo", "done", &[]),
        step("done", "todo", &[]),
        step("done", "doing", &[]),
    ];
    let workflow = Workflow {
        initial: Some("todo".into()),
        statuses: statuses(&[
            ("todo", "To Do", false),
            ("doing", "In Progress", false),
            ("done", "Done", true),
        ]),
        steps,
        free: false,
        explored: ["todo", "doing", "done"].map(String::from).into(),
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

pub fn pairs(all: &[(&str, Direction, &str)]) -> Rule {
    let pair = |(source, direction, target): &(&str, Direction, &str)| ValuePair {
        source: (*source).to_owned(),
        target: (*target).to_owned(),
        direction: *direction,
        target_needs: vec![],
        source_needs: vec![],
    };
    Rule::Values {
        pairs: all.iter().map(pair).collect(),
        otherwise: Otherwise::Ask,
        otherwise_back: Otherwise::Ask,
    }
}

pub fn template(name: &str) -> Template {
    Template {
        name: name.to_owned(),
        conditions: Default::default(),
        set: Default::default(),
        container: None,
    }
}

pub use Direction::{Both, ToSource, ToTarget};

/// What a test changes before it checks.
pub struct Scene {
    pub mapping: TypeMapping,
    pub schemas: Pair<Schema>,
    pub held: Option<HeldValues>,
}

/// Accepted without a word.
pub fn good() -> Scene {
    let scope = |container: &str, ticket_type: &str| Scope {
        container: container.to_owned(),
        ticket_type: ticket_type.to_owned(),
        request_type: None,
    };
    let mapping = TypeMapping {
        name: "Incident".into(),
        source: scope("", "incident"),
        target: scope("CSD", "10001"),
        filter: Pair::default(),
        target_tickets: false,
        include_private: false,
        fields: vec![
            mapped("short_description", ToTarget, "summary", Rule::Copy),
            mapped(
                "state",
                Both,
                "status",
                pairs(&[("1", Both, "todo"), ("2", Both, "doing"), ("6", Both, "done")]),
            ),
        ],
        templates: vec![template("All")],
        source_templates: vec![],
        no_match: Default::default(),
        match_rule: None,
        comments: Default::default(),
        attachments: Default::default(),
    };
    Scene { mapping, schemas: Pair { source: servicenow(), target: jira() }, held: None }
}

impl Scene {
    /// Adds a field mapping.
    pub fn field(mut self, mapping: FieldMapping) -> Scene {
        self.mapping.fields.push(mapping);
        self
    }

    /// Replaces the status mapping's pairs.
    pub fn status(mut self, rule: Rule) -> Scene {
        self.mapping.fields[1].rule = rule;
        self
    }

    pub fn source(mut self, id: &str, change: impl FnOnce(&mut FieldSchema)) -> Scene {
        change(self.schemas.source.fields.get_mut(&FieldId::from(id)).expect("the scene has it"));
        self
    }

    pub fn target(mut self, id: &str, change: impl FnOnce(&mut FieldSchema)) -> Scene {
        change(self.schemas.target.fields.get_mut(&FieldId::from(id)).expect("the scene has it"));
        self
    }

    pub fn tweak(mut self, change: impl FnOnce(&mut Scene)) -> Scene {
        change(&mut self);
        self
    }

    pub fn check(&self) -> Vec<Problem> {
        let labels = Pair { source: "ServiceNow".to_owned(), target: "Jira".to_owned() };
        let rules = Rules::compile(&self.mapping, self.schemas.clone(), labels);
        let (source, target) = (capabilities("servicenow"), capabilities("jira"));
        check(&self.mapping, &rules, Pair { source: &source, target: &target }, self.held.as_ref())
    }

    /// What is found besides nothing, as `level code place`.
    pub fn found(&self) -> Vec<(Level, Code, String)> {
        self.check()
            .into_iter()
            .map(|problem| (problem.level, problem.code, problem.place.to_string()))
            .collect()
    }

    /// Exactly one problem.
    #[track_caller]
    pub fn one(&self, level: Level, code: Code, place: &str) -> Problem {
        let problems = self.check();
        assert_eq!(self.found(), [(level, code, place.to_owned())], "{problems:#?}");
        problems[0].clone()
    }
}

pub fn built(original: &str, line: &str) -> Rule {
    Rule::Description(DescriptionLayout {
        lines: vec![DescriptionLine {
            label: "Line".into(),
            field: Some(line.into()),
            when_empty: WhenEmpty::LeaveOut,
        }],
        original: original.into(),
    })
}

#[test]
fn a_good_mapping_has_no_problem() {
    assert_eq!(good().found(), []);
}

#[test]
fn errors_come_first_then_the_order_of_places() {
    let scene = good()
        .field(mapped("gone", ToTarget, "environment", Rule::Copy))
        .tweak(|scene| scene.mapping.templates.clear())
        .tweak(|scene| scene.mapping.fields[0].target = vec!["missing".into()]);
    let found = scene.found();
    let levels: Vec<Level> = found.iter().map(|(level, ..)| *level).collect();
    assert_eq!(levels, [Level::Error, Level::Error, Level::Note]);
    assert!(found[0].2.starts_with("Incident › Short description"), "{found:?}");
    assert_eq!(errors(&scene.check()), 2);
    assert_eq!(scene.check(), scene.check());
}

#[test]
fn places_read_like_a_path_and_survive_json() {
    let scene = good().status(pairs(&[("1", Both, "todo"), ("2", Both, "doing"), ("6", Both, "gone")]));
    let problems = scene.check();
    assert_eq!(problems[0].place.to_string(), "Incident › State ↔ Status › pair 3");
    let json = serde_json::to_string(&problems).expect("plain data");
    assert!(json.contains(r#""code":"value_gone""#) && json.contains(r#""part":"field""#), "{json}");
    assert_eq!(serde_json::from_str::<Vec<Problem>>(&json).expect("reads back"), problems);
}

#[test]
fn what_discovery_could_not_read_is_a_note() {
    let scene = good().tweak(|scene| scene.schemas.target.not_confirmed.push("Groups: no permission".into()));
    scene.one(Level::Note, Code::NotConfirmed, "Incident");
}

#[test]
fn a_field_that_discovery_could_not_read_is_not_called_gone() {
    let scene = good()
        .field(mapped("u_region", ToTarget, "environment", Rule::Copy))
        .tweak(|scene| scene.schemas.source.not_confirmed.push("The field u_region: no permission".into()));
    let found = scene.found();
    assert_eq!(found[0].0, Level::Warning);
    assert!(found.iter().all(|(_, code, _)| *code == Code::NotConfirmed), "{found:?}");
}
