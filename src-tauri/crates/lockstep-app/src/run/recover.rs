//! Finishes what an interrupted run left: rows in state `sent` or `unknown` (engine.md §4). Only recovery acts on the
//! tickets of such rows (hazards.md H21); the rest of the run goes on.

use std::collections::HashMap;

use lockstep_core::connector::{
    CommentRequest, ConnectorError, ErrorKind, Fetched, FieldWrite, Lookup, LookupQuery, StepRequest,
    UpdateRequest, Want,
};
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::Rules;
use lockstep_core::marker::PairKey;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId, LinkState};
use lockstep_core::sync::operation::FieldChange;
use lockstep_core::ticket::{MarkerRead, Ticket, Value, Version};
use lockstep_store::tables::journal::{self, Finish, JournalRow, JournalState};
use lockstep_store::tables::pending::{self, PendingReason};
use lockstep_store::tables::quarantine::{self, NewQuarantined};
use lockstep_store::tables::{bases, ledger, links, plans};
use serde::Deserialize;

use super::creating::Original;
use super::error::{RunError, on_side};
use super::known::Waiting;
use super::outcome::Trouble;
use super::reading;
use super::site::Site;

/// Look-up windows open this much wider than the clocks say (hazards.md H49).
const WINDOW_MS: i64 = 600_000;

/// Own tickets that a look-up tries as its control, should people have taken the marker from the newest.
const CONTROLS_MAX: u32 = 5;

/// What recovery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recovered {
    /// Creates, comments and files that were found after all.
    pub adopted: u64,
    /// Rows given up, to be planned anew.
    pub voided: u64,
    /// Rows that wait for the platform to settle.
    pub resting: u64,
}

/// Deals with every open row of the connection.
pub async fn recover(site: &Site, rules: &HashMap<String, Rules>) -> Result<Recovered, RunError> {
    let connection = site.connection;
    let rows = site.store.read(move |conn| journal::open_rows(conn, connection)).await?;
    let mut recovered = Recovered::default();
    let mut own = Own::default();
    for row in rows {
        if site.cancel.is_asked() {
            break;
        }
        if left_out(Omission::JournalAfterTheCall) && row.state == JournalState::Sent {
            void(site, &row, None, "never written down").await?;
            continue;
        }
        let done = match row.kind.as_str() {
            "create" => create(site, rules, &row, &mut own).await?,
            "comment" => comment(site, rules, &row).await?,
            "attachment" => attachment(site, rules, &row).await?,
            // Field and status writes are never repeated: the ticket is planned anew from a fresh reading (H11).
            _ => write(site, rules, &row).await?,
        };
        match done {
            Done::Adopted => recovered.adopted += 1,
            Done::Voided => recovered.voided += 1,
            Done::Rests => recovered.resting += 1,
        }
    }
    Ok(recovered)
}

/// Tickets created by us as listed once for all lost creates of a side and type, so that a lost batch costs one call.
#[derive(Default)]
struct Own {
    lists: HashMap<(Side, String), OwnList>,
}

struct OwnList {
    since_ms: i64,
    tickets: Option<Vec<Ticket>>,
}

impl Own {
    /// Those created since; `None` when some of them are hidden from us, so that nothing can be accounted for.
    async fn since(
        &mut self,
        site: &Site,
        rules: &Rules,
        side: Side,
        since_ms: i64,
    ) -> Result<Option<&[Ticket]>, RunError> {
        let key = (side, rules.mapping.name.clone());
        let known = self.lists.get(&key).is_some_and(|list| list.since_ms <= since_ms);
        if !known {
            let read = site.sides[side].connector.created_by_us(rules.mapping.scope(side), since_ms).await;
            let list = match read {
                Ok(list) => Some(list),
                Err(error) if error.kind == ErrorKind::Forbidden => None,
                Err(error) => return Err(on_side(site.label(side), "accounting")(error)),
            };
            self.lists.insert(key.clone(), OwnList { since_ms, tickets: list });
        }
        Ok(self.lists.get(&key).and_then(|list| list.tickets.as_deref()))
    }
}

/// Whether the platform has had its time for a write whose outcome is not known (hazards.md H4): counted from the end
/// of its connection, or, where a crash ended that unseen, from the first look.
fn is_settled(site: &Site, row: &JournalRow, server_ms: i64) -> bool {
    if left_out(Omission::SettleNotAwaited) {
        return true;
    }
    let ended = row.error.as_ref().and_then(|error| error.get("ended_ms")?.as_i64());
    let settle = i64::try_from(site.sides[row.side].connector.settle_ms()).unwrap_or(i64::MAX);
    ended.or(row.absent_first_ms).is_some_and(|from| server_ms.saturating_sub(from) >= settle)
}

/// Notes a look that found nothing; says how many there were.
async fn absent(site: &Site, row: &JournalRow, server_ms: i64) -> Result<u32, RunError> {
    let (id, epoch, from_sent) = (row.id, site.epoch, row.state == JournalState::Sent);
    let looked = site.store.write(move |tx| {
        tx.check_epoch(epoch)?;
        if from_sent {
            journal::set_state(tx, id, JournalState::Unknown)?;
        }
        journal::note_absent(tx, id, server_ms)
    });
    Ok(looked.await?)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Adopted,
    Voided,
    Rests,
}

fn rules_of<'a>(rules: &'a HashMap<String, Rules>, name: &str) -> Option<&'a Rules> {
    rules.get(name)
}

async fn link_of(site: &Site, row: &JournalRow) -> Result<Option<Link>, RunError> {
    let Some(id) = row.link else {
        return Ok(None);
    };
    Ok(site.store.read(move |conn| links::get(conn, id)).await?.map(|stored| stored.link))
}

/// Gives a row up and puts its ticket on the pending list, in one transaction.
async fn void(site: &Site, row: &JournalRow, waiting: Option<Waiting>, why: &str) -> Result<Done, RunError> {
    let (id, epoch, state, why) = (row.id, site.epoch, row.state, serde_json::json!({ "message": why }));
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            if state == JournalState::Sent {
                journal::set_state(tx, id, JournalState::Unknown)?;
            }
            journal::finish(tx, id, JournalState::Void, Finish { error: Some(&why), ..Finish::default() })?;
            waiting.iter().try_for_each(|waiting| waiting.add(tx))
        })
        .await?;
    Ok(Done::Voided)
}

async fn write(site: &Site, rules: &HashMap<String, Rules>, row: &JournalRow) -> Result<Done, RunError> {
    let Some(link) = link_of(site, row).await? else {
        return void(site, row, None, "its link is gone").await;
    };
    let Some(rules) = rules_of(rules, &link.type_mapping) else {
        return void(site, row, None, "its type mapping is gone").await;
    };
    let (applied, bases) = match row.kind.as_str() {
        "status" => match payload_of::<StepRequest>(row) {
            Some(step) => stepped(site, rules, &link, row.side, &step).await?,
            None => (false, Vec::new()),
        },
        "update" => match payload_of::<UpdatePayload>(row) {
            Some(payload) => written(site, rules, &link, row.side, &payload.changes).await?,
            None => (false, Vec::new()),
        },
        _ => (false, Vec::new()),
    };
    let server_ms = site.sides[row.side].connector.server_now_ms();
    if !applied && !is_settled(site, row, server_ms) {
        // It may still be applied: whatever were written now could be undone by it (H4).
        absent(site, row, server_ms).await?;
        return Ok(Done::Rests);
    }
    if !applied && left_out(Omission::UnknownUpdateSentAgain) {
        let payload = row.payload.clone().unwrap_or_default();
        if let Ok(request) = serde_json::from_value::<UpdateRequest>(payload) {
            let _ = site.sides[row.side].connector.update(&request).await;
        }
    }
    let (id, epoch) = (link.id, site.epoch);
    if !bases.is_empty() {
        site.store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                bases::put_all(tx, id, bases.iter().map(|(key, base)| (key, base)))
            })
            .await?;
    }
    let why = "its outcome was not known: planned anew";
    let waiting =
        Waiting::new(site, rules, Side::Source, link.tickets.source.clone(), PendingReason::Unknown, why);
    void(site, row, Some(waiting), why).await
}

/// Whether all of a write is there, and the bases that what is there moves.
pub type Found = (bool, Vec<(String, FieldBase)>);

/// What the payload of an update holds.
#[derive(Deserialize)]
struct UpdatePayload {
    changes: Vec<FieldChange>,
}

fn payload_of<T: serde::de::DeserializeOwned>(row: &JournalRow) -> Option<T> {
    serde_json::from_value(row.payload.clone()?).ok()
}

async fn ticket_now(site: &Site, rules: &Rules, link: &Link, side: Side) -> Result<Option<Ticket>, RunError> {
    let id = &link.tickets[side];
    let mut read = reading::fetch(site, rules, side, std::slice::from_ref(id)).await?;
    Ok(match read.remove(id) {
        Some(Fetched::Found(ticket)) => Some(*ticket),
        _ => None,
    })
}

/// A field that holds what was sent was written after all: it is ours, not a person's change.
pub async fn written(
    site: &Site,
    rules: &Rules,
    link: &Link,
    side: Side,
    changes: &[FieldChange],
) -> Result<Found, RunError> {
    let Some(now) = ticket_now(site, rules, link, side).await? else {
        return Ok((false, Vec::new()));
    };
    let id = link.id;
    let stored = site.store.read(move |conn| bases::of(conn, id)).await?;
    let mut moves = Vec::new();
    let mut all = true;
    for change in changes {
        let unread = left_out(Omission::UnknownTakenAsDone).then(|| change.result());
        let Some(value) = unread.or_else(|| now.value(&change.field)) else {
            all = false;
            continue;
        };
        let members = lockstep_core::sync::sets::members;
        let there = match (&change.after, members(value)) {
            (FieldWrite::Delta { add, remove, .. }, Some(there)) => {
                add.iter().all(|one| there.contains(one)) && !remove.iter().any(|one| there.contains(one))
            }
            _ => value == change.result(),
        };
        all &= there;
        let field = rules.fields.iter().find(|field| field.key == change.mapping);
        if let Some(field) = field.filter(|_| there) {
            let base = change.base_after(stored.get(&field.key), &field.revision, side, Some(value.clone()));
            moves.push((field.key.clone(), base));
        }
    }
    Ok((all, moves))
}

/// A step that was taken after all is ours: the base of its side moves, so that it is not read as a person's change.
pub async fn stepped(
    site: &Site,
    rules: &Rules,
    link: &Link,
    side: Side,
    step: &StepRequest,
) -> Result<Found, RunError> {
    let (Some(field), Some(status)) = (rules.status(), &rules.schemas[side].status_field) else {
        return Ok((false, Vec::new()));
    };
    let now = ticket_now(site, rules, link, side).await?;
    if left_out(Omission::HalfWayIsTheirs) {
        return Ok((true, Vec::new()));
    }
    if now.is_none_or(|now| now.value(status) != Some(&Value::choice(&step.to))) {
        return Ok((false, Vec::new()));
    }
    let id = link.id;
    let base = site.store.read(move |conn| bases::of(conn, id)).await?.remove(&field.key);
    let moved = base.map(|mut base| {
        base.values[side] = Value::choice(&step.to);
        base.unsettled = None;
        (field.key.clone(), base)
    });
    Ok((true, moved.into_iter().collect()))
}

/// What the payload of a create holds.
#[derive(Debug, Deserialize)]
struct CreatePayload {
    bases: Vec<(String, FieldBase)>,
    type_mapping: String,
    key: String,
}

async fn create(
    site: &Site,
    rules: &HashMap<String, Rules>,
    row: &JournalRow,
    own: &mut Own,
) -> Result<Done, RunError> {
    let from = row.side.opposite();
    let payload =
        row.payload.clone().and_then(|payload| serde_json::from_value::<CreatePayload>(payload).ok());
    let (Some(payload), Some(pair), Some(original)) =
        (payload, row.pair_key.clone(), row.tickets[from].clone())
    else {
        return void(site, row, None, "its payload was trimmed").await;
    };
    let Some(rules) = rules_of(rules, &payload.type_mapping) else {
        return void(site, row, None, "its type mapping is gone").await;
    };
    let sent_ms = row.sent_ms.unwrap_or_else(|| site.sides[row.side].connector.server_now_ms());
    let since_ms = sent_ms - WINDOW_MS;
    let ours = own.since(site, rules, row.side, since_ms).await?;
    if let Some(found) = ours.and_then(|ours| copy_of_ours(site, row.side, &pair, ours)) {
        return adopt(site, row, Some(&payload), &payload.type_mapping, &payload.key, &original, found).await;
    }
    let (lookup, seen) = look_up(site, rules, row.side, &pair, since_ms).await?;
    if let Some(found) = copy_of_ours(site, row.side, &pair, &lookup.found) {
        return adopt(site, row, Some(&payload), &payload.type_mapping, &payload.key, &original, found).await;
    }
    let looked = absent(site, row, lookup.server_ms).await?;
    let twice = looked >= 2 || left_out(Omission::SettleNotAwaited);
    if !(twice && seen && is_settled(site, row, lookup.server_ms)) {
        return Ok(Done::Rests);
    }
    let ours = own.since(site, rules, row.side, since_ms).await?;
    if let Some(why) = unexplained(site, row.side, since_ms, ours).await? {
        let why = format!("the copy of {} cannot be accounted for: {why}", payload.key);
        let waiting = Waiting::new(site, rules, from, original, PendingReason::Decision, &why);
        site.store.write_in(site.epoch, move |tx| waiting.add(tx)).await?;
        return Ok(Done::Rests);
    }
    let again = pair.clone();
    let before = site.store.read(move |conn| journal::by_pair_key(conn, &again)).await?;
    let lost_before = before.iter().any(|other| {
        other.id != row.id && other.state == JournalState::Void && other.lookups > 0 && !was_sent_away(other)
    });
    let row = JournalRow { state: JournalState::Unknown, ..row.clone() };
    if lost_before && !left_out(Omission::LostTwiceSentAgain) {
        return give_to_person(site, rules, &row, from, original, &payload.key).await;
    }
    let why = "the create is provably absent: planned anew";
    let waiting = Waiting::new(site, rules, from, original, PendingReason::Unknown, why);
    void(site, &row, Some(waiting), why).await
}

/// Looks for a pair key; whether an empty answer means absent (hazards.md H5).
async fn look_up(
    site: &Site,
    rules: &Rules,
    side: Side,
    pair: &PairKey,
    since_ms: i64,
) -> Result<(Lookup, bool), RunError> {
    let connector = &site.sides[side].connector;
    let mut controls = own_creates(site, side).await?.into_iter();
    loop {
        let control = controls.next();
        let query = LookupQuery {
            scope: rules.mapping.scope(side),
            pair,
            since_ms,
            control: control.as_ref().map(|(id, pair)| (id, pair)),
        };
        let lookup = connector
            .find_by_marker(&query)
            .await
            .map_err(on_side(site.label(side), "looking for a lost create"))?;
        let Some((id, _)) = control.filter(|_| !lookup.control_seen) else {
            return Ok((lookup, true));
        };
        if left_out(Omission::EmptyLookUpBelieved) {
            return Ok((lookup, true));
        }
        if !has_lost_marker(site, rules, side, &id).await? {
            return Ok((lookup, false));
        }
    }
}

/// Whether a ticket of ours is there to be seen, and somebody took its marker from it: no look-up can find it by that, so
/// it proves nothing as a control (hazards.md H7).
async fn has_lost_marker(site: &Site, rules: &Rules, side: Side, id: &TicketId) -> Result<bool, RunError> {
    let connector = &site.sides[side].connector;
    let read = connector
        .fetch(rules.mapping.scope(side), std::slice::from_ref(id), &[], Want::default())
        .await
        .map_err(on_side(site.label(side), "reading a ticket of ours"))?;
    Ok(match read.first() {
        Some(Fetched::Found(ticket)) => matches!(ticket.marker, MarkerRead::Absent | MarkerRead::Foreign(_)),
        Some(Fetched::Deleted(_)) => true,
        _ => false,
    })
}

/// Among tickets that carry a pair key the one that we made for it. Of two the oldest is the copy, the rest is shown by
/// accounting (hazards.md H6).
fn copy_of_ours<'a>(site: &Site, side: Side, pair: &PairKey, among: &'a [Ticket]) -> Option<&'a Ticket> {
    let us = &site.sides[side].identity.us.id;
    among
        .iter()
        .filter(|ticket| ticket.created_by.as_ref().is_none_or(|creator| creator == us))
        .filter(|ticket| match &ticket.marker {
            MarkerRead::Ours(marker) => {
                marker.pair == *pair && marker.own.as_ref().is_none_or(|own| *own == ticket.id)
            }
            _ => false,
        })
        .min_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)))
}

/// What looking before a retry came to.
pub enum Retry {
    /// Nothing was made: the create may leave.
    Free,
    /// It was made after all, and is linked now.
    Adopted,
    /// Not to be told yet, with the reason.
    NotYet(String),
}

/// Whether an earlier create ended because the platform took no calls for a while.
pub fn was_sent_away(row: &JournalRow) -> bool {
    let kind = row.error.as_ref().and_then(|error| error.get("kind"));
    kind.is_some_and(|kind| kind.get("rate_limited").is_some())
}

/// Creates that were sent away are looked for this long before they left, by the server's clock, milliseconds.
const SENT_AWAY_WINDOW_MS: i64 = 60_000;

/// Looks for what creates made although they were sent away (hazards.md H10): one list for all of them, which counts only
/// where the latest known copy of ours can be seen (H5). One answer for each row, in order. The settle time is not
/// waited for: the sheet takes a 429 for a call that was never carried out (jira.md §11), and the look is for what it may
/// be wrong about.
pub async fn look_for_sent_away(
    site: &Site,
    rules: &Rules,
    rows: &[(&JournalRow, &Original)],
) -> Result<Vec<Retry>, RunError> {
    let Some(((first, _), side)) = rows.first().map(|one| (*one, one.0.side)) else {
        return Ok(Vec::new());
    };
    let server_ms = site.sides[side].connector.server_now_ms();
    let since_ms =
        rows.iter().filter_map(|(row, _)| row.sent_ms).min().unwrap_or(server_ms) - SENT_AWAY_WINDOW_MS;
    let mut own = Own::default();
    let not_yet = || Retry::NotYet("what an earlier create made cannot be looked for now".to_owned());
    let Some(ours) = own.since(site, rules, side, since_ms).await? else {
        return Ok(rows.iter().map(|_| not_yet()).collect());
    };
    let seen = match own_creates(site, side).await?.into_iter().next() {
        Some((control, _)) if ours.iter().any(|ticket| ticket.id == control) => true,
        None => true,
        Some(_) => match &first.pair_key {
            Some(pair) => look_up(site, rules, side, pair, since_ms).await?.1,
            None => false,
        },
    };
    let mut looked = Vec::with_capacity(rows.len());
    for (row, ticket) in rows {
        let found = row.pair_key.as_ref().and_then(|pair| copy_of_ours(site, side, pair, ours));
        looked.push(match found {
            Some(found) => {
                let payload = row.payload.clone().and_then(|kept| serde_json::from_value(kept).ok());
                let name = &rules.mapping.name;
                adopt(site, row, payload.as_ref(), name, &ticket.key, &ticket.id, found).await?;
                Retry::Adopted
            }
            None if seen => {
                absent(site, row, server_ms).await?;
                Retry::Free
            }
            None => not_yet(),
        });
    }
    Ok(looked)
}

/// Looks for what an earlier create made although it was refused (hazards.md H10).
pub async fn look_before_retry(
    site: &Site,
    rules: &Rules,
    row: &JournalRow,
    key: &str,
    ticket: &TicketId,
) -> Result<Retry, RunError> {
    let Some(pair) = row.pair_key.clone() else {
        return Ok(Retry::Free);
    };
    let server_ms = site.sides[row.side].connector.server_now_ms();
    if !is_settled(site, row, server_ms) {
        return Ok(Retry::NotYet(
            "an earlier create was refused: looked for before it is tried again".to_owned(),
        ));
    }
    let since_ms = row.sent_ms.unwrap_or(server_ms) - WINDOW_MS;
    let (lookup, seen) = look_up(site, rules, row.side, &pair, since_ms).await?;
    if let Some(found) = copy_of_ours(site, row.side, &pair, &lookup.found) {
        let payload =
            row.payload.clone().and_then(|payload| serde_json::from_value::<CreatePayload>(payload).ok());
        adopt(site, row, payload.as_ref(), &rules.mapping.name, key, ticket, found).await?;
        return Ok(Retry::Adopted);
    }
    if !seen {
        return Ok(Retry::NotYet("what an earlier create made cannot be looked for now".to_owned()));
    }
    absent(site, row, lookup.server_ms).await?;
    Ok(Retry::Free)
}

/// A second unknown for one pair key goes to quarantine, never to a third send (hazards.md H5).
async fn give_to_person(
    site: &Site,
    rules: &Rules,
    row: &JournalRow,
    from: Side,
    ticket: TicketId,
    key: &str,
) -> Result<Done, RunError> {
    let trouble = Trouble {
        doing: "create".to_owned(),
        message: format!("{} lost the answer to creating the copy of {key} twice", site.label(row.side)),
        cause: Some("Both creates are provably absent by look-up.".to_owned()),
        remedy: Some("Look for the copy yourself; link it, or retry the ticket from quarantine.".to_owned()),
        revision: rules.revision.clone(),
    };
    let subject = lockstep_core::sync::Subject::New { side: from, ticket: ticket.clone() };
    let entry = NewQuarantined {
        connection: site.connection,
        subject: plans::subject_key(&subject),
        link: None,
        side: from,
        ticket,
        key: key.to_owned(),
        title: String::new(),
        type_mapping: rules.mapping.name.clone(),
        error: serde_json::to_value([trouble]).expect("troubles are plain data"),
        run: site.run,
    };
    let now_ms = site.now_ms();
    site.store.write_in(site.epoch, move |tx| quarantine::put(tx, &entry, now_ms)).await?;
    void(site, row, None, "lost twice: a person decides").await
}

/// The latest own creates that the store knows on a side, newest first, as controls of a look-up (hazards.md H5).
async fn own_creates(site: &Site, side: Side) -> Result<Vec<(TicketId, PairKey)>, RunError> {
    let connection = site.connection;
    let rows =
        site.store.read(move |conn| journal::done_creates(conn, connection, side, CONTROLS_MAX)).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.tickets[side].clone()?, row.pair_key?))).collect())
}

/// Why nothing is provably absent: a ticket of ours in the window that no link explains (hazards.md H7).
async fn unexplained(
    site: &Site,
    side: Side,
    since_ms: i64,
    ours: Option<&[Ticket]>,
) -> Result<Option<String>, RunError> {
    if left_out(Omission::AbsentWithoutAccounting) {
        return Ok(None);
    }
    let Some(ours) = ours else {
        if left_out(Omission::EmptyLookUpBelieved) {
            return Ok(None);
        }
        return Ok(Some(format!(
            "some tickets that Lockstep created in {} are hidden from it",
            site.label(side)
        )));
    };
    if !site.sides[side].account.dedicated {
        return Ok(None);
    }
    let window: Vec<(TicketId, String, Option<PairKey>)> = ours
        .iter()
        .filter(|ticket| ticket.created_ms >= since_ms)
        .map(|ticket| {
            let pair = match &ticket.marker {
                MarkerRead::Ours(marker) => Some(marker.pair.clone()),
                _ => None,
            };
            (ticket.id.clone(), ticket.key.clone(), pair)
        })
        .collect();
    let here = site.sides[side].fingerprint.clone();
    let unexplained = site
        .store
        .read(move |conn| {
            for (id, key, pair) in window {
                // The copy of another lost create is explained by that one's own row.
                let expected = match &pair {
                    Some(pair) => journal::by_pair_key(conn, pair)?.iter().any(|row| row.state.is_open()),
                    None => false,
                };
                if !expected && links::by_ticket(conn, &here, &id)?.is_empty() {
                    return Ok(Some(key));
                }
            }
            Ok(None)
        })
        .await?;
    Ok(unexplained.map(|key| {
        format!("{key} was created by Lockstep's user, and nothing says for what; link it or delete it")
    }))
}

/// Links a ticket that an earlier create made after all, though it was refused or given up: with the bases of that time, so
/// that what people changed since is a change (hazards.md H10). Returns whether the row still knows them.
pub async fn adopt_late(site: &Site, row: &JournalRow, found: &Ticket) -> Result<bool, RunError> {
    let payload =
        row.payload.clone().and_then(|payload| serde_json::from_value::<CreatePayload>(payload).ok());
    let (Some(payload), Some(original)) = (payload, row.tickets[row.side.opposite()].clone()) else {
        return Ok(false);
    };
    adopt(site, row, Some(&payload), &payload.type_mapping, &payload.key, &original, found).await?;
    Ok(true)
}

/// The marker was found on a ticket that we created: its link is made, its base unsettled.
async fn adopt(
    site: &Site,
    row: &JournalRow,
    payload: Option<&CreatePayload>,
    type_mapping: &str,
    key: &str,
    original: &TicketId,
    found: &Ticket,
) -> Result<Done, RunError> {
    let (to, from) = (row.side, row.side.opposite());
    let mut tickets = Pair { source: original.clone(), target: original.clone() };
    tickets[to] = found.id.clone();
    let mut keys = Pair { source: key.to_owned(), target: key.to_owned() };
    keys[to] = found.key.clone();
    let link = Link {
        id: LinkId(0),
        connection: site.connection.0,
        type_mapping: type_mapping.to_owned(),
        tickets,
        keys,
        origin: from,
        generation: row.pair_key.as_ref().map_or(0, |pair| pair.generation),
        state: LinkState::Live,
        versions: Pair { source: Version::default(), target: Version::default() },
        marker_due: true,
        linked_ms: site.now_ms(),
    };
    let accounts = Pair::from_fn(|side| site.sides[side].fingerprint.clone());
    let mut titles = Pair::<String>::default();
    titles[to] = crate::shown::title(found);
    let adopted = serde_json::json!({ "adopted": true });
    let (id, epoch, found_id) = (row.id, site.epoch, found.id.clone());
    let kept = payload.map(|payload| payload.bases.clone()).unwrap_or_default();
    let feed = |side| lockstep_store::Feed::new(site.connection, type_mapping.to_owned(), side);
    let (copy_feed, original) = (feed(to), original.clone());
    let waiting = Waiting {
        feed: feed(from),
        account: site.sides[from].fingerprint.clone(),
        ticket: original.clone(),
        reason: PendingReason::Unknown,
        detail: "its copy was found after a lost answer".to_owned(),
        run: site.run,
        now_ms: site.now_ms(),
        not_before_ms: 0,
    };
    let (state, connection) = (row.state, site.connection);
    let subject =
        plans::subject_key(&lockstep_core::sync::Subject::New { side: from, ticket: waiting.ticket.clone() });
    let outcome = serde_json::json!({ "id": found.id, "key": found.key, "adopted": true });
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            // Linked by hand, or by accounting, meanwhile: that link stands.
            let present = links::active(tx, &accounts[from], &original, &accounts[to])?;
            let link = match present {
                Some(present) => present.link.id,
                None => {
                    let link = links::insert(tx, &link, &accounts, &titles, &adopted)?;
                    bases::put_all(tx, link, kept.iter().map(|(key, base)| (key, base)))?;
                    link
                }
            };
            if state == JournalState::Sent {
                journal::set_state(tx, id, JournalState::Unknown)?;
            }
            if state != JournalState::Void {
                let finish = Finish {
                    outcome: Some(&outcome),
                    error: None,
                    link: Some(link),
                    ticket: Some(&found_id),
                };
                journal::finish(tx, id, JournalState::Done, finish)?;
            }
            pending::remove(tx, &copy_feed, &found_id)?;
            quarantine::remove(tx, connection, &subject)?;
            waiting.add(tx)
        })
        .await?;
    Ok(Done::Adopted)
}

async fn comment(site: &Site, rules: &HashMap<String, Rules>, row: &JournalRow) -> Result<Done, RunError> {
    #[derive(Deserialize)]
    struct Payload {
        request: CommentRequest,
        entry: LedgerEntry,
    }
    let payload = row.payload.clone().and_then(|payload| serde_json::from_value::<Payload>(payload).ok());
    let (Some(payload), Some(link)) = (payload, link_of(site, row).await?) else {
        return void(site, row, None, "its link is gone").await;
    };
    let Some(rules) = rules_of(rules, &link.type_mapping) else {
        return void(site, row, None, "its type mapping is gone").await;
    };
    let connector = &site.sides[row.side].connector;
    let scope = rules.mapping.scope(row.side);
    let there = connector.comments(scope, &payload.request.ticket).await;
    let there = there_or_hidden(there, site.label(row.side), "looking for a lost comment")?;
    let found =
        there.iter().find(|c| c.by_us && c.copy_of.as_deref() == Some(payload.request.copy_of.as_str()));
    let entry = found.map(|found| LedgerEntry { copy: Some(found.id.0.clone()), ..payload.entry.clone() });
    content(site, rules, &link, row, entry).await
}

async fn attachment(site: &Site, rules: &HashMap<String, Rules>, row: &JournalRow) -> Result<Done, RunError> {
    #[derive(Deserialize)]
    struct Payload {
        name: String,
        size_bytes: u64,
        entry: LedgerEntry,
    }
    let payload = row.payload.clone().and_then(|payload| serde_json::from_value::<Payload>(payload).ok());
    let (Some(payload), Some(link)) = (payload, link_of(site, row).await?) else {
        return void(site, row, None, "its link is gone").await;
    };
    let Some(rules) = rules_of(rules, &link.type_mapping) else {
        return void(site, row, None, "its type mapping is gone").await;
    };
    let connector = &site.sides[row.side].connector;
    let scope = rules.mapping.scope(row.side);
    let there = connector.attachments(scope, &link.tickets[row.side]).await;
    let there = there_or_hidden(there, site.label(row.side), "looking for a lost file")?;
    let (id, side) = (link.id, row.side);
    let known = site
        .store
        .read(move |conn| ledger::copies_on(conn, id, lockstep_core::sync::LedgerKind::Attachment, side))
        .await?;
    let since = row.sent_ms.unwrap_or_default() - WINDOW_MS;
    let found = there.iter().find(|file| {
        file.by_us
            && file.name == payload.name
            && file.size_bytes == payload.size_bytes
            && file.created_ms >= since
            && !known.contains(&file.id.0)
    });
    let entry = found.map(|found| LedgerEntry { copy: Some(found.id.0.clone()), ..payload.entry.clone() });
    content(site, rules, &link, row, entry).await
}

/// What a list holds; nothing of a ticket that is gone or hidden, which stops itself and nobody else. Once its row is given
/// up it is planned anew, and nothing is sent again before the whole list was read.
fn there_or_hidden<T>(
    read: Result<Vec<T>, ConnectorError>,
    side: &str,
    doing: &'static str,
) -> Result<Vec<T>, RunError> {
    match read {
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => Ok(Vec::new()),
        read => read.map_err(on_side(side, doing)),
    }
}

/// Finishes a comment's or file's row: found, absent twice with the settle time between, or waiting.
async fn content(
    site: &Site,
    rules: &Rules,
    link: &Link,
    row: &JournalRow,
    entry: Option<LedgerEntry>,
) -> Result<Done, RunError> {
    let (id, epoch, of) = (row.id, site.epoch, link.id);
    let from_sent = row.state == JournalState::Sent;
    let waiting = |why: &str| {
        Waiting::new(site, rules, Side::Source, link.tickets.source.clone(), PendingReason::Unknown, why)
    };
    if let Some(entry) = entry.filter(|_| !left_out(Omission::LostCommentSentAgain)) {
        let waiting = waiting("a comment or file was found after a lost answer");
        site.store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                if from_sent {
                    journal::set_state(tx, id, JournalState::Unknown)?;
                }
                let outcome = serde_json::json!({ "copy": entry.copy, "adopted": true });
                journal::finish(
                    tx,
                    id,
                    JournalState::Done,
                    Finish { outcome: Some(&outcome), ..Finish::default() },
                )?;
                ledger::put(tx, of, &entry)?;
                waiting.add(tx)
            })
            .await?;
        return Ok(Done::Adopted);
    }
    let server_ms = site.sides[row.side].connector.server_now_ms();
    let looked = absent(site, row, server_ms).await?;
    if left_out(Omission::LostCommentSentAgain) {
        let row = JournalRow { state: JournalState::Unknown, ..row.clone() };
        return void(site, &row, Some(waiting("sent again without a look")), "not looked for").await;
    }
    if looked < 2 || !is_settled(site, row, server_ms) {
        return Ok(Done::Rests);
    }
    let row = JournalRow { state: JournalState::Unknown, ..row.clone() };
    void(site, &row, Some(waiting("it is provably absent: planned anew")), "provably absent").await
}
