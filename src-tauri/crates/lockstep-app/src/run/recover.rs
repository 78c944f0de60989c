//! Finishes what an interrupted run left: rows in state `sent` or `unknown` (engine.md §4). Only recovery acts on the
//! tickets of such rows (hazards.md H21); the rest of the run goes on.

use std::collections::HashMap;

use lockstep_core::connector::{CommentRequest, CreateRequest, Fetched, LookupQuery, StepRequest};
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::Rules;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId, LinkState};
use lockstep_core::ticket::{MarkerRead, Ticket, Value, Version};
use lockstep_store::tables::journal::{self, Finish, JournalRow, JournalState};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::quarantine::{self, NewQuarantined};
use lockstep_store::tables::{bases, ledger, links, plans};
use serde::Deserialize;

use super::error::{RunError, on_side};
use super::known::Waiting;
use super::outcome::Trouble;
use super::reading;
use super::site::Site;

/// Look-up windows open this much wider than the clocks say (hazards.md H49).
const WINDOW_MS: i64 = 600_000;

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
    for row in rows {
        if site.cancel.is_asked() {
            break;
        }
        let done = match row.kind.as_str() {
            "create" => create(site, rules, &row).await?,
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
    let (id, epoch, state, why) = (row.id, site.epoch, row.state, serde_json::Value::String(why.to_owned()));
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
    if row.kind == "status" {
        keep_step(site, rules, &link, row).await?;
    }
    let why = "its outcome was not known: planned anew";
    let waiting = Waiting::new(site, rules, Side::Source, link.tickets.source.clone(), PendingReason::Unknown, why);
    void(site, row, Some(waiting), why).await
}

/// A step that was taken after all is ours: the base of its side moves, so that it is not read as a person's change.
async fn keep_step(site: &Site, rules: &Rules, link: &Link, row: &JournalRow) -> Result<(), RunError> {
    let step = row.payload.clone().and_then(|payload| serde_json::from_value::<StepRequest>(payload).ok());
    let (Some(step), Some(field)) = (step, rules.status()) else {
        return Ok(());
    };
    let Some(status) = rules.schemas[row.side].status_field.clone() else {
        return Ok(());
    };
    let ticket = link.tickets[row.side].clone();
    let mut read = reading::fetch(site, rules, row.side, std::slice::from_ref(&ticket)).await?;
    let Some(Fetched::Found(now)) = read.remove(&ticket) else {
        return Ok(());
    };
    if now.value(&status) != Some(&Value::choice(&step.to)) {
        return Ok(());
    }
    let (id, key, side, epoch) = (link.id, field.key.clone(), row.side, site.epoch);
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            if let Some(mut base) = bases::of(tx, id)?.remove(&key) {
                base.values[side] = Value::choice(&step.to);
                base.unsettled = None;
                bases::put(tx, id, &key, &base)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// What the payload of a create holds.
#[derive(Debug, Deserialize)]
struct CreatePayload {
    request: CreateRequest,
    bases: Vec<(String, FieldBase)>,
    type_mapping: String,
    key: String,
}

async fn create(site: &Site, rules: &HashMap<String, Rules>, row: &JournalRow) -> Result<Done, RunError> {
    let from = row.side.opposite();
    let payload = row.payload.clone().and_then(|payload| serde_json::from_value::<CreatePayload>(payload).ok());
    let (Some(payload), Some(pair), Some(original)) = (payload, row.pair_key.clone(), row.tickets[from].clone()) else {
        return void(site, row, None, "its payload was trimmed").await;
    };
    let Some(rules) = rules_of(rules, &payload.type_mapping) else {
        return void(site, row, None, "its type mapping is gone").await;
    };
    let connector = &site.sides[row.side].connector;
    let sent_ms = row.sent_ms.unwrap_or_else(|| connector.server_now_ms());
    let control = latest_own(site, row.side).await?;
    let query = LookupQuery {
        scope: &payload.request.scope,
        pair: &pair,
        since_ms: sent_ms - WINDOW_MS,
        control: control.as_ref().map(|(id, pair)| (id, pair)),
    };
    let lookup = connector.find_by_marker(&query).await.map_err(on_side(site.label(row.side), "looking for a lost create"))?;
    let us = &site.sides[row.side].identity.us.id;
    let mut ours: Vec<&Ticket> = lookup
        .found
        .iter()
        .filter(|ticket| ticket.created_by.as_ref().is_none_or(|creator| creator == us))
        .filter(|ticket| match &ticket.marker {
            MarkerRead::Ours(marker) => marker.own.as_ref().is_none_or(|own| *own == ticket.id),
            _ => false,
        })
        .collect();
    // Two of ours with one key: the oldest is the copy, the rest is shown by accounting (hazards.md H6).
    ours.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
    if let Some(found) = ours.first() {
        return adopt(site, row, &payload, &original, found).await;
    }
    let settled = lookup.server_ms.saturating_sub(sent_ms) >= i64::try_from(connector.settle_ms()).unwrap_or(i64::MAX);
    let seen = lookup.control_seen || control.is_none();
    let (id, epoch, server_ms) = (row.id, site.epoch, lookup.server_ms);
    let from_sent = row.state == JournalState::Sent;
    let looked = site
        .store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            if from_sent {
                journal::set_state(tx, id, JournalState::Unknown)?;
            }
            journal::note_absent(tx, id, server_ms)
        })
        .await?;
    if !(settled && seen && looked >= 2) || unexplained_in_window(site, rules, row.side, sent_ms - WINDOW_MS).await? {
        return Ok(Done::Rests);
    }
    let again = pair.clone();
    let before = site.store.read(move |conn| journal::by_pair_key(conn, &again)).await?;
    let lost_before = before.iter().any(|other| other.id != row.id && other.state == JournalState::Void && other.lookups > 0);
    let row = JournalRow { state: JournalState::Unknown, ..row.clone() };
    if lost_before {
        return give_to_person(site, rules, &row, from, original, &payload.key).await;
    }
    let why = "the create is provably absent: planned anew";
    let waiting = Waiting::new(site, rules, from, original, PendingReason::Unknown, why);
    void(site, &row, Some(waiting), why).await
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
        error: serde_json::to_value([trouble]).expect("troubles are plain data"),
        run: site.run,
    };
    let now_ms = site.now_ms();
    site.store.write(move |tx| quarantine::put(tx, &entry, now_ms)).await?;
    void(site, row, None, "lost twice: a person decides").await
}

/// The latest own create that the store knows on a side, as the control of a look-up (hazards.md H5).
async fn latest_own(
    site: &Site,
    side: Side,
) -> Result<Option<(TicketId, lockstep_core::marker::PairKey)>, RunError> {
    let connection = site.connection;
    let row = site.store.read(move |conn| journal::last_done_create(conn, connection, side)).await?;
    Ok(row.and_then(|row| Some((row.tickets[side].clone()?, row.pair_key?))))
}

/// Whether a ticket of ours in the window is explained by no link: then nothing is provably absent (hazards.md H7).
async fn unexplained_in_window(site: &Site, rules: &Rules, side: Side, since_ms: i64) -> Result<bool, RunError> {
    let connector = &site.sides[side].connector;
    let scope = rules.mapping.scope(side);
    let ours = connector.created_by_us(scope, since_ms).await.map_err(on_side(site.label(side), "accounting"))?;
    let ids: Vec<TicketId> = ours.into_iter().filter(|ticket| ticket.created_ms >= since_ms).map(|ticket| ticket.id).collect();
    if !site.sides[side].account.dedicated {
        return Ok(false);
    }
    let here = site.sides[side].fingerprint.clone();
    let unexplained = site
        .store
        .read(move |conn| {
            for id in &ids {
                if links::by_ticket(conn, &here, id)?.is_empty() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await?;
    Ok(unexplained)
}

/// The marker was found on a ticket that we created: its link is made, its base unsettled.
async fn adopt(
    site: &Site,
    row: &JournalRow,
    payload: &CreatePayload,
    original: &TicketId,
    found: &Ticket,
) -> Result<Done, RunError> {
    let (to, from) = (row.side, row.side.opposite());
    let mut tickets = Pair { source: original.clone(), target: original.clone() };
    tickets[to] = found.id.clone();
    let mut keys = Pair { source: payload.key.clone(), target: payload.key.clone() };
    keys[to] = found.key.clone();
    let link = Link {
        id: LinkId(0),
        connection: site.connection.0,
        type_mapping: payload.type_mapping.clone(),
        tickets,
        keys,
        origin: from,
        generation: payload.request.marker.pair.generation,
        state: LinkState::Live,
        versions: Pair { source: Version::default(), target: Version::default() },
        marker_due: true,
        linked_ms: site.now_ms(),
    };
    let accounts = Pair::from_fn(|side| site.sides[side].fingerprint.clone());
    let (id, epoch, found_id, kept) = (row.id, site.epoch, found.id.clone(), payload.bases.clone());
    let waiting_feed = lockstep_store::Feed::new(site.connection, payload.type_mapping.clone(), from);
    let waiting = Waiting {
        feed: waiting_feed,
        account: site.sides[from].fingerprint.clone(),
        ticket: original.clone(),
        reason: PendingReason::Unknown,
        detail: "its copy was found after a lost answer".to_owned(),
        run: site.run,
        now_ms: site.now_ms(),
        until_changed: false,
    };
    let from_sent = row.state == JournalState::Sent;
    let outcome = serde_json::json!({ "id": found.id, "key": found.key, "adopted": true });
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            let link = links::insert(tx, &link, &accounts, &serde_json::json!({ "adopted": true }))?;
            if from_sent {
                journal::set_state(tx, id, JournalState::Unknown)?;
            }
            let finish = Finish { outcome: Some(&outcome), error: None, link: Some(link), ticket: Some(&found_id) };
            journal::finish(tx, id, JournalState::Done, finish)?;
            bases::put_all(tx, link, kept.iter().map(|(key, base)| (key, base)))?;
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
    let there = connector
        .comments(scope, &payload.request.ticket)
        .await
        .map_err(on_side(site.label(row.side), "looking for a lost comment"))?;
    let found = there.iter().find(|c| c.by_us && c.copy_of.as_deref() == Some(payload.request.copy_of.as_str()));
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
    let there = connector
        .attachments(scope, &link.tickets[row.side])
        .await
        .map_err(on_side(site.label(row.side), "looking for a lost file"))?;
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
    if let Some(entry) = entry {
        let waiting = waiting("a comment or file was found after a lost answer");
        site.store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                if from_sent {
                    journal::set_state(tx, id, JournalState::Unknown)?;
                }
                let outcome = serde_json::json!({ "copy": entry.copy, "adopted": true });
                journal::finish(tx, id, JournalState::Done, Finish { outcome: Some(&outcome), ..Finish::default() })?;
                ledger::put(tx, of, &entry)?;
                waiting.add(tx)
            })
            .await?;
        return Ok(Done::Adopted);
    }
    let connector = &site.sides[row.side].connector;
    let server_ms = connector.server_now_ms();
    let looked = site
        .store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            if from_sent {
                journal::set_state(tx, id, JournalState::Unknown)?;
            }
            journal::note_absent(tx, id, server_ms)
        })
        .await?;
    let settle = i64::try_from(connector.settle_ms()).unwrap_or(i64::MAX);
    let settled = server_ms.saturating_sub(row.sent_ms.unwrap_or(server_ms)) >= settle;
    if looked < 2 || !settled {
        return Ok(Done::Rests);
    }
    let row = JournalRow { state: JournalState::Unknown, ..row.clone() };
    void(site, &row, Some(waiting("it is provably absent: planned anew")), "provably absent").await
}
