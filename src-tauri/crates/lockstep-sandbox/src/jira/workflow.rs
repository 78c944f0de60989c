//! Workflows: which transitions lead where, what their screens ask for (sheet §4.3).
//!
//! Incident, Service Request and Bug follow [`INCIDENT_FLOW`]: from *To Do* nobody gets to *Resolved* or *Closed* in one
//! step, and *Canceled* is a dead end. Task and Sub-task follow [`TASK_FLOW`], all steps open. The team-managed project
//! has a flow of its own.

use serde_json::{Map, Value, json};

use super::model::Issue;
use super::site::{self, *};

/// One transition.
pub struct Transition {
    pub id: u32,
    pub name: &'static str,
    /// Statuses it starts from; empty for a global one.
    pub from: &'static [u32],
    pub to: u32,
    /// Field ids on its screen, and whether they must be filled.
    pub screen: &'static [(&'static str, bool)],
    /// What happens to the resolution by itself.
    pub resolution: Effect,
}

/// What a transition does to the resolution by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Keep,
    Clear,
    Set(u32),
}

const fn step(id: u32, name: &'static str, from: &'static [u32], to: u32) -> Transition {
    Transition { id, name, from, to, screen: &[], resolution: Effect::Keep }
}

/// Steps of Incident, Service Request and Bug.
pub const INCIDENT_FLOW: &[Transition] = &[
    step(11, "Start work", &[TO_DO], IN_PROGRESS),
    step(12, "Back to queue", &[IN_PROGRESS], TO_DO),
    step(21, "Ask customer", &[IN_PROGRESS], WAITING_FOR_CUSTOMER),
    step(22, "Customer answered", &[WAITING_FOR_CUSTOMER], IN_PROGRESS),
    step(31, "Wait for vendor", &[IN_PROGRESS], PENDING_VENDOR),
    step(32, "Vendor answered", &[PENDING_VENDOR], IN_PROGRESS),
    Transition {
        id: 41,
        name: "Resolve",
        from: &[IN_PROGRESS, WAITING_FOR_CUSTOMER],
        to: RESOLVED,
        screen: &[("resolution", true), (CLOSE_NOTES, false), ("assignee", false)],
        resolution: Effect::Keep,
    },
    step(51, "Close", &[RESOLVED], CLOSED),
    Transition {
        id: 61,
        name: "Reopen",
        from: &[RESOLVED, CLOSED],
        to: IN_PROGRESS,
        screen: &[],
        resolution: Effect::Clear,
    },
    Transition {
        id: 71,
        name: "Cancel",
        from: &[TO_DO, IN_PROGRESS, WAITING_FOR_CUSTOMER, PENDING_VENDOR],
        to: CANCELED,
        screen: &[],
        resolution: Effect::Set(10001),
    },
];

/// Steps of Task and Sub-task.
pub const TASK_FLOW: &[Transition] = &[
    Transition { id: 111, name: "To Do", from: &[], to: TO_DO, screen: &[], resolution: Effect::Clear },
    Transition {
        id: 121,
        name: "In Progress",
        from: &[],
        to: IN_PROGRESS,
        screen: &[],
        resolution: Effect::Clear,
    },
    Transition { id: 131, name: "Done", from: &[], to: DONE, screen: &[], resolution: Effect::Set(10000) },
];

/// Steps of the team-managed project.
pub const LAB_FLOW: &[Transition] = &[
    step(11, "To Do", &[], LAB_TO_DO),
    step(21, "In Progress", &[], LAB_IN_PROGRESS),
    step(31, "Done", &[], LAB_DONE),
];

/// The flow of an issue type.
pub fn flow(kind: u32) -> &'static [Transition] {
    match kind {
        INCIDENT | SERVICE_REQUEST | BUG => INCIDENT_FLOW,
        TASK | SUBTASK => TASK_FLOW,
        _ => LAB_FLOW,
    }
}

/// Status of a new ticket of an issue type.
pub fn initial(kind: u32) -> u32 {
    if site::kind(kind).scope.is_some() { LAB_TO_DO } else { TO_DO }
}

/// Statuses that tickets of an issue type can have, in the order of the flow.
pub fn statuses(kind: u32) -> Vec<u32> {
    let mut found = vec![initial(kind)];
    for transition in flow(kind) {
        if !found.contains(&transition.to) {
            found.push(transition.to);
        }
    }
    found
}

/// Transitions open to a ticket as it stands.
pub fn open(issue: &Issue) -> impl Iterator<Item = &'static Transition> {
    let status = issue.status;
    flow(issue.kind).iter().filter(move |step| step.from.is_empty() || step.from.contains(&status))
}

/// One transition as Jira shows it; `with_fields` adds its screen.
pub fn describe(step: &Transition, status: Value, fields: Option<Map<String, Value>>) -> Value {
    let mut shown = json!({
        "id": step.id.to_string(),
        "name": step.name,
        "to": status,
        "hasScreen": !step.screen.is_empty(),
        "isGlobal": step.from.is_empty(),
        "isInitial": false,
        "isAvailable": true,
        "isConditional": false,
        "looped": false,
    });
    if let Some(fields) = fields {
        shown["fields"] = Value::Object(fields);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hops(kind: u32, from: u32, to: u32) -> Option<usize> {
        let mut reached = vec![from];
        for hops in 0..6 {
            if reached.contains(&to) {
                return Some(hops);
            }
            let next: Vec<u32> = flow(kind)
                .iter()
                .filter(|step| step.from.is_empty() || step.from.iter().any(|from| reached.contains(from)))
                .map(|step| step.to)
                .collect();
            reached.extend(next);
        }
        None
    }

    #[test]
    fn paths_of_two_and_three_hops_exist_and_canceled_is_a_dead_end() {
        assert_eq!(hops(INCIDENT, TO_DO, RESOLVED), Some(2));
        assert_eq!(hops(INCIDENT, TO_DO, CLOSED), Some(3));
        assert_eq!(hops(INCIDENT, CLOSED, WAITING_FOR_CUSTOMER), Some(2));
        assert_eq!(hops(INCIDENT, CANCELED, TO_DO), None);
        assert_eq!(hops(TASK, TO_DO, DONE), Some(1));
        assert!(statuses(INCIDENT).len() >= 6);
        assert_eq!(statuses(LAB_TASK), [LAB_TO_DO, LAB_IN_PROGRESS, LAB_DONE]);
    }
}
