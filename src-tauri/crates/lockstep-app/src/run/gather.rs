//! Reads what changed on both sides since the last run, and plans it batch by batch; the plan's rows wait in the
//! store, so memory does not grow with the run.

mod missed;

use std::collections::{BTreeMap, HashSet};

use futures_util::future::join3;
use lockstep_core::connector::{ChangesQuery, Cursor, ErrorKind, Fetched, Scope};
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::{PeopleTable, Rules};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::create::{Standing, plan_new, standing};
use lockstep_core::sync::guard::{Circumstances, Tally};
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId, LinkState};
use lockstep_core::sync::operation::{Notice, NoticeKind, OperationKind, Subject, TicketPlan};
use lockstep_core::sync::plan::{Decided, LinkView, plan_link};
use lockstep_core::ticket::Ticket;
use lockstep_store::PlanId;
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::{cursors, links, pending, plans, seen};

use super::accounting;
use super::error::{RunError, on_side};
use super::known::{self, Known, Waiting};
use super::people;
use super::reading;
use super::site::Site;
use crate::events::{Counts, Phase, RunEvent};
pub use missed::Scan;

/// Rows asked for in one page of a feed.
pub const PAGE_ROWS: usize = 200;
/// Pending tickets looked at in one run.
const PENDING_MAX: u32 = 10_000;
/// A ticket that cannot be seen is looked at again after so long.
const LATER_MS: i64 = 3_600_000;
/// Most pages one feed may have in a run; more is a platform that never ends.
const PAGES_MAX: usize = 100_000;

/// Where reading starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Where the last completed run ended.
    LastRun,
    /// At this time, milliseconds since 1970 UTC.
    Since(i64),
}

impl Start {
    /// The time it names, milliseconds since 1970 UTC.
    pub fn since_ms(self) -> Option<i64> {
        match self {
            Start::LastRun => None,
            Start::Since(ms) => Some(ms),
        }
    }
}

/// What reading and planning one type mapping brought.
#[derive(Debug, Default)]
pub struct Gathered {
    /// To be saved once everything is dealt with or pending.
    pub cursors: Vec<(Side, Cursor)>,
    /// Scans that are finished once the same is true of them.
    pub scans: Vec<(String, Scan)>,
}

/// Reads and plans one type mapping into the plan.
pub struct Gathering<'a> {
    pub site: &'a Site,
    pub rules: &'a Rules,
    pub plan: PlanId,
    pub ordinal: &'a mut u32,
    pub tally: &'a mut Tally,
    pub counts: &'a mut Counts,
    pub circumstances: &'a mut Circumstances,
    /// Another store's markers are taken over by a person's order (hazards.md H3).
    pub take_over: bool,
    people: PeopleTable,
    planned: HashSet<LinkId>,
    /// Tickets without a link that this run has judged already.
    met: HashSet<(Side, TicketId)>,
    accounted: Pair<bool>,
    /// Why nothing new may be made on a side.
    unaccountable: Pair<Option<String>>,
    /// A ticket of ours there that nobody can explain: what looks new may be its original.
    unexplained: Pair<Option<String>>,
    /// Linked tickets read directly, and those of them that stand at an older version than was seen before.
    read: Pair<u64>,
    older: Pair<u64>,
    /// New tickets that are matched at the end.
    pub(super) unmatched: super::matching::Unmatched,
}

impl<'a> Gathering<'a> {
    /// Starts with nothing read.
    #[allow(clippy::too_many_arguments, reason = "one plain record")]
    pub fn new(
        site: &'a Site,
        rules: &'a Rules,
        plan: PlanId,
        ordinal: &'a mut u32,
        tally: &'a mut Tally,
        counts: &'a mut Counts,
        circumstances: &'a mut Circumstances,
        take_over: bool,
    ) -> Self {
        Self {
            site,
            rules,
            plan,
            ordinal,
            tally,
            counts,
            circumstances,
            take_over,
            people: PeopleTable::default(),
            planned: HashSet::new(),
            met: HashSet::new(),
            accounted: Pair::default(),
            unaccountable: Pair::default(),
            unexplained: Pair::default(),
            read: Pair::default(),
            older: Pair::default(),
            unmatched: super::matching::Unmatched::default(),
        }
    }

    /// Reads both feeds and the pending list.
    pub async fn gather(mut self, start: Start) -> Result<Gathered, RunError> {
        let mut gathered = Gathered::default();
        for side in Side::BOTH {
            if let Some(cursor) = self.feed(side, start).await? {
                gathered.cursors.push((side, cursor));
            }
        }
        for side in Side::BOTH {
            self.pending(side).await?;
        }
        for side in Side::BOTH {
            self.decide_anew(side).await?;
            gathered.scans.extend(self.scan(side, start).await?);
        }
        self.match_new().await?;
        self.look_for_return();
        Ok(gathered)
    }

    async fn feed(&mut self, side: Side, start: Start) -> Result<Option<Cursor>, RunError> {
        let key = self.site.feed(self.rules, side);
        let cursor =
            self.site.store.read(move |conn| cursors::get(conn, &key)).await?.map(|(cursor, _)| cursor);
        let connector = self.site.sides[side].connector.clone();
        let fields = self.rules.fields_on(side);
        let scope = self.rules.mapping.scope(side).clone();
        let (cursor_used, since_ms) = match start {
            Start::LastRun => (cursor.as_ref(), connector.server_now_ms()),
            // Nothing is linked yet and nothing is copied from there: only changes from now on matter. A first run that was
            // broken off has left links, and people may have written to the copies since.
            Start::Since(_)
                if cursor.is_none()
                    && !self.rules.mapping.creates_from(side)
                    && !self.has_links().await? =>
            {
                (None, connector.server_now_ms())
            }
            Start::Since(ms) => (None, ms),
        };
        if cursor_used.is_some() || self.has_links().await? {
            self.filed(side, &scope, cursor_used, since_ms).await?;
        }
        let label = self.site.label(side);
        let read = async |page: Option<&Cursor>| {
            let query = ChangesQuery {
                scope: &scope,
                fields: &fields,
                cursor: cursor_used,
                since_ms,
                page,
                limit: PAGE_ROWS,
            };
            connector.changes(&query).await.map_err(on_side(label, "reading changes"))
        };
        if self.site.cancel.is_asked() {
            return Ok(None);
        }
        let (site, rules, rows_lag) = (self.site, self.rules, connector.describe().rows_lag);
        let mut page = read(None).await?;
        let mut ready = Vec::new();
        for _ in 0..PAGES_MAX {
            let next = page.next.take();
            let paged = next.is_some() || !ready.is_empty();
            let mut coming = std::mem::take(&mut page.tickets);
            // One page is planned while the second one is completed and the third one is on its way.
            let planning = self.page(side, ready, rows_lag);
            let completing = async {
                match paged && !rows_lag {
                    true => complete_ahead(site, rules, side, &mut coming).await,
                    false => Ok(()),
                }
            };
            let reading = async {
                match &next {
                    Some(page) => read(Some(page)).await.map(Some),
                    None => Ok(None),
                }
            };
            let (planned, completed, following) = join3(planning, completing, reading).await;
            planned?;
            completed?;
            ready = coming;
            match following? {
                Some(_) if self.site.cancel.is_asked() => return Ok(None),
                Some(following) => page = following,
                None => {
                    self.page(side, ready, rows_lag).await?;
                    // A start chosen by a person never moves a cursor that exists: it may lie before that start.
                    return Ok(if cursor.is_some() && cursor_used.is_none() { None } else { page.cursor });
                }
            }
        }
        Err(RunError::Plan(format!("{} returned more than {PAGES_MAX} pages", self.site.label(side))))
    }

    /// Plans one page of a feed.
    async fn page(&mut self, side: Side, tickets: Vec<Ticket>, rows_lag: bool) -> Result<(), RunError> {
        self.counts.read += tickets.len() as u64;
        self.batch(side, tickets, rows_lag, false).await?;
        self.site.tell(RunEvent::Counts { run: self.site.run_number(), counts: *self.counts });
        Ok(())
    }

    /// Whether the connection has linked anything yet.
    async fn has_links(&self) -> Result<bool, RunError> {
        let filter =
            links::LinkFilter { connection: Some(self.site.connection), ..links::LinkFilter::default() };
        let first = self.site.store.read(move |conn| links::page(conn, &filter, 0, 1)).await?;
        Ok(!first.is_empty())
    }

    /// Linked tickets that only got a file wait in the pending list, which is read after the feeds.
    async fn filed(
        &self,
        side: Side,
        scope: &Scope,
        cursor: Option<&Cursor>,
        since_ms: i64,
    ) -> Result<(), RunError> {
        if !self.rules.mapping.attachments.copy[side] {
            return Ok(());
        }
        let connector = &self.site.sides[side].connector;
        let filed = connector.filed_since(scope, cursor, since_ms).await;
        let filed = filed.map_err(on_side(self.site.label(side), "reading new files"))?;
        if filed.is_empty() {
            return Ok(());
        }
        let known = known::load(self.site, self.rules, side, &filed).await?;
        let why = "a file was added";
        let waiting: Vec<Waiting> = filed
            .into_iter()
            .filter(|id| known.links.contains_key(id))
            .map(|id| Waiting::new(self.site, self.rules, side, id, PendingReason::Other, why))
            .collect();
        let epoch = self.site.epoch;
        self.site.store.write_in(epoch, move |tx| waiting.iter().try_for_each(|row| row.add(tx))).await?;
        Ok(())
    }

    async fn pending(&mut self, side: Side) -> Result<(), RunError> {
        let (feed, now_ms) = (self.site.feed(self.rules, side), self.site.now_ms());
        let due = self.site.store.read(move |conn| pending::due(conn, &feed, now_ms, PENDING_MAX)).await?;
        let ids: Vec<TicketId> = due.into_iter().map(|row| row.ticket).collect();
        for chunk in ids.chunks(PAGE_ROWS) {
            if self.site.cancel.is_asked() {
                return Ok(());
            }
            let known = known::load(self.site, self.rules, side, chunk).await?;
            let chunk: Vec<TicketId> = chunk.iter().filter(|id| !known.waits(side, id)).cloned().collect();
            let mut read = reading::fetch(self.site, self.rules, side, &chunk).await?;
            let mut tickets = Vec::new();
            let mut over = Vec::new();
            for id in chunk {
                match (read.remove(&id), known.links.get(&id)) {
                    // Its link has ended: nothing will be done with it.
                    _ if known.is_blocked(&id) && !known.links.contains_key(&id) => over.push(id),
                    (Some(Fetched::Found(ticket)), _) => tickets.push(*ticket),
                    (None, _) => {}
                    (Some(gone), None) => {
                        tracing::debug!(?gone, "a ticket that waited is not visible any more");
                        over.push(id);
                    }
                    (Some(gone), Some(link)) => {
                        let link = link.clone();
                        if !self.planned.contains(&link.id) {
                            self.found(&link, side, Some(gone)).await?;
                        }
                        self.look_later(side, id, &link).await?;
                    }
                }
            }
            self.over(side, over).await?;
            self.counts.read += tickets.len() as u64;
            self.batch(side, tickets, false, true).await?;
        }
        Ok(())
    }

    /// What waited for a ticket that cannot be seen now is kept, and looked at again after a while.
    async fn look_later(&self, side: Side, id: TicketId, link: &Link) -> Result<(), RunError> {
        let why = format!("{} is not visible in {}", link.keys[side], self.site.label(side));
        let waiting =
            Waiting::new(self.site, self.rules, side, id, PendingReason::Unreadable, &why).for_ms(LATER_MS);
        self.site.store.write_in(self.site.epoch, move |tx| waiting.add(tx)).await?;
        Ok(())
    }

    /// Tickets that wait no more.
    async fn over(&self, side: Side, ids: Vec<TicketId>) -> Result<(), RunError> {
        if ids.is_empty() {
            return Ok(());
        }
        let feed = self.site.feed(self.rules, side);
        self.site
            .store
            .write_in(self.site.epoch, move |tx| {
                for id in &ids {
                    pending::remove(tx, &feed, id)?;
                }
                Ok(())
            })
            .await?;
        Ok(())
    }

    /// Plans one batch of tickets of `side`.
    async fn batch(
        &mut self,
        side: Side,
        tickets: Vec<Ticket>,
        rows_lag: bool,
        forced: bool,
    ) -> Result<(), RunError> {
        if tickets.is_empty() {
            return Ok(());
        }
        self.site.tell(RunEvent::Phase { run: self.site.run_number(), phase: Phase::Plan });
        let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
        let known = known::load(self.site, self.rules, side, &ids).await?;
        let mut linked = Vec::new();
        let mut new = Vec::new();
        for ticket in tickets {
            match known.links.get(&ticket.id) {
                Some(link) => linked.push((link.clone(), ticket)),
                None => new.push(ticket),
            }
        }
        self.linked(side, linked, &known, rows_lag, forced).await?;
        self.new_tickets(side, new, &known, rows_lag, forced).await
    }

    async fn linked(
        &mut self,
        side: Side,
        rows: Vec<(Link, Ticket)>,
        known: &Known,
        rows_lag: bool,
        forced: bool,
    ) -> Result<(), RunError> {
        let older_count = left_out(Omission::OlderRowsBelieved);
        let mut dirty: Vec<(Link, Option<Ticket>)> = Vec::new();
        for (link, row) in rows {
            let by_us = row.updated_by.as_ref() == Some(&self.site.sides[side].identity.us.id);
            if by_us && left_out(Omission::OurUserChangesNothing) {
                continue;
            }
            if link.type_mapping != self.rules.mapping.name
                || link.connection != self.site.connection.0
                || matches!(link.state, LinkState::Ended(_) | LinkState::Merged(_))
                || known.is_held(&link)
                || self.planned.contains(&link.id)
                || (row.version < link.versions[side] && !older_count)
            {
                continue;
            }
            if !forced && known.is_unchanged(self.rules, &link, side, &row) {
                continue;
            }
            dirty.push((link, (!rows_lag || older_count).then_some(row)));
        }
        if dirty.is_empty() {
            return Ok(());
        }
        let read_ms = known::server_times(self.site);
        let (pairs, bases, ledgers) = self.read_pairs(side, dirty).await?;
        for from in Side::BOTH {
            let tickets: Vec<&Ticket> = pairs.iter().map(|(_, tickets)| &tickets[from]).collect();
            people::look_up(self.site, self.rules, from, &tickets, &mut self.people).await?;
        }
        let decided = known::decided(self.site, pairs.iter().map(|(link, _)| link.id).collect()).await?;
        let mut rows = Vec::new();
        for (link, tickets) in &pairs {
            self.planned.insert(link.id);
            let (ledger, found) = known::with_files(self.site, ledgers.get(&link.id), tickets.as_ref());
            let view = LinkView {
                link,
                tickets: tickets.as_ref(),
                bases: bases.get(&link.id).unwrap_or(&NO_BASES),
                ledger: &ledger,
                ours_alone: known::ours_alone(link, tickets.as_ref(), self.site),
                decided: decided.get(&link.id).unwrap_or(&NO_DECISIONS),
            };
            let mut plan = plan_link(view, self.site.setting(self.rules, &self.people));
            plan.ledger.extend(found);
            let recent = known::recent(self.site, tickets.as_ref(), read_ms);
            plan.versions = Pair::from_fn(|side| plan.versions[side].filter(|_| !recent[side]));
            rows.push(plan);
        }
        self.spool(rows).await
    }

    #[allow(clippy::type_complexity, reason = "three look-ups by link, used at one place")]
    async fn read_pairs(
        &mut self,
        side: Side,
        dirty: Vec<(Link, Option<Ticket>)>,
    ) -> Result<
        (
            Vec<(Link, Pair<Ticket>)>,
            BTreeMap<LinkId, BTreeMap<String, FieldBase>>,
            BTreeMap<LinkId, Vec<LedgerEntry>>,
        ),
        RunError,
    > {
        let other = side.opposite();
        let mut rows: Vec<(Link, Option<Ticket>)> = dirty;
        let mut ids: Pair<Vec<TicketId>> = Pair::default();
        for (link, row) in &rows {
            ids[other].push(link.tickets[other].clone());
            if row.is_none() {
                ids[side].push(link.tickets[side].clone());
            }
        }
        let mut feed_rows: Vec<&mut Ticket> = rows.iter_mut().filter_map(|(_, row)| row.as_mut()).collect();
        reading::complete(self.site, self.rules, side, &mut feed_rows).await?;
        let mut read = reading::fetch_pairs(self.site, self.rules, &ids).await?;
        let links: Vec<LinkId> = rows.iter().map(|(link, _)| link.id).collect();
        let (bases, ledgers) = known::state_of(self.site, links).await?;
        let mut pairs = Vec::new();
        for (link, row) in rows {
            let here = match row {
                Some(row) => Some(row),
                None => self.found(&link, side, read[side].remove(&link.tickets[side])).await?,
            };
            let there = self.found(&link, other, read[other].remove(&link.tickets[other])).await?;
            if let (Some(here), Some(there)) = (here, there) {
                let pair = match side {
                    Side::Source => Pair { source: here, target: there },
                    Side::Target => Pair { source: there, target: here },
                };
                for side in Side::BOTH {
                    self.read[side] += 1;
                    self.older[side] += u64::from(pair[side].version < link.versions[side]);
                }
                match known::left_scope(self.rules, &link, pair.as_ref()) {
                    Some(why) => self.park(&link, why, &pair).await?,
                    None => {
                        if link.state != LinkState::Live {
                            self.set_state(&link, LinkState::Live).await?;
                        }
                        pairs.push((link, pair));
                    }
                }
            }
        }
        Ok((pairs, bases, ledgers))
    }

    /// A linked ticket that is not visible stops its link, with the reason; nothing is ever deleted for it.
    async fn found(
        &mut self,
        link: &Link,
        side: Side,
        fetched: Option<Fetched>,
    ) -> Result<Option<Ticket>, RunError> {
        let (state, word) = match fetched {
            Some(Fetched::Found(ticket)) => return Ok(Some(*ticket)),
            Some(Fetched::Deleted(_)) => ("was deleted", true),
            _ if left_out(Omission::NotFoundIsDeleted) => ("was deleted", true),
            Some(Fetched::NotVisible(_)) | None => {
                ("is deleted or hidden, which cannot be told apart", false)
            }
        };
        self.circumstances.gone[side] += 1;
        let reason = format!("{} in {} {state}", link.keys[side], self.site.label(side));
        let state = if word { LinkState::Ended(reason) } else { LinkState::NotVisible(reason) };
        if link.state != state {
            self.set_state(link, state).await?;
        }
        Ok(None)
    }

    /// A pair that has left its place waits there: its bases stand still (hazards.md H55).
    async fn park(&mut self, link: &Link, why: String, pair: &Pair<Ticket>) -> Result<(), RunError> {
        self.planned.insert(link.id);
        let state = LinkState::Parked(why.clone());
        if link.state == state {
            return Ok(());
        }
        self.set_state(link, state).await?;
        let notice = Notice {
            kind: NoticeKind::Parked,
            mapping: None,
            message: why,
            remedy: Some("Move it back, or unlink the two.".to_owned()),
        };
        let plan = TicketPlan {
            subject: Subject::Link { link: link.id },
            type_mapping: self.rules.mapping.name.clone(),
            keys: pair.as_ref().map(|ticket| Some(ticket.key.clone())),
            title: String::new(),
            operations: Vec::new(),
            bases: Vec::new(),
            ledger: Vec::new(),
            conflicts: Vec::new(),
            notices: vec![notice],
            versions: Pair::default(),
        };
        self.spool(vec![plan]).await
    }

    async fn set_state(&self, link: &Link, state: LinkState) -> Result<(), RunError> {
        let id = link.id;
        self.site.store.write_in(self.site.epoch, move |tx| links::set_state(tx, id, &state)).await?;
        Ok(())
    }

    async fn new_tickets(
        &mut self,
        side: Side,
        tickets: Vec<Ticket>,
        known: &Known,
        rows_lag: bool,
        forced: bool,
    ) -> Result<(), RunError> {
        let mut candidates = Vec::new();
        for ticket in tickets {
            let decided = !forced && known.seen_alike(self.rules, &ticket);
            let held = known.is_blocked(&ticket.id) || known.is_new_held(side, &ticket.id);
            // A feed may show a ticket twice, and the pending list once more: one plan row is enough.
            if held || decided || !self.met.insert((side, ticket.id.clone())) {
                continue;
            }
            candidates.push(ticket);
        }
        if candidates.is_empty() {
            return Ok(());
        }
        let mut fresh = if rows_lag {
            let ids: Vec<TicketId> = candidates.iter().map(|ticket| ticket.id.clone()).collect();
            let mut read = reading::fetch(self.site, self.rules, side, &ids).await?;
            ids.iter()
                .filter_map(|id| match read.remove(id) {
                    Some(Fetched::Found(ticket)) => Some(*ticket),
                    _ => None,
                })
                .collect()
        } else {
            candidates
        };
        let mut new = Vec::new();
        let mut passed_over = Vec::new();
        for ticket in fresh.drain(..) {
            match standing(&ticket, side, self.site.setting(self.rules, &self.people)) {
                Standing::New => new.push(ticket),
                Standing::Marked(marker) => {
                    let adopted =
                        accounting::adopt(self.site, self.rules, side, &ticket, &marker, self.take_over)
                            .await?;
                    match adopted {
                        accounting::Adopted::OtherStore(store) => {
                            self.circumstances.other_store.get_or_insert(store);
                        }
                        accounting::Adopted::Doubles(why) => passed_over.push((ticket, why)),
                        accounting::Adopted::Linked | accounting::Adopted::Passed => {}
                    }
                }
                Standing::UnexplainedOwn => {
                    passed_over.push((ticket, "created as our user and not explained".to_owned()))
                }
                Standing::Unknown(_) => {
                    passed_over.push((ticket, "the place of its marker cannot be read".to_owned()))
                }
            }
        }
        self.hold(side, passed_over).await?;
        let matched = !left_out(Omission::NewTicketsNotMatched);
        if let Some(rule) = self.rules.mapping.match_rule.as_ref().filter(|_| matched) {
            self.set_aside(rule, side, &new);
            return Ok(());
        }
        self.plan_new(side, new).await
    }

    async fn hold(&self, side: Side, held: Vec<(Ticket, String)>) -> Result<(), RunError> {
        if held.is_empty() {
            return Ok(());
        }
        let rows: Vec<Waiting> = held
            .into_iter()
            .map(|(ticket, why)| {
                Waiting::new(self.site, self.rules, side, ticket.id, PendingReason::Decision, &why)
                    .until_changed()
            })
            .collect();
        self.site
            .store
            .write_in(self.site.epoch, move |tx| rows.iter().try_for_each(|row| row.add(tx)))
            .await?;
        Ok(())
    }

    pub(super) async fn plan_new(&mut self, side: Side, mut tickets: Vec<Ticket>) -> Result<(), RunError> {
        if tickets.is_empty() {
            return Ok(());
        }
        if !self.rules.mapping.creates_from(side) {
            let why = "not copied from this side".to_owned();
            return self.mark_seen(side, tickets.iter().map(|ticket| (ticket, why.clone())).collect()).await;
        }
        if !self.accounted[side.opposite()] {
            self.accounted[side.opposite()] = true;
            self.sample().await?;
            let found =
                match accounting::account(self.site, self.rules, side.opposite(), self.take_over).await {
                    Ok(found) => found,
                    // What cannot be accounted for must not be doubled: nothing new is made there, the rest goes on.
                    Err(RunError::Side { error, .. }) if error.kind == ErrorKind::Forbidden => {
                        let why = Some(error.message.clone());
                        self.unaccountable[side.opposite()] =
                            why.filter(|_| !left_out(Omission::EmptyLookUpBelieved));
                        accounting::Accounted::default()
                    }
                    Err(error) => return Err(error),
                };
            if let Some(why) = found.unmarked {
                self.unexplained[side.opposite()] = Some(why);
            }
            if let Some(store) = found.other_store {
                self.circumstances.other_store.get_or_insert(store);
            }
            if found.adopted > 0 {
                // Some of these may be linked now; they are read again as pairs.
                let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
                let known = known::load(self.site, self.rules, side, &ids).await?;
                let (linked, rest): (Vec<Ticket>, Vec<Ticket>) =
                    tickets.into_iter().partition(|ticket| known.links.contains_key(&ticket.id));
                let linked =
                    linked.into_iter().map(|ticket| (known.links[&ticket.id].clone(), ticket)).collect();
                self.linked(side, linked, &known, false, true).await?;
                tickets = rest;
            }
        }
        let unaccountable =
            self.unaccountable[side.opposite()].clone().map(|why| (PendingReason::Unreadable, why));
        let unexplained = self.unexplained[side.opposite()].clone().map(|why| (PendingReason::Decision, why));
        if let Some((reason, why)) = unaccountable.or(unexplained) {
            let waits =
                |ticket: &Ticket| Waiting::new(self.site, self.rules, side, ticket.id.clone(), reason, &why);
            let rows: Vec<Waiting> = tickets.iter().map(waits).collect();
            self.site
                .store
                .write_in(self.site.epoch, move |tx| rows.iter().try_for_each(|row| row.add(tx)))
                .await?;
            return Ok(());
        }
        let mut incomplete: Vec<&mut Ticket> = tickets
            .iter_mut()
            .filter(|ticket| ticket.comments.is_none() || ticket.attachments.is_none())
            .collect();
        reading::complete(self.site, self.rules, side, &mut incomplete).await?;
        let borrowed: Vec<&Ticket> = tickets.iter().collect();
        people::look_up(self.site, self.rules, side, &borrowed, &mut self.people).await?;
        let setting = self.site.setting(self.rules, &self.people);
        let rows: Vec<TicketPlan> = tickets.iter().map(|ticket| plan_new(ticket, side, 0, setting)).collect();
        let (wanted, skipped): (Vec<TicketPlan>, Vec<TicketPlan>) = rows
            .into_iter()
            .partition(|row| row.operations.iter().any(|op| matches!(op.kind, OperationKind::Create { .. })));
        let decisions = skipped
            .iter()
            .filter_map(|row| {
                let why = row.notices.iter().find(|notice| notice.kind == NoticeKind::NotCreated);
                let ticket = tickets
                    .iter()
                    .find(|t| matches!(&row.subject, Subject::New { ticket, .. } if *ticket == t.id))?;
                Some((ticket, why.map(|notice| notice.message.clone()).unwrap_or_default()))
            })
            .collect();
        self.mark_seen(side, decisions).await?;
        self.spool(skipped).await?;
        self.spool(wanted).await
    }

    pub(super) async fn mark_seen(
        &self,
        side: Side,
        decisions: Vec<(&Ticket, String)>,
    ) -> Result<(), RunError> {
        if decisions.is_empty() {
            return Ok(());
        }
        let server_ms = self.site.sides[side].connector.server_now_ms();
        let row = |(ticket, decision)| known::seen_row(self.rules, ticket, decision, server_ms);
        let rows: Vec<seen::Seen> = decisions.into_iter().map(row).collect();
        let (feed, account) = (self.site.feed(self.rules, side), self.site.sides[side].fingerprint.clone());
        self.site
            .store
            .write_in(self.site.epoch, move |tx| {
                rows.iter().try_for_each(|row| seen::put(tx, &feed, &account, row))
            })
            .await?;
        Ok(())
    }

    pub(super) async fn spool(&mut self, rows: Vec<TicketPlan>) -> Result<(), RunError> {
        if rows.is_empty() {
            return Ok(());
        }
        if left_out(Omission::LimitPerBatch) {
            *self.tally = Tally::default();
        }
        for row in &rows {
            if !row.operations.is_empty() || !row.conflicts.is_empty() || !row.notices.is_empty() {
                self.tally.add(row);
            }
            self.counts.planned += u64::from(!row.operations.is_empty());
        }
        let (plan, first) = (self.plan, *self.ordinal);
        *self.ordinal += u32::try_from(rows.len()).expect("a batch is small");
        self.site.store.write_in(self.site.epoch, move |tx| plans::append(tx, plan, first, &rows)).await?;
        Ok(())
    }
}

/// Completes those tickets of a page that will probably be planned as new; the planning completes what is left out here.
async fn complete_ahead(
    site: &Site,
    rules: &Rules,
    side: Side,
    tickets: &mut [Ticket],
) -> Result<(), RunError> {
    if !rules.mapping.creates_from(side) {
        return Ok(());
    }
    let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
    let known = known::load(site, rules, side, &ids).await?;
    let mut new: Vec<&mut Ticket> =
        tickets.iter_mut().filter(|ticket| known.is_unheard_of(rules, side, &ticket.id)).collect();
    reading::complete(site, rules, side, &mut new).await
}

static NO_BASES: BTreeMap<String, FieldBase> = BTreeMap::new();
static NO_DECISIONS: BTreeMap<String, Decided> = BTreeMap::new();
