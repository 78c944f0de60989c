//! Carries a plan out: each ticket is read again directly before, planned again, and applied only when the plan still
//! says what was shown. Creates go in batches, linked tickets in parallel, the operations of one ticket in order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::StreamExt;
use futures_util::future::join;
use lockstep_core::connector::Fetched;
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::{PeopleTable, Rules};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::create::plan_new;
use lockstep_core::sync::link::{Link, LinkId};
use lockstep_core::sync::operation::{OperationKind, Subject, TicketPlan};
use lockstep_core::sync::plan::{Decided, LinkView, plan_link};
use lockstep_core::ticket::{Ticket, Version};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::{self, PlanRow, RowFilter};
use lockstep_store::tables::{links, outcomes};
use lockstep_store::{Connection, PlanId};

use super::creating::{self, Original};
use super::error::{RunError, on_side};
use super::known::{self, Waiting};
use super::matching;
use super::outcome::{self, Ending};
use super::overwrites::{self, CarriedOut};
use super::patience::Patience;
use super::people;
use super::reading;
use super::site::Site;
use super::writing;
use crate::events::{Counts, RunEvent};

/// Rows taken from the plan at a time.
const CHUNK_ROWS: u32 = 400;
/// A list of what moved is asked for again after so long: it is as old as that when the last create of a chunk leaves.
const MOVED_GOOD_MS: u64 = 500;
/// A reading that was made in this run speaks for its tickets so long, where a list shows what moved since.
const READING_GOOD_MS: i64 = 300_000;

/// Whether a row that moved since it was planned is left out (a person saw the plan) or planned again (nobody did).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    LeaveOut,
    PlanAgain,
}

/// Applies a plan's rows of all type mappings.
pub struct Applying<'a> {
    pub site: &'a Site,
    pub rules: &'a HashMap<String, Rules>,
    pub plan: PlanId,
    pub moved: Moved,
    /// Server times when this run began to read; `None` for a plan that was made before.
    pub read_ms: Option<Pair<i64>>,
    /// What is not carried out is read again by the next run, for no cursor has moved.
    pub read_again: bool,
    pub counts: &'a mut Counts,
    /// The last list of what moved since the reading.
    pub moved_list: Option<MovedList>,
}

/// Tickets of one side and type that moved since the run read them.
pub struct MovedList {
    side: Side,
    ticket_type: String,
    /// When the list was asked for, on the clock that never steps.
    read_ms: u64,
    moved: HashMap<TicketId, Version>,
}

/// What looks into the plan and at the platforms while tickets are written.
#[derive(Clone, Copy)]
struct Looking<'a> {
    site: &'a Site,
    rules: &'a HashMap<String, Rules>,
    plan: PlanId,
    read_ms: Option<Pair<i64>>,
}

impl Looking<'_> {
    async fn page(self, from: u32) -> Result<Vec<PlanRow>, RunError> {
        let plan = self.plan;
        let page = move |conn: &Connection| plans::page(conn, plan, RowFilter::default(), from, CHUNK_ROWS);
        Ok(self.site.store.read(page).await?)
    }

    /// The chunk that begins at `from`, and the list its first new ticket needs.
    async fn ahead(self, from: u32) -> Result<(Vec<PlanRow>, Option<MovedList>), RunError> {
        let rows = self.page(from).await?;
        let first = rows.iter().find_map(|row| match row.plan.subject {
            Subject::New { side, .. } if row.plan.operations.len() == 1 => {
                Some((self.rules.get(&row.plan.type_mapping)?, side))
            }
            _ => None,
        });
        let moved = match first {
            Some((rules, side)) => match self.moved(rules, side).await {
                Ok(moved) => moved,
                Err(error) => {
                    tracing::debug!(%error, "what moved could not be read ahead");
                    None
                }
            },
            None => None,
        };
        Ok((rows, moved))
    }

    /// The list of what moved since the reading, where one may stand for reading each ticket again.
    async fn moved(self, rules: &Rules, side: Side) -> Result<Option<MovedList>, RunError> {
        let connector = &self.site.sides[side].connector;
        let Some(read_ms) = self.read_ms.filter(|read_ms| {
            rules.mapping.match_rule.is_none() && connector.server_now_ms() - read_ms[side] <= READING_GOOD_MS
        }) else {
            return Ok(None);
        };
        let asked_ms = self.site.clock.monotonic_ms();
        let moved = connector
            .moved_since(rules.mapping.scope(side), read_ms[side])
            .await
            .map_err(on_side(self.site.label(side), "looking for tickets that moved"))?;
        let ticket_type = rules.mapping.scope(side).ticket_type.clone();
        Ok(moved.map(|moved| MovedList {
            side,
            ticket_type,
            read_ms: asked_ms,
            moved: moved.into_iter().collect(),
        }))
    }
}

impl<'a> Applying<'a> {
    /// Goes through the plan in order. Returns whether it was cancelled.
    pub async fn apply(mut self) -> Result<bool, RunError> {
        let looking = self.looking();
        let mut rows = looking.page(0).await?;
        loop {
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
                return Ok(self.site.cancel.is_asked());
            };
            let (first, next) = (first.ordinal, last.ordinal + 1);
            if self.site.cancel.is_asked() {
                self.leave(rows).await?;
                self.leave_rest(next).await?;
                return Ok(true);
            }
            let (written, ahead) = join(self.chunk(rows), looking.ahead(next)).await;
            if let Err(error) = written {
                if !self.read_again && matches!(error, RunError::Side { .. } | RunError::Plan(_)) {
                    self.put_off_rest(first, &error).await?;
                }
                return Err(error);
            }
            let ahead = ahead?;
            rows = ahead.0;
            self.moved_list = ahead.1.or(self.moved_list);
        }
    }

    fn looking(&self) -> Looking<'a> {
        Looking { site: self.site, rules: self.rules, plan: self.plan, read_ms: self.read_ms }
    }

    async fn page(&self, from: u32) -> Result<Vec<PlanRow>, RunError> {
        self.looking().page(from).await
    }

    /// What was not done any more waits in the pending list (hazards.md H54).
    async fn leave_rest(&self, mut next: u32) -> Result<(), RunError> {
        loop {
            let rows = self.page(next).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            next = last.ordinal + 1;
            self.leave(rows).await?;
        }
    }

    async fn leave(&self, rows: Vec<PlanRow>) -> Result<(), RunError> {
        self.put_off(rows, PendingReason::Cancelled, "the run was cancelled before it").await
    }

    /// Puts rows that were not carried out on the pending list. One that writes nothing may still hold a conflict, or
    /// what a reading found out.
    async fn put_off(&self, rows: Vec<PlanRow>, reason: PendingReason, why: &str) -> Result<(), RunError> {
        let ended = self.ended(&rows).await?;
        let holds = |row: &&PlanRow| {
            let plan = &row.plan;
            let says = !(plan.conflicts.is_empty() && plan.notices.is_empty());
            let writes = !(plan.operations.is_empty() && plan.bases.is_empty() && plan.ledger.is_empty());
            (says || writes) && !ended.contains(&row.ordinal)
        };
        let rows: Vec<&PlanRow> = rows.iter().filter(holds).collect();
        let links = rows.iter().filter_map(|row| match row.plan.subject {
            Subject::Link { link } => Some(link),
            Subject::New { .. } => None,
        });
        let links = outcome::tickets_of(self.site, links.collect()).await?;
        let waiting: Vec<Waiting> = rows
            .into_iter()
            .filter_map(|row| {
                let rules = self.rules.get(&row.plan.type_mapping)?;
                let (side, ticket) = match &row.plan.subject {
                    Subject::New { side, ticket } => (*side, ticket.clone()),
                    Subject::Link { link } => (Side::Source, links.get(link)?.source.clone()),
                };
                Some(Waiting::new(self.site, rules, side, ticket, reason, why))
            })
            .collect();
        if !waiting.is_empty() {
            self.site
                .store
                .write_in(self.site.epoch, move |tx| waiting.iter().try_for_each(|row| row.add(tx)))
                .await?;
        }
        Ok(())
    }

    /// Which of these rows this run has dealt with.
    async fn ended(&self, rows: &[PlanRow]) -> Result<BTreeSet<u32>, RunError> {
        let (Some(run), Some(first), Some(last)) = (self.site.run, rows.first(), rows.last()) else {
            return Ok(BTreeSet::new());
        };
        let (first, last) = (first.ordinal, last.ordinal);
        Ok(self.site.store.read(move |conn| outcomes::recorded(conn, run, first, last)).await?)
    }

    /// After an error: rows of a reading that no cursor brings again wait in the pending list.
    async fn put_off_rest(&self, mut next: u32, error: &RunError) -> Result<(), RunError> {
        let why = format!("the run stopped before it: {error}");
        loop {
            let rows = self.page(next).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            next = last.ordinal + 1;
            self.put_off(rows, PendingReason::Other, &why).await?;
        }
    }

    async fn chunk(&mut self, rows: Vec<PlanRow>) -> Result<(), RunError> {
        let mut by_type: BTreeMap<String, (Vec<PlanRow>, Vec<PlanRow>)> = BTreeMap::new();
        for row in rows {
            let (new, linked) = by_type.entry(row.plan.type_mapping.clone()).or_default();
            match row.plan.subject {
                Subject::New { .. } => new.push(row),
                Subject::Link { .. } => linked.push(row),
            }
        }
        for (name, (new, linked)) in by_type {
            let Some(rules) = self.rules.get(&name) else {
                continue;
            };
            let (mut new, mut patience) = (new, Patience::default());
            while !new.is_empty() {
                new = self.new_tickets(rules, new, &mut patience).await?;
            }
            self.linked(rules, linked).await?;
        }
        Ok(())
    }

    /// Returns the rows that the platform sent away for a while: they go again, from the reading on.
    async fn new_tickets(
        &mut self,
        rules: &Rules,
        rows: Vec<PlanRow>,
        patience: &mut Patience,
    ) -> Result<Vec<PlanRow>, RunError> {
        let mut again = Vec::new();
        let mut creates: Pair<Vec<(PlanRow, TicketId)>> = Pair::default();
        let mut ended = Vec::new();
        let (links, rows): (Vec<PlanRow>, Vec<PlanRow>) =
            rows.into_iter().partition(|row| row.included && matching::links_two(&row.plan));
        matching::link(self.site, rules, links, self.counts).await?;
        for row in rows {
            let creates_something =
                row.plan.operations.iter().any(|op| matches!(op.kind, OperationKind::Create { .. }));
            match (&row.plan.subject, creates_something && row.included) {
                (Subject::New { side, ticket }, true) => {
                    let (side, ticket) = (*side, ticket.clone());
                    creates[side].push((row, ticket));
                }
                (_, true) => {}
                (_, false) if creates_something || matching::links_two(&row.plan) => {
                    ended.push((row, left_out_by_person()))
                }
                (_, false) => {
                    let ending = Ending::of_plan(&row.plan);
                    ended.push((row, ending));
                }
            }
        }
        outcome::record_all(self.site, rules, ended, self.counts).await?;
        for side in Side::BOTH {
            let rows = std::mem::take(&mut creates[side]);
            if rows.is_empty() {
                continue;
            }
            let (mut still, rows) = self.still_as_read(rules, side, rows).await?;
            let ids: Vec<TicketId> = rows.iter().map(|(_, id)| id.clone()).collect();
            let mut read = reading::fetch(self.site, rules, side, &ids).await?;
            let mut fresh: Vec<(PlanRow, Ticket)> = Vec::new();
            let mut ended = Vec::new();
            for (row, id) in rows {
                match read.remove(&id) {
                    Some(Fetched::Found(ticket)) => fresh.push((row, *ticket)),
                    _ => ended.push((row, Ending::skipped().because("it is not visible any more"))),
                }
            }
            let mut table = PeopleTable::default();
            let borrowed: Vec<&Ticket> = fresh.iter().map(|(_, ticket)| ticket).collect();
            people::look_up(self.site, rules, side, &borrowed, &mut table).await?;
            let setting = self.site.setting(rules, &table);
            let mut ready = Vec::new();
            for (mut row, ticket) in fresh {
                let now = plan_new(&ticket, side, 0, setting);
                match self.judge(&row.plan, &now) {
                    Judged::Go => {
                        row.plan = now;
                        // It may have turned private, or left the filter, since it was planned.
                        if row.plan.operations.is_empty() {
                            let ending = Ending::of_plan(&row.plan);
                            ended.push((row, ending));
                        } else {
                            ready.push((row, ticket));
                        }
                    }
                    Judged::LeaveOut => ended.push((row, row_left_out())),
                }
            }
            outcome::record_all(self.site, rules, ended, self.counts).await?;
            let ready = matching::still_alone(self.site, rules, side, ready, self.counts).await?;
            still.extend(ready.into_iter().map(|(row, ticket)| (row, ticket.into())));
            still.sort_by_key(|(row, _)| row.ordinal);
            again.extend(creating::create(self.site, rules, side, still, patience, self.counts).await?);
        }
        Ok(again)
    }

    /// Parts off the rows whose ticket provably stands as it was read for this plan a moment ago, where one list says so
    /// for all of them; the others are read again one by one (hazards.md H16, H52). Comments and files are always read
    /// again, for who may see them can change by itself (H38).
    async fn still_as_read(
        &mut self,
        rules: &Rules,
        side: Side,
        rows: Vec<(PlanRow, TicketId)>,
    ) -> Result<(Vec<(PlanRow, Original)>, Vec<(PlanRow, TicketId)>), RunError> {
        if !rows.iter().any(|(row, _)| row.plan.operations.len() == 1) {
            return Ok((Vec::new(), rows));
        }
        let now_ms = self.site.clock.monotonic_ms();
        let fresh = |list: &MovedList| {
            list.side == side
                && list.ticket_type == rules.mapping.scope(side).ticket_type
                && now_ms.saturating_sub(list.read_ms) < MOVED_GOOD_MS
        };
        if !self.moved_list.as_ref().is_some_and(fresh) {
            self.moved_list = self.looking().moved(rules, side).await?;
        }
        let Some(MovedList { moved, .. }) = &self.moved_list else {
            return Ok((Vec::new(), rows));
        };
        let (mut still, mut rest) = (Vec::new(), Vec::new());
        for (row, id) in rows {
            let read = row.plan.versions[side].filter(|version| version.counter.is_some());
            match (read, row.plan.keys[side].clone()) {
                (Some(version), Some(key))
                    if row.plan.operations.len() == 1 && moved.get(&id).is_none_or(|now| *now == version) =>
                {
                    still.push((row, Original { id, key, version, fields: BTreeMap::new() }));
                }
                _ => rest.push((row, id)),
            }
        }
        Ok((still, rest))
    }

    fn judge(&self, shown: &TicketPlan, now: &TicketPlan) -> Judged {
        let unseen = self.moved == Moved::PlanAgain || left_out(Omission::MovedRowsWritten);
        if shown.operations == now.operations || unseen { Judged::Go } else { Judged::LeaveOut }
    }

    async fn linked(&mut self, rules: &Rules, rows: Vec<PlanRow>) -> Result<(), RunError> {
        let (mut work, mut quiet, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            if row.plan.operations.is_empty() {
                if row.plan.conflicts.is_empty() && row.plan.notices.is_empty() {
                    quiet.push(row.plan);
                } else {
                    let ending = Ending::of_plan(&row.plan);
                    ended.push((row, ending));
                }
            } else if row.included {
                work.push(row);
            } else {
                ended.push((row, left_out_by_person()));
            }
        }
        writing::settle_quiet(self.site, rules, quiet).await?;
        outcome::record_all(self.site, rules, ended, self.counts).await?;
        if work.is_empty() {
            return Ok(());
        }
        let read_ms = known::server_times(self.site);
        let fresh = self.fresh_pairs(rules, work).await?;
        let lanes = Side::BOTH
            .iter()
            .map(|side| self.site.sides[*side].connector.describe().concurrency_max)
            .max()
            .unwrap_or(1)
            .max(1);
        let site = self.site;
        let mut results = futures_util::stream::iter(fresh.into_iter().map(|(row, link, pair)| async move {
            let recent = known::recent(site, pair.as_ref(), read_ms);
            let ending = writing::carry_out(site, rules, &link, &row.plan, &pair, recent).await;
            (row, link, pair, ending)
        }))
        .buffer_unordered(lanes);
        let mut endings = Vec::new();
        let mut stopped = None;
        while let Some((row, link, tickets, ending)) = results.next().await {
            match ending {
                Ok(ending) => endings.push(CarriedOut { row, link, tickets, ending }),
                // The others in flight are awaited to their end (hazards.md H54).
                Err(error) => stopped = stopped.or(Some(error)),
            }
        }
        drop(results);
        endings.sort_by_key(|pair| pair.row.ordinal);
        if stopped.is_none() {
            overwrites::look_for(self.site, rules, read_ms, &mut endings).await?;
        }
        let ended = endings.into_iter().map(|pair| (pair.row, pair.ending)).collect();
        outcome::record_all(self.site, rules, ended, self.counts).await?;
        self.site.tell(RunEvent::Counts { run: self.site.run_number(), counts: *self.counts });
        stopped.map_or(Ok(()), Err)
    }

    /// Reads the pairs again and keeps the rows that still say what was shown.
    async fn fresh_pairs(
        &mut self,
        rules: &Rules,
        rows: Vec<PlanRow>,
    ) -> Result<Vec<(PlanRow, Link, Pair<Ticket>)>, RunError> {
        let ids: Vec<LinkId> = rows
            .iter()
            .filter_map(|row| match row.plan.subject {
                Subject::Link { link } => Some(link),
                Subject::New { .. } => None,
            })
            .collect();
        let wanted = ids.clone();
        let loaded: HashMap<LinkId, Link> = self
            .site
            .store
            .read(move |conn| {
                let mut loaded = HashMap::new();
                for id in wanted {
                    if let Some(link) = links::get(conn, id)? {
                        loaded.insert(id, link.link);
                    }
                }
                Ok(loaded)
            })
            .await?;
        let tickets = Pair::from_fn(|side| {
            ids.iter().filter_map(|id| Some(loaded.get(id)?.tickets[side].clone())).collect()
        });
        let mut read = reading::fetch_pairs(self.site, rules, &tickets).await?;
        let (bases, ledgers) = known::state_of(self.site, ids.clone()).await?;
        let decided = known::decided(self.site, ids).await?;
        let (mut pairs, mut ended) = (Vec::new(), Vec::new());
        for row in rows {
            let Subject::Link { link } = row.plan.subject else {
                continue;
            };
            let Some(link) = loaded.get(&link).cloned() else {
                continue;
            };
            let found = |fetched: Option<Fetched>| match fetched {
                Some(Fetched::Found(ticket)) => Some(*ticket),
                _ => None,
            };
            let source = found(read.source.remove(&link.tickets.source));
            let target = found(read.target.remove(&link.tickets.target));
            match (source, target) {
                (Some(source), Some(target)) => pairs.push((row, link, Pair { source, target })),
                _ => ended.push((row, Ending::skipped().because("it is not visible any more"))),
            }
        }
        let mut table = PeopleTable::default();
        for side in Side::BOTH {
            let borrowed: Vec<&Ticket> = pairs.iter().map(|(_, _, pair)| &pair[side]).collect();
            people::look_up(self.site, rules, side, &borrowed, &mut table).await?;
        }
        let (no_bases, no_decisions) =
            (BTreeMap::<String, FieldBase>::new(), BTreeMap::<String, Decided>::new());
        let setting = self.site.setting(rules, &table);
        let mut fresh = Vec::new();
        for (mut row, link, pair) in pairs {
            if known::left_scope(rules, &link, pair.as_ref()).is_some() {
                ended.push((row, row_left_out()));
                continue;
            }
            let (ledger, found) = known::with_files(self.site, ledgers.get(&link.id), pair.as_ref());
            let view = LinkView {
                link: &link,
                tickets: pair.as_ref(),
                bases: bases.get(&link.id).unwrap_or(&no_bases),
                ledger: &ledger,
                ours_alone: known::ours_alone(&link, pair.as_ref(), self.site),
                decided: decided.get(&link.id).unwrap_or(&no_decisions),
            };
            let mut now = plan_link(view, setting);
            now.ledger.extend(found);
            match self.judge(&row.plan, &now) {
                Judged::Go => {
                    if !(left_out(Omission::SentAsPlanned) || left_out(Omission::OlderRowsBelieved)) {
                        row.plan = now;
                    }
                    fresh.push((row, link, pair));
                }
                Judged::LeaveOut => ended.push((row, row_left_out())),
            }
        }
        outcome::record_all(self.site, rules, ended, self.counts).await?;
        Ok(fresh)
    }
}

fn row_left_out() -> Ending {
    Ending::waiting(PendingReason::Moved, "it changed after the plan was shown: left out, plan again")
}

fn left_out_by_person() -> Ending {
    Ending::waiting(PendingReason::LeftOut, "left out by you")
}

enum Judged {
    Go,
    LeaveOut,
}
