//! Carries a plan out: each ticket is read again directly before, planned again, and applied only when the plan still
//! says what was shown. Creates go in batches, linked tickets in parallel, the operations of one ticket in order.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt;
use lockstep_core::connector::Fetched;
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::{PeopleTable, Rules};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::create::plan_new;
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId};
use lockstep_core::sync::operation::{OperationKind, Subject, TicketPlan};
use lockstep_core::sync::plan::{Decided, LinkView, plan_link};
use lockstep_core::ticket::Ticket;
use lockstep_store::PlanId;
use lockstep_store::tables::links;
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::{self, PlanRow, RowFilter};

use super::creating;
use super::error::RunError;
use super::known::{self, Waiting};
use super::outcome::{self, Ending};
use super::people;
use super::reading;
use super::site::Site;
use super::writing;
use crate::events::{Counts, RunEvent};

/// Rows taken from the plan at a time.
const CHUNK_ROWS: u32 = 200;

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
    pub counts: &'a mut Counts,
}

impl Applying<'_> {
    /// Goes through the plan in order. Returns whether it was cancelled.
    pub async fn apply(mut self) -> Result<bool, RunError> {
        let mut next: u32 = 0;
        loop {
            let rows = self.page(next).await?;
            let Some(last) = rows.last() else {
                return Ok(false);
            };
            next = last.ordinal + 1;
            if self.site.cancel.is_asked() {
                self.leave(rows).await?;
                self.leave_rest(next).await?;
                return Ok(true);
            }
            self.chunk(rows).await?;
        }
    }

    async fn page(&self, from: u32) -> Result<Vec<PlanRow>, RunError> {
        let plan = self.plan;
        Ok(self.site.store.read(move |conn| plans::page(conn, plan, RowFilter::default(), from, CHUNK_ROWS)).await?)
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
        let mut waiting = Vec::new();
        for row in rows.iter().filter(|row| !row.plan.operations.is_empty()) {
            if let Some(row) = self.waiting(row, PendingReason::Cancelled, "the run was cancelled before it").await? {
                waiting.push(row);
            }
        }
        self.add_pending(waiting).await
    }

    async fn waiting(&self, row: &PlanRow, reason: PendingReason, why: &str) -> Result<Option<Waiting>, RunError> {
        let Some(rules) = self.rules.get(&row.plan.type_mapping) else {
            return Ok(None);
        };
        let subject = outcome::subject_ticket(self.site, &row.plan.subject).await?;
        Ok(subject.map(|(side, ticket)| Waiting::new(self.site, rules, side, ticket, reason, why)))
    }

    async fn add_pending(&self, rows: Vec<Waiting>) -> Result<(), RunError> {
        if !rows.is_empty() {
            self.site.store.write(move |tx| rows.iter().try_for_each(|row| row.add(tx))).await?;
        }
        Ok(())
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
            self.new_tickets(rules, new).await?;
            self.linked(rules, linked).await?;
        }
        Ok(())
    }

    async fn note(&mut self, rules: &Rules, row: &PlanRow, ending: Ending) -> Result<(), RunError> {
        outcome::record(self.site, rules, row, ending, self.counts).await
    }

    async fn new_tickets(&mut self, rules: &Rules, rows: Vec<PlanRow>) -> Result<(), RunError> {
        let mut creates: Pair<Vec<(PlanRow, TicketId)>> = Pair::default();
        for row in rows {
            let creates_something = row.plan.operations.iter().any(|op| matches!(op.kind, OperationKind::Create { .. }));
            match (&row.plan.subject, creates_something && row.included) {
                (Subject::New { side, ticket }, true) => {
                    let (side, ticket) = (*side, ticket.clone());
                    creates[side].push((row, ticket));
                }
                (_, true) => {}
                (_, false) if creates_something => self.left_out_by_person(rules, row).await?,
                (_, false) => self.note(rules, &row, Ending::of_plan(&row.plan)).await?,
            }
        }
        for side in Side::BOTH {
            let rows = std::mem::take(&mut creates[side]);
            if rows.is_empty() {
                continue;
            }
            let ids: Vec<TicketId> = rows.iter().map(|(_, id)| id.clone()).collect();
            let mut read = reading::fetch(self.site, rules, side, &ids).await?;
            let mut fresh: Vec<(PlanRow, Ticket)> = Vec::new();
            for (row, id) in rows {
                match read.remove(&id) {
                    Some(Fetched::Found(ticket)) => fresh.push((row, *ticket)),
                    _ => {
                        let ending = Ending::skipped().because("it is not visible any more");
                        self.note(rules, &row, ending).await?;
                    }
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
                        ready.push((row, ticket));
                    }
                    Judged::LeaveOut => self.left_out(rules, row).await?,
                }
            }
            creating::create(self.site, rules, side, ready, self.counts).await?;
        }
        Ok(())
    }

    fn judge(&self, shown: &TicketPlan, now: &TicketPlan) -> Judged {
        if shown.operations == now.operations || self.moved == Moved::PlanAgain {
            Judged::Go
        } else {
            Judged::LeaveOut
        }
    }

    async fn left_out(&mut self, rules: &Rules, row: PlanRow) -> Result<(), RunError> {
        let why = "it changed after the plan was shown: left out, plan again";
        self.note(rules, &row, Ending::waiting(PendingReason::Moved, why)).await
    }

    async fn left_out_by_person(&mut self, rules: &Rules, row: PlanRow) -> Result<(), RunError> {
        self.note(rules, &row, Ending::waiting(PendingReason::LeftOut, "left out by you")).await
    }

    async fn linked(&mut self, rules: &Rules, rows: Vec<PlanRow>) -> Result<(), RunError> {
        let mut work = Vec::new();
        for row in rows {
            if row.plan.operations.is_empty() {
                writing::settle_quiet(self.site, &row.plan).await?;
                if !row.plan.conflicts.is_empty() || !row.plan.notices.is_empty() {
                    let ending = Ending::of_plan(&row.plan);
                    self.note(rules, &row, ending).await?;
                }
            } else if row.included {
                work.push(row);
            } else {
                self.left_out_by_person(rules, row).await?;
            }
        }
        if work.is_empty() {
            return Ok(());
        }
        let fresh = self.fresh_pairs(rules, work).await?;
        let lanes = Side::BOTH
            .iter()
            .map(|side| self.site.sides[*side].connector.describe().concurrency_max)
            .max()
            .unwrap_or(1)
            .max(1);
        let site = self.site;
        let mut results = futures_util::stream::iter(fresh.into_iter().map(|(row, link, pair)| async move {
            let ending = writing::carry_out(site, rules, &link, &row.plan, &pair).await;
            (row, ending)
        }))
        .buffer_unordered(lanes);
        let mut endings = Vec::new();
        let mut stopped = None;
        while let Some((row, ending)) = results.next().await {
            match ending {
                Ok(ending) => endings.push((row, ending)),
                // The others in flight are awaited to their end (hazards.md H54).
                Err(error) => stopped = stopped.or(Some(error)),
            }
        }
        drop(results);
        endings.sort_by_key(|(row, _)| row.ordinal);
        for (row, ending) in endings {
            self.note(rules, &row, ending).await?;
            self.site.tell(RunEvent::Counts { run: self.site.run_number(), counts: *self.counts });
        }
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
        let tickets = Pair::from_fn(|side| ids.iter().filter_map(|id| Some(loaded.get(id)?.tickets[side].clone())).collect());
        let mut read = reading::fetch_pairs(self.site, rules, &tickets).await?;
        let (bases, ledgers) = known::state_of(self.site, ids.clone()).await?;
        let decided = known::decided(self.site, ids).await?;
        let mut pairs = Vec::new();
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
                _ => self.note(rules, &row, Ending::skipped().because("it is not visible any more")).await?,
            }
        }
        let mut table = PeopleTable::default();
        for side in Side::BOTH {
            let borrowed: Vec<&Ticket> = pairs.iter().map(|(_, _, pair)| &pair[side]).collect();
            people::look_up(self.site, rules, side, &borrowed, &mut table).await?;
        }
        let (no_bases, no_ledger, no_decisions) =
            (BTreeMap::<String, FieldBase>::new(), Vec::<LedgerEntry>::new(), BTreeMap::<String, Decided>::new());
        let setting = self.site.setting(rules, &table);
        let mut fresh = Vec::new();
        let mut moved = Vec::new();
        for (mut row, link, pair) in pairs {
            let view = LinkView {
                link: &link,
                tickets: pair.as_ref(),
                bases: bases.get(&link.id).unwrap_or(&no_bases),
                ledger: ledgers.get(&link.id).unwrap_or(&no_ledger),
                ours_alone: known::ours_alone(&link, pair.as_ref(), self.site),
                decided: decided.get(&link.id).unwrap_or(&no_decisions),
            };
            let now = plan_link(view, setting);
            match self.judge(&row.plan, &now) {
                Judged::Go => {
                    row.plan = now;
                    fresh.push((row, link, pair));
                }
                Judged::LeaveOut => moved.push(row),
            }
        }
        for row in moved {
            self.left_out(rules, row).await?;
        }
        Ok(fresh)
    }
}

enum Judged {
    Go,
    LeaveOut,
}
