//! Creates tickets: in batches the platform takes, a canary first, a journal row for each, then what belongs to them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use lockstep_core::connector::{CreateRequest, Created, ErrorKind, Fetched, Want, WriteFailure};
use lockstep_core::mapping::Rules;
use lockstep_core::mapping::transform::input_among;
use lockstep_core::marker::{Fingerprint, PairKey};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::link::{Link, LinkId, LinkState};
use lockstep_core::sync::operation::{Filled, Operation, OperationKind, Outcome};
use lockstep_core::ticket::{MarkerRead, Ticket, Value, Version, Visibility};
use lockstep_core::{FieldId, TicketId};
use lockstep_store::tables::journal::{self, Finish, JournalRow, JournalState};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::PlanRow;
use lockstep_store::tables::{bases, ledger, links};
use lockstep_store::{JournalId, Packed};

use serde::Serialize;

use super::error::{RunError, on_side};
use super::known::{self, Waiting};
use super::outcome::{self, Ending};
use super::patience::{Patience, Waited};
use super::recover;
use super::sending::{self, Intent, Sent};
use super::site::Site;
use super::writing::Writer;
use crate::events::{Counts, RunEvent};
use crate::shown::title_among;

/// Create calls in flight at once, within what the platform bears.
const CALLS_MAX: usize = 4;

/// A ticket that is to be copied, as far as that takes.
#[derive(Debug, Clone)]
pub struct Original {
    pub id: TicketId,
    pub key: String,
    pub version: Version,
    /// What it holds, for what follows its creation; empty where nothing does.
    pub fields: BTreeMap<FieldId, Value>,
}

impl From<Ticket> for Original {
    fn from(ticket: Ticket) -> Original {
        Original { id: ticket.id, key: ticket.key, version: ticket.version, fields: ticket.fields }
    }
}

/// Creates the counterparts of `ready`, tickets of `from` with their plans. What the platform sent away for a while comes
/// back once the wait is over, to pass the checks before a send again (hazards.md H11).
pub async fn create(
    site: &Site,
    rules: &Rules,
    from: Side,
    ready: Vec<(PlanRow, Original)>,
    patience: &mut Patience,
    counts: &mut Counts,
) -> Result<Vec<PlanRow>, RunError> {
    let to = from.opposite();
    let mut away = Away::default();
    let mut ready = unlinked(site, rules, from, ready, counts).await?;
    let connection = site.connection;
    let mut proven =
        site.store.read(move |conn| journal::last_done_create(conn, connection, to)).await?.is_some();
    proven |= left_out(Omission::CanaryNotAwaited);
    while !proven && !ready.is_empty() {
        if site.cancel.is_asked() {
            leave(site, rules, ready, PendingReason::Cancelled, CANCELLED, counts).await?;
            return Ok(Vec::new());
        }
        let canary = ready.remove(0);
        let key = canary.1.key.clone();
        let made = batch(site, rules, from, vec![canary], counts).await?;
        away.add(made.away);
        if let Some(id) = made.ids.first() {
            if !prove_marker(site, rules, to, id, &key).await? {
                let why = format!("waits until the first new ticket in {} can be seen", site.label(to));
                leave(site, rules, ready, PendingReason::Lag, &why, counts).await?;
                return Ok(Vec::new());
            }
            patience.rewarded();
            proven = true;
        } else if made.in_doubt {
            // Nobody knows yet whether a copy of ours can be found again: the second one does not leave (H5).
            let why = format!("waits until the first new ticket in {} is accounted for", site.label(to));
            leave(site, rules, ready, PendingReason::Lag, &why, counts).await?;
            return Ok(Vec::new());
        } else if away.is_any() {
            away.rows.append(&mut ready);
        }
    }
    if ready.is_empty() {
        return away.wait(site, rules, to, patience, counts).await;
    }
    let capabilities = site.sides[to].connector.describe();
    let size = capabilities.create_batch.max(1);
    let mut batches = Vec::new();
    while !ready.is_empty() {
        let rest = ready.split_off(size.min(ready.len()));
        batches.push(std::mem::replace(&mut ready, rest));
    }
    let lanes = capabilities.concurrency_max.clamp(1, CALLS_MAX);
    let (stop, closed) = (AtomicBool::new(false), AtomicBool::new(false));
    let (broken, sent_away) = (&stop, &closed);
    let mut work = futures_util::stream::iter(batches.into_iter().map(|rows| async move {
        let mut own = Counts::default();
        if broken.load(Ordering::Relaxed) {
            return (own, Ok(Made::default()));
        }
        let result = if site.cancel.is_asked() {
            leave(site, rules, rows, PendingReason::Cancelled, CANCELLED, &mut own)
                .await
                .map(|()| Made::default())
        } else if sent_away.load(Ordering::Relaxed) {
            // It would not leave before the wait is over.
            Ok(Made { away: Away { rows, ..Away::default() }, ..Made::default() })
        } else {
            batch(site, rules, from, rows, &mut own).await
        };
        if result.as_ref().is_ok_and(|made| made.away.is_any()) {
            sent_away.store(true, Ordering::Relaxed);
        }
        (own, result)
    }))
    .buffer_unordered(lanes);
    let mut first_error = None;
    while let Some((own, result)) = work.next().await {
        counts.add(own);
        site.tell(RunEvent::Counts { run: site.run_number(), counts: *counts });
        match result {
            Ok(made) => {
                if !made.ids.is_empty() {
                    patience.rewarded();
                }
                away.add(made.away);
            }
            Err(error) => {
                broken.store(true, Ordering::Relaxed);
                first_error.get_or_insert(error);
            }
        }
    }
    drop(work);
    match first_error {
        Some(error) => Err(error),
        None => away.wait(site, rules, to, patience, counts).await,
    }
}

/// Why a row is left that a cancelled run did not carry out.
const CANCELLED: &str = "the run was cancelled before it";

/// Rows that the platform takes no calls for just now.
#[derive(Default)]
struct Away {
    rows: Vec<(PlanRow, Original)>,
    /// The longest wait it named.
    wait_ms: u64,
    /// Its own words.
    why: String,
}

impl Away {
    fn is_any(&self) -> bool {
        !self.rows.is_empty()
    }

    fn add(&mut self, other: Away) {
        self.rows.extend(other.rows);
        self.wait_ms = self.wait_ms.max(other.wait_ms);
        if self.why.is_empty() {
            self.why = other.why;
        }
    }

    /// Gives the rows that go again, after the wait; what waits for the next run instead is on the pending list.
    async fn wait(
        mut self,
        site: &Site,
        rules: &Rules,
        to: Side,
        patience: &mut Patience,
        counts: &mut Counts,
    ) -> Result<Vec<PlanRow>, RunError> {
        if !self.is_any() {
            return Ok(Vec::new());
        }
        self.rows.sort_by_key(|(row, _)| row.ordinal);
        let (reason, why) = match patience.wait(site, to, self.wait_ms).await {
            Waited::Over => return Ok(self.rows.into_iter().map(|(row, _)| row).collect()),
            Waited::Cancelled => (PendingReason::Cancelled, CANCELLED.to_owned()),
            Waited::TooLong => (PendingReason::Lag, format!("not created yet: {}", self.why)),
        };
        leave(site, rules, self.rows, reason, &why, counts).await?;
        Ok(Vec::new())
    }
}

/// Puts rows on the pending list that this run does not carry out.
async fn leave(
    site: &Site,
    rules: &Rules,
    rows: Vec<(PlanRow, Original)>,
    reason: PendingReason,
    why: &str,
    counts: &mut Counts,
) -> Result<(), RunError> {
    let ended = rows.into_iter().map(|(row, _)| (row, Ending::waiting(reason, why))).collect();
    outcome::record_all(site, rules, ended, counts).await
}

/// What the journal says of a ticket that is to be copied.
enum Before {
    Free,
    /// Linked, ended or open meanwhile.
    Taken,
    /// An earlier create was refused, or sent away where that does not prove that nothing was made (hazards.md H10).
    Doubtful(Box<JournalRow>),
}

/// Leaves out tickets that were linked, ended or left open since they were planned, and those that turn out to have a
/// copy already.
async fn unlinked(
    site: &Site,
    rules: &Rules,
    from: Side,
    ready: Vec<(PlanRow, Original)>,
    counts: &mut Counts,
) -> Result<Vec<(PlanRow, Original)>, RunError> {
    let here = site.sides[from].fingerprint.clone();
    let there = site.sides[from.opposite()].fingerprint.clone();
    let ids: Vec<_> = ready.iter().map(|(row, ticket)| (ticket.id.clone(), pair_key(row))).collect();
    let proof = site.sides[from.opposite()].connector.describe().refusal_by_rate_is_proof;
    let before = site
        .store
        .read(move |conn| {
            let mut before = Vec::new();
            for (id, key) in &ids {
                let rows =
                    key.as_ref().map(|key| journal::by_pair_key(conn, key)).transpose()?.unwrap_or_default();
                let open = rows.iter().any(|row| row.state.is_open());
                before.push(if open || links::blocked(conn, &here, id, &there)?.is_some() {
                    Before::Taken
                } else {
                    match rows.into_iter().rfind(|row| is_doubtful(row, proof)) {
                        Some(row) => Before::Doubtful(Box::new(row)),
                        None => Before::Free,
                    }
                });
            }
            Ok(before)
        })
        .await?;
    let (mut free, mut ended) = (Vec::new(), Vec::new());
    let mut sent_away = Vec::new();
    for ((row, ticket), before) in ready.into_iter().zip(before) {
        match before {
            Before::Free => free.push((row, ticket)),
            Before::Taken => {
                ended
                    .push((row, Ending::skipped().because("it was linked, ended or is looked up meanwhile")));
            }
            Before::Doubtful(earlier) if recover::was_sent_away(&earlier) => {
                sent_away.push((row, ticket, earlier));
            }
            Before::Doubtful(earlier) => {
                let retry =
                    recover::look_before_retry(site, rules, &earlier, &ticket.key, &ticket.id).await?;
                sort_out(row, ticket, retry, &mut free, &mut ended);
            }
        }
    }
    let looked = recover::look_for_sent_away(
        site,
        rules,
        &sent_away.iter().map(|(_, ticket, earlier)| (earlier.as_ref(), ticket)).collect::<Vec<_>>(),
    )
    .await?;
    for ((row, ticket, _), retry) in sent_away.into_iter().zip(looked) {
        sort_out(row, ticket, retry, &mut free, &mut ended);
    }
    outcome::record_all(site, rules, ended, counts).await?;
    Ok(free)
}

/// What a look before a retry means for its row.
fn sort_out(
    row: PlanRow,
    ticket: Original,
    retry: recover::Retry,
    free: &mut Vec<(PlanRow, Original)>,
    ended: &mut Vec<(PlanRow, Ending)>,
) {
    let (reason, why) = match retry {
        recover::Retry::Free => return free.push((row, ticket)),
        recover::Retry::Adopted => (PendingReason::Unknown, "its copy was there already: linked".to_owned()),
        recover::Retry::NotYet(why) => (PendingReason::Lag, why),
    };
    ended.push((row, Ending::waiting(reason, &why)));
}

/// A refusal may come from a rule that ran after the insert, and a 429, where it is no proof, from a layer behind it.
fn is_doubtful(row: &JournalRow, refusal_by_rate_is_proof: bool) -> bool {
    row.lookups == 0
        && match row.state {
            JournalState::Failed => true,
            JournalState::Void => recover::was_sent_away(row) && !refusal_by_rate_is_proof,
            _ => false,
        }
}

fn pair_key(row: &PlanRow) -> Option<PairKey> {
    creation(row).map(|(request, _, _)| request.marker.pair.clone())
}

/// A create, the bases it will have, and which mapping each sent field belongs to.
type Creation<'a> = (&'a CreateRequest, &'a [(String, FieldBase)], &'a [Filled]);

fn creation(row: &PlanRow) -> Option<Creation<'_>> {
    row.plan.operations.iter().find_map(|operation| match &operation.kind {
        OperationKind::Create { request, bases, shown } => {
            Some((request.as_ref(), bases.as_slice(), shown.as_slice()))
        }
        _ => None,
    })
}

/// The first create of a connection is read back by its marker before the second one leaves (hazards.md H5). False when
/// it cannot be seen yet.
async fn prove_marker(
    site: &Site,
    rules: &Rules,
    to: Side,
    id: &TicketId,
    key: &str,
) -> Result<bool, RunError> {
    let connector = &site.sides[to].connector;
    let fields = rules.fields_on(to);
    let scope = rules.mapping.scope(to);
    let read = connector
        .fetch(scope, std::slice::from_ref(id), &fields, Want::default())
        .await
        .map_err(on_side(site.label(to), "reading the first new ticket back"))?;
    match read.first() {
        Some(Fetched::Found(ticket)) if matches!(ticket.marker, MarkerRead::Ours(_)) => return Ok(true),
        Some(Fetched::Found(_)) => {}
        // Lists may lag behind writes.
        _ => return Ok(false),
    }
    Err(RunError::Plan(format!(
        "the marker on the copy of {key} cannot be read back in {}: nothing more is created, for a lost answer could not \
         be told from a missing ticket. Check that this account may read the field or property that holds the marker",
        site.label(to)
    )))
}

/// What one call made.
#[derive(Default)]
struct Made {
    ids: Vec<TicketId>,
    /// Certainly not carried out: the platform takes no calls for a while.
    away: Away,
    /// The outcome of at least one create is not known.
    in_doubt: bool,
}

/// Creates one batch in one call.
async fn batch(
    site: &Site,
    rules: &Rules,
    from: Side,
    rows: Vec<(PlanRow, Original)>,
    counts: &mut Counts,
) -> Result<Made, RunError> {
    let to = from.opposite();
    let mut requests: Vec<CreateRequest> = Vec::new();
    let mut intents = Vec::new();
    // Rows, intents and answers belong together by position.
    let rows: Vec<(PlanRow, Original)> =
        rows.into_iter().filter(|(row, _)| creation(row).is_some()).collect();
    for (row, ticket) in &rows {
        let Some((request, bases, _)) = creation(row) else {
            continue;
        };
        let mut tickets: Pair<Option<TicketId>> = Pair::default();
        tickets[from] = Some(ticket.id.clone());
        intents.push(Intent {
            side: to,
            kind: "create",
            link: None,
            tickets,
            key: Some(request.marker.pair.clone()),
            payload: payload_of(&row.plan.type_mapping, &ticket.key, bases),
            before: None,
        });
        requests.push(request.clone());
    }
    let mut made = Made::default();
    if rows.is_empty() {
        return Ok(made);
    }
    let sent = sending::intend(site, intents).await?;
    for (request, sent) in requests.iter_mut().zip(&sent) {
        request.marker.op = Some(sent.op_id.clone());
        if left_out(Omission::MarkerNamesTheCall) {
            request.marker.pair.ticket = TicketId(sent.op_id.clone());
        }
    }
    if sent.iter().any(|sent| !sending::in_time(site, sent)) {
        for sent in &sent {
            sending::void(site, sent, "too much time passed between the journal and the call").await?;
        }
        let why = "the computer slept before it was sent";
        leave(site, rules, rows, PendingReason::Other, why, counts).await?;
        return Ok(made);
    }
    let answers = sending::send(&sent[0], site.sides[to].connector.create(&requests)).await;
    let mut stopped = None;
    let mut done = Vec::new();
    let mut ended = Vec::new();
    for (((row, ticket), sent), answer) in rows.into_iter().zip(&sent).zip(answers) {
        match answer {
            Ok(created) => done.push((row, ticket, sent.clone(), created)),
            Err(WriteFailure::NotApplied { error, wait_ms })
                if matches!(error.kind, ErrorKind::RateLimited { .. }) =>
            {
                let why = error.to_string();
                sending::failed(site, sent, &WriteFailure::NotApplied { error, wait_ms }).await?;
                made.away.add(Away { rows: vec![(row, ticket)], wait_ms, why });
            }
            Err(failure) => {
                sending::failed(site, sent, &failure).await?;
                made.in_doubt |= matches!(failure, WriteFailure::Unknown(_));
                if let WriteFailure::NotApplied { error, .. } = &failure
                    && error.stops_account()
                {
                    stopped = Some(RunError::Side {
                        side: format!("{}, creating", site.label(to)),
                        error: error.clone(),
                    });
                }
                ended.push((row, not_created(rules, &failure)));
            }
        }
    }
    made.ids.extend(done.iter().map(|(_, _, _, created)| created.id.clone()));
    let (done, plain): (Vec<_>, Vec<_>) =
        done.into_iter().partition(|(row, _, _, created)| has_more(row, created));
    link_plain(site, rules, from, plain, counts).await?;
    let linked = link_all(site, rules, from, &done).await?;
    let lanes = site.sides[to].connector.describe().concurrency_max.clamp(1, CALLS_MAX);
    let mut following = futures_util::stream::iter(done.into_iter().zip(linked).map(
        |((row, ticket, _, created), link)| async move {
            let ending = follow_up(site, rules, &row, &ticket, &created, link, from).await;
            (row, ending)
        },
    ))
    .buffer_unordered(lanes);
    while let Some((row, ending)) = following.next().await {
        match ending {
            Ok(ending) => ended.push((row, ending)),
            // The others are linked and wait in the pending list.
            Err(error) => {
                stopped.get_or_insert(error);
            }
        }
    }
    drop(following);
    outcome::record_all(site, rules, ended, counts).await?;
    stopped.map_or(Ok(made), Err)
}

/// What recovery needs of a create whose outcome is not known; its fields stand in the bases.
fn payload_of(type_mapping: &str, key: &str, bases: &[(String, FieldBase)]) -> Packed {
    #[derive(Serialize)]
    struct Payload<'a> {
        type_mapping: &'a str,
        key: &'a str,
        bases: &'a [(String, FieldBase)],
    }
    Packed::of(&Payload { type_mapping, key, bases }).expect("bases are plain data")
}

fn not_created(rules: &Rules, failure: &WriteFailure) -> Ending {
    let mut ending = Ending::skipped();
    match failure {
        WriteFailure::NotApplied { error, .. } => {
            ending.waits = Some((PendingReason::Lag, format!("not created yet: {error}")))
        }
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

/// Whether something is still to be written to a new ticket.
fn has_more(row: &PlanRow, created: &Created) -> bool {
    row.plan.operations.len() > 1 || created.step_taken == Some(false)
}

/// Created tickets to which nothing more is written: link, bases and end go into one transaction.
async fn link_plain(
    site: &Site,
    rules: &Rules,
    from: Side,
    done: Vec<(PlanRow, Original, Sent, Created)>,
    counts: &mut Counts,
) -> Result<(), RunError> {
    if done.is_empty() {
        return Ok(());
    }
    let mut pairs = Vec::with_capacity(done.len());
    let mut ended = Vec::with_capacity(done.len());
    for (row, ticket, sent, created) in done {
        pairs.push(NewPair::of(site, rules, from, &row, &ticket, &sent, &created));
        let mut ending = created_as(site, &row, &ticket, &created, from);
        ending.look_again(&row.plan);
        ended.push((row, ending));
    }
    let records = outcome::Records::of(site, rules, ended, &HashMap::new());
    let accounts = Pair::from_fn(|side| site.sides[side].fingerprint.clone());
    let records = site
        .store
        .write_in(site.epoch, move |tx| {
            let ids: Vec<LinkId> =
                pairs.iter().map(|pair| pair.keep(tx, &accounts)).collect::<lockstep_store::Result<_>>()?;
            records.keep_linked(tx, &ids)?;
            Ok(records)
        })
        .await?;
    records.tell(site, counts);
    Ok(())
}

/// The end of a ticket that was created, before anything else is written to it.
fn created_as(site: &Site, row: &PlanRow, ticket: &Original, created: &Created, from: Side) -> Ending {
    let to = from.opposite();
    let mut ending =
        Ending { outcome: Some(Outcome::Created), notices: row.plan.notices.clone(), ..Ending::default() };
    ending.keys[from] = Some(ticket.key.clone());
    ending.keys[to] = Some(created.key.clone());
    ending.done.push(format!("created {} in {}", created.key, site.label(to)));
    ending
}

/// Finishes the journal rows of created tickets with their links and bases, all in one transaction.
async fn link_all(
    site: &Site,
    rules: &Rules,
    from: Side,
    done: &[(PlanRow, Original, Sent, Created)],
) -> Result<Vec<Link>, RunError> {
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<NewPair> = done
        .iter()
        .map(|(row, ticket, sent, created)| NewPair::of(site, rules, from, row, ticket, sent, created))
        .collect();
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
    titles: Pair<String>,
    to: Side,
    bases: Packed,
    ledger: Vec<lockstep_core::sync::LedgerEntry>,
    /// Until its comments, files and further steps are written: a crash in between leaves it here.
    waiting: Option<Waiting>,
}

impl NewPair {
    fn of(
        site: &Site,
        rules: &Rules,
        from: Side,
        row: &PlanRow,
        ticket: &Original,
        sent: &Sent,
        created: &Created,
    ) -> NewPair {
        let to = from.opposite();
        let (request, planned, shown) = creation(row).expect("rows without a create never get here");
        let step_refused = created.step_taken == Some(false);
        let bases: bases::Bases = planned
            .iter()
            .map(|(key, base)| {
                let field = shown.iter().find(|change| change.mapping == *key).map(|change| &change.field);
                let answered = match field {
                    Some(field) => created.answer.get(field).cloned(),
                    None => way_back(rules, key, to, &created.answer),
                };
                (key.clone(), answered_base(base, to, answered.as_ref()))
            })
            .map(|(key, base)| match (&request.step, step_refused) {
                (Some(step), true) if base.values[to] == Value::choice(&step.to) => {
                    // Created, but the first step was refused: the ticket stands where it began, the sender counts as changed.
                    let mut base = FieldBase { unsettled: Some(to), ..base };
                    base.values[to] = Value::choice(&step.from);
                    base.values[from] = Value::Empty;
                    (key, base)
                }
                _ => (key, base),
            })
            .collect();
        let link = new_link(site, from, &row.plan.type_mapping, ticket, request, created);
        let outcome =
            serde_json::json!({ "id": created.id, "key": created.key, "step_taken": created.step_taken });
        let rest = row.plan.operations.len() > 1;
        let why = "created; what belongs to it follows";
        let waiting =
            rest.then(|| Waiting::new(site, rules, from, ticket.id.clone(), PendingReason::Other, why));
        let bases = Packed::of(&bases).expect("bases are plain data");
        let titles = titles(from, &row.plan.title, request, created);
        NewPair { id: sent.id, outcome, link, titles, to, bases, ledger: row.plan.ledger.clone(), waiting }
    }

    /// Finishes the journal row with the link and its bases.
    fn keep(
        &self,
        tx: &lockstep_store::Tx<'_>,
        accounts: &Pair<Fingerprint>,
    ) -> lockstep_store::Result<LinkId> {
        let id = links::insert(tx, &self.link, accounts, &self.titles, &serde_json::json!({}))?;
        let finish = Finish {
            outcome: Some(&self.outcome),
            error: None,
            link: Some(id),
            ticket: Some(&self.link.tickets[self.to]),
        };
        journal::finish(tx, self.id, JournalState::Done, finish)?;
        bases::put_new(tx, id, &self.bases)?;
        ledger::put_all(tx, id, &self.ledger)?;
        self.waiting.iter().try_for_each(|waiting| waiting.add(tx))?;
        Ok(id)
    }
}

/// The copy's title is the one the platform answered, or the one that was sent.
fn titles(from: Side, original: &str, request: &CreateRequest, created: &Created) -> Pair<String> {
    let mut titles = Pair { source: original.to_owned(), target: original.to_owned() };
    if let Some(copy) = title_among(&created.answer).or_else(|| title_among(&request.fields)) {
        titles[from.opposite()] = copy;
    }
    titles
}

/// What the answer to a create shows of a mapping that only leads back.
fn way_back(rules: &Rules, key: &str, to: Side, answer: &BTreeMap<FieldId, Value>) -> Option<Value> {
    let field = rules.fields.iter().find(|field| field.key == key)?;
    let leads_back = !field.mapping.direction.writes(to);
    leads_back.then(|| input_among(field, to, |id| answer.get(id)))?
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
    ticket: &Original,
    request: &CreateRequest,
    created: &Created,
) -> Link {
    let to = from.opposite();
    let mut tickets = Pair { source: ticket.id.clone(), target: ticket.id.clone() };
    tickets[to] = created.id.clone();
    let mut keys = Pair { source: ticket.key.clone(), target: ticket.key.clone() };
    keys[to] = created.key.clone();
    let mut versions = Pair { source: Version::default(), target: Version::default() };
    if !known::is_recent(site, from, ticket.version, site.sides[from].connector.server_now_ms()) {
        versions[from] = ticket.version;
    }
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

/// Leaves out comments that are not as visible any more as they were when they were read: the create lies in between, and
/// somebody may have taken one back from the customers (hazards.md H38). They are planned anew.
async fn still_shown(
    site: &Site,
    rules: &Rules,
    from: Side,
    ticket: &Original,
    rest: Vec<Operation>,
    ending: &mut Ending,
) -> Vec<Operation> {
    let connector = &site.sides[from].connector;
    let public = |operation: &Operation| {
        matches!(operation.kind, OperationKind::Comment { visibility: Visibility::Public, .. })
    };
    if !connector.describe().narrows_comments || !rest.iter().any(public) {
        return rest;
    }
    let now = match connector.comments(rules.mapping.scope(from), &ticket.id).await {
        Ok(now) => now,
        Err(error) => {
            let why = format!("created; who may see its comments could not be read again: {error}");
            ending.waits = Some((PendingReason::Unreadable, why));
            return rest.into_iter().filter(|operation| !public(operation)).collect();
        }
    };
    let stands = |operation: &Operation| match &operation.kind {
        OperationKind::Comment { original, visibility: Visibility::Public, .. } => {
            now.iter().any(|comment| comment.id == *original && comment.visibility == Visibility::Public)
        }
        _ => true,
    };
    let before = rest.len();
    let rest: Vec<Operation> = rest.into_iter().filter(stands).collect();
    if rest.len() < before {
        let why = "created; a comment was taken back from the customers meanwhile: planned anew";
        ending.waits = Some((PendingReason::Moved, why.to_owned()));
    }
    rest
}

/// Carries out what belongs to a new ticket: its comments, files and the rest of its status path.
#[allow(clippy::too_many_arguments, reason = "one record of what was created")]
async fn follow_up(
    site: &Site,
    rules: &Rules,
    row: &PlanRow,
    ticket: &Original,
    created: &Created,
    link: Link,
    from: Side,
) -> Result<Ending, RunError> {
    let to = from.opposite();
    let mut ending = created_as(site, row, ticket, created, from);
    ending.link = Some(link.id);
    let rest: Vec<Operation> = row
        .plan
        .operations
        .iter()
        .filter(|operation| !matches!(operation.kind, OperationKind::Create { .. }))
        .filter(|operation| {
            created.step_taken != Some(false) || !matches!(operation.kind, OperationKind::Steps { .. })
        })
        .cloned()
        .collect();
    if created.step_taken == Some(false) {
        site.workflow_stale.store(true, Ordering::Relaxed);
        let why = "created; its status is set by the next run, for the first step was refused".to_owned();
        ending.waits = Some((PendingReason::Other, why));
    }
    let rest = still_shown(site, rules, from, ticket, rest, &mut ending).await;
    if !rest.is_empty() {
        let mut held = Pair::default();
        held[from] = ticket.fields.clone();
        held[to] = created.answer.clone();
        let mut versions = row.plan.versions;
        versions[to] = created.version;
        let mut recent = Pair::default();
        let now_ms = site.sides[from].connector.server_now_ms();
        let read = row.plan.versions[from];
        recent[from] = read.is_some_and(|version| known::is_recent(site, from, version, now_ms));
        let overtaken = Pair::default();
        let mut writer = Writer { site, rules, link, held, versions, proven: versions, overtaken, recent };
        writer.operations(&rest, &mut ending).await?;
        writer.settle(&mut ending);
        if ending.troubles.is_empty() {
            ending.outcome = Some(Outcome::Created);
        }
    }
    ending.look_again(&row.plan);
    Ok(ending)
}
