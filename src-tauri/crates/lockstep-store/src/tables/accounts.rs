//! Accounts: signed-in platform instances. Their secrets lie in the keychain.

use lockstep_core::connector::Identity;
use lockstep_core::marker::Fingerprint;
use rusqlite::{OptionalExtension, Row, params};

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::store::{Connection, Tx};
use crate::words::{json, read_json, read_json_or_none, row_id};

row_id! {
    /// An account's row.
    AccountId
}

/// What a person says of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountDraft {
    /// What people call it; unique.
    pub name: String,
    /// `servicenow`, `jira`.
    pub platform: String,
    pub base_url: String,
    /// Method and what belongs to it, never a secret.
    pub sign_in: serde_json::Value,
    /// Settle time, own certificate file, limits: whatever the account lets people set.
    pub settings: serde_json::Value,
}

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub id: AccountId,
    pub draft: AccountDraft,
    /// From the platform's own instance id; `None` before the first sign-in.
    pub fingerprint: Option<Fingerprint>,
    /// Who and where it is, as read at the last sign-in.
    pub identity: Option<Identity>,
    pub created_ms: i64,
    pub updated_ms: i64,
}

const COLUMNS: &str =
    "SELECT id, name, platform, base_url, sign_in, settings, fingerprint, identity, created_ms, updated_ms
     FROM accounts";

fn read(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        draft: AccountDraft {
            name: row.get(1)?,
            platform: row.get(2)?,
            base_url: row.get(3)?,
            sign_in: read_json(row, 4)?,
            settings: read_json(row, 5)?,
        },
        fingerprint: row.get::<_, Option<String>>(6)?.map(Fingerprint),
        identity: read_json_or_none(row, 7)?,
        created_ms: row.get(8)?,
        updated_ms: row.get(9)?,
    })
}

/// Adds an account; its name must be free. Ids are never used again, so a stale secret never fits a new account.
pub fn add(tx: &Tx<'_>, draft: &AccountDraft, now_ms: i64) -> Result<AccountId> {
    let added = tx
        .sql()
        .prepare_cached(
            "INSERT INTO accounts (name, platform, base_url, sign_in, settings, created_ms, updated_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        )?
        .execute(params![
            draft.name,
            draft.platform,
            draft.base_url,
            json(&draft.sign_in)?,
            json(&draft.settings)?,
            now_ms
        ]);
    added.map_err(|error| name_taken(error, &draft.name))?;
    Ok(AccountId(tx.sql().last_insert_rowid()))
}

/// By name.
pub fn list(connection: &Connection) -> Result<Vec<Account>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} ORDER BY name"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One account.
pub fn get(connection: &Connection, id: AccountId) -> Result<Option<Account>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// One account by its name.
pub fn by_name(connection: &Connection, name: &str) -> Result<Option<Account>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE name = ?1"))?;
    Ok(statement.query_row([name], read).optional()?)
}

/// Changes what a person says of it. Another base address forgets who it was: sign-in is asked again (threat T16).
pub fn update(tx: &Tx<'_>, id: AccountId, draft: &AccountDraft, now_ms: i64) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE accounts SET name = ?2, platform = ?3, sign_in = ?5, settings = ?6, updated_ms = ?7,
                 fingerprint = CASE WHEN base_url = ?4 AND platform = ?3 THEN fingerprint END,
                 identity = CASE WHEN base_url = ?4 AND platform = ?3 THEN identity END,
                 base_url = ?4
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            draft.name,
            draft.platform,
            draft.base_url,
            json(&draft.sign_in)?,
            json(&draft.settings)?,
            now_ms
        ])
        .map_err(|error| name_taken(error, &draft.name))?;
    if changed == 0 { Err(StoreError::not_found(format!("account {id}"))) } else { Ok(()) }
}

/// Writes down what a sign-in read. The caller has compared the fingerprint with the one before (hazards.md H45).
pub fn set_identity(
    tx: &Tx<'_>,
    id: AccountId,
    fingerprint: &Fingerprint,
    identity: &Identity,
    now_ms: i64,
) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE accounts SET fingerprint = ?2, identity = ?3, updated_ms = ?4 WHERE id = ?1")?
        .execute(params![id, fingerprint.0, json(identity)?, now_ms])?;
    if changed == 0 { Err(StoreError::not_found(format!("account {id}"))) } else { Ok(()) }
}

/// Removes an account that no connection uses; removed connections let go of it. Links stay: they hold fingerprints.
pub fn remove(tx: &Tx<'_>, id: AccountId) -> Result<()> {
    for sql in [
        "UPDATE connections SET source_account = NULL WHERE source_account = ?1 AND removed_ms IS NOT NULL",
        "UPDATE connections SET target_account = NULL WHERE target_account = ?1 AND removed_ms IS NOT NULL",
    ] {
        tx.sql().prepare_cached(sql)?.execute([id])?;
    }
    let removed = tx.sql().prepare_cached("DELETE FROM accounts WHERE id = ?1")?.execute([id]);
    match removed.map_err(StoreError::from) {
        Ok(0) => Err(StoreError::not_found(format!("account {id}"))),
        Ok(_) => Ok(()),
        Err(error) if error.kind == StoreErrorKind::InUse => {
            Err(StoreError::new(StoreErrorKind::InUse, "A connection uses this account.")
                .with_remedy("Remove the connection first, or give it another account."))
        }
        Err(error) => Err(error),
    }
}

fn name_taken(error: rusqlite::Error, name: &str) -> StoreError {
    let error = StoreError::from(error);
    if error.kind != StoreErrorKind::Taken {
        return error;
    }
    StoreError::new(StoreErrorKind::Taken, format!("There is an account called `{name}` already."))
        .with_remedy("Choose another name.")
}
