//! A run: recover, gather, plan, guard, apply, conclude (engine.md §3). Each step is a function that has no opinion on
//! the others; this file reads as the five steps.

pub mod accounting;
pub mod apply;
pub mod creating;
pub mod error;
pub mod files;
pub mod gather;
pub mod known;
pub mod matching;
pub mod outcome;
pub mod overwrites;
pub mod patience;
pub mod people;
pub mod reading;
pub mod recover;
pub mod riding;
pub mod sending;
pub mod site;
pub mod writing;

use std::collections::HashMap;

use lockstep_core::connector::Cursor;
use lockstep_core::mapping::Rules;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::guard::{Circumstances, Reason, Tally, guard};
use lockstep_store::tables::{cursors, links, pending, plans, runs, settings};
use lockstep_store::{Feed, PlanId};
use serde::{Deserialize, Serialize};

pub use error::RunError;
pub use gather::Start;
pub use recover::Recovered;
pub use site::{Cancel, SideSite, Site};

use crate::events::{Counts, Phase, RunEvent, RunResult};
use apply::{Applying, Moved};
use gather::Gathering;

/// A plan is good for a day (hazards.md H52).
pub const PLAN_KEPT_MS: i64 = 24 * 3_600_000;

/// What is asked of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub start: Start,
    /// A person confirmed: guards that can be ordered away are.
    pub confirmed: bool,
    /// A person ordered to take over what another Lockstep's markers stand for (hazards.md H3).
    pub take_over: bool,
    /// A row that moved since the plan was made is left out (a person saw it) or planned again.
    pub moved: Moved,
}

/// What a plan comes to; kept with it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PlanSummary {
    pub tally: Tally,
    pub counts: Counts,
    /// Reasons that stop it, before any order of a person.
    pub reasons: Vec<Reason>,
    /// Where the feeds ended: saved when the plan was applied.
    pub cursors: Vec<(Feed, Cursor)>,
    /// When each feed was last compared with what is known (hazards.md H44), saved with the cursors.
    #[serde(default)]
    pub scans: Vec<(String, gather::Scan)>,
    /// Rule revisions by type mapping (hazards.md H52).
    pub revisions: std::collections::BTreeMap<String, String>,
    /// The gathering was broken off: the plan shows what was read, its cursors are not saved.
    pub cancelled: bool,
    /// Tickets created or changed since were read, milliseconds since 1970 UTC; `None`: since the last run.
    #[serde(default)]
    pub since_ms: Option<i64>,
}

/// How a run ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub run: Option<i64>,
    pub plan: i64,
    pub result: RunResult,
    pub counts: Counts,
    pub tally: Tally,
    pub reasons: Vec<Reason>,
    pub recovered: (u64, u64, u64),
}

/// Reads both sides and plans everything into the store; writes to no platform.
pub async fn make_plan(
    site: &Site,
    rules: &HashMap<String, Rules>,
    circumstances: Circumstances,
    order: Order,
) -> Result<(PlanId, PlanSummary), RunError> {
    let mut circumstances = circumstances;
    let (connection, revision, epoch, now_ms) = (site.connection, site.revision, site.epoch, site.now_ms());
    let plan = site
        .store
        .write_in(site.epoch, move |tx| {
            plans::begin(tx, connection, revision, epoch, now_ms, now_ms + PLAN_KEPT_MS)
        })
        .await?;
    site.tell(RunEvent::Phase { run: site.run_number(), phase: Phase::Read });
    wake_changed(site, rules).await?;
    if order.take_over {
        accounting::take_over(site).await?;
    }
    let mut summary = PlanSummary::default();
    let mut ordinal = 0;
    let mut names: Vec<&String> = rules.keys().collect();
    names.sort();
    for name in names {
        let rules = &rules[name];
        let gathering = Gathering::new(
            site,
            rules,
            plan,
            &mut ordinal,
            &mut summary.tally,
            &mut summary.counts,
            &mut circumstances,
            order.take_over,
        );
        let gathered = gathering.gather(order.start).await?;
        summary
            .cursors
            .extend(gathered.cursors.into_iter().map(|(side, cursor)| (site.feed(rules, side), cursor)));
        summary.scans.extend(gathered.scans);
        summary.revisions.insert(name.clone(), rules.revision.clone());
    }
    summary.cancelled = site.cancel.is_asked();
    summary.since_ms = order.start.since_ms();
    // Counted only where it says anything: the count grows with the number of links.
    if Side::BOTH.iter().any(|side| circumstances.gone[*side] > 0) {
        circumstances.links = live_links(site).await?;
    }
    summary.reasons = guard(&summary.tally, &site.document.limits, &circumstances);
    let kept = serde_json::to_value(&summary).expect("a summary is plain data");
    site.store
        .write_in(site.epoch, move |tx| plans::set_summary(tx, plan, &kept, now_ms + PLAN_KEPT_MS))
        .await?;
    site.tell(RunEvent::Planned { run: site.run_number(), tally: summary.tally.clone() });
    Ok((plan, summary))
}

/// Tickets that waited for a person under other rules are looked at again.
async fn wake_changed(site: &Site, rules: &HashMap<String, Rules>) -> Result<(), RunError> {
    let now: std::collections::BTreeMap<String, String> =
        rules.iter().map(|(name, rules)| (name.clone(), rules.revision.clone())).collect();
    let (connection, key, now_ms) =
        (site.connection, format!("revisions:{}", site.connection), site.now_ms());
    site.store
        .write_in(site.epoch, move |tx| {
            let before: Option<std::collections::BTreeMap<String, String>> = settings::get(tx, &key)?;
            if before.as_ref() != Some(&now) {
                if before.is_some() {
                    pending::wake(tx, connection)?;
                }
                settings::put(tx, &key, &now, now_ms)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn live_links(site: &Site) -> Result<u64, RunError> {
    let connection = site.connection;
    let filter = links::LinkFilter { connection: Some(connection), ..links::LinkFilter::default() };
    Ok(u64::from(site.store.read(move |conn| links::count(conn, &filter)).await?))
}

/// Reasons that still stand after a person's order.
pub fn standing_reasons(reasons: &[Reason], confirmed: bool) -> Vec<Reason> {
    reasons.iter().filter(|reason| !(confirmed && reason.can_order)).cloned().collect()
}

/// Plans and applies; the site has its run's row.
pub async fn run(
    site: &mut Site,
    rules: &HashMap<String, Rules>,
    circumstances: Circumstances,
    order: Order,
) -> Result<Report, RunError> {
    let recovered = recover::recover(site, rules).await?;
    let read_ms = Pair::from_fn(|side| site.sides[side].connector.server_now_ms());
    let (plan, summary) = make_plan(site, rules, circumstances, order).await?;
    if left_out(Omission::CursorMovesFirst) {
        let (moves, now_ms) = (summary.cursors.clone(), site.now_ms());
        let put = move |tx: &lockstep_store::Tx<'_>| {
            moves.iter().try_for_each(|(feed, cursor)| cursors::put(tx, feed, cursor, now_ms))
        };
        site.store.write_in(site.epoch, put).await?;
    }
    let stopping = standing_reasons(&summary.reasons, order.confirmed);
    if !stopping.is_empty() && !summary.tally.is_quiet() {
        site.tell(RunEvent::Held { run: site.run_number(), plan: plan.0, reasons: stopping.clone() });
        return Err(RunError::Guard(stopping));
    }
    let way = Way { moved: order.moved, read_ms: Some(read_ms) };
    carry_out(site, rules, plan, summary, way, recovered).await
}

/// Applies a plan that exists: exactly that one (engine.md I5).
pub async fn apply_plan(
    site: &mut Site,
    rules: &HashMap<String, Rules>,
    plan: PlanId,
) -> Result<Report, RunError> {
    let kept = site.store.read(move |conn| plans::get(conn, plan)).await?;
    let Some(kept) = kept.filter(|kept| kept.connection == site.connection) else {
        return Err(RunError::Plan(format!(
            "there is no plan {plan} for this connection any more; plan again"
        )));
    };
    let summary: PlanSummary = serde_json::from_value(kept.summary.clone())
        .map_err(|_| RunError::Plan(format!("plan {plan} cannot be read; make a new one")))?;
    let changed = rules.iter().any(|(name, rules)| summary.revisions.get(name) != Some(&rules.revision));
    if kept.mapping_revision != site.revision || changed {
        return Err(RunError::Plan(format!("the mapping changed after plan {plan} was made; plan again")));
    }
    if kept.kept_until_ms < site.now_ms() {
        return Err(RunError::Plan(format!("plan {plan} is older than 24 hours; plan again")));
    }
    let stopping = standing_reasons(&summary.reasons, true);
    if !stopping.is_empty() {
        return Err(RunError::Guard(stopping));
    }
    let recovered = recover::recover(site, rules).await?;
    let way = Way { moved: Moved::LeaveOut, read_ms: None };
    carry_out(site, rules, plan, summary, way, recovered).await
}

/// How a plan is carried out.
struct Way {
    moved: Moved,
    /// Server times when the reading began, for a plan of this very run.
    read_ms: Option<Pair<i64>>,
}

async fn carry_out(
    site: &mut Site,
    rules: &HashMap<String, Rules>,
    plan: PlanId,
    summary: PlanSummary,
    way: Way,
    recovered: Recovered,
) -> Result<Report, RunError> {
    site.plan = Some(plan);
    if let Some(run) = site.run {
        site.store
            .write_in(site.epoch, move |tx| runs::set_state(tx, run, runs::RunState::Applying, Some(plan)))
            .await?;
    }
    site.tell(RunEvent::Phase { run: site.run_number(), phase: Phase::Write });
    let mut counts =
        Counts { read: summary.counts.read, planned: summary.counts.planned, ..Counts::default() };
    let read_again = rereads(site, rules, &summary).await?;
    let applying = Applying {
        site,
        rules,
        plan,
        moved: way.moved,
        read_ms: way.read_ms,
        read_again,
        counts: &mut counts,
        moved_list: None,
    };
    let cancelled = applying.apply().await? || summary.cancelled;
    site.tell(RunEvent::Phase { run: site.run_number(), phase: Phase::Confirm });
    conclude(site, plan, &summary).await?;
    let result = result_of(&counts, cancelled);
    Ok(Report {
        run: site.run.map(|run| run.0),
        plan: plan.0,
        result,
        counts,
        tally: summary.tally,
        reasons: summary.reasons,
        recovered: (recovered.adopted, recovered.voided, recovered.resting),
    })
}

/// Whether the next run reads again what this one read: a start that a person chose lies before a cursor that stays.
async fn rereads(
    site: &Site,
    rules: &HashMap<String, Rules>,
    summary: &PlanSummary,
) -> Result<bool, RunError> {
    let feeds: Vec<Feed> = rules.values().flat_map(|rules| feeds(site, rules)).collect();
    let moves: Vec<Feed> = summary.cursors.iter().map(|(feed, _)| feed.clone()).collect();
    let stands = site.store.read(move |conn| {
        for feed in feeds.iter().filter(|feed| !moves.contains(feed)) {
            if cursors::get(conn, feed)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    });
    Ok(!stands.await?)
}

/// Every ticket is dealt with or pending: the cursors move, in one transaction (hazards.md H43).
async fn conclude(site: &Site, plan: PlanId, summary: &PlanSummary) -> Result<(), RunError> {
    let (moves, scans, epoch, now_ms) =
        (summary.cursors.clone(), summary.scans.clone(), site.epoch, site.now_ms());
    // After a cancelled gathering the rest of the feed was never seen: its cursor stays.
    let save = !summary.cancelled;
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            if save {
                for (feed, cursor) in &moves {
                    cursors::put(tx, feed, cursor, now_ms)?;
                }
                for (key, scan) in &scans {
                    settings::put(tx, key, scan, now_ms)?;
                }
            }
            // Applied once: what is left waits in the pending list.
            plans::drop(tx, plan)
        })
        .await?;
    Ok(())
}

fn result_of(counts: &Counts, cancelled: bool) -> RunResult {
    let written = counts.created + counts.updated + counts.closed + counts.comments + counts.files;
    if cancelled {
        RunResult::Cancelled
    } else if counts.failed > 0 {
        if written == 0 { RunResult::Failed } else { RunResult::Partial }
    } else if written == 0 && counts.linked == 0 {
        RunResult::NothingToDo
    } else {
        RunResult::Success
    }
}

/// The feeds of one type mapping, both sides.
pub fn feeds(site: &Site, rules: &Rules) -> [Feed; 2] {
    Side::BOTH.map(|side| site.feed(rules, side))
}
