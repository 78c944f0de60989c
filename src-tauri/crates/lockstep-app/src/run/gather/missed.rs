//! What no feed tells of: tickets that were never shown, decisions under older rules, an instance that was replaced.

use lockstep_core::connector::{ChangesQuery, Cursor, Fetched, Want};
use lockstep_core::ids::TicketId;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::Side;
use lockstep_core::sync::link::Link;
use lockstep_core::ticket::Ticket;
use lockstep_store::tables::{links, seen, settings};
use serde::{Deserialize, Serialize};

use super::super::error::{RunError, on_side};
use super::super::{known, reading};
use super::{Gathering, PAGE_ROWS, PAGES_MAX, Start};

/// Known links looked at before anything new is made, and how few say nothing.
const SAMPLE: u32 = 20;
const SAMPLE_MIN: usize = 4;
/// How often tickets are looked for that no feed showed.
const SCAN_EVERY_MS: i64 = 24 * 3_600_000;
/// A clock may be wrong by so much.
const DAY_MS: i64 = 24 * 3_600_000;
/// Decisions under older rules that one run makes again.
const ANEW_MAX: u32 = 1_000;

/// When the ids of a feed were compared with what is known, and from when on they count.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Scan {
    pub since_ms: i64,
    pub at_ms: i64,
}

impl Gathering<'_> {
    /// Decisions under other rules are made again, some in each run (hazards.md H44).
    pub(super) async fn decide_anew(&mut self, side: Side) -> Result<(), RunError> {
        if !self.rules.mapping.creates_from(side) {
            return Ok(());
        }
        let (feed, revision) = (self.site.feed(self.rules, side), self.rules.revision.clone());
        let read =
            self.site.store.read(move |conn| seen::of_other_revision(conn, &feed, &revision, None, ANEW_MAX));
        self.look_at(side, read.await?).await
    }

    /// Looks for tickets that no feed ever showed: once a day every id since the start date is compared with what is
    /// known (hazards.md H44). Late commits, back-dated imports, tickets made visible.
    pub(super) async fn scan(
        &mut self,
        side: Side,
        start: Start,
    ) -> Result<Option<(String, Scan)>, RunError> {
        let unasked = left_out(Omission::MissedNotLookedFor);
        if !self.rules.mapping.creates_from(side) || self.site.cancel.is_asked() || unasked {
            return Ok(None);
        }
        let feed = self.site.feed(self.rules, side);
        let key = format!("scan:{}:{}:{}", feed.connection, feed.type_mapping, side);
        let (now_ms, name) = (self.site.now_ms(), key.clone());
        let kept: Option<Scan> = self.site.store.read(move |conn| settings::get(conn, &name)).await?;
        let since_ms = match (start, &kept) {
            // The whole feed since then is read by this very run.
            (Start::Since(since_ms), kept) => {
                let since_ms = kept.as_ref().map_or(since_ms, |kept| kept.since_ms.min(since_ms));
                return Ok(Some((key, Scan { since_ms, at_ms: now_ms })));
            }
            (Start::LastRun, Some(kept)) if kept.at_ms.saturating_add(SCAN_EVERY_MS) <= now_ms => {
                kept.since_ms
            }
            (Start::LastRun, _) => return Ok(None),
        };
        let connector = self.site.sides[side].connector.clone();
        let scope = self.rules.mapping.scope(side).clone();
        let mut page: Option<Cursor> = None;
        for _ in 0..PAGES_MAX {
            if self.site.cancel.is_asked() {
                return Ok(None);
            }
            let query = ChangesQuery {
                scope: &scope,
                fields: &[],
                cursor: None,
                since_ms,
                page: page.as_ref(),
                limit: PAGE_ROWS,
            };
            let answer = connector
                .changes(&query)
                .await
                .map_err(on_side(self.site.label(side), "looking for missed tickets"))?;
            let ids = answer.tickets.iter().map(|ticket| ticket.id.clone()).collect();
            self.look_at(side, ids).await?;
            self.look_at_moved(side, answer.tickets).await?;
            match answer.next {
                Some(next) => page = Some(next),
                None => return Ok(Some((key, Scan { since_ms, at_ms: now_ms }))),
            }
        }
        Ok(None)
    }

    /// Reads those tickets directly that neither a link nor a decision under these rules names, and plans them.
    async fn look_at(&mut self, side: Side, ids: Vec<TicketId>) -> Result<(), RunError> {
        if ids.is_empty() {
            return Ok(());
        }
        let known = known::load(self.site, self.rules, side, &ids).await?;
        let unheard = |id: &TicketId| {
            known.is_unheard_of(self.rules, side, id) && !self.met.contains(&(side, id.clone()))
        };
        let ids: Vec<TicketId> = ids.into_iter().filter(unheard).collect();
        let mut read = reading::fetch(self.site, self.rules, side, &ids).await?;
        let (mut tickets, mut gone) = (Vec::new(), Vec::new());
        for id in ids {
            match read.remove(&id) {
                Some(Fetched::Found(ticket)) => tickets.push(*ticket),
                Some(_) => gone.push(id),
                None => {}
            }
        }
        let feed = self.site.feed(self.rules, side);
        if !gone.is_empty() {
            self.site
                .store
                .write_in(self.site.epoch, move |tx| {
                    gone.iter().try_for_each(|id| seen::remove(tx, &feed, id))
                })
                .await?;
        }
        self.counts.read += tickets.len() as u64;
        self.batch(side, tickets, false, true).await
    }

    /// Plans linked tickets that have moved on since they were dealt with although no feed told: changed, and hidden from us
    /// before anybody read them, and visible again.
    async fn look_at_moved(&mut self, side: Side, rows: Vec<Ticket>) -> Result<(), RunError> {
        let ids: Vec<TicketId> = rows.iter().map(|row| row.id.clone()).collect();
        let known = known::load(self.site, self.rules, side, &ids).await?;
        let moved = |row: Ticket| {
            let link = known.links.get(&row.id).filter(|link| row.version > link.versions[side])?;
            Some((link.clone(), row))
        };
        let moved: Vec<(Link, Ticket)> = rows.into_iter().filter_map(moved).collect();
        self.counts.read += moved.len() as u64;
        // Rows of a scan carry no fields: as where rows lag, the pairs are read directly.
        self.linked(side, moved, &known, true, true).await
    }

    /// Whether most of what was read directly stands at an older version than was seen before: a platform that was
    /// returned from its backup would otherwise take its yesterday for everybody's edits (hazards.md H45).
    pub(super) fn look_for_return(&mut self) {
        for side in Side::BOTH {
            let (older, read) = (self.older[side], self.read[side]);
            if older >= SAMPLE_MIN as u64 && older * 2 > read && !left_out(Omission::ReplacedNotAsked) {
                let sentence = format!(
                    "{older} of {read} linked tickets stand at an older version than before, as after the return of a backup"
                );
                self.circumstances.replaced[side].get_or_insert(sentence);
            }
        }
    }

    /// Before anything new is made: whether known links are still there. A whole sample gone means that another
    /// instance answers (hazards.md H45).
    pub(super) async fn sample(&mut self) -> Result<(), RunError> {
        let connection = self.site.connection;
        let filter = links::LinkFilter {
            connection: Some(connection),
            state: Some("live".to_owned()),
            ..links::LinkFilter::default()
        };
        let known = self.site.store.read(move |conn| {
            // The newest keys: those that a platform's own archiving leaves alone.
            let offset = links::count(conn, &filter)?.saturating_sub(SAMPLE);
            let lines = links::page(conn, &filter, offset, SAMPLE)?;
            lines
                .iter()
                .filter_map(|line| links::get(conn, line.id).transpose())
                .collect::<lockstep_store::Result<Vec<_>>>()
        });
        let known: Vec<Link> = known
            .await?
            .into_iter()
            .map(|stored| stored.link)
            .filter(|link| link.type_mapping == self.rules.mapping.name)
            .collect();
        if known.len() < SAMPLE_MIN || left_out(Omission::ReplacedNotAsked) {
            return Ok(());
        }
        for side in Side::BOTH {
            let ids: Vec<TicketId> = known.iter().map(|link| link.tickets[side].clone()).collect();
            let (connector, scope) = (&self.site.sides[side].connector, self.rules.mapping.scope(side));
            let read = connector
                .fetch(scope, &ids, &[], Want::default())
                .await
                .map_err(on_side(self.site.label(side), "looking for known tickets"))?;
            for (link, fetched) in known.iter().zip(&read) {
                if let Fetched::Found(ticket) = fetched {
                    self.read[side] += 1;
                    // Made long after it was linked: another ticket under the same id.
                    let other = ticket.created_ms > link.linked_ms.saturating_add(DAY_MS);
                    self.older[side] += u64::from(other || ticket.version < link.versions[side]);
                }
            }
            if !read.iter().any(|fetched| matches!(fetched, Fetched::Found(_))) {
                let sentence = format!("of the {} newest tickets known there none can be found", known.len());
                self.circumstances.replaced[side].get_or_insert(sentence);
            }
        }
        Ok(())
    }
}
