//! Rules that run on every write, by API as by hand: priority, mandatory fields, stamps, roles (sheet 2.3, 4.2, 4.3).

use super::switches::Switches;
use super::users::Caller;
use super::value::SysId;
use super::wire::Problem;
use super::write::Draft;
use crate::stamps;

/// What a write causes on other records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The children of a resolved incident are resolved with it.
    ResolveChildren {
        /// The parent.
        parent: SysId,
        /// Its resolution code.
        code: String,
        /// Its resolution notes.
        notes: String,
    },
    /// A catalog task was closed: the item, then the request, may follow.
    CloseUpwards,
    /// An incident was resolved: the auto-close job will find it.
    Resolved,
}

/// Completes and checks a write. The draft then holds what is stored.
pub fn apply(
    draft: &mut Draft<'_>,
    switches: &Switches,
    caller: &Caller,
    now_ms: i64,
) -> Result<Vec<Effect>, Problem> {
    let schema = &draft.table.schema;
    refuse_aborted(draft, switches)?;
    if !schema.is_task() {
        return Ok(Vec::new());
    }
    let now = stamps::plain_text(now_ms.div_euclid(1000));
    let mut effects = Vec::new();
    if draft.before.is_none() {
        open(draft, caller, &now);
    }
    match schema.name {
        "incident" => incident(draft, switches, caller, &now, &mut effects)?,
        "problem" => problem(draft, switches, caller, &now)?,
        "sc_request" | "sc_req_item" | "sc_task" => fulfilment(draft, caller, &now, &mut effects),
        _ => {}
    }
    if draft.before.is_some()
        && draft.changes("assignment_group")
        && !draft.was("assignment_group").is_empty()
    {
        let count: i64 = draft.was("reassignment_count").parse().unwrap_or(0);
        draft.put("reassignment_count", &(count + 1).to_string());
    }
    require_configured(draft, switches)?;
    rewrite(draft, switches);
    Ok(effects)
}

fn open(draft: &mut Draft<'_>, caller: &Caller, now: &str) {
    for (name, text) in [("opened_by", caller.id_text.as_str()), ("opened_at", now)] {
        if draft.get(name).is_empty() {
            draft.put(name, text);
        }
    }
    // A user without roles opens tickets for themselves.
    if !caller.roles.itil && draft.table.schema.name == "incident" && draft.get("caller_id").is_empty() {
        draft.put("caller_id", &caller.id_text);
    }
}

/// Priority from impact and urgency; a written one is overwritten (sheet 2.3).
pub fn priority(impact: &str, urgency: &str) -> Option<&'static str> {
    let level = |text: &str| text.parse::<u8>().ok().filter(|level| (1..=3).contains(level));
    Some(match level(impact)? + level(urgency)? {
        2 => "1",
        3 => "2",
        4 => "3",
        5 => "4",
        _ => "5",
    })
}

fn set_priority(draft: &mut Draft<'_>) {
    if let Some(level) = priority(&draft.get("impact"), &draft.get("urgency")) {
        draft.put("priority", level);
    }
}

fn incident(
    draft: &mut Draft<'_>,
    switches: &Switches,
    caller: &Caller,
    now: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), Problem> {
    let may_close = caller.roles.itil_admin || (switches.itil_can_close && caller.roles.itil);
    let before = draft.was("state");
    let is_new = draft.before.is_none();
    if !is_new && before == "7" && !may_close {
        return Err(Problem::acl("Update"));
    }
    set_priority(draft);
    // The old twin of `state` is kept equal, whichever of the two was written.
    if draft.names("incident_state") && !draft.names("state") {
        let state = draft.get("incident_state");
        draft.put("state", &state);
    }
    off_hold_when_answered(draft, caller);
    let state = draft.get("state");
    draft.put("incident_state", &state);
    let moved = is_new || state != before;
    if moved && state == "7" && !may_close {
        return Err(Problem::acl("Update"));
    }
    if switches.data_policies {
        require_for_state(draft, &state, moved)?;
    }
    if state != "3" && !draft.get("hold_reason").is_empty() {
        draft.put("hold_reason", "");
    }
    if !moved {
        return Ok(());
    }
    match state.as_str() {
        "6" => {
            draft.put("resolved_at", now);
            draft.put("resolved_by", &caller.id_text);
            draft.put("active", "true");
            effects.push(Effect::Resolved);
            if let (true, Some(row)) = (switches.children_follow, draft.before) {
                let (code, notes) = (draft.get("close_code"), draft.get("close_notes"));
                effects.push(Effect::ResolveChildren { parent: row.id, code, notes });
            }
        }
        "7" | "8" => {
            draft.put("closed_at", now);
            draft.put("closed_by", &caller.id_text);
            draft.put("active", "false");
        }
        _ => {
            draft.put("active", "true");
            if matches!(before.as_str(), "6" | "7" | "8") {
                reopen(draft, caller, now);
            }
        }
    }
    Ok(())
}

/// Reopening clears what closing had set (sheet 4.2).
fn reopen(draft: &mut Draft<'_>, caller: &Caller, now: &str) {
    for name in ["close_code", "close_notes", "resolved_at", "resolved_by", "closed_at", "closed_by"] {
        draft.put(name, "");
    }
    let count: i64 = draft.was("reopen_count").parse().unwrap_or(0);
    draft.put("reopen_count", &(count + 1).to_string());
    draft.put("reopened_by", &caller.id_text);
    draft.put("reopened_time", now);
}

/// A comment of the caller takes a ticket that awaits the caller off hold (sheet 2.3).
fn off_hold_when_answered(draft: &mut Draft<'_>, caller: &Caller) {
    let waits = draft.was("state") == "3" && draft.was("hold_reason") == "1" && draft.before.is_some();
    if waits && !draft.names("state") && draft.adds("comments") && draft.get("caller_id") == caller.id_text {
        draft.put("state", "2");
    }
}

fn require_for_state(draft: &Draft<'_>, state: &str, moved: bool) -> Result<(), Problem> {
    let mut missing = Vec::new();
    match state {
        "6" | "7" => {
            for (name, label) in [("close_code", "Resolution code"), ("close_notes", "Resolution notes")] {
                if draft.get(name).trim().is_empty() {
                    missing.push(label);
                }
            }
        }
        "3" => {
            if draft.get("hold_reason").is_empty() {
                missing.push("On hold reason");
            }
            let asks = draft.get("hold_reason") == "1" && (moved || draft.changes("hold_reason"));
            if asks && !draft.adds("comments") {
                missing.push("Additional comments");
            }
        }
        _ => {}
    }
    if missing.is_empty() { Ok(()) } else { Err(Problem::mandatory(&missing)) }
}

/// States that a problem may move to (sheet 2.3: transitions are guarded).
const PROBLEM_MOVES: &[(&str, &[&str])] = &[
    ("101", &["102", "103", "107"]),
    ("102", &["101", "103", "106", "107"]),
    ("103", &["102", "104", "106", "107"]),
    ("104", &["103", "106"]),
    ("106", &["103", "107"]),
    ("107", &["103"]),
];

fn problem(draft: &mut Draft<'_>, switches: &Switches, caller: &Caller, now: &str) -> Result<(), Problem> {
    set_priority(draft);
    let (before, state) = (draft.was("state"), draft.get("state"));
    draft.put("problem_state", &state);
    if state == before {
        return Ok(());
    }
    let allowed = PROBLEM_MOVES
        .iter()
        .find(|(from, _)| *from == before)
        .is_some_and(|(_, to)| to.contains(&state.as_str()));
    if draft.before.is_some() && !allowed {
        let detail = "Operation against file 'problem' was aborted by Business Rule 'Check state transition'";
        return Err(Problem::new(403, "Operation Failed", detail));
    }
    if matches!(state.as_str(), "106" | "107") {
        let needed = [
            ("resolution_code", "Resolution code"),
            ("fix_notes", "Fix notes"),
            ("cause_notes", "Cause notes"),
        ];
        let missing: Vec<&str> = needed
            .iter()
            .filter(|(name, _)| draft.get(name).trim().is_empty())
            .map(|(_, label)| *label)
            .collect();
        if switches.data_policies && !missing.is_empty() {
            return Err(Problem::mandatory(&missing));
        }
        draft.put("resolved_at", now);
        draft.put("resolved_by", &caller.id_text);
    }
    draft.put("active", if state == "107" { "false" } else { "true" });
    Ok(())
}

/// Requests, requested items and catalog tasks: closing states set the stamps; no data policy guards them.
fn fulfilment(draft: &mut Draft<'_>, caller: &Caller, now: &str, effects: &mut Vec<Effect>) {
    if !draft.changes("state") {
        return;
    }
    let closed = is_closed(&draft.get("state"));
    draft.put("active", if closed { "false" } else { "true" });
    draft.put("closed_at", if closed { now } else { "" });
    draft.put("closed_by", if closed { &caller.id_text } else { "" });
    if closed && draft.table.schema.name != "sc_request" {
        effects.push(Effect::CloseUpwards);
    }
}

/// Closed Complete, Closed Incomplete, Closed Skipped.
pub fn is_closed(state: &str) -> bool {
    matches!(state, "3" | "4" | "7")
}

/// A business rule that the test switched on refuses the write.
fn refuse_aborted(draft: &Draft<'_>, switches: &Switches) -> Result<(), Problem> {
    let name = draft.table.schema.name;
    let abort = switches.aborts.iter().find(|abort| abort.table == name && draft.changes(&abort.field));
    let Some(abort) = abort else { return Ok(()) };
    let rule = if abort.rule.is_empty() { "Guard" } else { &abort.rule };
    let detail = format!("Operation against file '{name}' was aborted by Business Rule '{rule}'");
    Err(Problem::new(403, "Operation Failed", &detail))
}

/// Data policies that the test switched on.
fn require_configured(draft: &Draft<'_>, switches: &Switches) -> Result<(), Problem> {
    let schema = &draft.table.schema;
    let Some(names) = switches.mandatory_fields.get(schema.name) else { return Ok(()) };
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| draft.get(name).is_empty())
        .filter_map(|name| Some(schema.at(schema.column(name)?).label))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Problem::mandatory(&missing)) }
}

/// Rules that recompute a field in the same write.
fn rewrite(draft: &mut Draft<'_>, switches: &Switches) {
    let name = draft.table.schema.name;
    for rule in switches.rewrites.iter().filter(|rule| rule.table == name && rule.after_ms.is_none()) {
        if rule.query.is_empty() || holds(draft, &rule.query) {
            draft.put(&rule.field, &rule.value);
        }
    }
}

/// Tries `name=value` conditions joined by `^` on the record as it will be.
fn holds(draft: &Draft<'_>, query: &str) -> bool {
    query.split('^').all(|part| part.split_once('=').is_none_or(|(name, value)| draft.get(name) == value))
}

#[cfg(test)]
mod tests {
    use super::{is_closed, priority};

    #[test]
    fn priority_follows_impact_and_urgency() {
        let rows = [("1", "1", "1"), ("1", "2", "2"), ("2", "1", "2"), ("2", "2", "3"), ("1", "3", "3")];
        for (impact, urgency, expected) in rows {
            assert_eq!(priority(impact, urgency), Some(expected));
        }
        assert_eq!(priority("3", "3"), Some("5"));
        assert_eq!(priority("9", "1"), None);
    }

    #[test]
    fn closed_states() {
        assert!(is_closed("3") && is_closed("4") && is_closed("7"));
        assert!(!is_closed("1") && !is_closed("-5"));
    }
}
