//! Accounts: adding, signing in, testing. Secrets come in and never go out.

use serde::{Deserialize, Deserializer};
use ts_rs::TS;

use lockstep_core::secret::Secret;

use super::shell::FileKind;
use super::{Desk, Nothing};
use crate::accounts::{self, AccountView, SignedIn, TestLineView};
use crate::api_error::ApiError;
use crate::app::account_doc;
use crate::config::AccountDoc;

/// All accounts, by name.
pub async fn list_accounts(desk: &Desk, _: Nothing) -> Result<Vec<AccountView>, ApiError> {
    accounts::list(&desk.app().await?).await
}

/// Adds an account without a secret.
pub async fn add_account(desk: &Desk, doc: AccountDoc) -> Result<AccountView, ApiError> {
    // No path comes from the page (threat T2).
    if doc.ca_file.is_some() {
        return Err(ApiError::new("invalid", "a certificate file is chosen in the system's dialog"));
    }
    accounts::add(&desk.app().await?, doc).await
}

/// Describes an account anew; its certificate file stays as it was chosen.
pub async fn update_account(desk: &Desk, doc: AccountDoc) -> Result<AccountView, ApiError> {
    let app = desk.app().await?;
    let before = account_doc(&app.account(&doc.name).await?)?;
    let view = accounts::update(&app, AccountDoc { ca_file: before.ca_file, ..doc }).await?;
    desk.board().lists_changed();
    Ok(view)
}

/// Lets a person choose the file with the certificates of their company's own authority; one that cannot be read changes nothing.
pub async fn choose_certificates(desk: &Desk, of: OfAccount) -> Result<AccountView, ApiError> {
    let app = desk.app().await?;
    let before = account_doc(&app.account(&of.account).await?)?;
    let Some(path) = desk.shell().open_file(FileKind::Certificates).await? else {
        return accounts::show(&app, &of.account).await;
    };
    accounts::update(&app, AccountDoc { ca_file: Some(path.display().to_string()), ..before }).await
}

/// Trusts only what the system trusts again.
pub async fn forget_certificates(desk: &Desk, of: OfAccount) -> Result<AccountView, ApiError> {
    let app = desk.app().await?;
    let before = account_doc(&app.account(&of.account).await?)?;
    accounts::update(&app, AccountDoc { ca_file: None, ..before }).await
}

/// A secret on its way to the keychain.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SignInOrder {
    pub account: String,
    #[serde(deserialize_with = "secret")]
    #[ts(type = "string")]
    pub secret: Secret,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    String::deserialize(from).map(Secret::new)
}

/// Keeps a secret and proves it.
pub async fn sign_in(desk: &Desk, order: SignInOrder) -> Result<SignedIn, ApiError> {
    accounts::sign_in(&desk.app().await?, &order.account, order.secret).await
}

/// An account, by its name.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfAccount {
    pub account: String,
}

/// Tries what the connections over an account need, line by line.
pub async fn test_account(desk: &Desk, of: OfAccount) -> Result<Vec<TestLineView>, ApiError> {
    let (board, account) = (desk.board(), of.account.clone());
    let tell = move |line: TestLineView| board.tested(&account, line);
    accounts::test(&desk.app().await?, &of.account, &tell).await
}

/// Removes an account that no connection uses, and its secret.
pub async fn remove_account(desk: &Desk, of: OfAccount) -> Result<Vec<AccountView>, ApiError> {
    let app = desk.app().await?;
    accounts::remove(&app, &of.account).await?;
    accounts::list(&app).await
}
