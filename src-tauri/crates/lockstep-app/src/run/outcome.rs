//! How each ticket of a run ended: recorded for people, counted for the run, kept from being forgotten.

use std::collections::HashMap;

use lockstep_core::TicketId;
use lockstep_core::connector::ConnectorError;
use lockstep_core::mapping::Rules;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::operation::{
    ConflictFound, Notice, NoticeKind, OperationKind, Outcome, Subject, TicketPlan,
};
use lockstep_core::sync::{FieldBase, LedgerEntry, LinkId};
use lockstep_store::tables::links::Sight;
use lockstep_store::tables::outcomes::{self, NewOutcome};
use lockstep_store::tables::pending::{self, PendingReason};
use lockstep_store::tables::plans::{self, PlanRow};
use lockstep_store::tables::quarantine::{self, NewQuarantined};
use lockstep_store::tables::{bases, conflicts, ledger, links};
use lockstep_store::{Feed, Packed};
use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::known::Waiting;
use super::site::Site;
use crate::events::{Counts, RunEvent};

/// A field that could not be read is looked at again after so long.
const UNREAD_AGAIN_MS: i64 = 24 * 3_600_000;

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

/// What planning a pair found out: bases and ledger entries that move without a write, and what was seen of the two.
/// A pair that was read and not dealt with must not look known after a crash, so these go with its end (I2).
#[derive(Debug, Clone, Default)]
pub struct Settled {
    pub bases: Vec<(String, FieldBase)>,
    pub ledger: Vec<LedgerEntry>,
    pub sight: Sight,
}

impl Settled {
    /// Of a plan.
    pub fn of(plan: &TicketPlan) -> Settled {
        Settled { bases: plan.bases.clone(), ledger: plan.ledger.clone(), sight: sight(plan) }
    }

    fn keep(&self, tx: &lockstep_store::Tx<'_>, link: LinkId, now_ms: i64) -> lockstep_store::Result<()> {
        bases::put_all(tx, link, self.bases.iter().map(|(key, base)| (key, base)))?;
        ledger::put_all(tx, link, &self.ledger)?;
        links::note_sight(tx, link, &self.sight, now_ms)
    }
}

/// What a plan of a pair that writes nothing saw of the two.
pub fn sight(plan: &TicketPlan) -> Sight {
    let source = (!plan.title.is_empty()).then(|| plan.title.clone());
    let held = plan.notices.iter().any(|notice| notice.kind.needs_person());
    Sight {
        versions: plan.versions,
        titles: Pair { source, target: None },
        in_step: plan.operations.is_empty() && plan.conflicts.is_empty() && !held,
        wrote: false,
    }
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
    /// It waits at least so long.
    pub wait_ms: i64,
    /// It failed for good: waits for a person in quarantine.
    pub quarantined: bool,
    pub link: Option<LinkId>,
    /// What is known of a pair that was dealt with: kept together with its end.
    pub settled: Option<Box<Settled>>,
    /// Sides where fields or a status were written.
    pub wrote: Pair<bool>,
    /// How often a record was saved by what should have been one write of ours, where the platform counts: the most of
    /// its writes (hazards.md H19).
    pub saves: Pair<u64>,
    /// The conflicts are those of a plan, so those that are not among them are over.
    pub planned: bool,
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

    /// What could not be read is looked at again although the ticket does not change (hazards.md H18).
    pub fn look_again(&mut self, plan: &TicketPlan) {
        let unread = plan.notices.iter().find(|notice| notice.kind == NoticeKind::Unknown);
        if let Some(notice) = unread.filter(|_| self.waits.is_none()) {
            self.waits = Some((PendingReason::Unreadable, notice.message.clone()));
            self.wait_ms = UNREAD_AGAIN_MS;
        }
    }

    /// What a plan without operations ends as: its conflicts and notices, told.
    pub fn of_plan(plan: &TicketPlan) -> Ending {
        let mut ending = Ending::of_quiet_plan(plan);
        ending.look_again(plan);
        ending
    }

    fn of_quiet_plan(plan: &TicketPlan) -> Ending {
        let held = plan.notices.iter().any(|notice| notice.kind.needs_person());
        Ending {
            outcome: Some(if held { Outcome::Failed } else { Outcome::Skipped }),
            notices: plan.notices.clone(),
            conflicts: plan.conflicts.clone(),
            planned: true,
            settled: matches!(plan.subject, Subject::Link { .. }).then(|| Box::new(Settled::of(plan))),
            ..Ending::default()
        }
    }

    /// The one sentence of a list of tickets.
    fn sentence(&self) -> String {
        let trouble = self.troubles.first().map(|trouble| &trouble.message);
        let waits = || self.waits.as_ref().map(|(_, why)| why);
        let notice = || self.notices.first().map(|notice| &notice.message);
        trouble.or_else(waits).or_else(notice).or_else(|| self.done.first()).cloned().unwrap_or_default()
    }

    /// Adds why.
    #[must_use]
    pub fn because(mut self, why: &str) -> Ending {
        self.done.push(why.to_owned());
        self
    }

    /// Adds a refusal.
    pub fn trouble(&mut self, doing: &str, error: &ConnectorError, rules: &Rules) {
        let fields = error
            .fields
            .iter()
            .map(|(field, message)| format!("{field}: {message}"))
            .collect::<Vec<_>>()
            .join("; ");
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

/// Records how one row of the plan ended, with what has to wait or be decided.
pub async fn record(
    site: &Site,
    rules: &Rules,
    row: &PlanRow,
    ending: Ending,
    counts: &mut Counts,
) -> Result<(), RunError> {
    record_all(site, rules, vec![(row.clone(), ending)], counts).await
}

/// Records how rows of the plan ended, all in one transaction.
pub async fn record_all(
    site: &Site,
    rules: &Rules,
    ended: Vec<(PlanRow, Ending)>,
    counts: &mut Counts,
) -> Result<(), RunError> {
    if ended.is_empty() {
        return Ok(());
    }
    let links =
        tickets_of(site, ended.iter().filter_map(|(row, ending)| link_of(row, ending)).collect()).await?;
    let records = Records::of(site, rules, ended, &links);
    let records = site
        .store
        .write_in(site.epoch, move |tx| {
            records.keep(tx)?;
            Ok(records)
        })
        .await?;
    records.tell(site, counts);
    Ok(())
}

/// The ends of some rows: kept in a transaction, then counted and told.
pub struct Records {
    kept: Vec<Kept>,
    told: Vec<RunEvent>,
    counts: Counts,
    feeds: Pair<Feed>,
    connection: lockstep_store::ConnectionId,
    now_ms: i64,
}

impl Records {
    /// Makes them up; `links` names the tickets of every link that is spoken of.
    pub fn of(
        site: &Site,
        rules: &Rules,
        ended: Vec<(PlanRow, Ending)>,
        links: &HashMap<LinkId, Pair<TicketId>>,
    ) -> Records {
        let mut records = Records {
            kept: Vec::with_capacity(ended.len()),
            told: Vec::with_capacity(ended.len()),
            counts: Counts::default(),
            feeds: Pair::from_fn(|side| site.feed(rules, side)),
            connection: site.connection,
            now_ms: site.now_ms(),
        };
        for (row, ending) in ended {
            let outcome = ending.outcome.unwrap_or_else(|| row.plan.outcome());
            count(&mut records.counts, outcome, &ending, &row.plan);
            let keys =
                Pair::from_fn(|side| ending.keys[side].clone().or_else(|| row.plan.keys[side].clone()));
            records.told.push(RunEvent::Ticket {
                run: site.run_number(),
                source: keys.source.clone(),
                target: keys.target.clone(),
                outcome,
                title: row.plan.title.clone(),
                detail: ending.sentence(),
            });
            if let Some(run) = site.run {
                records.kept.push(Kept::of(site, rules, &row, &ending, run, outcome, keys, links));
            }
        }
        records
    }

    /// Writes them down.
    pub fn keep(&self, tx: &lockstep_store::Tx<'_>) -> lockstep_store::Result<()> {
        self.kept.iter().try_for_each(|row| row.keep(tx, self.connection, &self.feeds, self.now_ms))
    }

    /// Writes them down, each with the link that its ticket just got: what becomes of it later stands beside it.
    pub fn keep_linked(&self, tx: &lockstep_store::Tx<'_>, links: &[LinkId]) -> lockstep_store::Result<()> {
        for (row, link) in self.kept.iter().zip(links) {
            outcomes::put_as(tx, &row.entry, &plans::subject_key(&Subject::Link { link: *link }))?;
            row.keep_rest(tx, self.connection, &self.feeds, self.now_ms)?;
        }
        Ok(())
    }

    /// Counts and tells them, once they are kept.
    pub fn tell(self, site: &Site, counts: &mut Counts) {
        counts.add(self.counts);
        for event in self.told {
            site.tell(event);
        }
    }
}

fn link_of(row: &PlanRow, ending: &Ending) -> Option<LinkId> {
    match row.plan.subject {
        Subject::Link { link } => Some(link),
        Subject::New { .. } => ending.link,
    }
}

/// What is written of one row.
struct Kept {
    entry: NewOutcome,
    /// The tickets that are dealt with.
    tickets: Pair<Option<TicketId>>,
    waiting: Option<Waiting>,
    quarantined: Option<NewQuarantined>,
    link: Option<LinkId>,
    /// What the plan found; `None` when nothing was planned, so that what waits stays as it is.
    conflicts: Option<Vec<ConflictFound>>,
    settled: Option<Box<Settled>>,
}

impl Kept {
    #[allow(clippy::too_many_arguments, reason = "the parts of one record")]
    fn of(
        site: &Site,
        rules: &Rules,
        row: &PlanRow,
        ending: &Ending,
        run: lockstep_store::RunId,
        outcome: Outcome,
        keys: Pair<Option<String>>,
        links: &HashMap<LinkId, Pair<TicketId>>,
    ) -> Kept {
        let detail = Detail {
            changes: shown_changes(rules, &row.plan),
            done: ending.done.clone(),
            troubles: ending.troubles.clone(),
            notices: ending.notices.clone(),
            waits: ending.waits.as_ref().map(|(_, why)| why.clone()),
        };
        let subject = plans::subject_key(&row.plan.subject);
        let mut tickets = Pair::default();
        match &row.plan.subject {
            Subject::New { side, ticket } => tickets[*side] = Some(ticket.clone()),
            Subject::Link { link } => {
                if let Some(linked) = links.get(link) {
                    tickets = linked.clone().map(Some);
                }
            }
        }
        // The ticket under which a subject waits: its own, or the source's of a link.
        let located = Side::BOTH.into_iter().find_map(|side| Some((side, tickets[side].clone()?)));
        let held = ending.notices.iter().find(|notice| notice.kind.needs_person());
        let waiting = located.as_ref().and_then(|(side, ticket)| {
            let waiting = |reason, why: &str| Waiting::new(site, rules, *side, ticket.clone(), reason, why);
            match (&ending.waits, held) {
                (Some((reason, why)), _) => Some(waiting(*reason, why).for_ms(ending.wait_ms)),
                // Until a person mends the mapping or decides; a new version of the ticket is read anyway.
                (None, Some(notice)) => {
                    Some(waiting(PendingReason::Decision, &notice.message).until_changed())
                }
                (None, None) => None,
            }
        });
        let link = link_of(row, ending);
        let quarantined = located.filter(|_| ending.quarantined).map(|(side, ticket)| NewQuarantined {
            connection: site.connection,
            subject: subject.clone(),
            link,
            side,
            ticket,
            key: keys[side].clone().unwrap_or_default(),
            title: row.plan.title.clone(),
            type_mapping: row.plan.type_mapping.clone(),
            error: serde_json::to_value(&ending.troubles).expect("troubles are plain data"),
            run: Some(run),
        });
        let entry = NewOutcome {
            run,
            ordinal: row.ordinal,
            subject,
            keys,
            title: row.plan.title.clone(),
            outcome,
            detail: Packed::of(&detail).expect("details are plain data"),
        };
        let conflicts = ending.planned.then(|| ending.conflicts.clone());
        let settled = ending.settled.clone();
        Kept { entry, tickets, waiting, quarantined, link, conflicts, settled }
    }

    fn keep(
        &self,
        tx: &lockstep_store::Tx<'_>,
        connection: lockstep_store::ConnectionId,
        feeds: &Pair<Feed>,
        now_ms: i64,
    ) -> lockstep_store::Result<()> {
        outcomes::put(tx, &self.entry)?;
        self.keep_rest(tx, connection, feeds, now_ms)
    }

    fn keep_rest(
        &self,
        tx: &lockstep_store::Tx<'_>,
        connection: lockstep_store::ConnectionId,
        feeds: &Pair<Feed>,
        now_ms: i64,
    ) -> lockstep_store::Result<()> {
        for side in Side::BOTH {
            if let Some(ticket) = &self.tickets[side] {
                pending::remove(tx, &feeds[side], ticket)?;
            }
        }
        if let Some(waiting) = self.waiting.as_ref().filter(|_| !left_out(Omission::CursorWithoutPending)) {
            waiting.add(tx)?;
        }
        if let Some(row) = &self.quarantined {
            quarantine::put(tx, row, now_ms)?;
        }
        if let (Some(link), Some(found)) = (self.link, &self.conflicts) {
            keep_conflicts(tx, connection, link, found, now_ms)?;
        }
        if let (Some(link), Some(settled)) = (self.link, &self.settled) {
            settled.keep(tx, link, now_ms)?;
        }
        Ok(())
    }
}

/// Notes the conflicts found and closes those that are no conflict any more.
pub fn keep_conflicts(
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

/// The tickets of links, in one reading.
pub async fn tickets_of(site: &Site, of: Vec<LinkId>) -> Result<HashMap<LinkId, Pair<TicketId>>, RunError> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let found = site.store.read(move |conn| {
        let mut found = HashMap::new();
        for id in of {
            if let Some(stored) = links::get(conn, id)? {
                found.insert(id, stored.link.tickets);
            }
        }
        Ok(found)
    });
    Ok(found.await?)
}

fn count(counts: &mut Counts, outcome: Outcome, ending: &Ending, plan: &TicketPlan) {
    match outcome {
        Outcome::Created => counts.created += 1,
        // Linking alone writes to neither platform.
        Outcome::Updated if super::matching::links_two(plan) => counts.linked += 1,
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
        let show = |field: &lockstep_core::FieldId, value: &lockstep_core::Value| {
            crate::shown::value(schema, field, value)
        };
        match &operation.kind {
            OperationKind::Update { changes, .. } => shown.extend(changes.iter().map(|change| ShownChange {
                side: operation.side,
                label: change.label.clone(),
                before: show(&change.field, &change.before),
                after: show(&change.field, change.result()),
                reason: change.reason.clone(),
            })),
            OperationKind::Create { request, shown: fields, .. } => {
                shown.extend(fields.iter().map(|one| ShownChange {
                    side: operation.side,
                    label: one.label.clone(),
                    before: String::new(),
                    after: show(&one.field, one.value(request)),
                    reason: one.reason.clone(),
                }))
            }
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
