//! Linking two existing tickets by hand, and ending a link (hazards.md H13, H42).

use lockstep_core::connector::{UpdateRequest, Want, WriteFailure};
use lockstep_core::mapping::transform::carry;
use lockstep_core::mapping::{Context, PeopleTable, Rules};
use lockstep_core::marker::Marker;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::comments::text_hash;
use lockstep_core::sync::link::{LedgerEntry, LedgerKind, LedgerState, Link, LinkId, LinkState};
use lockstep_core::sync::matching::agreed;
use lockstep_core::ticket::{MarkerRead, Ticket, Value, Visibility};
use lockstep_store::tables::journal::{self, Finish, JournalState, NewOp};
use lockstep_store::tables::links::{self, StoredLink};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::subject_key;
use lockstep_store::tables::{audit, bases, conflicts, ledger, pending, quarantine, seen};
use lockstep_store::{ConnectionId, Epoch, Feed, JournalId, Packed, Tx};

use crate::api_error::ApiError;
use crate::app::App;
use crate::conflicts::wait_for_run;
use crate::editor;
use crate::links::{Extras, Known, LinkFields, LinkOrder, LinkView, Linked, RELINK_MS_MAX, view};
use crate::look::{self, Looking, find};

/// Links two tickets that exist. What the ledger does not name is new; fields stay as they are, or wait for the next run
/// to make one side like the other.
pub async fn link(app: &App, order: LinkOrder) -> Result<Linked, ApiError> {
    let epoch = app.lock().await?;
    let (connection, _) = app.connection(&order.connection).await?;
    let _running = app.begin_run(connection.id.0, &connection.name)?;
    let looking = look::look(app, &order.connection, false).await?;
    let (rules, tickets) =
        both(&looking, order.type_mapping.as_deref(), &order.tickets.source, &order.tickets.target).await?;
    for side in Side::BOTH {
        refuse(app, &looking, rules, side, &tickets[side])?;
    }
    let entries = accounted(&tickets, &order.known)?;
    let agreed = match order.fields.to() {
        None => agreed(rules, tickets.as_ref()),
        Some(to) => {
            let sides = looking.sides.clone();
            let people = editor::people_of(app, &looking.document, rules, sides, &tickets).await?;
            giving_way(rules, &people, &tickets, to)
        }
    };
    let foreign = matches!(tickets.target.marker, MarkerRead::Foreign(_) | MarkerRead::Unknown);
    let new = NewLink {
        entries,
        agreed,
        marker_due: !foreign,
        // What is not shared yet is nobody's change: without this row no run would look at the two again.
        due: order.fields != LinkFields::Keep || order.known != Known::All,
        instead: order.instead,
    };
    let known = u32::try_from(new.entries.len()).unwrap_or(u32::MAX);
    let (stored, ended) = insert(app, epoch, &looking, rules, &tickets, new).await?;
    for before in ended.iter().filter(|before| before.link.tickets.target != stored.link.tickets.target) {
        // The link has ended whatever the platform says now; so it is with its marker when a person unlinks.
        write_marker(app, epoch, &looking, rules, before, true).await?;
    }
    let marker_trouble = if foreign {
        Some("the place of the marker is used by another tool, or cannot be read: the link is known to this computer only".to_owned())
    } else {
        write_marker(app, epoch, &looking, rules, &stored, false).await?
    };
    Ok(Linked { link: shown(app, &order.connection, stored.link.id).await?, known, marker_trouble })
}

/// Reads two tickets whole, with the rules of their type: the one that is named, or the one that both are of.
pub(crate) async fn both<'l>(
    looking: &'l Looking,
    type_mapping: Option<&str>,
    source: &str,
    target: &str,
) -> Result<(&'l Rules, Pair<Ticket>), ApiError> {
    let rules = match rules_of(looking, type_mapping) {
        Err(_) if type_mapping.is_none() && !looking.rules.is_empty() => fitting(looking, source).await?,
        found => found?,
    };
    let source = read(looking, rules, Side::Source, source).await?;
    let target = read(looking, rules, Side::Target, target).await?;
    Ok((rules, Pair { source, target }))
}

/// The rules of the type that a source ticket is of.
async fn fitting<'l>(looking: &'l Looking, key: &str) -> Result<&'l Rules, ApiError> {
    for rules in &looking.rules {
        let found = find(looking, rules, Side::Source, key, Want::default()).await?;
        if found.is_some_and(|ticket| ticket.ticket_type == rules.schemas.source.ticket_type) {
            return Ok(rules);
        }
    }
    rules_of(looking, None)
}

fn rules_of<'l>(looking: &'l Looking, name: Option<&str>) -> Result<&'l Rules, ApiError> {
    let names =
        || looking.rules.iter().map(|rules| rules.mapping.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, looking.rules.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => Err(ApiError::new("invalid", "the connection has several ticket types")
            .hint(format!("Name one of them: {}.", names()))),
        (Some(name), all) => all.iter().find(|rules| rules.mapping.name == name).ok_or_else(|| {
            ApiError::new("not_found", format!("the connection has no ticket type {name:?}"))
                .hint(format!("It has: {}.", names()))
        }),
    }
}

/// Finds a ticket by its key, or its id, and reads all of it.
async fn read(looking: &Looking, rules: &Rules, side: Side, key: &str) -> Result<Ticket, ApiError> {
    let found = find(looking, rules, side, key, Want { comments: true, attachments: true }).await?;
    found.ok_or_else(|| {
        let label = looking.sides[side].doc.platform.label();
        ApiError::new("not_found", format!("{label} shows no ticket {key}"))
            .hint("It does not exist, or this account may not see it.")
    })
}

pub(crate) fn refuse(
    app: &App,
    looking: &Looking,
    rules: &Rules,
    side: Side,
    ticket: &Ticket,
) -> Result<(), ApiError> {
    if ticket.private && !rules.mapping.include_private {
        return Err(ApiError::new(
            "invalid",
            format!("{} is private, and private tickets stay on their side", ticket.key),
        )
        .hint("Include private tickets in the type mapping if it shall be synced."));
    }
    if ticket.comments.is_none() || ticket.attachments.is_none() {
        let label = looking.sides[side].doc.platform.label();
        return Err(ApiError::new(
            "forbidden",
            format!("the comments or files of {} cannot be read completely in {label}", ticket.key),
        )
        .hint("Without them nothing could be accounted for; give the account the right to read them."));
    }
    match &ticket.marker {
        MarkerRead::Ours(marker)
            if !marker.ended
                && marker.store != app.store().id()
                && marker.own.as_ref() == Some(&ticket.id) =>
        {
            let message = format!("{} is synced by another Lockstep (store {})", ticket.key, marker.store);
            Err(ApiError::new("invalid", message).hint("Unlink it there first."))
        }
        _ => Ok(()),
    }
}

/// The list of what was read, as the ledger keeps it: what is not in it is new (hazards.md H42).
pub(crate) fn accounted(tickets: &Pair<Ticket>, known: &Known) -> Result<Vec<LedgerEntry>, ApiError> {
    let mut entries = Vec::new();
    for side in Side::BOTH {
        let ticket = &tickets[side];
        let these = match (known, side) {
            (Known::These { source, .. }, Side::Source) => source.as_slice(),
            (Known::These { target, .. }, Side::Target) => target.as_slice(),
            _ => &[],
        };
        let counts = |id: &str| *known == Known::All || these.iter().any(|known| known == id);
        let entry = |kind, id: &str, edited_ms, hash: String, visibility| LedgerEntry {
            kind,
            side,
            id: id.to_owned(),
            copy: None,
            state: LedgerState::Accounted,
            edited_ms,
            hash,
            visibility,
        };
        for comment in ticket.comments.iter().flatten().filter(|comment| counts(comment.id.as_str())) {
            let hash = text_hash(&comment.body);
            entries.push(entry(
                LedgerKind::Comment,
                comment.id.as_str(),
                comment.updated_ms,
                hash,
                comment.visibility,
            ));
        }
        for file in ticket.attachments.iter().flatten().filter(|file| counts(file.id.as_str())) {
            let hash = file.sha256.as_deref().unwrap_or_default().chars().take(16).collect();
            entries.push(entry(
                LedgerKind::Attachment,
                file.id.as_str(),
                file.created_ms,
                hash,
                Visibility::Unknown,
            ));
        }
        let strange =
            these.iter().find(|id| !entries.iter().any(|entry| entry.side == side && entry.id == **id));
        if let Some(strange) = strange {
            return Err(ApiError::new("invalid", format!("{} has no comment or file {strange}", ticket.key))
                .hint("Nothing was linked."));
        }
    }
    Ok(entries)
}

/// Bases under which the next run makes `to` like its opposite, wherever the mapping writes there: the two agreed on what
/// `to` holds, and the other side has changed since.
pub(crate) fn giving_way(
    rules: &Rules,
    people: &PeopleTable,
    tickets: &Pair<Ticket>,
    to: Side,
) -> Vec<(String, FieldBase)> {
    let context = Context { rules, people };
    let mut bases = agreed(rules, tickets.as_ref());
    for (key, base) in &mut bases {
        let Some(field) = rules.fields.iter().find(|field| field.key == *key) else { continue };
        if field.mapping.direction.writes(to) {
            let back = carry(field, to, &tickets[to], context);
            base.values[to.opposite()] = back.value().cloned().unwrap_or(Value::Empty);
        }
    }
    bases
}

/// What is kept of two tickets that become a link.
struct NewLink {
    entries: Vec<LedgerEntry>,
    agreed: Vec<(String, FieldBase)>,
    marker_due: bool,
    /// The next run looks at the two.
    due: bool,
    instead: bool,
}

/// Also answers with the links that ended for this one.
async fn insert(
    app: &App,
    epoch: Epoch,
    looking: &Looking,
    rules: &Rules,
    tickets: &Pair<Ticket>,
    new: NewLink,
) -> Result<(StoredLink, Vec<StoredLink>), ApiError> {
    let accounts = Pair::from_fn(|side| looking.sides[side].fingerprint.clone());
    let connection = looking.connection.id;
    let now_ms = app.now_ms();
    let mut link = Link {
        id: LinkId(0),
        connection: connection.0,
        type_mapping: rules.mapping.name.clone(),
        tickets: tickets.as_ref().map(|ticket| ticket.id.clone()),
        keys: tickets.as_ref().map(|ticket| ticket.key.clone()),
        origin: Side::Source,
        generation: 0,
        state: LinkState::Live,
        versions: tickets.as_ref().map(|ticket| ticket.version),
        marker_due: new.marker_due,
        linked_ms: now_ms,
    };
    let titles = tickets.as_ref().map(crate::shown::title);
    let feeds = Pair::from_fn(|side| Feed::new(connection, link.type_mapping.clone(), side));
    let stored = app
        .store()
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            let mut ended = Vec::new();
            for side in Side::BOTH.into_iter().filter(|_| new.instead) {
                let (here, there) = (&accounts[side], &accounts[side.opposite()]);
                let present = links::active(tx, here, &link.tickets[side], there)?;
                // One of another connection stays: the link is refused, and says which.
                if let Some(present) = present.filter(|present| present.link.connection == connection.0) {
                    end(tx, &present, now_ms)?;
                    ended.push(present);
                }
            }
            // A link made anew after one that ended is a new generation (hazards.md H13).
            let before = links::by_ticket(tx, &accounts.source, &link.tickets.source)?;
            let highest = before
                .iter()
                .filter(|one| one.accounts.target == accounts.target)
                .map(|one| one.link.generation)
                .max();
            link.generation = highest.map_or(0, |generation| generation + 1);
            let by = serde_json::to_value(Extras::by_person()).expect("extras are plain data");
            let id = links::insert(tx, &link, &accounts, &titles, &by)?;
            ledger::put_all(tx, id, &new.entries)?;
            bases::put_all(tx, id, new.agreed.iter().map(|(key, base)| (key, base)))?;
            for side in Side::BOTH {
                seen::remove(tx, &feeds[side], &link.tickets[side])?;
                pending::remove(tx, &feeds[side], &link.tickets[side])?;
                let subject = lockstep_core::sync::Subject::New { side, ticket: link.tickets[side].clone() };
                quarantine::remove(tx, connection, &subject_key(&subject))?;
            }
            let what = format!("linked {} and {}", link.keys.source, link.keys.target);
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
            let stored = StoredLink { link: Link { id, ..link }, accounts, extras: by };
            if new.due {
                wait_for_run(tx, &stored, PendingReason::Other, LINKED, now_ms)?;
            }
            Ok((stored, ended))
        })
        .await?;
    Ok(stored)
}

/// Writes the marker on the copy's side, journaled like any write; says why where it could not be.
async fn write_marker(
    app: &App,
    epoch: Epoch,
    looking: &Looking,
    rules: &Rules,
    stored: &StoredLink,
    ended: bool,
) -> Result<Option<String>, ApiError> {
    let side = stored.link.origin.opposite();
    let (ticket, id) = (stored.link.tickets[side].clone(), stored.link.id);
    let marker = Marker {
        pair: stored.pair_key(),
        store: app.store().id().to_owned(),
        op: None,
        own: Some(ticket.clone()),
        passed: vec![],
        ended,
    };
    let request = UpdateRequest {
        scope: rules.mapping.scope(side).clone(),
        ticket,
        fields: std::collections::BTreeMap::new(),
        marker: Some(marker),
        comment: None,
    };
    let connector = &looking.sides[side].connector;
    let now_ms = app.now_ms();
    let op = NewOp {
        op_id: app.ids().op_id(now_ms).to_string(),
        call_id: app.ids().op_id(now_ms).to_string(),
        run: None,
        epoch,
        connection: looking.connection.id,
        link: Some(id),
        side,
        kind: "update".to_owned(),
        pair_key: None,
        tickets: stored.link.tickets.clone().map(Some),
        payload: Packed::of(&request).expect("a request is plain data"),
        before: None,
    };
    let server_ms = connector.server_now_ms();
    let sent: JournalId = app.store().write(move |tx| journal::sent(tx, &op, server_ms)).await?;
    match connector.update(&request).await {
        Ok(written) => {
            let version = written.version;
            app.store()
                .write(move |tx| {
                    tx.check_epoch(epoch)?;
                    let outcome = serde_json::json!({ "marker": true });
                    journal::finish(
                        tx,
                        sent,
                        JournalState::Done,
                        Finish { outcome: Some(&outcome), ..Finish::default() },
                    )?;
                    if let Some(version) = version {
                        links::set_version(tx, id, side, version)?;
                    }
                    links::set_marker_due(tx, id, false)
                })
                .await?;
            Ok(None)
        }
        Err(failure) => {
            let state = match &failure {
                WriteFailure::NotApplied { .. } => JournalState::Void,
                WriteFailure::Refused(_) => JournalState::Failed,
                // Written or not: the same marker is written again at the next update.
                WriteFailure::Unknown(_) => JournalState::Unknown,
            };
            let why = failure.error().message.clone();
            let told = serde_json::Value::String(why.clone());
            app.store()
                .write(move |tx| {
                    tx.check_epoch(epoch)?;
                    journal::finish(tx, sent, state, Finish { error: Some(&told), ..Finish::default() })
                })
                .await?;
            Ok(Some(why))
        }
    }
}

/// Ends the link of a ticket: both tickets stay, the link stays known as ended, the marker says so where it can.
pub async fn unlink(app: &App, connection: Option<&str>, key: &str) -> Result<Linked, ApiError> {
    let epoch = app.lock().await?;
    let stored = live_link(app, connection, key).await?;
    let (connection, _) = app.connection_by_id(stored.link.connection).await?;
    let _running = app.begin_run(connection.id.0, &connection.name)?;
    let (id, now_ms) = (stored.link.id, app.now_ms());
    let present = stored.clone();
    app.store()
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            end(tx, &present, now_ms)
        })
        .await?;
    // The link has ended whatever the platform says now.
    let trouble = match end_marker(app, epoch, &stored, &connection.name).await {
        Ok(trouble) => trouble,
        Err(error) => Some(error.message),
    };
    Ok(Linked { link: shown(app, &connection.name, id).await?, known: 0, marker_trouble: trouble })
}

/// Ends a link in the store: what waited for it waits no more.
fn end(tx: &Tx<'_>, stored: &StoredLink, now_ms: i64) -> lockstep_store::Result<()> {
    let (link, connection) = (&stored.link, ConnectionId(stored.link.connection));
    links::set_state(tx, link.id, &LinkState::Ended("unlinked by a person".to_owned()))?;
    let mut kept: Extras = serde_json::from_value(stored.extras.clone()).unwrap_or_default();
    kept.unlinked_ms = Some(now_ms);
    links::set_extras(tx, link.id, &serde_json::to_value(kept).expect("extras are plain data"))?;
    for conflict in conflicts::of_link(tx, link.id)? {
        conflicts::close(tx, conflict.id, now_ms)?;
    }
    let subject = lockstep_core::sync::Subject::Link { link: link.id };
    quarantine::remove(tx, connection, &subject_key(&subject))?;
    for side in Side::BOTH {
        let feed = Feed::new(connection, link.type_mapping.clone(), side);
        pending::remove(tx, &feed, &link.tickets[side])?;
    }
    let what = format!("unlinked {} and {}", link.keys.source, link.keys.target);
    audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
    Ok(())
}

const LINKED: &str = "linked by a person: what the two do not share yet is written by the next run";
const RELINKED: &str = "linked again: what changed meanwhile is looked at by the next run";

/// Takes an unlinked pair up again, within 30 days: fields go on from what the two last agreed on, so that changes made
/// meanwhile travel or are asked about. Comments and files of that time count as known unless `copy_comments`.
pub async fn relink(app: &App, connection: i64, link: i64, copy_comments: bool) -> Result<Linked, ApiError> {
    let epoch = app.lock().await?;
    let (connection, _) = app.connection_by_id(connection).await?;
    let _running = app.begin_run(connection.id.0, &connection.name)?;
    let (id, now_ms) = (LinkId(link), app.now_ms());
    let found = app.store().read(move |conn| links::get(conn, id)).await?;
    let stored = found.filter(|stored| stored.link.connection == connection.id.0).ok_or_else(|| {
        ApiError::new("not_found", format!("there is no link {link} in {:?}", connection.name))
            .hint("The list of links shows those that are there.")
    })?;
    let names = format!("{} and {}", stored.link.keys.source, stored.link.keys.target);
    if !matches!(stored.link.state, LinkState::Ended(_)) {
        return Err(ApiError::new("invalid", format!("{names} are linked")).hint("Nothing was changed."));
    }
    let kept: Extras = serde_json::from_value(stored.extras.clone()).unwrap_or_default();
    if kept.unlinked_ms.is_none_or(|ended_ms| ended_ms + RELINK_MS_MAX <= now_ms) {
        return Err(ApiError::new(
            "invalid",
            format!("{names} were unlinked too long ago to go on from there"),
        )
        .hint("Link the two anew: what is on both sides then counts as known."));
    }
    let looking = look::look(app, &connection.name, false).await?;
    let rules = rules_of(&looking, Some(&stored.link.type_mapping))?;
    if Side::BOTH.iter().any(|side| looking.sides[*side].fingerprint != stored.accounts[*side]) {
        return Err(ApiError::new("invalid", format!("{names} were linked over other accounts"))
            .hint("Link the two anew."));
    }
    let ids = stored.link.tickets.as_ref().map(|ticket| ticket.as_str().to_owned());
    let source = read(&looking, rules, Side::Source, &ids.source).await?;
    let target = read(&looking, rules, Side::Target, &ids.target).await?;
    let tickets = Pair { source, target };
    for side in Side::BOTH {
        refuse(app, &looking, rules, side, &tickets[side])?;
    }
    let known = if copy_comments { Vec::new() } else { accounted(&originals(&tickets), &Known::All)? };
    let foreign = matches!(tickets.target.marker, MarkerRead::Foreign(_) | MarkerRead::Unknown);
    let keys = tickets.as_ref().map(|ticket| ticket.key.clone());
    let revived = stored.clone();
    let count = app
        .store()
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            revive(tx, &revived, &keys, !foreign, &known, now_ms)
        })
        .await?;
    let marker_trouble = if foreign {
        Some("the place of the marker is used by another tool, or cannot be read: the link is known to this computer only".to_owned())
    } else {
        write_marker(app, epoch, &looking, rules, &stored, false).await?
    };
    Ok(Linked { link: shown(app, &connection.name, id).await?, known: count, marker_trouble })
}

/// The tickets without copies of ours, which the ledger knows by their originals.
fn originals(tickets: &Pair<Ticket>) -> Pair<Ticket> {
    let mut tickets = tickets.clone();
    for side in Side::BOTH {
        if let Some(comments) = &mut tickets[side].comments {
            comments.retain(|comment| comment.copy_of.is_none());
        }
    }
    tickets
}

/// Brings a link back in the store; answers how many comments and files count as known now.
fn revive(
    tx: &Tx<'_>,
    stored: &StoredLink,
    keys: &Pair<String>,
    marker_due: bool,
    known: &[LedgerEntry],
    now_ms: i64,
) -> lockstep_store::Result<u32> {
    let (link, connection) = (&stored.link, ConnectionId(stored.link.connection));
    links::set_state(tx, link.id, &LinkState::Live)?;
    links::set_keys(tx, link.id, keys)?;
    links::set_marker_due(tx, link.id, marker_due)?;
    let mut kept: Extras = serde_json::from_value(stored.extras.clone()).unwrap_or_default();
    kept.unlinked_ms = None;
    links::set_extras(tx, link.id, &serde_json::to_value(kept).expect("extras are plain data"))?;
    let ledger = ledger::of(tx, link.id)?;
    let mut count = 0;
    for entry in known {
        let of = |one: &&LedgerEntry| one.kind == entry.kind;
        let original = ledger.iter().filter(of).any(|one| one.side == entry.side && one.id == entry.id);
        let copy = |one: &LedgerEntry| one.side != entry.side && one.copy.as_deref() == Some(&entry.id);
        if !original && !ledger.iter().filter(of).any(copy) {
            ledger::put(tx, link.id, entry)?;
            count += 1;
        }
    }
    for side in Side::BOTH {
        let feed = Feed::new(connection, link.type_mapping.clone(), side);
        seen::remove(tx, &feed, &link.tickets[side])?;
    }
    // Cursors have passed what happened meanwhile.
    wait_for_run(tx, stored, PendingReason::Other, RELINKED, now_ms)?;
    let what = format!("linked {} and {} again", link.keys.source, link.keys.target);
    audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
    Ok(count)
}

async fn shown(app: &App, connection: &str, id: LinkId) -> Result<LinkView, ApiError> {
    let name = connection.to_owned();
    let found = app.store().read(move |conn| view(conn, &name, id)).await?;
    found.ok_or_else(|| ApiError::new("not_found", "the link is gone"))
}

async fn end_marker(
    app: &App,
    epoch: Epoch,
    stored: &StoredLink,
    connection: &str,
) -> Result<Option<String>, ApiError> {
    let looking = look::look(app, connection, false).await?;
    let rules = rules_of(&looking, Some(&stored.link.type_mapping))?;
    write_marker(app, epoch, &looking, rules, stored, true).await
}

/// The link that has not ended of a ticket, by either key.
async fn live_link(app: &App, connection: Option<&str>, key: &str) -> Result<StoredLink, ApiError> {
    let of = match connection {
        Some(name) => Some(app.connection(name).await?.0.id),
        None => None,
    };
    let wanted = key.to_owned();
    let mut found = app.store().read(move |conn| links::by_key(conn, of, &wanted)).await?;
    found.retain(|stored| !matches!(stored.link.state, LinkState::Ended(_)));
    match <[StoredLink; 1]>::try_from(found) {
        Ok([one]) => Ok(one),
        Err(none) if none.is_empty() => Err(ApiError::new("not_found", format!("{key} is not linked"))
            .hint("The list of links finds it by a part of its key.")
            .command("lockstep link --search")),
        Err(_) => {
            Err(ApiError::new("invalid", format!("{key} has several links")).hint("Name the connection."))
        }
    }
}
