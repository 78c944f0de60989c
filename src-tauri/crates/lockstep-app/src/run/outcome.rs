//! How each ticket of a run ended: recorded for people, counted for the run, kept from being forgotten.

use lockstep_core::connector::ConnectorError;
use lockstep_core::mapping::Rules;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::operation::{ConflictFound, Notice, OperationKind, Outcome, Subject, TicketPlan};
use lockstep_core::TicketId;
use lockstep_core::sync::LinkId;
use lockstep_store::tables::outcomes::{self, OutcomeRow};
use lockstep_store::tables::pending::{self, PendingReason};
use lockstep_store::tables::plans::{self, PlanRow, PlanRowState};
use lockstep_store::tables::quarantine::{self, NewQuarantined};
use lockstep_store::tables::{conflicts, links};
use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::known::Waiting;
use super::site::Site;
use crate::events::{Counts, RunEvent};

/// What went wrong with one ticket, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What was being done: `create`, `update`, `status`, `comment`, `attachment`.
    pub doing: String,
    /// The platform's own words, or ours.
    pub message: String,
    pub cause: Option<String>,
    pub remedy: Option<String>,
    /// The rules it failed under: a mapping that changed since is reason enough to try again.
    pub revision: String,
}

/// How one ticket ended.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    pub outcome: Option<Outcome>,
    pub keys: Pair<Option<String>>,
    pub troubles: Vec<Trouble>,
    pub notices: Vec<Notice>,
    pub conflicts: Vec<ConflictFound>,
    /// Operations that were done, in words.
    pub done: Vec<String>,
    pub comments: u64,
    pub files: u64,
    /// Waits in the pending list with this reason and sentence; not a failure.
    pub waits: Option<(PendingReason, String)>,
    /// It failed for good: waits for a person in quarantine.
    pub quarantined: bool,
    pub link: Option<lockstep_core::sync::link::LinkId>,
}

impl Ending {
    /// Nothing was written.
    pub fn skipped() -> Ending {
        Ending { outcome: Some(Outcome::Skipped), ..Ending::default() }
    }

    /// Nothing was written, and it waits.
    pub fn waiting(reason: PendingReason, why: &str) -> Ending {
        Ending { waits: Some((reason, why.to_owned())), ..Ending::skipped() }
    }

    /// What a plan without operations ends as: its conflicts and notices, told.
    pub fn of_plan(plan: &TicketPlan) -> Ending {
        let held = plan.notices.iter().any(|notice| notice.kind.needs_person());
        Ending {
            outcome: Some(if held { Outcome::Failed } else { Outcome::Skipped }),
            notices: plan.notices.clone(),
            conflicts: plan.conflicts.clone(),
            ..Ending::default()
        }
    }

    /// Adds why.
    #[must_use]
    pub fn because(mut self, why: &str) -> Ending {
        self.done.push(why.to_owned());
        self
    }

    /// Adds a refusal.
    pub fn trouble(&mut self, doing: &str, error: &ConnectorError, rules: &Rules) {
        let fields = error.fields.iter().map(|(field, message)| format!("{field}: {message}")).collect::<Vec<_>>().join("; ");
        self.troubles.push(Trouble {
            doing: doing.to_owned(),
            message: error.message.clone(),
            cause: (!fields.is_empty()).then_some(fields),
            remedy: error.remedy.clone(),
            revision: rules.revision.clone(),
        });
    }
}

/// What Run detail shows of a ticket, kept as JSON with its outcome.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Detail {
    #[serde(default)]
    pub changes: Vec<ShownChange>,
    #[serde(default)]
    pub done: Vec<String>,
    #[serde(default)]
    pub troubles: Vec<Trouble>,
    #[serde(default)]
    pub notices: Vec<Notice>,
    #[serde(default)]
    pub waits: Option<String>,
}

/// One field's change as shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShownChange {
    pub side: Side,
    pub label: String,
    pub before: String,
    pub after: String,
    pub reason: String,
}

/// Records how a row of the plan ended, with what has to wait or be decided.
pub async fn record(
    site: &Site,
    rules: &Rules,
    row: &PlanRow,
    ending: Ending,
    counts: &mut Counts,
) -> Result<(), RunError> {
    let outcome = ending.outcome.unwrap_or_else(|| row.plan.outcome());
    count(counts, outcome, &ending, &row.plan);
    let keys = Pair::from_fn(|side| ending.keys[side].clone().or_else(|| row.plan.keys[side].clone()));
    let detail = Detail {
        changes: shown_changes(rules, &row.plan),
        done: ending.done.clone(),
        troubles: ending.troubles.clone(),
        notices: ending.notices.clone(),
        waits: ending.waits.as_ref().map(|(_, why)| why.clone()),
    };
    let subject = plans::subject_key(&row.plan.subject);
    let text = ending
        .troubles
        .first()
        .map(|trouble| trouble.message.clone())
        .or_else(|| ending.waits.as_ref().map(|(_, why)| why.clone()))
        .or_else(|| ending.notices.first().map(|notice| notice.message.clone()))
        .or_else(|| ending.done.first().cloned())
        .unwrap_or_default();
    site.tell(RunEvent::Ticket {
        run: site.run_number(),
        source: keys.source.clone(),
        target: keys.target.clone(),
        outcome,
        title: row.plan.title.clone(),
        detail: text,
    });
    let Some(run) = site.run else {
        return Ok(());
    };
    let entry = OutcomeRow {
        run,
        ordinal: row.ordinal,
        subject: subject.clone(),
        keys: keys.clone(),
        title: row.plan.title.clone(),
        outcome,
        detail: serde_json::to_value(&detail).expect("details are plain data"),
    };
    let held = ending.notices.iter().find(|notice| notice.kind.needs_person());
    let located = subject_ticket(site, &row.plan.subject).await?;
    let link = match row.plan.subject {
        Subject::Link { link } => Some(link),
        Subject::New { .. } => ending.link,
    };
    let waiting = located.as_ref().and_then(|(side, ticket)| {
        let (reason, why, until_changed) = match (&ending.waits, held) {
            (Some((reason, why)), _) => (*reason, why.clone(), false),
            // Waits until a person mends the mapping or decides; a new version of the ticket is read anyway.
            (None, Some(notice)) => (PendingReason::Decision, notice.message.clone(), true),
            (None, None) => return None,
        };
        Some(Waiting { until_changed, ..Waiting::new(site, rules, *side, ticket.clone(), reason, &why) })
    });
    let quarantined = located.as_ref().filter(|_| ending.quarantined).map(|(side, ticket)| NewQuarantined {
        connection: site.connection,
        subject,
        link,
        side: *side,
        ticket: ticket.clone(),
        key: keys[*side].clone().unwrap_or_default(),
        error: serde_json::to_value(&ending.troubles).expect("troubles are plain data"),
        run: Some(run),
    });
    let feeds = Pair::from_fn(|side| site.feed(rules, side));
    let tickets = dealt_with(site, &row.plan.subject).await?;
    let (now_ms, epoch, connection, found) = (site.now_ms(), site.epoch, site.connection, ending.conflicts.clone());
    let (plan_row, plan, state) = (row.ordinal, site.plan, row_state(outcome, &ending));
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            outcomes::put(tx, &entry)?;
            if let Some(plan) = plan {
                plans::set_row_state(tx, plan, plan_row, state)?;
            }
            for side in Side::BOTH {
                if let Some(ticket) = &tickets[side] {
                    pending::remove(tx, &feeds[side], ticket)?;
                }
            }
            if let Some(waiting) = &waiting {
                waiting.add(tx)?;
            }
            if let Some(row) = &quarantined {
                quarantine::put(tx, row, now_ms)?;
            }
            if let Some(link) = link {
                keep_conflicts(tx, connection, link, &found, now_ms)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

fn row_state(outcome: Outcome, ending: &Ending) -> PlanRowState {
    match (outcome, &ending.waits) {
        (Outcome::Failed, _) => PlanRowState::Failed,
        (_, Some((PendingReason::Moved, _))) => PlanRowState::Moved,
        _ => PlanRowState::Applied,
    }
}

/// Notes the conflicts found and closes those that are no conflict any more.
fn keep_conflicts(
    tx: &lockstep_store::Tx<'_>,
    connection: lockstep_store::ConnectionId,
    link: LinkId,
    found: &[ConflictFound],
    now_ms: i64,
) -> lockstep_store::Result<()> {
    for waiting in conflicts::of_link(tx, link)? {
        if !found.iter().any(|conflict| conflict.mapping == waiting.found.mapping) {
            conflicts::close(tx, waiting.id, now_ms)?;
        }
    }
    for conflict in found {
        conflicts::note(tx, connection, link, conflict, now_ms)?;
    }
    Ok(())
}

/// The ticket under which a subject waits: its own, or the source's of a link.
pub async fn subject_ticket(site: &Site, subject: &Subject) -> Result<Option<(Side, TicketId)>, RunError> {
    Ok(match subject {
        Subject::New { side, ticket } => Some((*side, ticket.clone())),
        Subject::Link { link } => {
            let link = *link;
            let stored = site.store.read(move |conn| links::get(conn, link)).await?;
            stored.map(|stored| (Side::Source, stored.link.tickets.source))
        }
    })
}

async fn dealt_with(site: &Site, subject: &Subject) -> Result<Pair<Option<TicketId>>, RunError> {
    let mut tickets = Pair::default();
    match subject {
        Subject::New { side, ticket } => tickets[*side] = Some(ticket.clone()),
        Subject::Link { link } => {
            let link = *link;
            if let Some(stored) = site.store.read(move |conn| links::get(conn, link)).await? {
                tickets = stored.link.tickets.map(Some);
            }
        }
    }
    Ok(tickets)
}

fn count(counts: &mut Counts, outcome: Outcome, ending: &Ending, plan: &TicketPlan) {
    match outcome {
        Outcome::Created => counts.created += 1,
        Outcome::Updated => counts.updated += 1,
        Outcome::Closed => counts.closed += 1,
        Outcome::Failed => counts.failed += 1,
        Outcome::Skipped => counts.skipped += 1,
    }
    counts.comments += ending.comments;
    counts.files += ending.files;
    counts.conflicts += ending.conflicts.len() as u64;
    counts.done += u64::from(!plan.operations.is_empty());
}

/// The field changes of a plan in words.
pub fn shown_changes(rules: &Rules, plan: &TicketPlan) -> Vec<ShownChange> {
    let mut shown = Vec::new();
    for operation in &plan.operations {
        let schema = &rules.schemas[operation.side];
        let show = |field: &lockstep_core::FieldId, value: &lockstep_core::Value| crate::shown::value(schema, field, value);
        match &operation.kind {
            OperationKind::Update { changes, .. } => shown.extend(changes.iter().map(|change| ShownChange {
                side: operation.side,
                label: change.label.clone(),
                before: show(&change.field, &change.before),
                after: show(&change.field, change.result()),
                reason: change.reason.clone(),
            })),
            OperationKind::Create { shown: fields, .. } => shown.extend(fields.iter().map(|change| ShownChange {
                side: operation.side,
                label: change.label.clone(),
                before: String::new(),
                after: show(&change.field, change.result()),
                reason: change.reason.clone(),
            })),
            OperationKind::Steps { field, from, steps, .. } => {
                let path: Vec<&str> = steps.iter().map(|step| schema.workflow.label(&step.to)).collect();
                shown.push(ShownChange {
                    side: operation.side,
                    label: schema.label(field).to_owned(),
                    before: schema.workflow.label(from).to_owned(),
                    after: path.join(" → "),
                    reason: operation.reason.clone(),
                });
            }
            _ => {}
        }
    }
    shown
}
