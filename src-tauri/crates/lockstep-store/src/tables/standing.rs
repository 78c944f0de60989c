//! How a link stands for people: its own state, or what of it waits in other tables.

use lockstep_core::Side;
use lockstep_core::sync::{LinkState, Subject};
use serde_json::Value;

use super::conflicts::{self, ConflictState};
use super::connections::ConnectionId;
use super::feed::Feed;
use super::links::StoredLink;
use super::plans::subject_key;
use super::{pending, quarantine};
use crate::error::Result;
use crate::store::Connection;
use crate::words::words;

words! {
    /// How a link stands.
    Standing {
        /// Nothing of it waits.
        InStep = "in_step",
        /// It is on the pending list.
        Waiting = "waiting",
        /// A person must choose between two values.
        Conflict = "conflict",
        Quarantined = "quarantined",
        Parked = "parked",
        NotVisible = "not_visible",
        Merged = "merged",
        Ended = "ended",
    }
}

/// How a link stands, and why, where there is something to say.
pub fn of(connection: &Connection, stored: &StoredLink) -> Result<(Standing, String)> {
    let link = &stored.link;
    let standing = match &link.state {
        LinkState::Live => return of_live(connection, stored),
        LinkState::Parked(_) => Standing::Parked,
        LinkState::NotVisible(_) => Standing::NotVisible,
        LinkState::Merged(_) => Standing::Merged,
        LinkState::Ended(_) => Standing::Ended,
    };
    Ok((standing, link.state.reason().to_owned()))
}

fn of_live(connection: &Connection, stored: &StoredLink) -> Result<(Standing, String)> {
    let (link, of) = (&stored.link, ConnectionId(stored.link.connection));
    let subject = subject_key(&Subject::Link { link: link.id });
    if let Some(held) = quarantine::get(connection, of, &subject)? {
        let message = held.what.error.get(0).and_then(|trouble| trouble.get("message"));
        return Ok((
            Standing::Quarantined,
            message.and_then(Value::as_str).unwrap_or("it failed for good").to_owned(),
        ));
    }
    let open: Vec<String> = conflicts::of_link(connection, link.id)?
        .into_iter()
        .filter(|conflict| conflict.state == ConflictState::Open)
        .map(|conflict| conflict.found.label)
        .collect();
    if !open.is_empty() {
        return Ok((Standing::Conflict, format!("changed on both sides: {}", open.join(", "))));
    }
    for side in Side::BOTH {
        let feed = Feed::new(of, link.type_mapping.clone(), side);
        if let Some(waits) = pending::get(connection, &feed, &link.tickets[side])? {
            return Ok((Standing::Waiting, waits.detail));
        }
    }
    Ok((Standing::InStep, String::new()))
}

const QUARANTINED: &str = "SELECT link FROM quarantine WHERE link IS NOT NULL";
const OPEN: &str = "SELECT link FROM conflicts WHERE state <> 'closed' AND state = 'open'";
/// Found from the few that wait, by the links' own indexes.
const WAITING: &str = "SELECT l.id FROM pending p JOIN links l ON l.source_account = p.account AND l.source_ticket = p.ticket
             AND l.state <> 'ended' WHERE p.side = 'source' AND l.connection = p.connection
         UNION
         SELECT l.id FROM pending p JOIN links l ON l.target_account = p.account AND l.target_ticket = p.ticket
             AND l.state <> 'ended' WHERE p.side = 'target' AND l.connection = p.connection";

/// The condition on rows of `links` that stand so.
pub(super) fn condition(standing: Standing) -> String {
    match standing {
        Standing::InStep => format!(
            "state = 'live' AND id NOT IN ({QUARANTINED}) AND id NOT IN ({OPEN}) AND id NOT IN ({WAITING})"
        ),
        Standing::Waiting => format!(
            "state = 'live' AND id IN ({WAITING}) AND id NOT IN ({QUARANTINED}) AND id NOT IN ({OPEN})"
        ),
        Standing::Conflict => format!("state = 'live' AND id IN ({OPEN}) AND id NOT IN ({QUARANTINED})"),
        Standing::Quarantined => format!("state = 'live' AND id IN ({QUARANTINED})"),
        other => format!("state = '{}'", other.word()),
    }
}
