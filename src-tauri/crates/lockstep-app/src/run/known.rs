//! What the store knows of a batch of tickets: links, tombstones, open rows, earlier decisions.

use std::collections::{BTreeMap, HashMap, HashSet};

use lockstep_core::ids::TicketId;
use lockstep_core::mapping::transform::input;
use lockstep_core::mapping::{Rules, Write};
use lockstep_core::marker::Fingerprint;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::Subject;
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId, LinkState};
use lockstep_core::sync::plan::Decided;
use lockstep_core::ticket::{Ticket, Version};
use lockstep_store::tables::pending::{NewPending, PendingReason};
use lockstep_store::tables::{bases, conflicts, journal, ledger, links, pending, plans, quarantine, seen};
use lockstep_store::{Feed, RunId, Tx};

use super::error::RunError;
use super::site::Site;

/// A stamp so close to the reading proves nothing.
const FRESH_MS: i64 = 2_000;

/// So long a list may lag behind the record that it belongs to, at most: what is read again for it lies in the overlap of
/// every feed.
const LISTS_LAG_MS_MAX: i64 = 120_000;

/// What is known of the tickets of one batch.
#[derive(Debug, Default)]
pub struct Known {
    /// Links that are not ended, by the batch's ticket.
    pub links: HashMap<TicketId, Link>,
    bases: BTreeMap<LinkId, bases::Bases>,
    /// Tickets whose link ended: they are neither created nor adopted again (hazards.md H13).
    blocked: HashSet<TicketId>,
    held_links: HashSet<LinkId>,
    held_new: HashSet<(Side, TicketId)>,
    seen: BTreeMap<TicketId, seen::Seen>,
}

/// Loads what is known of tickets of `side`.
pub async fn load(site: &Site, rules: &Rules, side: Side, ids: &[TicketId]) -> Result<Known, RunError> {
    let feed = site.feed(rules, side);
    let here = site.sides[side].fingerprint.clone();
    let there = site.sides[side.opposite()].fingerprint.clone();
    let ids = ids.to_vec();
    let known = site
        .store
        .read(move |conn| {
            let mut known = Known::default();
            for (id, of_ticket) in ids.iter().zip(links::by_tickets(conn, &here, &ids)?) {
                for stored in of_ticket {
                    if stored.side_of(&here, id).is_none_or(|side| stored.accounts[side.opposite()] != there)
                    {
                        continue;
                    }
                    match stored.link.state {
                        LinkState::Ended(_) if left_out(Omission::TombstonesForgotten) => {}
                        LinkState::Ended(_) => {
                            known.blocked.insert(id.clone());
                        }
                        _ => {
                            known.links.insert(id.clone(), stored.link);
                        }
                    }
                }
            }
            let unlinked: Vec<TicketId> =
                ids.iter().filter(|id| !known.links.contains_key(id)).cloned().collect();
            let of: Vec<LinkId> = known.links.values().map(|link| link.id).collect();
            known.bases = bases::of_many(conn, &of)?;
            known.seen = seen::get_many(conn, &feed, &unlinked)?;
            for row in journal::open_rows(conn, feed.connection)? {
                known.held_links.extend(row.link);
                for side in Side::BOTH {
                    known.held_new.extend(row.tickets[side].clone().map(|id| (side, id)));
                }
            }
            // Few wait for a person; their subjects are read once and compared here.
            let waiting = quarantine::subjects(conn, feed.connection)?;
            if !waiting.is_empty() {
                let waits = |subject: &Subject| waiting.contains(&plans::subject_key(subject));
                let links = known.links.values().map(|link| link.id);
                known.held_links.extend(links.filter(|id| waits(&Subject::Link { link: *id })));
                for id in &unlinked {
                    if waits(&Subject::New { side: feed.side, ticket: id.clone() }) {
                        known.held_new.insert((feed.side, id.clone()));
                    }
                }
            }
            Ok(known)
        })
        .await?;
    Ok(known)
}

impl Known {
    /// Whether the ticket's link has ended.
    pub fn is_blocked(&self, ticket: &TicketId) -> bool {
        self.blocked.contains(ticket)
    }

    /// Whether a link waits for recovery or for a person.
    pub fn is_held(&self, link: &Link) -> bool {
        self.held_links.contains(&link.id)
    }

    /// Whether the ticket waits for recovery or for a person, linked or not.
    pub fn waits(&self, side: Side, ticket: &TicketId) -> bool {
        self.links.get(ticket).map_or_else(|| self.is_new_held(side, ticket), |link| self.is_held(link))
    }

    /// Whether nothing is known of the ticket: neither a link nor a decision under these rules.
    pub fn is_unheard_of(&self, rules: &Rules, side: Side, ticket: &TicketId) -> bool {
        let decided = self.seen.get(ticket).is_some_and(|seen| seen.rule_revision == rules.revision);
        !(self.links.contains_key(ticket)
            || self.is_blocked(ticket)
            || self.is_new_held(side, ticket)
            || decided)
    }

    /// Whether an unlinked ticket waits for recovery or for a person.
    pub fn is_new_held(&self, side: Side, ticket: &TicketId) -> bool {
        self.held_new.contains(&(side, ticket.clone()))
    }

    /// Whether an unlinked ticket was decided under the same rules in the same version.
    pub fn seen_alike(&self, rules: &Rules, ticket: &Ticket) -> bool {
        self.seen.get(&ticket.id).is_some_and(|seen| {
            seen.rule_revision == rules.revision && seen.seen_ms == ticket.version.stamp_ms
        })
    }

    /// Whether a feed row shows nothing new: its counter, or its stamp with every mapped value, is what was dealt with.
    /// Equal stamps alone prove nothing (hazards.md H17).
    pub fn is_unchanged(&self, rules: &Rules, link: &Link, side: Side, row: &Ticket) -> bool {
        if row.version != link.versions[side] {
            return false;
        }
        if row.version.counter.is_some() || left_out(Omission::StampsProveContent) {
            return true;
        }
        let none = BTreeMap::new();
        let bases = self.bases.get(&link.id).unwrap_or(&none);
        rules.fields.iter().all(|field| match bases.get(&field.key) {
            // What acted in the create alone is never compared again, so its base is never settled.
            _ if field.mapping.write == Write::OnCreate => true,
            Some(base) => {
                base.revision == field.revision
                    && base.unsettled != Some(side)
                    && input(field, side, row).is_some_and(|value| value == base.values[side])
            }
            None => !field.acts_in_updates(None),
        })
    }
}

/// Bases and ledgers of links, by link.
pub type State = (BTreeMap<LinkId, bases::Bases>, BTreeMap<LinkId, Vec<LedgerEntry>>);

/// Bases and ledgers of links.
pub async fn state_of(site: &Site, of: Vec<LinkId>) -> Result<State, RunError> {
    Ok(site.store.read(move |conn| Ok((bases::of_many(conn, &of)?, ledger::of_many(conn, &of)?))).await?)
}

/// Decisions of persons on conflicts of these links.
pub async fn decided(
    site: &Site,
    of: Vec<LinkId>,
) -> Result<BTreeMap<LinkId, BTreeMap<String, Decided>>, RunError> {
    let rows = site
        .store
        .read(move |conn| {
            let mut rows = Vec::new();
            for link in of {
                rows.extend(conflicts::of_link(conn, link)?);
            }
            Ok(rows)
        })
        .await?;
    let mut by_link: BTreeMap<LinkId, BTreeMap<String, Decided>> = BTreeMap::new();
    for row in rows {
        if let Some(decided) =
            row.decision.and_then(|decision| serde_json::from_value::<Decided>(decision).ok())
        {
            by_link.entry(row.link).or_default().insert(row.found.mapping, decided);
        }
    }
    Ok(by_link)
}

/// Sides whose ticket provably nobody but us has changed since our last write.
pub fn ours_alone(link: &Link, tickets: Pair<&Ticket>, site: &Site) -> Pair<bool> {
    Pair::from_fn(|side| {
        let ticket = tickets[side];
        let us = &site.sides[side].identity.us.id;
        // Where changes are counted, the count alone proves it: a person may act in the second of the create (hazards.md
        // H17). That we changed it last proves nothing: a person may have acted between two writes of ours.
        let untouched_copy = ticket.created_by.as_ref() == Some(us)
            && ticket.version.stamp_ms == ticket.created_ms
            && ticket.version.counter.is_none_or(|count| count == 0);
        ticket.version == link.versions[side] || untouched_copy
    })
}

/// Whether a version that was just read is so young that lists of the record's comments and files may not show all that
/// belongs to it. A counter that moves with them proves nothing about lists that are read apart, so such a version is not
/// kept as dealt with, and the next run reads the pair again (hazards.md H17). `read_ms` is the server's time when the
/// reading began: the computer may have slept since.
pub fn is_recent(site: &Site, side: Side, version: Version, read_ms: i64) -> bool {
    let settle_ms = i64::try_from(site.sides[side].connector.settle_ms()).unwrap_or(i64::MAX);
    version.counter.is_some()
        && version.stamp_ms > read_ms.saturating_sub(settle_ms.min(LISTS_LAG_MS_MAX))
        && !left_out(Omission::StampsProveContent)
}

/// Sides of a pair that somebody else than us changed so recently.
pub fn recent(site: &Site, tickets: Pair<&Ticket>, read_ms: Pair<i64>) -> Pair<bool> {
    Pair::from_fn(|side| {
        let by_us = tickets[side].updated_by.as_ref() == Some(&site.sides[side].identity.us.id);
        !by_us && is_recent(site, side, tickets[side].version, read_ms[side])
    })
}

/// The time of both servers.
pub fn server_times(site: &Site) -> Pair<i64> {
    Pair::from_fn(|side| site.sides[side].connector.server_now_ms())
}

/// A link's ledger, with the copies of files that stand there and that it does not know; those also by themselves.
pub fn with_files(
    site: &Site,
    ledger: Option<&Vec<LedgerEntry>>,
    tickets: Pair<&Ticket>,
) -> (Vec<LedgerEntry>, Vec<LedgerEntry>) {
    let mut ledger = ledger.cloned().unwrap_or_default();
    let clocks_ms = Pair::from_fn(|side| site.sides[side].connector.server_now_ms());
    let found = super::files::found(tickets, &ledger, clocks_ms);
    ledger.extend(found.iter().cloned());
    (ledger, found)
}

/// Why a pair is not in step any more although both tickets are there: one has moved to another place, or become
/// another type (hazards.md H55).
pub fn left_scope(rules: &Rules, link: &Link, tickets: Pair<&Ticket>) -> Option<String> {
    if left_out(Omission::MovedTicketStaysLinked) {
        return None;
    }
    Side::BOTH.into_iter().find_map(|side| {
        let (ticket, scope) = (tickets[side], rules.mapping.scope(side));
        let templates =
            rules.mapping.templates_for(side).iter().filter_map(|template| template.container.as_deref());
        let places = std::iter::once(scope.container.as_str()).chain(templates);
        let mut places = places.filter(|place| !place.is_empty()).peekable();
        let here = |place: &str| ticket.container == place || ticket.key.starts_with(&format!("{place}-"));
        let moved = places.peek().is_some() && !places.any(here);
        // Ids alone are compared: a name or a parent table says less than the ticket does.
        let is_id = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let retyped = is_id(&scope.ticket_type)
            && is_id(&ticket.ticket_type)
            && scope.ticket_type != ticket.ticket_type;
        let (before, now, platform) = (&link.keys[side], &ticket.key, &rules.labels[side]);
        match (moved, retyped) {
            (true, _) => {
                Some(format!("{before} has moved to another place in {platform} and is {now} there"))
            }
            (_, true) => {
                Some(format!("{now} is of another type in {platform} than this mapping is made for"))
            }
            _ => None,
        }
    })
}

/// A ticket that has to wait, to be put on the pending list.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub feed: Feed,
    pub account: Fingerprint,
    pub ticket: TicketId,
    pub reason: PendingReason,
    pub detail: String,
    pub run: Option<RunId>,
    pub now_ms: i64,
    /// Not looked at before.
    pub not_before_ms: i64,
}

impl Waiting {
    /// A ticket of `side` that waits from now on.
    pub fn new(
        site: &Site,
        rules: &Rules,
        side: Side,
        ticket: TicketId,
        reason: PendingReason,
        detail: &str,
    ) -> Waiting {
        Waiting {
            feed: site.feed(rules, side),
            account: site.sides[side].fingerprint.clone(),
            ticket,
            reason,
            detail: detail.to_owned(),
            run: site.run,
            now_ms: site.now_ms(),
            not_before_ms: 0,
        }
    }

    /// Waits until the rules change or a person acts, not for time.
    #[must_use]
    pub fn until_changed(self) -> Waiting {
        Waiting { not_before_ms: i64::MAX, ..self }
    }

    /// Is not looked at for so long.
    #[must_use]
    pub fn for_ms(self, ms: i64) -> Waiting {
        Waiting { not_before_ms: self.now_ms.saturating_add(ms), ..self }
    }

    /// Puts it on the list.
    pub fn add(&self, tx: &Tx<'_>) -> lockstep_store::Result<()> {
        if self.reason == PendingReason::Cancelled && left_out(Omission::CancelledRestForgotten) {
            return Ok(());
        }
        let row = NewPending {
            feed: &self.feed,
            account: &self.account,
            ticket: &self.ticket,
            reason: self.reason,
            detail: &self.detail,
            not_before_ms: self.not_before_ms,
            run: self.run,
        };
        pending::add(tx, row, self.now_ms)
    }
}

/// A decision on a ticket that is not copied. Its time is the ticket's own stamp: the same version under the same
/// rules is not judged again. One that was changed just before the reading (`server_ms`) is: a second change may get
/// the same stamp (hazards.md H17).
pub fn seen_row(rules: &Rules, ticket: &Ticket, decision: String, server_ms: i64) -> seen::Seen {
    let fresh = ticket.version.stamp_ms >= server_ms.saturating_sub(FRESH_MS)
        && !left_out(Omission::StampsProveContent);
    seen::Seen {
        ticket: ticket.id.clone(),
        rule_revision: rules.revision.clone(),
        decision,
        seen_ms: if fresh { 0 } else { ticket.version.stamp_ms },
    }
}
