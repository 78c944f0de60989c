//! Takes a document over into the store: all of it in one transaction, or nothing. What the document does not name
//! stays as it is.

use lockstep_core::side::Pair;
use lockstep_store::tables::{accounts, audit, connections};
use lockstep_store::{AccountId, StoreError, StoreErrorKind, Tx};
use serde::{Deserialize, Serialize};

use super::document::{AccountDoc, ConnectionDoc, Document};
use super::file::Known;
use crate::api_error::ApiError;
use crate::app::{App, account_doc, account_draft, document_of};

/// What an import changed, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Imported {
    pub accounts_added: Vec<String>,
    pub accounts_changed: Vec<String>,
    pub connections_added: Vec<String>,
    pub connections_changed: Vec<String>,
    pub unchanged: Vec<String>,
    /// Accounts without a secret in the keychain: they need a sign-in.
    pub need_sign_in: Vec<String>,
}

/// The store's accounts, for a file that names them without describing them.
pub async fn known(app: &App) -> Result<Known, ApiError> {
    let listed = app.store().read(accounts::list).await?;
    Ok(listed
        .iter()
        .filter_map(|account| account_doc(account).ok())
        .map(|doc| (doc.name, doc.platform))
        .collect())
}

/// Applies a document.
pub async fn import(app: &App, document: Document) -> Result<Imported, ApiError> {
    let drafts = document
        .accounts
        .iter()
        .map(|doc| Ok((doc.clone(), account_draft(doc)?)))
        .collect::<Result<Vec<_>, ApiError>>()?;
    let now_ms = app.now_ms();
    let connections = document.connections;
    let mut imported = app
        .store()
        .write(move |tx| {
            let mut imported = Imported::default();
            for (doc, draft) in &drafts {
                take_account(tx, doc, draft, now_ms, &mut imported)?;
            }
            for doc in &connections {
                take_connection(tx, doc, now_ms, &mut imported)?;
            }
            let detail = serde_json::to_value(&imported).expect("names are plain data");
            audit::add(tx, now_ms, "configuration file", "imported a configuration", &detail)?;
            Ok(imported)
        })
        .await?;
    imported.need_sign_in = without_secret(app, &document.accounts).await?;
    Ok(imported)
}

fn take_account(
    tx: &Tx<'_>,
    doc: &AccountDoc,
    draft: &accounts::AccountDraft,
    now_ms: i64,
    imported: &mut Imported,
) -> lockstep_store::Result<()> {
    match accounts::by_name(tx, &doc.name)? {
        None => {
            accounts::add(tx, draft, now_ms)?;
            imported.accounts_added.push(doc.name.clone());
        }
        Some(present) if present.draft == *draft => imported.unchanged.push(doc.name.clone()),
        Some(present) => {
            accounts::update(tx, present.id, draft, now_ms)?;
            imported.accounts_changed.push(doc.name.clone());
        }
    }
    Ok(())
}

fn take_connection(
    tx: &Tx<'_>,
    doc: &ConnectionDoc,
    now_ms: i64,
    imported: &mut Imported,
) -> lockstep_store::Result<()> {
    let accounts = Pair { source: account_id(tx, &doc.source)?, target: account_id(tx, &doc.target)? };
    let json = serde_json::to_value(doc).expect("documents are plain data");
    let before = connections::by_name(tx, &doc.name)?;
    connections::save(tx, &doc.name, accounts, &json, now_ms)?;
    match before {
        None => imported.connections_added.push(doc.name.clone()),
        // Spelled differently by an older version and yet the same: not a change.
        Some(before) if document_of(&before).is_ok_and(|before| before == *doc) => {
            imported.unchanged.push(doc.name.clone())
        }
        Some(_) => imported.connections_changed.push(doc.name.clone()),
    }
    Ok(())
}

fn account_id(tx: &Tx<'_>, name: &str) -> lockstep_store::Result<AccountId> {
    let found = accounts::by_name(tx, name)?;
    found.map(|account| account.id).ok_or_else(|| {
        StoreError::new(
            StoreErrorKind::NotFound,
            format!("there is no account called {name:?}; nothing was imported"),
        )
        .with_remedy("Describe it in the file, or add the account first.")
    })
}

async fn without_secret(app: &App, docs: &[AccountDoc]) -> Result<Vec<String>, ApiError> {
    let mut missing = Vec::new();
    for doc in docs {
        let account = app.account(&doc.name).await?;
        if !crate::accounts::has_secret(app, &account)?.unwrap_or(true) {
            missing.push(doc.name.clone());
        }
    }
    Ok(missing)
}

#[cfg(test)]
#[path = "import_tests.rs"]
pub(crate) mod tests;
