//! Carries out the operations of one linked pair, in order. Each moves its base or ledger in the transaction that
//! finishes its journal row.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use lockstep_core::connector::{
    CommentRequest, ConnectorError, ErrorKind, FieldWrite, StepRequest, UpdateRequest, UploadRequest,
    WriteFailure, Written,
};
use lockstep_core::ids::{CommentId, FieldId};
use lockstep_core::mapping::Rules;
use lockstep_core::marker::{Marker, PairKey};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId};
use lockstep_core::sync::operation::{FieldChange, Notice, NoticeKind, Operation, OperationKind, TicketPlan};
use lockstep_core::ticket::{Ticket, Value, Version, Visibility};
use lockstep_store::tables::journal::{self, Finish, JournalState};
use lockstep_store::tables::links::Sight;
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::{bases, ledger, links, pending};
use lockstep_store::{JournalId, Packed};

use serde::Serialize;

use super::error::RunError;
use super::outcome::{self, Ending, Settled};
use super::recover;
use super::riding::{self, Rider};
use super::sending::{self, Intent, Sent};
use super::site::Site;
use crate::shown::title_among;

/// Tries to copy a file in one run while the platform sends us away for a while.
const UPLOAD_TRIES: u32 = 3;
/// A file that cannot be read is tried again after so long.
const FILE_AGAIN_MS: i64 = 3_600_000;

/// Keeps what plans without operations found out: agreements, settled bases, ledger entries, versions; what waited for
/// such a pair is over. All in one transaction.
pub async fn settle_quiet(site: &Site, rules: &Rules, plans: Vec<TicketPlan>) -> Result<(), RunError> {
    let linked = |plan: &TicketPlan| match plan.subject {
        lockstep_core::sync::Subject::Link { link } => Some(link),
        lockstep_core::sync::Subject::New { .. } => None,
    };
    let plans: Vec<(LinkId, TicketPlan)> =
        plans.into_iter().filter_map(|plan| Some((linked(&plan)?, plan))).collect();
    let tickets = outcome::tickets_of(site, plans.iter().map(|(link, _)| *link).collect()).await?;
    let feeds = Pair::from_fn(|side| site.feed(rules, side));
    let (connection, now_ms, epoch) = (site.connection, site.now_ms(), site.epoch);
    if plans.is_empty() {
        return Ok(());
    }
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            for (link, plan) in &plans {
                keep(tx, *link, &plan.bases, &plan.ledger)?;
                links::note_sight(tx, *link, &outcome::sight(plan), now_ms)?;
                outcome::keep_conflicts(tx, connection, *link, &plan.conflicts, now_ms)?;
                for side in Side::BOTH {
                    if let Some(tickets) = tickets.get(link) {
                        pending::remove(tx, &feeds[side], &tickets[side])?;
                    }
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}

fn done(
    tx: &lockstep_store::Tx<'_>,
    id: JournalId,
    outcome: &serde_json::Value,
) -> lockstep_store::Result<()> {
    journal::finish(tx, id, JournalState::Done, Finish { outcome: Some(outcome), ..Finish::default() })
}

fn keep(
    tx: &lockstep_store::Tx<'_>,
    link: LinkId,
    moves: &[(String, FieldBase)],
    entries: &[LedgerEntry],
) -> lockstep_store::Result<()> {
    for (key, base) in moves {
        bases::put(tx, link, key, base)?;
    }
    for entry in entries {
        ledger::put(tx, link, entry)?;
    }
    Ok(())
}

/// Carries out one pair's plan; `recent` are the sides whose lists may not show yet what belongs to the version read.
pub async fn carry_out(
    site: &Site,
    rules: &Rules,
    link: &Link,
    plan: &TicketPlan,
    pair: &Pair<Ticket>,
    recent: Pair<bool>,
) -> Result<Ending, RunError> {
    let (id, moves, entries, epoch) = (link.id, plan.bases.clone(), plan.ledger.clone(), site.epoch);
    if !(moves.is_empty() && entries.is_empty()) {
        site.store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                keep(tx, id, &moves, &entries)
            })
            .await?;
    }
    let mut ending = Ending {
        outcome: Some(plan.outcome()),
        notices: plan.notices.clone(),
        conflicts: plan.conflicts.clone(),
        planned: true,
        ..Ending::default()
    };
    let mut writer = Writer {
        site,
        rules,
        link: link.clone(),
        held: pair.as_ref().map(|t| t.fields.clone()),
        versions: plan.versions,
        proven: plan.versions,
        overtaken: Pair::default(),
        recent,
    };
    writer.operations(&plan.operations, &mut ending).await?;
    writer.settle(&mut ending);
    ending.look_again(plan);
    Ok(ending)
}

/// Writes to one linked pair.
pub struct Writer<'a> {
    pub site: &'a Site,
    pub rules: &'a Rules,
    pub link: Link,
    /// Field values as last read or answered, for `before`.
    pub held: Pair<BTreeMap<FieldId, Value>>,
    /// Versions as last read or answered.
    pub versions: Pair<Option<Version>>,
    /// Versions up to which nobody else wrote. They are kept with the ticket's end alone: kept with the writes on the
    /// way, a crash between two of them would make what this side still has to give look dealt with (I2, hazards.md H17).
    pub proven: Pair<Option<Version>>,
    /// Sides where somebody else wrote between our reading and our write.
    pub overtaken: Pair<bool>,
    /// Sides whose lists may not show yet what belongs to the version that was read.
    pub recent: Pair<bool>,
}

/// Whether the ticket's next operation may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Stop,
}

/// What became of one try to copy a file.
enum Attached {
    Ended(Next),
    /// The platform wants no calls for a while; nothing was done.
    SentAway(Sent, WriteFailure),
}

fn is_sent_away(failure: &WriteFailure) -> bool {
    matches!(failure, WriteFailure::NotApplied { error, .. } if matches!(error.kind, ErrorKind::RateLimited { .. }))
}

impl Writer<'_> {
    /// Carries out operations in order; what fails is told in `ending`.
    pub async fn operations(
        &mut self,
        operations: &[Operation],
        ending: &mut Ending,
    ) -> Result<(), RunError> {
        let mut written = 0;
        let rides = |side: Side| self.site.sides[side].connector.describe().comment_rides;
        let riders = riding::riders(operations, rides);
        for (at, operation) in operations.iter().enumerate() {
            if riders.values().any(|comment| *comment == at) {
                // It goes with its field write.
                continue;
            }
            if self.site.cancel.is_asked() {
                ending.waits = Some((PendingReason::Cancelled, "the run was cancelled".to_owned()));
                break;
            }
            let next = match &operation.kind {
                OperationKind::Update { changes, .. } => {
                    let rider = riders.get(&at).and_then(|comment| self.rider(&operations[*comment]));
                    self.update(operation.side, changes, rider, ending).await?
                }
                OperationKind::Steps { mapping, steps, read, .. } => {
                    self.steps(operation.side, mapping, steps, read, ending).await?
                }
                OperationKind::Comment { visibility, body, content_ref, entry, .. } => {
                    let request = self.comment_request(operation.side, *visibility, body, content_ref);
                    self.comment(operation.side, request, entry, None, ending).await?
                }
                OperationKind::EditComment { copy, visibility, body, content_ref, entry, .. } => {
                    let request = self.comment_request(operation.side, *visibility, body, content_ref);
                    self.comment(operation.side, request, entry, Some(copy), ending).await?
                }
                OperationKind::Attachment { .. } => self.attachment(operation, ending).await?,
                OperationKind::Create { .. } | OperationKind::Link { .. } => Next::GoOn,
            };
            if next == Next::Stop {
                break;
            }
            written += 1;
        }
        if !ending.troubles.is_empty() {
            ending.outcome = Some(lockstep_core::sync::Outcome::Failed);
        } else if written == 0 && ending.waits.is_some() {
            ending.outcome = Some(lockstep_core::sync::Outcome::Skipped);
        }
        Ok(())
    }

    fn intent(&self, side: Side, kind: &'static str, payload: &impl Serialize) -> Intent {
        Intent {
            side,
            kind,
            link: Some(self.link.id),
            tickets: self.link.tickets.clone().map(Some),
            key: None,
            payload: Packed::of(payload).expect("what is sent is plain data"),
            before: None,
        }
    }

    async fn intend(&self, intent: Intent) -> Result<Sent, RunError> {
        let sent = sending::intend(self.site, vec![intent]).await?;
        Ok(sent.into_iter().next().expect("one intent gives one row"))
    }

    /// Deals with a write that was not done.
    async fn not_done(
        &self,
        sent: &[Sent],
        failure: WriteFailure,
        doing: &str,
        ending: &mut Ending,
    ) -> Result<Next, RunError> {
        sending::failed_all(self.site, sent, &failure).await?;
        match failure {
            WriteFailure::NotApplied { error, .. } if error.stops_account() => {
                Err(RunError::Side { side: format!("{doing} {}", self.link.keys.source), error })
            }
            WriteFailure::NotApplied { error, .. } => {
                ending.waits = Some((PendingReason::Lag, format!("not written yet: {error}")));
                Ok(Next::Stop)
            }
            // Not a failure of the ticket: it is read again and planned anew.
            WriteFailure::Refused(error) if error.kind == ErrorKind::ChangedMeanwhile => {
                ending.waits = Some((PendingReason::Moved, format!("planned anew: {error}")));
                Ok(Next::Stop)
            }
            WriteFailure::Refused(error) => {
                ending.trouble(doing, &error, self.rules);
                ending.quarantined = true;
                Ok(Next::Stop)
            }
            WriteFailure::Unknown(error) => {
                let why = format!(
                    "the outcome is not known ({error}): it is looked up before anything else is written"
                );
                ending.waits = Some((PendingReason::Unknown, why));
                Ok(Next::Stop)
            }
        }
    }

    /// Takes the version of a write: only one that proves that nobody else wrote since the reading is kept. Any other
    /// stays unknown, so that the next run reads the pair again (hazards.md H17, H19).
    fn wrote(&mut self, side: Side, written: Option<Version>, ending: &mut Ending) {
        let (Some(before), Some(after)) = (self.versions[side], written) else { return };
        let (Some(from), Some(to)) = (before.counter, after.counter) else { return };
        self.versions[side] = Some(after);
        ending.saves[side] = ending.saves[side].max(to.saturating_sub(from));
        self.overtaken[side] |= to > from + 1;
        if !self.overtaken[side] {
            self.proven[side] = Some(after);
        }
    }

    /// All operations are done: the versions go with the ticket's end.
    pub fn settle(&self, ending: &mut Ending) {
        if ending.waits.is_none() && ending.troubles.is_empty() {
            let versions = Pair::from_fn(|side| self.proven[side].filter(|_| !self.recent[side]));
            let titles = self.held.as_ref().map(title_among);
            let sight = Sight { versions, titles, in_step: ending.conflicts.is_empty(), wrote: true };
            ending.settled = Some(Box::new(Settled { sight, ..Settled::default() }));
        }
    }

    /// The marker that this side's ticket should carry, own id included, when it is due (hazards.md H6).
    fn due_marker(&self, side: Side) -> Option<Marker> {
        if !self.link.marker_due || side == self.link.origin {
            return None;
        }
        let origin = self.link.origin;
        let pair = PairKey {
            origin: self.site.sides[origin].fingerprint.clone(),
            ticket: self.link.tickets[origin].clone(),
            destination: self.site.sides[side].fingerprint.clone(),
            generation: self.link.generation,
        };
        let own = Some(self.link.tickets[side].clone());
        Some(Marker { pair, store: self.site.store_id.clone(), op: None, own, passed: vec![], ended: false })
    }

    async fn update(
        &mut self,
        side: Side,
        changes: &[FieldChange],
        mut rider: Option<Rider>,
        ending: &mut Ending,
    ) -> Result<Next, RunError> {
        let mut wanted: Vec<FieldChange> = changes.to_vec();
        let mut split = false;
        let mut next = Next::GoOn;
        loop {
            let marker = self.due_marker(side);
            let marked = marker.is_some();
            let mut request = UpdateRequest {
                scope: self.rules.mapping.scope(side).clone(),
                ticket: self.link.tickets[side].clone(),
                fields: wanted.iter().map(|change| (change.field.clone(), change.after.clone())).collect(),
                marker,
                comment: None,
            };
            let mut payload = serde_json::to_value(&request).expect("a request is plain data");
            // For recovery: which base each field moves once it proves to be written.
            payload["changes"] = serde_json::to_value(&wanted).expect("changes are plain data");
            let mut intent = self.intent(side, "update", &payload);
            let before: BTreeMap<&FieldId, &Value> =
                wanted.iter().map(|change| (&change.field, &change.before)).collect();
            intent.before = Some(Packed::of(&before).expect("values are plain data"));
            // A row for each operation, one call id for both (hazards.md H20).
            let mut intents = vec![intent];
            intents.extend(rider.as_ref().map(|rider| self.intent(side, "comment", rider)));
            let sent = sending::intend(self.site, intents).await?;
            if !sending::in_time(self.site, &sent[0]) {
                return self.too_late(&sent, ending).await;
            }
            request.comment = rider.as_ref().map(|rider| rider.request.clone());
            match sending::send(&sent[0], self.site.sides[side].connector.update(&request)).await {
                Ok(written) => {
                    self.updated(side, &sent, &wanted, &written, marked, rider.as_ref(), ending).await?;
                    let too_wide = rider.filter(|rider| rider.is_wider(written.comment.as_ref()));
                    if let Some(rider) = too_wide {
                        let id = written.comment.and_then(|comment| comment.id);
                        return self.narrow(side, &rider.request, id.as_ref(), ending).await;
                    }
                    return Ok(next);
                }
                // The two are sent apart once, so that what is refused is known and the other one is done.
                Err(WriteFailure::Refused(error))
                    if rider.is_some()
                        && error.kind != ErrorKind::ChangedMeanwhile
                        && !left_out(Omission::RefusedCallNotSplit) =>
                {
                    sending::failed_all(self.site, &sent, &WriteFailure::Refused(error)).await?;
                    if let Some(rider) = rider.take() {
                        next = self.comment_apart(side, rider, ending).await?;
                    }
                    // A refused comment leaves the fields their own try; one that waits or is in doubt does not.
                    if next == Next::Stop && ending.waits.is_some() {
                        return Ok(Next::Stop);
                    }
                }
                // A definite refusal of some fields is split once: the others are written without them (H20, I8).
                Err(WriteFailure::Refused(error)) if !split && self.can_split(&wanted, &error) => {
                    sending::failed_all(self.site, &sent, &WriteFailure::Refused(error.clone())).await?;
                    ending.trouble("update", &error, self.rules);
                    ending.quarantined = true;
                    wanted.retain(|change| !error.fields.contains_key(&change.field));
                    split = true;
                }
                Err(failure) => {
                    let refused = matches!(failure, WriteFailure::Refused(_));
                    let next = self.not_done(&sent, failure, "update", ending).await?;
                    if refused {
                        let found = recover::written(self.site, self.rules, &self.link, side, &wanted).await;
                        self.refused_and_done(found).await?;
                    }
                    return Ok(next);
                }
            }
        }
    }

    /// What a refused write did all the same is ours, not a person's change (hazards.md H10). Where that cannot be read
    /// the refusal counts.
    async fn refused_and_done(&self, found: Result<recover::Found, RunError>) -> Result<(), RunError> {
        let moves = match found {
            Ok((_, moves)) if !moves.is_empty() => moves,
            Ok(_) => return Ok(()),
            Err(error) => {
                tracing::warn!(%error, "whether a refused write was carried out could not be read");
                return Ok(());
            }
        };
        let (link, epoch) = (self.link.id, self.site.epoch);
        self.site.store.write_in(epoch, move |tx| keep(tx, link, &moves, &[])).await?;
        Ok(())
    }

    /// Sends a comment whose combined call was refused, unless it stands there all the same: a refusal may come from a rule
    /// that ran after the save (hazards.md H10).
    async fn comment_apart(
        &mut self,
        side: Side,
        rider: Rider,
        ending: &mut Ending,
    ) -> Result<Next, RunError> {
        let Rider { request, entry } = rider;
        let scope = self.rules.mapping.scope(side);
        let there = match self.site.sides[side].connector.comments(scope, &request.ticket).await {
            Ok(there) => there,
            Err(error) => {
                let why = format!("whether its comment stands there could not be read: {error}");
                ending.waits = Some((PendingReason::Unreadable, why));
                return Ok(Next::Stop);
            }
        };
        let copy =
            there.into_iter().find(|copy| copy.by_us && copy.copy_of.as_deref() == Some(&request.copy_of));
        let Some(copy) = copy else {
            return self.comment(side, request, &entry, None, ending).await;
        };
        let (link, entry) = (self.link.id, LedgerEntry { copy: Some(copy.id.0), ..entry });
        self.site.store.write_in(self.site.epoch, move |tx| ledger::put(tx, link, &entry)).await?;
        Ok(Next::GoOn)
    }

    fn can_split(&self, wanted: &[FieldChange], error: &ConnectorError) -> bool {
        let refused = wanted.iter().filter(|change| error.fields.contains_key(&change.field)).count();
        refused > 0 && refused < wanted.len() && !left_out(Omission::RefusedCallNotSplit)
    }

    async fn too_late(&self, sent: &[Sent], ending: &mut Ending) -> Result<Next, RunError> {
        sending::void_all(self.site, sent, "too much time passed between the journal and the call").await?;
        ending.waits = Some((PendingReason::Other, "the computer slept before it was sent".to_owned()));
        Ok(Next::Stop)
    }

    /// Moves what a field write changed, and the comment that rode along, in one transaction.
    #[allow(clippy::too_many_arguments, reason = "one record of what happened")]
    async fn updated(
        &mut self,
        side: Side,
        sent: &[Sent],
        changes: &[FieldChange],
        written: &Written,
        marked: bool,
        rider: Option<&Rider>,
        ending: &mut Ending,
    ) -> Result<(), RunError> {
        let link = self.link.id;
        let stored = self.site.store.read(move |conn| bases::of(conn, link)).await?;
        let mut moves = Vec::new();
        let changes: Vec<FieldChange> =
            changes.iter().map(|change| self.as_it_stands(side, change)).collect();
        for change in &changes {
            let answered = written.answer.get(&change.field).cloned();
            let label = &change.label;
            let platform = self.site.label(side);
            ending.done.push(format!("{label} in {platform}"));
            if change.mapping.is_empty() {
                continue;
            }
            let revision = self.revision(&change.mapping);
            let old = stored.get(&change.mapping);
            let result = change.result();
            match answered {
                // The answer still shows the old value: not applied, not agreement (hazards.md H15).
                Some(now)
                    if now == change.before
                        && now != *result
                        && !left_out(Omission::IgnoredWriteTakenAsDone) =>
                {
                    let base = match old {
                        Some(base) => FieldBase { not_applied: Some((side, result.clone())), ..base.clone() },
                        None => continue,
                    };
                    ending.notices.push(Notice {
                        kind: NoticeKind::NotApplied,
                        mapping: Some(change.mapping.clone()),
                        message: format!("{platform} kept its value of {label}"),
                        remedy: Some(
                            "Check the account's permission on this field and the platform's own rules."
                                .to_owned(),
                        ),
                    });
                    moves.push((change.mapping.clone(), base));
                }
                answered => {
                    if answered.as_ref().is_some_and(|now| now != result) {
                        ending.done.push(format!("{platform} rewrote {label}"));
                    }
                    let base = change.base_after(old, &revision, side, answered);
                    moves.push((change.mapping.clone(), base));
                }
            }
        }
        for change in &changes {
            self.held[side].insert(change.field.clone(), change.result().clone());
        }
        let (id, epoch, outcome) =
            (sent[0].id, self.site.epoch, serde_json::json!({ "version": written.version }));
        self.wrote(side, written.version, ending);
        ending.wrote[side] = true;
        let entered = sent.get(1).zip(rider).map(|(sent, rider)| {
            ending.comments += 1;
            ending.done.push(format!("comment in {}", self.site.label(side)));
            (sent.id, rider.entered(written.comment.as_ref()), rider.outcome(written.comment.as_ref()))
        });
        self.site
            .store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                done(tx, id, &outcome)?;
                keep(tx, link, &moves, &[])?;
                if let Some((id, entry, outcome)) = &entered {
                    done(tx, *id, outcome)?;
                    ledger::put(tx, link, entry)?;
                }
                if marked {
                    links::set_marker_due(tx, link, false)?;
                }
                Ok(())
            })
            .await?;
        self.link.marker_due &= !marked;
        Ok(())
    }

    /// Of a set the other side may have got members by this very plan: they stand there now and belong to the base, else
    /// nobody would see them go (hazards.md H26).
    fn as_it_stands(&self, side: Side, change: &FieldChange) -> FieldChange {
        let mut change = change.clone();
        let field = self.rules.fields.iter().find(|field| field.key == change.mapping);
        let other = field.and_then(|field| field.mapping.fields(side.opposite()).first());
        if let (FieldWrite::Delta { .. }, Some(other)) = (&change.after, other)
            && let Some(held @ (Value::Set(_) | Value::Empty)) = self.held[side.opposite()].get(other)
        {
            change.read = held.clone();
        }
        change
    }

    fn revision(&self, mapping: &str) -> String {
        self.rules
            .fields
            .iter()
            .find(|field| field.key == mapping)
            .map(|field| field.revision.clone())
            .unwrap_or_default()
    }

    async fn steps(
        &mut self,
        side: Side,
        mapping: &str,
        steps: &[StepRequest],
        read: &Value,
        ending: &mut Ending,
    ) -> Result<Next, RunError> {
        for (nth, step) in steps.iter().enumerate() {
            let sent = self.intend(self.intent(side, "status", step)).await?;
            if !sending::in_time(self.site, &sent) {
                return self.too_late(&[sent], ending).await;
            }
            let scope = self.rules.mapping.scope(side);
            let step_call = self.site.sides[side].connector.step(scope, &self.link.tickets[side], step);
            let answer = sending::send(&sent, step_call).await;
            let written = match answer {
                Ok(written) => written,
                Err(WriteFailure::Refused(error)) if !self.is_explored(side, &step.from) => {
                    sending::failed(self.site, &sent, &WriteFailure::Refused(error.clone())).await?;
                    self.site.workflow_stale.store(true, Ordering::Relaxed);
                    let why = format!("its status waits: the workflow is read anew first ({error})");
                    ending.waits = Some((PendingReason::Other, why));
                    return Ok(Next::Stop);
                }
                Err(failure) => {
                    let refused = matches!(failure, WriteFailure::Refused(_));
                    let next = self.not_done(&[sent], failure, "status", ending).await?;
                    if refused {
                        let found = recover::stepped(self.site, self.rules, &self.link, side, step).await;
                        self.refused_and_done(found).await?;
                    }
                    return Ok(next);
                }
            };
            let last = nth + 1 == steps.len();
            self.wrote(side, written.version, ending);
            ending.wrote[side] = true;
            self.stepped(side, mapping, step, read, last, &sent, &written).await?;
            let label = self.rules.schemas[side].workflow.label(&step.to);
            ending.done.push(format!("{} to {label}", self.site.label(side)));
        }
        Ok(Next::GoOn)
    }

    fn is_explored(&self, side: Side, status: &str) -> bool {
        let workflow = &self.rules.schemas[side].workflow;
        workflow.free || workflow.explored.contains(status)
    }

    /// Each step moves the base of its own side; the other half moves with the last one (hazards.md H21).
    #[allow(clippy::too_many_arguments, reason = "one record of what happened")]
    async fn stepped(
        &self,
        side: Side,
        mapping: &str,
        step: &StepRequest,
        read: &Value,
        last: bool,
        sent: &Sent,
        written: &Written,
    ) -> Result<(), RunError> {
        let link = self.link.id;
        let (mapping, revision) = (mapping.to_owned(), self.revision(mapping));
        let field = self.rules.schemas[side].status_field.clone();
        let answered = field.and_then(|field| written.answer.get(&field).cloned());
        let (to, read) = (Value::choice(&step.to), read.clone());
        let (id, epoch) = (sent.id, self.site.epoch);
        let outcome = serde_json::json!({ "to": step.to });
        self.site
            .store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                done(tx, id, &outcome)?;
                let old = bases::of(tx, link)?.remove(&mapping);
                let other_half = match (&old, last) {
                    (Some(base), false) => base.values[side.opposite()].clone(),
                    (None, false) => Value::Empty,
                    (_, true) => read,
                };
                let base = FieldBase::after_write(old.as_ref(), &revision, side, other_half, to, answered);
                bases::put(tx, link, &mapping, &base)
            })
            .await?;
        Ok(())
    }

    /// A comment as it rides along.
    fn rider(&self, operation: &Operation) -> Option<Rider> {
        let OperationKind::Comment { visibility, body, content_ref, entry, .. } = &operation.kind else {
            return None;
        };
        let request = self.comment_request(operation.side, *visibility, body, content_ref);
        Some(Rider { request, entry: entry.clone() })
    }

    fn comment_request(
        &self,
        side: Side,
        visibility: Visibility,
        body: &str,
        content_ref: &str,
    ) -> CommentRequest {
        CommentRequest {
            scope: self.rules.mapping.scope(side).clone(),
            ticket: self.link.tickets[side].clone(),
            body: body.to_owned(),
            visibility,
            copy_of: content_ref.to_owned(),
        }
    }

    async fn comment(
        &mut self,
        side: Side,
        request: CommentRequest,
        entry: &LedgerEntry,
        edited: Option<&CommentId>,
        ending: &mut Ending,
    ) -> Result<Next, RunError> {
        let kind = if edited.is_some() { "edit_comment" } else { "comment" };
        let rider = Rider { request, entry: entry.clone() };
        let sent = self.intend(self.intent(side, kind, &rider)).await?;
        if !sending::in_time(self.site, &sent) {
            return self.too_late(&[sent], ending).await;
        }
        let connector = self.site.sides[side].connector.clone();
        let answer = match edited {
            Some(copy) => sending::send(&sent, connector.edit_comment(copy, &rider.request)).await,
            None => sending::send(&sent, connector.add_comment(&rider.request)).await,
        };
        let written = match answer {
            Ok(written) => written,
            Err(failure) => return self.not_done(&[sent], failure, "comment", ending).await,
        };
        let mut kept = rider.entered(Some(&written));
        kept.copy = kept.copy.or_else(|| edited.map(|id| id.0.clone()));
        let (id, epoch, link) = (sent.id, self.site.epoch, self.link.id);
        self.wrote(side, written.version, ending);
        let wider = rider.is_wider(Some(&written));
        let outcome = serde_json::json!({ "comment": kept.copy, "wider_than_meant": wider });
        self.site
            .store
            .write(move |tx| {
                tx.check_epoch(epoch)?;
                done(tx, id, &outcome)?;
                ledger::put(tx, link, &kept)
            })
            .await?;
        ending.comments += 1;
        ending.done.push(format!("comment in {}", self.site.label(side)));
        if wider {
            return self.narrow(side, &rider.request, written.id.as_ref(), ending).await;
        }
        Ok(Next::GoOn)
    }

    /// A comment of ours that came out more visible than meant is narrowed, else removed (hazards.md H38).
    async fn narrow(
        &self,
        side: Side,
        request: &CommentRequest,
        id: Option<&CommentId>,
        ending: &mut Ending,
    ) -> Result<Next, RunError> {
        let connector = &self.site.sides[side].connector;
        let Some(id) = id else {
            return Ok(Next::GoOn);
        };
        if connector.describe().narrows_comments
            && let Ok(written) = connector.edit_comment(id, request).await
            && written.visibility == Some(Visibility::Internal)
        {
            ending.done.push("the comment came out public and was made internal at once".to_owned());
            return Ok(Next::GoOn);
        }
        let removed = connector.retract_comment(&request.ticket, id).await;
        let message = match removed {
            Ok(()) => "a comment came out public although it was meant to be internal: it was removed",
            Err(_) => {
                "a comment came out public although it was meant to be internal, and could not be removed"
            }
        };
        let error = ConnectorError::new(ErrorKind::Unexpected, message)
            .remedy("Check how this scope treats internal comments before copying more.");
        ending.trouble("comment", &error, self.rules);
        ending.quarantined = true;
        Ok(Next::Stop)
    }

    /// Copies a file. One that was sent away for a while is read again and sent once the wait is over: what streams
    /// cannot be repeated, and the next run may come to the same limit.
    async fn attachment(&mut self, operation: &Operation, ending: &mut Ending) -> Result<Next, RunError> {
        for _ in 1..UPLOAD_TRIES {
            match self.attach(operation, ending).await? {
                Attached::SentAway(sent, failure) => sending::failed(self.site, &sent, &failure).await?,
                Attached::Ended(next) => return Ok(next),
            }
        }
        match self.attach(operation, ending).await? {
            Attached::SentAway(sent, failure) => self.not_done(&[sent], failure, "attachment", ending).await,
            Attached::Ended(next) => Ok(next),
        }
    }

    async fn attach(&mut self, operation: &Operation, ending: &mut Ending) -> Result<Attached, RunError> {
        let OperationKind::Attachment { original, name, mime, size_bytes, entry } = &operation.kind else {
            return Ok(Attached::Ended(Next::GoOn));
        };
        let side = operation.side;
        let from = self.site.sides[side.opposite()].connector.clone();
        let to = self.site.sides[side].connector.clone();
        let body = match from.download(original).await {
            Ok(body) => body,
            Err(error) if error.stops_account() => {
                return Err(RunError::Side {
                    side: format!("{}, reading a file", self.site.label(side.opposite())),
                    error,
                });
            }
            Err(error) => {
                // The rest goes on; the file is tried again later.
                ending.waits = Some((PendingReason::Failed, format!("{name} cannot be read: {error}")));
                ending.wait_ms = FILE_AGAIN_MS;
                ending.trouble("attachment", &error, self.rules);
                return Ok(Attached::Ended(Next::GoOn));
            }
        };
        let payload = serde_json::json!({ "name": name, "size_bytes": size_bytes, "entry": entry });
        let sent = self.intend(self.intent(side, "attachment", &payload)).await?;
        if !sending::in_time(self.site, &sent) {
            return Ok(Attached::Ended(self.too_late(&[sent], ending).await?));
        }
        let request = UploadRequest {
            scope: self.rules.mapping.scope(side).clone(),
            ticket: self.link.tickets[side].clone(),
            name: name.clone(),
            mime: mime.clone(),
            size_bytes: *size_bytes,
            visibility: Visibility::Internal,
            body,
        };
        match sending::send(&sent, to.upload(request)).await {
            Ok(file) => {
                let mut kept = entry.clone();
                kept.copy = Some(file.id.0.clone());
                let (id, epoch, link) = (sent.id, self.site.epoch, self.link.id);
                self.site
                    .store
                    .write(move |tx| {
                        tx.check_epoch(epoch)?;
                        done(tx, id, &serde_json::json!({ "attachment": kept.copy }))?;
                        ledger::put(tx, link, &kept)
                    })
                    .await?;
                ending.files += 1;
                ending.done.push(format!("{name} in {}", self.site.label(side)));
                Ok(Attached::Ended(Next::GoOn))
            }
            Err(failure) if is_sent_away(&failure) => Ok(Attached::SentAway(sent, failure)),
            Err(failure) => Ok(Attached::Ended(self.not_done(&[sent], failure, "attachment", ending).await?)),
        }
    }
}
