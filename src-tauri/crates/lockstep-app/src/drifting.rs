//! Changes of a live system's fields since a person last looked at them: kept with each reading, until they are reviewed.

use lockstep_core::connector::Scope;
use lockstep_core::drift::{SchemaChange, accumulate, drift};
use lockstep_core::schema::Schema;
use lockstep_store::tables::schemas::{self, Snapshot};
use lockstep_store::tables::settings;
use lockstep_store::{AccountId, Connection, Tx};
use serde::{Deserialize, Serialize};

/// What changed since a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Drifted {
    /// When the fields were read as a person knew them.
    #[ts(type = "number")]
    pub since_ms: i64,
    pub changes: Vec<SchemaChange>,
}

fn key(account: AccountId, scope: &Scope) -> String {
    let scope = serde_json::to_string(scope).expect("a scope is plain data");
    format!("drift:{}:{scope}", account.0)
}

/// Keeps a new reading, and adds what it has otherwise than the one before to what nobody has reviewed.
pub fn keep(
    tx: &Tx<'_>,
    account: AccountId,
    scope: &Scope,
    read: &Schema,
    now_ms: i64,
) -> lockstep_store::Result<()> {
    if let Some(before) = schemas::get(tx, account, scope)? {
        let new = drift(&before.schema, read);
        if !new.is_empty() {
            add(tx, account, scope, &before, new, now_ms)?;
        }
    }
    schemas::put(tx, account, scope, read, now_ms)
}

fn add(
    tx: &Tx<'_>,
    account: AccountId,
    scope: &Scope,
    before: &Snapshot,
    new: Vec<SchemaChange>,
    now_ms: i64,
) -> lockstep_store::Result<()> {
    // A snapshot that was set aside to be read anew has no time of its own.
    let since_ms = if before.taken_ms > 0 { before.taken_ms } else { now_ms };
    let known = of(tx, account, scope)?.unwrap_or(Drifted { since_ms, changes: Vec::new() });
    let changes = accumulate(known.changes, new);
    if changes.is_empty() {
        return settings::remove(tx, &key(account, scope));
    }
    settings::put(tx, &key(account, scope), &Drifted { since_ms: known.since_ms, changes }, now_ms)
}

/// What nobody has reviewed; `None` where nothing changed.
pub fn of(conn: &Connection, account: AccountId, scope: &Scope) -> lockstep_store::Result<Option<Drifted>> {
    settings::get(conn, &key(account, scope))
}

/// A person has looked at it.
pub fn reviewed(tx: &Tx<'_>, account: AccountId, scope: &Scope) -> lockstep_store::Result<()> {
    settings::remove(tx, &key(account, scope))
}

#[cfg(test)]
mod tests {
    use lockstep_core::FieldId;
    use lockstep_core::schema::{FieldKind, FieldSchema};

    use super::*;
    use crate::config::import::tests::{EXAMPLE, app};
    use crate::config::{Known, import, parse};

    fn with(fields: &[&str]) -> Schema {
        let field = |id: &str| FieldSchema {
            id: id.into(),
            label: id.to_owned(),
            kind: FieldKind::Line,
            required_on_create: false,
            read_only: None,
            on_create: true,
            chars_max: None,
            options: Vec::new(),
        };
        let fields = fields.iter().map(|id| (FieldId::from(*id), field(id))).collect();
        Schema { fields, ..Schema::default() }
    }

    #[tokio::test]
    async fn changes_add_up_until_they_are_reviewed() {
        let app = app();
        import(&app, parse(EXAMPLE, &Known::new()).unwrap()).await.unwrap();
        let account = app.account("Practice Jira").await.unwrap().id;
        let scope = app.connection("Incidents").await.unwrap().1.types[0].target.clone();
        let read = async |fields: &'static [&'static str], now_ms: i64| {
            let scope = scope.clone();
            let keeping = app.store().write(move |tx| {
                keep(tx, account, &scope, &with(fields), now_ms)?;
                of(tx, account, &scope)
            });
            keeping.await.unwrap()
        };
        assert_eq!(read(&["summary", "region"], 10).await, None, "the first reading is no change");
        assert_eq!(read(&["summary", "region"], 20).await, None);
        let gone = read(&["summary"], 30).await.unwrap();
        assert_eq!((gone.since_ms, gone.changes.len()), (20, 1));
        let more = read(&["summary", "impact"], 40).await.unwrap();
        assert_eq!((more.since_ms, more.changes.len()), (20, 2), "since what a person knew");
        let wanted = scope.clone();
        app.store().write(move |tx| reviewed(tx, account, &wanted)).await.unwrap();
        assert_eq!(read(&["summary", "impact"], 50).await, None);
    }
}
