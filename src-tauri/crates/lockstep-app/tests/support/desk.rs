//! What a person does in Lockstep itself: retries what failed, decides conflicts.

use lockstep_core::side::Side;
use lockstep_core::sync::plan::Decided;
use lockstep_store::tables::links::StoredLink;
use lockstep_store::tables::pending::{self, NewPending, PendingReason};
use lockstep_store::tables::{conflicts, links, quarantine};
use lockstep_store::{Feed, Tx};

use crate::bench::Bench;

/// A person retries everything that failed for good.
pub fn retry_all(bench: &Bench) {
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::list(conn, connection, None, 100)).wait().unwrap();
    for row in held {
        let retried = bench.store.write(move |tx| {
            quarantine::remove(tx, connection, &row.what.subject)?;
            let feed = Feed::new(connection, "Incident".to_owned(), row.what.side);
            let account = lockstep_core::marker::Fingerprint("test".to_owned());
            wait(tx, &feed, &account, &row.what.ticket, PendingReason::Failed)
        });
        retried.wait().unwrap();
    }
}

/// A person decides every open conflict for one side.
#[allow(dead_code, reason = "each test binary uses its part")]
pub fn decide_all(bench: &Bench, winner: Side) {
    let (connection, now_ms) = (bench.connection, bench.clock_ms());
    let decided = bench.store.write(move |tx| {
        for conflict in conflicts::list(tx, connection, None, 100)? {
            let found = conflict.found;
            let decision = Decided { base: found.base.clone(), now: found.now.clone(), winner: Some(winner) };
            let json = serde_json::to_value(&decision).expect("values are plain data");
            conflicts::decide(tx, conflict.id, &found, &json, now_ms)?;
            let link: Option<StoredLink> = links::get(tx, conflict.link)?;
            if let Some(link) = link {
                let feed = Feed::new(connection, link.link.type_mapping.clone(), Side::Source);
                let ticket = &link.link.tickets.source;
                wait(tx, &feed, &link.accounts.source, ticket, PendingReason::Decision)?;
            }
        }
        Ok(())
    });
    decided.wait().unwrap();
}

fn wait(
    tx: &Tx<'_>,
    feed: &Feed,
    account: &lockstep_core::marker::Fingerprint,
    ticket: &lockstep_core::TicketId,
    reason: PendingReason,
) -> lockstep_store::Result<()> {
    let waits = NewPending { feed, account, ticket, reason, detail: "ordered", not_before_ms: 0, run: None };
    pending::add(tx, waits, 0)
}
