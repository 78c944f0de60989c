//! A store with a fixed key, and rows to put into it.

use std::path::Path;

use lockstep_core::marker::{Fingerprint, PairKey};
use lockstep_core::side::Pair;
use lockstep_core::sync::{ConflictFound, Link, LinkId, LinkState};
use lockstep_core::ticket::{Value, Version};
use lockstep_core::{Side, TicketId};
use lockstep_store::tables::accounts::AccountDraft;
use lockstep_store::tables::journal::NewOp;
use lockstep_store::tables::quarantine::NewQuarantined;
use lockstep_store::tables::{accounts, connections, links, locks};
use lockstep_store::{AccountId, ConnectionId, Epoch, Packed, Store, StoreKey, StorePlace, Tx};
use serde_json::json;

pub const ID: &str = "5a1e0001";
pub const NOW: i64 = 1_795_000_000_000;

/// No secret: it only opens stores made by tests, and the fixtures.
pub fn key() -> StoreKey {
    StoreKey::from_bytes(*b"a key of tests, known to anybody")
}

pub fn place(dir: &Path) -> StorePlace {
    StorePlace { dir: dir.to_owned(), key: key(), id: ID.to_owned(), now_ms: NOW }
}

pub fn in_memory() -> Store {
    Store::in_memory(ID, NOW).unwrap()
}

/// The file opened past the crate, to look and to meddle.
pub fn raw(dir: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(dir.join(lockstep_store::STORE_FILE)).unwrap();
    let hex: String = b"a key of tests, known to anybody".iter().map(|byte| format!("{byte:02x}")).collect();
    connection.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"")).unwrap();
    connection
}

pub fn servicenow() -> Fingerprint {
    Fingerprint::of("servicenow", "https://corvane.example")
}

pub fn jira() -> Fingerprint {
    Fingerprint::of("jira", "cloud-1")
}

pub fn accounts() -> Pair<Fingerprint> {
    Pair { source: servicenow(), target: jira() }
}

/// What most tests start from.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    pub accounts: Pair<AccountId>,
    pub connection: ConnectionId,
    pub epoch: Epoch,
}

pub fn ground(store: &Store) -> Ground {
    store.write(lay_ground).wait().unwrap()
}

pub fn lay_ground(tx: &Tx<'_>) -> lockstep_store::Result<Ground> {
    let accounts = Pair {
        source: accounts::add(tx, &draft("Corvane", "servicenow"), NOW)?,
        target: accounts::add(tx, &draft("Platform team", "jira"), NOW)?,
    };
    let (connection, _) = connections::save(tx, "Corvane to Platform", accounts, &json!({"v": 1}), NOW)?;
    Ok(Ground { accounts, connection, epoch: locks::raise_epoch(tx, "a test", NOW)? })
}

pub fn draft(name: &str, platform: &str) -> AccountDraft {
    AccountDraft {
        name: name.to_owned(),
        platform: platform.to_owned(),
        base_url: format!("https://{platform}.example"),
        sign_in: json!({"method": "token", "user": "mia"}),
        settings: json!({}),
    }
}

pub fn link(connection: ConnectionId, source: &str, target: &str) -> Link {
    Link {
        id: LinkId(0),
        connection: connection.0,
        type_mapping: "Incident".to_owned(),
        tickets: Pair { source: source.into(), target: target.into() },
        keys: Pair { source: format!("INC{source}"), target: format!("CSD-{target}") },
        origin: Side::Source,
        generation: 0,
        state: LinkState::Live,
        versions: Pair {
            source: Version { stamp_ms: 10, counter: Some(3) },
            target: Version { stamp_ms: 20, counter: None },
        },
        marker_due: true,
        linked_ms: NOW,
    }
}

pub fn titles() -> Pair<String> {
    Pair { source: "Printer on fire".to_owned(), target: "Printer on fire".to_owned() }
}

pub fn add_link(
    tx: &Tx<'_>,
    connection: ConnectionId,
    source: &str,
    target: &str,
) -> lockstep_store::Result<LinkId> {
    links::insert(tx, &link(connection, source, target), &accounts(), &titles(), &json!({}))
}

pub fn conflict(target: &str) -> ConflictFound {
    ConflictFound {
        mapping: "priority".to_owned(),
        label: "Priority".to_owned(),
        base: Pair { source: Value::choice("3"), target: Value::choice("medium") },
        now: Pair { source: Value::choice("1"), target: Value::choice(target) },
        carried: Pair { source: Some(Value::choice("high")), target: None },
    }
}

pub fn quarantined(connection: ConnectionId, subject: &str) -> NewQuarantined {
    NewQuarantined {
        connection,
        subject: subject.to_owned(),
        link: None,
        side: Side::Source,
        ticket: "1".into(),
        key: "INC1".to_owned(),
        title: "Printer on fire".to_owned(),
        type_mapping: "Incident".to_owned(),
        error: json!([{ "message": "refused" }]),
        run: None,
    }
}

pub fn pair_key(ticket: &str) -> PairKey {
    PairKey { origin: servicenow(), ticket: TicketId::from(ticket), destination: jira(), generation: 0 }
}

pub fn create_op(ground: Ground, op: &str, ticket: &str) -> NewOp {
    NewOp {
        op_id: op.to_owned(),
        call_id: format!("call-{op}"),
        run: None,
        epoch: ground.epoch,
        connection: ground.connection,
        link: None,
        side: Side::Target,
        kind: "create".to_owned(),
        pair_key: Some(pair_key(ticket)),
        tickets: Pair { source: Some(ticket.into()), target: None },
        payload: Packed::of(&json!({"summary": "Printer on fire", "description": "x".repeat(300)})).unwrap(),
        before: None,
    }
}
