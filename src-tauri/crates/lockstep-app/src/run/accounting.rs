//! Is the store as new as the world? Before the first create of a run on a destination, the tickets created by us
//! there are listed; what the store does not know is adopted by its marker or stops the run (hazards.md H2, H3, H7).

use lockstep_core::mapping::Rules;
use lockstep_core::marker::Marker;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::link::{Link, LinkId, LinkState};
use lockstep_core::ticket::{MarkerRead, Ticket, Version};
use lockstep_store::tables::{journal, links, settings};

use super::error::{RunError, on_side};
use super::recover;
use super::site::Site;

/// What accounting found.
#[derive(Debug, Default)]
pub struct Accounted {
    /// Links made from markers.
    pub adopted: usize,
    /// Another store wrote markers here and nobody ordered to take them over.
    pub other_store: Option<String>,
    /// Made by us since the last create that the store knows, and nothing says for what: an older store, and a person took
    /// the marker. What it is the copy of may look new. In words.
    pub unmarked: Option<String>,
}

/// What became of one marked ticket.
#[derive(Debug, PartialEq, Eq)]
pub enum Adopted {
    Linked,
    /// Known already, ended, or of another pair of accounts.
    Passed,
    OtherStore(String),
    /// Its original has another copy: two stores made one each (hazards.md H3). In words.
    Doubles(String),
}

/// Where the moment is kept until which another store's markers were taken over.
fn taken_over_key(site: &Site) -> String {
    format!("taken_over:{}", site.connection)
}

/// From now on what other stores marked until this moment counts as ours.
pub async fn take_over(site: &Site) -> Result<(), RunError> {
    let (key, now_ms) = (taken_over_key(site), site.now_ms());
    let servers = Side::BOTH.iter().map(|side| site.sides[*side].connector.server_now_ms());
    let moment = servers.max().unwrap_or(now_ms);
    site.store.write_in(site.epoch, move |tx| settings::put(tx, &key, &moment, now_ms)).await?;
    Ok(())
}

/// Accounts for the tickets created by us on `side` since the last own create that the store knows.
pub async fn account(site: &Site, rules: &Rules, side: Side, take_over: bool) -> Result<Accounted, RunError> {
    if left_out(Omission::StoreTakenForNew) {
        return Ok(Accounted::default());
    }
    let connection = site.connection;
    let connector = &site.sides[side].connector;
    let last = site
        .store
        .read(move |conn| journal::last_done_create(conn, connection, side))
        .await?
        .and_then(|row| row.sent_ms);
    let settle = i64::try_from(connector.settle_ms()).unwrap_or(i64::MAX);
    let since = last.map_or(0, |last| last.saturating_sub(settle));
    let mut accounted = unexplained(site, rules, side, since, take_over).await?;
    if accounted.adopted > 0 && since > 0 {
        // The store is older than the world: everything that carries our marker is looked at once.
        let whole = unexplained(site, rules, side, 0, take_over).await?;
        accounted.adopted += whole.adopted;
        accounted.other_store = accounted.other_store.or(whole.other_store);
    }
    Ok(accounted)
}

async fn unexplained(
    site: &Site,
    rules: &Rules,
    side: Side,
    since_ms: i64,
    take_over: bool,
) -> Result<Accounted, RunError> {
    let connector = &site.sides[side].connector;
    let scope = rules.mapping.scope(side);
    let ours =
        connector.created_by_us(scope, since_ms).await.map_err(on_side(site.label(side), "accounting"))?;
    let mut accounted = Accounted::default();
    for ticket in ours {
        let MarkerRead::Ours(marker) = &ticket.marker else {
            if ticket.marker == MarkerRead::Absent && since_ms > 0 && accounted.unmarked.is_none() {
                accounted.unmarked = unmarked(site, side, &ticket).await?;
            }
            continue;
        };
        match adopt(site, rules, side, &ticket, marker, take_over).await? {
            Adopted::Linked => accounted.adopted += 1,
            Adopted::Passed | Adopted::Doubles(_) => {}
            Adopted::OtherStore(store) => accounted.other_store = accounted.other_store.or(Some(store)),
        }
    }
    Ok(accounted)
}

/// What is said of a ticket of ours without a marker, when no link and no create at work explains it (hazards.md H7).
async fn unmarked(site: &Site, side: Side, ticket: &Ticket) -> Result<Option<String>, RunError> {
    if !site.sides[side].account.dedicated || left_out(Omission::AbsentWithoutAccounting) {
        return Ok(None);
    }
    let (here, id, connection) = (site.sides[side].fingerprint.clone(), ticket.id.clone(), site.connection);
    let explained = site.store.read(move |conn| {
        let creates = |row: &journal::JournalRow| row.side == side && row.kind == "create";
        let at_work = journal::open_rows(conn, connection)?.iter().any(creates);
        Ok(at_work || !links::by_ticket(conn, &here, &id)?.is_empty())
    });
    Ok((!explained.await?).then(|| {
        format!(
            "{} was created by Lockstep's user, and nothing says for what; link it or delete it: until then nothing new is \
             made in {}",
            ticket.key,
            site.label(side)
        )
    }))
}

/// Makes the link that the marker on `ticket`, a ticket of `side`, tells of; bases are renewed by the next plan.
pub async fn adopt(
    site: &Site,
    rules: &Rules,
    side: Side,
    ticket: &Ticket,
    marker: &Marker,
    take_over: bool,
) -> Result<Adopted, RunError> {
    let other = side.opposite();
    let here = site.sides[side].fingerprint.clone();
    let there = site.sides[other].fingerprint.clone();
    if marker.pair.origin != there || marker.pair.destination != here {
        return Ok(Adopted::Passed);
    }
    let original = marker.pair.ticket.clone();
    let (id, from) = (ticket.id.clone(), original.clone());
    let (ours, theirs) = (here.clone(), there.clone());
    let pair = marker.pair.clone();
    let taken = taken_over_key(site);
    let (known, doubles, taken_ms, earlier) = site
        .store
        .read(move |conn| {
            let here = links::blocked(conn, &ours, &id, &theirs)?.is_some();
            let there = links::blocked(conn, &theirs, &from, &ours)?;
            // The copy of a create whose answer was lost belongs to recovery, which knows what was sent (H8).
            let rows = journal::by_pair_key(conn, &pair)?;
            let open = rows.iter().any(|row| row.state.is_open());
            let earlier = rows.into_iter().rfind(|row| row.kind == "create" && row.payload.is_some());
            let doubles = there.filter(|_| !here && !open).map(|stored| stored.link.keys);
            Ok((here || open, doubles, settings::get::<i64>(conn, &taken)?, earlier))
        })
        .await?;
    if known {
        return Ok(Adopted::Passed);
    }
    // What another store marked before a person took over is ours since then; what comes after is not.
    let before = taken_ms.is_some_and(|taken_ms| ticket.created_ms <= taken_ms);
    let take_over = take_over || before || left_out(Omission::OtherStoreIgnored);
    if marker.store != site.store_id && !marker.store.is_empty() && !take_over {
        return Ok(Adopted::OtherStore(marker.store.clone()));
    }
    if let Some(keys) = doubles {
        return Ok(Adopted::Doubles(format!(
            "{} is a second copy of {}, whose counterpart is {}: keep one of the two and delete the other",
            ticket.key, keys[other], keys[side]
        )));
    }
    if let Some(row) = earlier.filter(|_| !marker.ended)
        && recover::adopt_late(site, &row, ticket).await?
    {
        return Ok(Adopted::Linked);
    }
    let mut tickets = Pair { source: ticket.id.clone(), target: original.clone() };
    let mut keys = Pair { source: ticket.key.clone(), target: original.0.clone() };
    if side == Side::Target {
        std::mem::swap(&mut tickets.source, &mut tickets.target);
        std::mem::swap(&mut keys.source, &mut keys.target);
    }
    let state = if marker.ended {
        LinkState::Ended("its marker says that the link has ended".to_owned())
    } else {
        LinkState::Live
    };
    let link = Link {
        id: LinkId(0),
        connection: site.connection.0,
        type_mapping: rules.mapping.name.clone(),
        tickets,
        keys,
        origin: other,
        generation: marker.pair.generation,
        state,
        versions: Pair { source: Version::default(), target: Version::default() },
        marker_due: true,
        linked_ms: site.now_ms(),
    };
    let accounts = Pair::from_fn(|side| site.sides[side].fingerprint.clone());
    let mut titles = Pair::<String>::default();
    titles[side] = crate::shown::title(ticket);
    site.store
        .write_in(site.epoch, move |tx| {
            links::insert(tx, &link, &accounts, &titles, &serde_json::json!({ "adopted": true }))
        })
        .await?;
    Ok(Adopted::Linked)
}
