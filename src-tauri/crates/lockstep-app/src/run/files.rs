//! Copies of files that the ledger does not know: after the loss of a store, or of an answer, what stands there as ours
//! is matched with what it was made of, counted, so that nothing is sent a second time (hazards.md H2, H41).

use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::{LedgerEntry, LedgerKind, LedgerState};
use lockstep_core::ticket::{Attachment, Ticket, Visibility};

/// How far the servers' clocks may have drifted since, milliseconds.
const DRIFT_MS: i64 = 60_000;

/// Ledger entries for originals whose copy stands on the other side already. A copy is never older than its original, by
/// one clock: `clocks_ms` is what both servers' clocks show at the same moment.
pub fn found(tickets: Pair<&Ticket>, ledger: &[LedgerEntry], clocks_ms: Pair<i64>) -> Vec<LedgerEntry> {
    let mut entries: Vec<LedgerEntry> = Vec::new();
    for from in Side::BOTH {
        let to = from.opposite();
        let (Some(here), Some(there)) = (&tickets[from].attachments, &tickets[to].attachments) else {
            continue;
        };
        for file in here.iter().filter(|file| !file.by_us && !is_known(ledger, from, file)) {
            let taken = |copy: &Attachment| {
                let copies =
                    ledger.iter().chain(&entries).filter(|entry| entry.kind == LedgerKind::Attachment);
                copies
                    .filter(|entry| entry.side == from)
                    .any(|entry| entry.copy.as_deref() == Some(copy.id.as_str()))
            };
            let alike = |copy: &&Attachment| {
                copy.by_us
                    && copy.name == file.name
                    && copy.size_bytes == file.size_bytes
                    && copy.created_ms + clocks_ms[from] - clocks_ms[to] + DRIFT_MS >= file.created_ms
            };
            let copy = there.iter().filter(alike).find(|copy| !taken(copy));
            if let Some(copy) = copy {
                let entry = LedgerEntry {
                    kind: LedgerKind::Attachment,
                    side: from,
                    id: file.id.0.clone(),
                    copy: Some(copy.id.0.clone()),
                    state: LedgerState::Copied,
                    edited_ms: file.created_ms,
                    hash: file.sha256.as_deref().unwrap_or_default().chars().take(16).collect(),
                    visibility: Visibility::Unknown,
                };
                entries.push(entry);
            }
        }
    }
    entries
}

fn is_known(ledger: &[LedgerEntry], side: Side, file: &Attachment) -> bool {
    ledger.iter().any(|entry| {
        entry.kind == LedgerKind::Attachment && entry.side == side && entry.id == file.id.as_str()
    })
}
