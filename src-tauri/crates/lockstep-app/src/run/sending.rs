//! One write to a platform: its journal row is committed before the first byte leaves, and finished after the answer.

use std::future::Future;

use lockstep_connectors::http::not_after;
use lockstep_core::connector::WriteFailure;
use lockstep_core::ids::TicketId;
use lockstep_core::marker::PairKey;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::link::LinkId;
use lockstep_store::tables::journal::{self, Finish, JournalState, NewOp};
use lockstep_store::{JournalId, Packed};

use super::error::RunError;
use super::site::Site;

/// Longest time between the journal's commit and the first byte, on a clock that counts sleep (hazards.md H48).
const SEND_DEADLINE_MS: u64 = 20_000;

/// What is written, for the journal.
#[derive(Debug, Clone)]
pub struct Intent {
    pub side: Side,
    pub kind: &'static str,
    pub link: Option<LinkId>,
    pub tickets: Pair<Option<TicketId>>,
    /// Pair key of a create: what recovery looks for.
    pub key: Option<PairKey>,
    pub payload: Packed,
    pub before: Option<Packed>,
}

/// A journal row in state `sent`.
#[derive(Debug, Clone)]
pub struct Sent {
    pub id: JournalId,
    pub op_id: String,
    side: Side,
    at: u64,
}

/// Commits rows in state `sent`: one operation each, one shared call id (hazards.md H9, H20).
pub async fn intend(site: &Site, intents: Vec<Intent>) -> Result<Vec<Sent>, RunError> {
    let now_ms = site.now_ms();
    let at = site.clock.monotonic_ms();
    let call_id = site.ids.op_id(now_ms).to_string();
    let rows: Vec<(NewOp, i64)> = intents
        .into_iter()
        .map(|intent| {
            let server_ms = site.sides[intent.side].connector.server_now_ms();
            let op = NewOp {
                op_id: site.ids.op_id(now_ms).to_string(),
                call_id: call_id.clone(),
                run: site.run,
                epoch: site.epoch,
                connection: site.connection,
                link: intent.link,
                side: intent.side,
                kind: intent.kind.to_owned(),
                pair_key: intent.key,
                tickets: intent.tickets,
                payload: intent.payload,
                before: intent.before,
            };
            (op, server_ms)
        })
        .collect();
    let epoch = site.epoch;
    let sent = site
        .store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            rows.into_iter()
                .map(|(op, server_ms)| {
                    Ok(Sent { id: journal::sent(tx, &op, server_ms)?, side: op.side, op_id: op.op_id, at })
                })
                .collect::<lockstep_store::Result<Vec<Sent>>>()
        })
        .await?;
    Ok(sent)
}

/// Longest time until the first byte with all that prepares a write: readings, and waits for the platform's limits.
/// Shorter than any platform's settle time, so that nobody looks for what may still leave.
const LEAVE_DEADLINE_MS: u64 = SEND_DEADLINE_MS + 90_000;

/// Carries out a write whose row is committed; it does not leave when it took too long to get there (hazards.md H48).
pub async fn send<F: Future>(sent: &Sent, write: F) -> F::Output {
    if left_out(Omission::SentAfterSleep) {
        return write.await;
    }
    not_after(sent.at.saturating_add(LEAVE_DEADLINE_MS), write).await
}

/// Whether the row may still be sent; a late one must become `void` (hazards.md H48).
pub fn in_time(site: &Site, sent: &Sent) -> bool {
    let waited = site.clock.monotonic_ms().saturating_sub(sent.at);
    waited <= SEND_DEADLINE_MS || left_out(Omission::SentAfterSleep)
}

/// Moves a row to where a failed write leaves it.
pub async fn failed(site: &Site, sent: &Sent, failure: &WriteFailure) -> Result<(), RunError> {
    failed_all(site, std::slice::from_ref(sent), failure).await
}

/// The same for all rows of one call, in one transaction (hazards.md H20).
pub async fn failed_all(site: &Site, sent: &[Sent], failure: &WriteFailure) -> Result<(), RunError> {
    let Some(first) = sent.first() else { return Ok(()) };
    let state = match failure {
        // Certainly not applied: the ticket is planned anew from a fresh reading, so the row is done with.
        WriteFailure::NotApplied { .. } => JournalState::Void,
        WriteFailure::Refused(_) => JournalState::Failed,
        WriteFailure::Unknown(_) if left_out(Omission::LostAnswerIsNo) => JournalState::Void,
        WriteFailure::Unknown(_) => JournalState::Unknown,
    };
    let error = failure.error();
    let why = serde_json::json!({
        "message": error.message,
        "kind": error.kind,
        // From here on the platform's settle time counts (hazards.md H4).
        "ended_ms": site.sides[first.side].connector.server_now_ms(),
    });
    close(site, sent, state, why).await
}

/// Gives a row up that was never sent.
pub async fn void(site: &Site, sent: &Sent, why: &str) -> Result<(), RunError> {
    void_all(site, std::slice::from_ref(sent), why).await
}

/// The same for all rows of one call.
pub async fn void_all(site: &Site, sent: &[Sent], why: &str) -> Result<(), RunError> {
    close(site, sent, JournalState::Void, serde_json::json!({ "message": why })).await
}

async fn close(
    site: &Site,
    sent: &[Sent],
    state: JournalState,
    why: serde_json::Value,
) -> Result<(), RunError> {
    let (ids, epoch): (Vec<JournalId>, _) = (sent.iter().map(|sent| sent.id).collect(), site.epoch);
    site.store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            let finish = Finish { error: Some(&why), ..Finish::default() };
            ids.iter().try_for_each(|id| journal::finish(tx, *id, state, finish))
        })
        .await?;
    Ok(())
}
