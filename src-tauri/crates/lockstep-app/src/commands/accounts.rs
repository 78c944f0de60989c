//! Accounts: adding, signing in, testing. Secrets come in and never go out.

use serde::{Deserialize, Deserializer};
use ts_rs::TS;

use lockstep_core::secret::Secret;

use super::{Desk, Nothing};
use crate::accounts::{self, AccountView, SignedIn, TestLineView};
use crate::api_error::ApiError;
use crate::config::AccountDoc;

/// All accounts, by name.
pub async fn list_accounts(desk: &Desk, _: Nothing) -> Result<Vec<AccountView>, ApiError> {
    accounts::list(&desk.app().await?).await
}

/// Adds an account without a secret.
pub async fn add_account(desk: &Desk, doc: AccountDoc) -> Result<AccountView, ApiError> {
    // Only the command line gives an account a certificate file: no path comes from the page (threat T2).
    if doc.ca_file.is_some() {
        return Err(ApiError::new("invalid", "a certificate file is set with the command line"));
    }
    accounts::add(&desk.app().await?, doc).await
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
    accounts::test(&desk.app().await?, &of.account).await
}

/// Removes an account that no connection uses, and its secret.
pub async fn remove_account(desk: &Desk, of: OfAccount) -> Result<Vec<AccountView>, ApiError> {
    let app = desk.app().await?;
    accounts::remove(&app, &of.account).await?;
    accounts::list(&app).await
}
