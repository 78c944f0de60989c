//! Creates tickets: in batches the platform takes, a canary first, a journal row for each, then what belongs to them.

use futures_util::StreamExt;
use lockstep_core::connector::{CreateRequest, Created, Fetched, Want, WriteFailure};
use lockstep_core::mapping::Rules;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::link::{Link, LinkId, LinkState};
use lockstep_core::sync::operation::{FieldChange, Operation, OperationKind, Outcome};
use lockstep_core::ticket::{MarkerRead, Ticket, Value, Version};
use lockstep_core::marker::{Fingerprint, PairKey};
use lockstep_store::JournalId;
use lockstep_store::tables::journal::{self, Finish, JournalState};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::PlanRow;
use lockstep_store::tables::{bases, ledger, links};

use super::error::{RunError, on_side};
use super::outcome::{self, Ending};
use super::sending::{self, Intent, Sent};
use super::site::Site;
use super::writing::Writer;
use crate::events::{Counts, RunEvent};

/// Create calls in flight at once, within what the platform bears.
const CALLS_MAX: usize = 4;

/// Creates the counterparts of `ready`, tickets of `from` with their plans.
pub async fn create(
    site: &Site,
    rules: &Rules,
    from: Side,
    ready: Vec<(PlanRow, Ticket)>,
    counts: &mut Counts,
) -> Result<(), RunError> {
    let to = from.opposite();
    let mut ready = unlinked(site, rules, from, ready, counts).await?;
    if ready.is_empty() {
        return Ok(());
    }
    let connection = site.connection;
    let proven = site.store.read(move |conn| journal::last_done_create(conn, connection, to)).await?.is_some();
    if !proven {
        let canary = ready.remove(0);
        let key = canary.1.key.clone();
        let created = batch(site, rules, from, vec![canary], counts).await?;
        if let Some(id) = created.first() {
            prove_marker(site, rules, to, id, &key).await?;
        }
    }
    let capabilities = site.sides[to].connector.describe();
    let size = capabilities.create_batch.max(1);
    let mut batches = Vec::new();
    while !ready.is_empty() {
        let rest = ready.split_off(size.min(ready.len()));
        batches.push(std::mem::replace(&mut ready, rest));
    }
    let lanes = capabilities.concurrency_max.clamp(1, CALLS_MAX);
    let mut work = futures_util::stream::iter(batches.into_iter().map(|rows| async move {
        let mut own = Counts::default();
        let result = batch(site, rules, from, rows, &mut own).await;
        (own, result)
    }))
    .buffer_unordered(lanes);
    let mut first_error = None;
    while let Some((own, result)) = work.next().await {
        add(counts, own);
        site.tell(RunEvent::Counts { run: site.run_number(), counts: *counts });
        if let Err(error) = result {
            first_error.get_or_insert(error);
        }
    }
    first_error.map_or(Ok(()), Err)
}

fn add(counts: &mut Counts, own: Counts) {
    counts.done += own.done;
    counts.created += own.created;
    counts.updated += own.updated;
    counts.closed += own.closed;
    counts.failed += own.failed;
    counts.skipped += own.skipped;
    counts.comments += own.comments;
    counts.files += own.files;
    counts.conflicts += own.conflicts;
}

/// Leaves out tickets that were linked, ended or left open since they were planned.
async fn unlinked(
    site: &Site,
    rules: &Rules,
    from: Side,
    ready: Vec<(PlanRow, Ticket)>,
    counts: &mut Counts,
) -> Result<Vec<(PlanRow, Ticket)>, RunError> {
    let here = site.sides[from].fingerprint.clone();
    let there = site.sides[from.opposite()].fingerprint.clone();
    let ids: Vec<_> = ready.iter().map(|(row, ticket)| (ticket.id.clone(), pair_key(row))).collect();
    let taken = site
        .store
        .read(move |conn| {
            let mut taken = Vec::new();
            for (id, key) in &ids {
                let linked = links::blocked(conn, &here, id, &there)?.is_some();
                let open = match key {
                    Some(key) => journal::by_pair_key(conn, key)?.iter().any(|row| row.state.is_open()),
                    None => false,
                };
                taken.push(linked || open);
            }
            Ok(taken)
        })
        .await?;
    let mut free = Vec::new();
    for ((row, ticket), taken) in ready.into_iter().zip(taken) {
        if taken {
            let ending = Ending::skipped().because("it was linked, ended or is looked up meanwhile");
            outcome::record(site, rules, &row, ending, counts).await?;
        } else {
            free.push((row, ticket));
        }
    }
    Ok(free)
}

fn pair_key(row: &PlanRow) -> Option<PairKey> {
    creation(row).map(|(request, _, _)| request.marker.pair.clone())
}

fn creation(row: &PlanRow) -> Option<(&CreateRequest, &[(String, FieldBase)], &[FieldChange])> {
    row.plan.operations.iter().find_map(|operation| match &operation.kind {
        OperationKind::Create { request, bases, shown } => Some((request.as_ref(), bases.as_slice(), shown.as_slice())),
        _ => None,
    })
}

/// The first create of a connection is read back by its marker before the second one leaves (hazards.md H5).
async fn prove_marker(site: &Site, rules: &Rules, to: Side, id: &lockstep_core::TicketId, key: &str) -> Result<(), RunError> {
    let connector = &site.sides[to].connector;
    let fields = rules.fields_on(to);
    let scope = rules.mapping.scope(to);
    let read = connector
        .fetch(scope, std::slice::from_ref(id), &fields, Want::default())
        .await
        .map_err(on_side(site.label(to), "reading the first new ticket back"))?;
    let marked = matches!(read.first(), Some(Fetched::Found(ticket)) if matches!(ticket.marker, MarkerRead::Ours(_)));
    if marked {
        return Ok(());
    }
    Err(RunError::Plan(format!(
        "the marker on the copy of {key} cannot be read back in {}: nothing more is created, for a lost answer could not \
         be told from a missing ticket. Check that this account may read the field or property that holds the marker",
        site.label(to)
    )))
}

/// Creates one batch in one call; returns the new tickets' ids.
async fn batch(
    site: &Site,
    rules: &Rules,
    from: Side,
    rows: Vec<(PlanRow, Ticket)>,
    counts: &mut Counts,
) -> Result<Vec<lockstep_core::TicketId>, RunError> {
    let to = from.opposite();
    let mut requests: Vec<CreateRequest> = Vec::new();
    let mut intents = Vec::new();
    for (row, ticket) in &rows {
        let Some((request, bases, _)) = creation(row) else {
            continue;
        };
        let mut tickets: Pair<Option<lockstep_core::TicketId>> = Pair::default();
        tickets[from] = Some(ticket.id.clone());
        intents.push(Intent {
            side: to,
            kind: "create",
            link: None,
            tickets,
            key: Some(request.marker.pair.clone()),
            payload: serde_json::json!({
                "request": request,
                "bases": bases,
                "type_mapping": row.plan.type_mapping,
                "key": ticket.key,
                "generation": request.marker.pair.generation,
            }),
            before: None,
        });
        requests.push(request.clone());
    }
    let sent = sending::intend(site, intents).await?;
    for (request, sent) in requests.iter_mut().zip(&sent) {
        request.marker.op = Some(sent.op_id.clone());
    }
    if sent.iter().any(|sent| !sending::in_time(site, sent)) {
        for sent in &sent {
            sending::void(site, sent, "too much time passed between the journal and the call").await?;
        }
        return Ok(Vec::new());
    }
    let answers = site.sides[to].connector.create(&requests).await;
    let mut new = Vec::new();
    let mut stopped = None;
    let mut done = Vec::new();
    for (((row, ticket), sent), answer) in rows.into_iter().zip(&sent).zip(answers) {
        match answer {
            Ok(created) => done.push((row, ticket, sent.clone(), created)),
            Err(failure) => {
                sending::failed(site, sent, &failure).await?;
                let ending = not_created(rules, &failure);
                if let WriteFailure::NotApplied { error, .. } = &failure
                    && error.stops_account()
                {
                    stopped = Some(RunError::Side { side: format!("{}, creating", site.label(to)), error: error.clone() });
                }
                outcome::record(site, rules, &row, ending, counts).await?;
            }
        }
    }
    let linked = link_all(site, from, &done).await?;
    for ((row, ticket, _, created), link) in done.into_iter().zip(linked) {
        new.push(created.id.clone());
        let ending = follow_up(site, rules, &row, &ticket, &created, link, from).await?;
        outcome::record(site, rules, &row, ending, counts).await?;
    }
    stopped.map_or(Ok(new), Err)
}

fn not_created(rules: &Rules, failure: &WriteFailure) -> Ending {
    let mut ending = Ending::skipped();
    match failure {
        WriteFailure::NotApplied { error, .. } => ending.waits = Some((PendingReason::Lag, format!("not created yet: {error}"))),
        WriteFailure::Unknown(error) => {
            let why = format!("the outcome is not known ({error}): it is looked up before it is tried again");
            ending.waits = Some((PendingReason::Unknown, why));
        }
        WriteFailure::Refused(error) => {
            ending.trouble("create", error, rules);
            ending.outcome = Some(Outcome::Failed);
            ending.quarantined = true;
        }
    }
    ending
}

/// Finishes the journal rows of created tickets with their links and bases, all in one transaction.
async fn link_all(
    site: &Site,
    from: Side,
    done: &[(PlanRow, Ticket, Sent, Created)],
) -> Result<Vec<Link>, RunError> {
    let rows: Vec<NewPair> = done.iter().map(|(row, ticket, sent, created)| NewPair::of(site, from, row, ticket, sent, created)).collect();
    let epoch = site.epoch;
    let made = rows.clone();
    let accounts = Pair::from_fn(|side| site.sides[side].fingerprint.clone());
    let ids: Vec<LinkId> = site
        .store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            made.iter().map(|pair| pair.keep(tx, &accounts)).collect()
        })
        .await?;
    Ok(rows.into_iter().zip(ids).map(|(pair, id)| Link { id, ..pair.link }).collect())
}

#[derive(Clone)]
struct NewPair {
    id: JournalId,
    outcome: serde_json::Value,
    link: Link,
    to: Side,
    bases: Vec<(String, FieldBase)>,
    ledger: Vec<lockstep_core::sync::LedgerEntry>,
}

impl NewPair {
    fn of(site: &Site, from: Side, row: &PlanRow, ticket: &Ticket, sent: &Sent, created: &Created) -> NewPair {
        let to = from.opposite();
        let (request, planned, shown) = creation(row).expect("rows without a create never get here");
        let step_refused = created.step_taken == Some(false);
        let bases = planned
            .iter()
            .map(|(key, base)| {
                let field = shown.iter().find(|change| change.mapping == *key).map(|change| &change.field);
                (key.clone(), answered_base(base, to, field.and_then(|field| created.answer.get(field))))
            })
            .map(|(key, base)| match (&request.step, step_refused) {
                (Some(step), true) if base.values[to] == Value::choice(&step.to) => {
                    // Created, but the first step was refused: the ticket stands where it began, the sender counts as changed.
                    let mut base = FieldBase { unsettled: None, ..base };
                    base.values[to] = Value::choice(&step.from);
                    base.values[from] = Value::Empty;
                    (key, base)
                }
                _ => (key, base),
            })
            .collect();
        let link = new_link(site, from, &row.plan.type_mapping, ticket, request, created);
        let outcome = serde_json::json!({ "id": created.id, "key": created.key, "step_taken": created.step_taken });
        NewPair { id: sent.id, outcome, link, to, bases, ledger: row.plan.ledger.clone() }
    }

    /// Finishes the journal row with the link and its bases.
    fn keep(&self, tx: &lockstep_store::Tx<'_>, accounts: &Pair<Fingerprint>) -> lockstep_store::Result<LinkId> {
        let id = links::insert(tx, &self.link, accounts, &serde_json::json!({}))?;
        let finish = Finish {
            outcome: Some(&self.outcome),
            error: None,
            link: Some(id),
            ticket: Some(&self.link.tickets[self.to]),
        };
        journal::finish(tx, self.id, JournalState::Done, finish)?;
        bases::put_all(tx, id, self.bases.iter().map(|(key, base)| (key, base)))?;
        ledger::put_all(tx, id, &self.ledger)?;
        Ok(id)
    }
}

/// A created ticket's base once the answer is in (hazards.md H14, H15).
pub fn answered_base(planned: &FieldBase, to: Side, answered: Option<&Value>) -> FieldBase {
    let mut base = planned.clone();
    if let (Some(answered), Some(side)) = (answered, planned.unsettled)
        && side == to
    {
        base.values[to] = answered.clone();
        base.unsettled = None;
    }
    base
}

fn new_link(
    site: &Site,
    from: Side,
    type_mapping: &str,
    ticket: &Ticket,
    request: &CreateRequest,
    created: &Created,
) -> Link {
    let to = from.opposite();
    let mut tickets = Pair { source: ticket.id.clone(), target: ticket.id.clone() };
    tickets[to] = created.id.clone();
    let mut keys = Pair { source: ticket.key.clone(), target: ticket.key.clone() };
    keys[to] = created.key.clone();
    let mut versions = Pair { source: Version::default(), target: Version::default() };
    versions[from] = ticket.version;
    versions[to] = created.version.unwrap_or_default();
    Link {
        id: LinkId(0),
        connection: site.connection.0,
        type_mapping: type_mapping.to_owned(),
        tickets,
        keys,
        origin: from,
        generation: request.marker.pair.generation,
        state: LinkState::Live,
        versions,
        marker_due: true,
        linked_ms: site.now_ms(),
    }
}

/// Carries out what belongs to a new ticket: its comments, files and the rest of its status path.
#[allow(clippy::too_many_arguments, reason = "one record of what was created")]
async fn follow_up(
    site: &Site,
    rules: &Rules,
    row: &PlanRow,
    ticket: &Ticket,
    created: &Created,
    link: Link,
    from: Side,
) -> Result<Ending, RunError> {
    let to = from.opposite();
    let mut ending = Ending { outcome: Some(Outcome::Created), notices: row.plan.notices.clone(), ..Ending::default() };
    ending.keys[from] = Some(ticket.key.clone());
    ending.keys[to] = Some(created.key.clone());
    ending.link = Some(link.id);
    ending.done.push(format!("created {} in {}", created.key, site.label(to)));
    let rest: Vec<Operation> = row
        .plan
        .operations
        .iter()
        .filter(|operation| !matches!(operation.kind, OperationKind::Create { .. }))
        .filter(|operation| created.step_taken != Some(false) || !matches!(operation.kind, OperationKind::Steps { .. }))
        .cloned()
        .collect();
    if created.step_taken == Some(false) {
        site.workflow_stale.store(true, std::sync::atomic::Ordering::Relaxed);
        let why = "created; its status is set by the next run, for the first step was refused".to_owned();
        ending.waits = Some((PendingReason::Other, why));
    }
    if !rest.is_empty() {
        let mut held = Pair::default();
        held[from] = ticket.fields.clone();
        held[to] = created.answer.clone();
        let mut writer = Writer { site, rules, link, held };
        writer.operations(&rest, &mut ending).await?;
        if ending.troubles.is_empty() {
            ending.outcome = Some(Outcome::Created);
        }
    }
    Ok(ending)
}
