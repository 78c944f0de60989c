//! What discovery found out about one ticket type on one platform: fields, picklists, workflow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::ids::FieldId;

/// The schema of one ticket type in one scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The platform's id of the type (ServiceNow table, Jira issue type id) and its name for people.
    pub ticket_type: String,
    pub type_label: String,
    pub fields: BTreeMap<FieldId, FieldSchema>,
    /// The field that holds the status (`state`, `status`).
    pub status_field: Option<FieldId>,
    pub workflow: Workflow,
    /// Whether comments can be kept from customers in this scope.
    pub internal_comments: bool,
    /// Whether customers read public comments in this scope.
    pub customers_read: bool,
    /// What discovery could not read, in sentences; a mapping that needs it is *not confirmed*, never dropped.
    pub not_confirmed: Vec<String>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct FieldSchema {
    pub id: FieldId,
    pub label: String,
    pub kind: FieldKind,
    /// The platform refuses a create without it.
    pub required_on_create: bool,
    /// Why nobody may write it (`calculated from impact and urgency`); `None` when writable.
    pub read_only: Option<String>,
    /// Whether a create may send it.
    pub on_create: bool,
    /// Longest text in characters, where limited.
    pub chars_max: Option<u32>,
    /// The options of a picklist in the platform's order; empty where there is none or it could not be read.
    pub options: Vec<Choice>,
}

/// What a field can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum FieldKind {
    /// One line of plain text.
    Line,
    /// Plain text of several lines.
    Text,
    /// Formatted text.
    Rich,
    Choice,
    /// The ticket's status.
    Status,
    /// Tags, or several options.
    Set,
    Number,
    Boolean,
    Date,
    DateTime,
    Person,
    Group,
    Reference,
}

impl FieldKind {
    /// Plain or formatted text.
    pub fn is_text(self) -> bool {
        matches!(self, FieldKind::Line | FieldKind::Text | FieldKind::Rich)
    }
}

/// One option of a picklist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/", rename = "FieldOption")]
pub struct Choice {
    pub id: String,
    pub label: String,
}

/// Statuses and the steps between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// The status a new ticket gets; `None` when not known.
    pub initial: Option<String>,
    pub statuses: Vec<StatusSchema>,
    /// Known steps. A platform where any status may follow any other has `free` instead.
    pub steps: Vec<Step>,
    /// Any status can be written at any time.
    pub free: bool,
    /// Statuses whose outgoing steps were read; of the others nothing is known (not: there are none).
    pub explored: BTreeSet<String>,
}

/// One status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct StatusSchema {
    pub id: String,
    pub label: String,
    /// The work on the ticket has ended (Jira category `done`; ServiceNow Resolved, Closed, Canceled).
    pub done: bool,
}

/// One step of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub from: String,
    pub to: String,
    /// The platform's id of the transition; empty where statuses are written directly.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// What its screen asks for.
    pub fields: Vec<StepField>,
}

/// A field of a transition's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct StepField {
    pub id: FieldId,
    pub label: String,
    pub required: bool,
    pub options: Vec<Choice>,
}

/// Most steps a status may be away (jira.md §4.3).
pub const STATUS_HOPS_MAX: usize = 3;

impl Workflow {
    /// The label of status `id`, or the id itself when the status is not known.
    pub fn label<'a>(&'a self, id: &'a str) -> &'a str {
        self.statuses.iter().find(|status| status.id == id).map_or(id, |status| &status.label)
    }

    /// Whether work has ended in status `id`.
    pub fn is_done(&self, id: &str) -> bool {
        self.statuses.iter().any(|status| status.id == id && status.done)
    }

    /// The shortest way from one status to another, without the first and with the last, at most
    /// [`STATUS_HOPS_MAX`] steps; among equally long ones that with the fewest required fields on the way.
    ///
    /// Empty when already there; `None` when no known way leads there.
    pub fn path(&self, from: &str, to: &str) -> Option<Vec<Step>> {
        if from == to {
            return Some(Vec::new());
        }
        if self.free {
            return Some(vec![Step {
                from: from.to_owned(),
                to: to.to_owned(),
                id: String::new(),
                label: self.label(to).to_owned(),
                fields: Vec::new(),
            }]);
        }
        let mut best: Option<(usize, usize, Vec<&Step>)> = None;
        let mut queue: VecDeque<(&str, Vec<&Step>)> = VecDeque::from([(from, Vec::new())]);
        while let Some((at, way)) = queue.pop_front() {
            if way.len() >= STATUS_HOPS_MAX
                || best.as_ref().is_some_and(|(length, _, _)| way.len() >= *length)
            {
                continue;
            }
            for step in self.steps.iter().filter(|step| step.from == at) {
                if step.to == from || way.iter().any(|before| before.to == step.to) {
                    continue;
                }
                let mut next = way.clone();
                next.push(step);
                if step.to == to {
                    let demands = next.iter().flat_map(|s| &s.fields).filter(|field| field.required).count();
                    let better = best
                        .as_ref()
                        .is_none_or(|(length, fields, _)| (next.len(), demands) < (*length, *fields));
                    if better {
                        best = Some((next.len(), demands, next));
                    }
                } else {
                    queue.push_back((&step.to, next));
                }
            }
        }
        best.map(|(_, _, way)| way.into_iter().cloned().collect())
    }

    /// Keeps what an earlier discovery saw of statuses that no ticket stands in now, so that none could be asked for
    /// their steps. A step that was removed meanwhile is refused by the platform when it is taken.
    pub fn remember(&mut self, before: &Workflow) {
        for status in &before.explored {
            let known = self.statuses.iter().any(|now| now.id == *status);
            if known && self.explored.insert(status.clone()) {
                self.steps.extend(before.steps.iter().filter(|step| step.from == *status).cloned());
            }
        }
    }

    /// The statuses that one known step leads to from `from`, in the workflow's order.
    pub fn reachable(&self, from: &str) -> Vec<&str> {
        let mut reached: Vec<&str> = Vec::new();
        for step in self.steps.iter().filter(|step| step.from == from) {
            if !reached.contains(&step.to.as_str()) {
                reached.push(&step.to);
            }
        }
        reached
    }
}

impl Schema {
    /// The values of a picklist or of the status with their labels, in the platform's order; empty where none are known.
    pub fn values_of(&self, field: &FieldId) -> Vec<(&str, &str)> {
        if self.status_field.as_ref() == Some(field) && !self.workflow.statuses.is_empty() {
            let statuses = self.workflow.statuses.iter();
            return statuses.map(|status| (status.id.as_str(), status.label.as_str())).collect();
        }
        let options = self.fields.get(field).map_or(&[][..], |field| &field.options);
        options.iter().map(|option| (option.id.as_str(), option.label.as_str())).collect()
    }

    /// The label of `field`, or its id when unknown.
    pub fn label<'a>(&'a self, field: &'a FieldId) -> &'a str {
        self.fields.get(field).map_or(field.as_str(), |schema| &schema.label)
    }

    /// The label of option `id` of `field`, or the id itself.
    pub fn option_label<'a>(&'a self, field: &FieldId, id: &'a str) -> &'a str {
        if self.status_field.as_ref() == Some(field) && !self.workflow.statuses.is_empty() {
            return self.workflow.label(id);
        }
        self.fields
            .get(field)
            .and_then(|schema| schema.options.iter().find(|option| option.id == id))
            .map_or(id, |option| &option.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: &str, to: &str, required: usize) -> Step {
        let field = StepField {
            id: "resolution".into(),
            label: "Resolution".into(),
            required: true,
            options: vec![],
        };
        Step {
            from: from.into(),
            to: to.into(),
            id: format!("{from}{to}"),
            label: to.into(),
            fields: vec![field; required],
        }
    }

    #[test]
    fn steps_seen_before_are_remembered_where_nothing_can_be_seen_now() {
        let status = |id: &str| StatusSchema { id: id.into(), label: id.into(), done: false };
        let before = Workflow {
            statuses: vec![status("a"), status("b"), status("gone")],
            steps: vec![step("a", "b", 0), step("b", "a", 0), step("gone", "a", 0)],
            explored: ["a", "b", "gone"].map(String::from).into(),
            ..Workflow::default()
        };
        let mut now = Workflow {
            statuses: vec![status("a"), status("b")],
            steps: vec![step("a", "b", 1)],
            explored: ["a".to_owned()].into(),
            ..Workflow::default()
        };
        now.remember(&before);
        assert_eq!(now.steps, [step("a", "b", 1), step("b", "a", 0)]);
        assert_eq!(now.explored.len(), 2, "a status that is gone stays gone");
    }

    #[test]
    fn the_shortest_way_wins_then_the_one_that_asks_least() {
        let workflow = Workflow {
            steps: vec![
                step("a", "b", 0),
                step("b", "d", 1),
                step("a", "c", 0),
                step("c", "d", 0),
                step("d", "e", 0),
                step("e", "f", 0),
            ],
            ..Workflow::default()
        };
        let ids =
            |from, to| workflow.path(from, to).map(|way| way.into_iter().map(|s| s.id).collect::<Vec<_>>());
        assert_eq!(ids("a", "d"), Some(vec!["ac".into(), "cd".into()]));
        assert_eq!(ids("a", "e"), Some(vec!["ac".into(), "cd".into(), "de".into()]));
        assert_eq!(ids("a", "f"), None, "four steps are one too many");
        assert_eq!(ids("a", "a"), Some(vec![]));
        assert_eq!(workflow.reachable("a"), ["b", "c"]);
    }
}
