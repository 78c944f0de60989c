//! Accounts: signed-in platform instances. Their secrets lie in the keychain and pass through here on their way there.

use std::sync::Arc;

use lockstep_connectors::http::{BaseAddress, NobodyWatches};
use lockstep_core::connector::{Connector, Identity, Scope, ScopeOffer, TestLine, TestResult};
use lockstep_core::marker::Fingerprint;
use lockstep_core::secret::Secret;
use lockstep_core::side::Side;
use lockstep_store::tables::accounts::{self as table, Account};
use lockstep_store::tables::{audit, connections, settings};
use lockstep_store::{AccountId, Entry, StoreErrorKind};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::{App, account_doc, account_draft, document_of};
use crate::config::file::{methods_of, origin, suits};
use crate::config::{AccountDoc, SignIn};

/// An account as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct AccountView {
    pub name: String,
    /// `servicenow`, `jira`.
    pub platform: String,
    /// `ServiceNow`, `Jira`.
    pub platform_label: String,
    pub address: String,
    /// `basic`, `oauth_client`, `oauth_password`, `api_key`, `token`.
    pub method: String,
    /// User, e-mail or client, where the method has one.
    pub user: Option<String>,
    /// What the secret is called: `password`, `API token`.
    pub secret_label: String,
    /// Whether the keychain holds the secret; `None` where it could not be asked.
    pub has_secret: Option<bool>,
    /// The name of the user, as read at the last sign-in.
    pub signed_in_as: Option<String>,
    /// The account as it is described; never a secret.
    pub doc: AccountDoc,
    pub dedicated: bool,
    pub practice: bool,
    pub sandbox: bool,
    /// What the last test found; `None` before the first one.
    pub tested: Option<Tested>,
    /// Connections that use it.
    pub used_by: Vec<String>,
}

/// What a sign-in found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SignedIn {
    pub account: String,
    /// Display name of the user Lockstep acts as.
    pub user: String,
    pub time_zone: Option<String>,
    /// The platform's clock minus this computer's, milliseconds.
    #[ts(type = "number")]
    pub skew_ms: i64,
}

/// One line of an account's test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TestLineView {
    pub name: String,
    /// `good`, `degraded`, `failed`, `not_confirmed`.
    pub result: String,
    pub detail: String,
    pub remedy: Option<String>,
    #[ts(type = "number")]
    pub took_ms: u64,
}

/// All accounts, by name.
pub async fn list(app: &App) -> Result<Vec<AccountView>, ApiError> {
    let (accounts, connections) = app
        .store()
        .read(|conn| {
            let accounts = table::list(conn)?;
            let tests: Vec<Option<Tested>> = accounts
                .iter()
                .map(|one| settings::get(conn, &tested_key(one.id)))
                .collect::<Result<_, _>>()?;
            Ok((accounts.into_iter().zip(tests).collect::<Vec<_>>(), connections::list(conn)?))
        })
        .await?;
    accounts.into_iter().map(|(account, tested)| view(app, &account, tested, &connections)).collect()
}

/// One account.
pub async fn show(app: &App, name: &str) -> Result<AccountView, ApiError> {
    let account = app.account(name).await?;
    let id = account.id;
    let (tested, connections) = app
        .store()
        .read(move |conn| Ok((settings::get(conn, &tested_key(id))?, connections::list(conn)?)))
        .await?;
    view(app, &account, tested, &connections)
}

fn view(
    app: &App,
    account: &Account,
    tested: Option<Tested>,
    connections: &[connections::Connection],
) -> Result<AccountView, ApiError> {
    let doc = account_doc(account)?;
    let uses = |connection: &&connections::Connection| {
        Side::BOTH.iter().any(|side| connection.accounts[*side] == Some(account.id))
    };
    let (method, user) = match &doc.sign_in {
        SignIn::Basic { user } => ("basic", Some(user)),
        SignIn::OauthClient { client_id } => ("oauth_client", Some(client_id)),
        SignIn::OauthPassword { user, .. } => ("oauth_password", Some(user)),
        SignIn::ApiKey => ("api_key", None),
        SignIn::Token { email } => ("token", Some(email)),
    };
    Ok(AccountView {
        platform: doc.platform.word().to_owned(),
        platform_label: doc.platform.label().to_owned(),
        address: doc.address.clone(),
        method: method.to_owned(),
        user: user.cloned(),
        secret_label: doc.sign_in.secret_label().to_owned(),
        has_secret: has_secret(app, account).unwrap_or(None),
        signed_in_as: account.identity.as_ref().map(|identity| identity.us.name.clone()),
        dedicated: doc.dedicated,
        practice: doc.practice,
        sandbox: doc.sandbox,
        tested,
        used_by: connections.iter().filter(uses).map(|connection| connection.name.clone()).collect(),
        name: doc.name.clone(),
        doc,
    })
}

fn entry(app: &App, account: &Account) -> Result<Entry, ApiError> {
    let origin = BaseAddress::origin_of(&account.draft.base_url)?.origin();
    Ok(Entry::Account { store: app.store().id().to_owned(), account: account.id, origin })
}

/// Whether the keychain holds an account's secret; `None` where it does not answer.
pub fn has_secret(app: &App, account: &Account) -> Result<Option<bool>, ApiError> {
    match app.keychain().get(&entry(app, account)?) {
        Ok(_) => Ok(Some(true)),
        Err(error) if error.kind == StoreErrorKind::KeychainMissing => Ok(Some(false)),
        Err(_) => Ok(None),
    }
}

/// What the store keeps of an account that a person describes, or what is wrong with it.
fn checked(doc: AccountDoc) -> Result<table::AccountDraft, ApiError> {
    let name = &doc.name;
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(ApiError::new("invalid", "the name of the account is empty or holds control characters"));
    }
    let address =
        origin(&doc.address).map_err(|(message, fix)| ApiError::new("invalid", message).hint(fix))?;
    if !suits(doc.platform, &doc.sign_in) {
        let message = format!("{} does not sign in by this method", doc.platform.label());
        return Err(ApiError::new("invalid", message).hint(methods_of(doc.platform)));
    }
    account_draft(&AccountDoc { address, ..doc })
}

/// Adds an account without a secret; `sign_in` comes next.
pub async fn add(app: &App, doc: AccountDoc) -> Result<AccountView, ApiError> {
    let (name, draft, now_ms) = (doc.name.clone(), checked(doc)?, app.now_ms());
    app.store()
        .write(move |tx| {
            audit::add(
                tx,
                now_ms,
                "person",
                &format!("added the account {}", draft.name),
                &serde_json::Value::Null,
            )?;
            table::add(tx, &draft, now_ms)
        })
        .await?;
    show(app, &name).await
}

/// Describes an account anew; its name and platform stay. A secret is bound to the address: with another one the account needs a
/// sign-in (threat T16), and the next one proves that the same instance answers (hazards.md H45).
pub async fn update(app: &App, doc: AccountDoc) -> Result<AccountView, ApiError> {
    let account = app.account(&doc.name).await?;
    let before = account_doc(&account)?;
    if before.platform != doc.platform {
        return Err(ApiError::new("invalid", "an account stays with its platform")
            .hint("Add another account for the other platform."));
    }
    let (name, draft, now_ms) = (doc.name.clone(), checked(doc)?, app.now_ms());
    let id = account.id;
    app.sessions().forget();
    app.store()
        .write(move |tx| {
            let what = format!("changed the account {}", draft.name);
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
            table::update(tx, id, &draft, now_ms)
        })
        .await?;
    show(app, &name).await
}

/// Keeps a new secret and proves it. One that the platform refuses is not kept: what was there before stays.
pub async fn sign_in(app: &App, name: &str, secret: Secret) -> Result<SignedIn, ApiError> {
    let account = app.account(name).await?;
    if secret.open().trim().is_empty() {
        return Err(ApiError::new("invalid", "the secret is empty; nothing was changed"));
    }
    let before = app.keychain().get(&entry(app, &account)?).ok();
    app.keep_secret(&account, &secret)?;
    let proven = match connector(app, &account) {
        Ok(connector) => prove(app, &account, &connector).await,
        Err(error) => Err(error),
    };
    match proven {
        Ok(identity) => Ok(SignedIn {
            account: name.to_owned(),
            user: identity.us.name,
            time_zone: identity.time_zone,
            skew_ms: identity.skew_ms,
        }),
        Err(error) if matches!(error.code.as_str(), "unreachable" | "rate_limited") => {
            let message = format!("{} The secret was kept, and not proven.", error.message);
            Err(ApiError { message, ..error })
        }
        Err(error) => {
            match before {
                Some(before) => app.keep_secret(&account, &before)?,
                None => app.forget_secret(&account)?,
            }
            Err(error)
        }
    }
}

fn connector(app: &App, account: &Account) -> Result<Arc<dyn Connector>, ApiError> {
    let (http, _) = app.http(Arc::new(NobodyWatches));
    app.connector(account, http)
}

/// Signs in and compares who answers with who answered before (hazards.md H45); keeps what is new.
pub(crate) async fn prove(
    app: &App,
    account: &Account,
    connector: &Arc<dyn Connector>,
) -> Result<Identity, ApiError> {
    let doc = account_doc(account)?;
    let identity = connector.identify().await.map_err(|error| {
        let mut error = ApiError::from(error);
        error.message = format!("{} ({}): {}", doc.platform.label(), doc.name, error.message);
        error
    })?;
    let fingerprint = Fingerprint::of(doc.platform.word(), &identity.instance);
    if account.fingerprint.as_ref().is_some_and(|before| *before != fingerprint) {
        let message =
            format!("{} at {} is not the instance it was before", doc.platform.label(), doc.address);
        let hint =
            "If it was replaced or restored, remove the account and add it anew; its links stay as they are.";
        return Err(ApiError::new("instance_replaced", message).hint(hint));
    }
    let (id, kept, now_ms) = (account.id, identity.clone(), app.now_ms());
    app.store().write(move |tx| table::set_identity(tx, id, &fingerprint, &kept, now_ms)).await?;
    Ok(identity)
}

/// Whether an account can sign in now, with who answers; writes nothing to the platform.
pub async fn identify(app: &App, name: &str) -> Result<SignedIn, ApiError> {
    let account = app.account(name).await?;
    let identity = prove(app, &account, &connector(app, &account)?).await?;
    Ok(SignedIn {
        account: name.to_owned(),
        user: identity.us.name,
        time_zone: identity.time_zone,
        skew_ms: identity.skew_ms,
    })
}

/// Tries what the connections over this account need and tells each line as soon as it is known.
pub async fn test(
    app: &App,
    name: &str,
    tell: &(dyn Fn(TestLineView) + Send + Sync),
) -> Result<Vec<TestLineView>, ApiError> {
    let account = app.account(name).await?;
    let scopes = scopes_of(app, &account).await?;
    let connector = connector(app, &account)?;
    let lines = connector.test(&scopes, &|line| tell(test_line(line))).await;
    let lines: Vec<TestLineView> = lines.iter().map(test_line).collect();
    let (id, tested_ms) = (account.id, app.now_ms());
    let kept = Tested { tested_ms, lines: lines.clone() };
    app.store().write(move |tx| settings::put(tx, &tested_key(id), &kept, tested_ms)).await?;
    Ok(lines)
}

/// The last test of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Tested {
    #[ts(type = "number")]
    pub tested_ms: i64,
    pub lines: Vec<TestLineView>,
}

fn tested_key(id: AccountId) -> String {
    format!("tested:{}", id.0)
}

fn test_line(line: &TestLine) -> TestLineView {
    TestLineView {
        name: line.name.clone(),
        result: word(line.result).to_owned(),
        detail: line.detail.clone(),
        remedy: line.remedy.clone(),
        took_ms: line.took_ms,
    }
}

fn word(result: TestResult) -> &'static str {
    match result {
        TestResult::Good => "good",
        TestResult::Degraded => "degraded",
        TestResult::Failed => "failed",
        TestResult::NotConfirmed => "not_confirmed",
    }
}

/// Where connections read and write with this account.
async fn scopes_of(app: &App, account: &Account) -> Result<Vec<Scope>, ApiError> {
    let mut scopes: Vec<Scope> = Vec::new();
    for connection in app.store().read(connections::list).await? {
        let document = document_of(&connection)?;
        for side in Side::BOTH.into_iter().filter(|side| connection.accounts[*side] == Some(account.id)) {
            scopes.extend(document.types.iter().map(|mapping| mapping.scope(side).clone()));
        }
    }
    scopes.sort();
    scopes.dedup();
    Ok(scopes)
}

/// What could be synced with this account; asks the platform.
pub async fn scopes(app: &App, name: &str) -> Result<Vec<ScopeOffer>, ApiError> {
    let account = app.account(name).await?;
    let connector = connector(app, &account)?;
    prove(app, &account, &connector).await?;
    Ok(connector.scopes().await?)
}

/// Removes an account that no connection uses, and its secret.
pub async fn remove(app: &App, name: &str) -> Result<(), ApiError> {
    let account = app.account(name).await?;
    let used_by = show(app, name).await?.used_by;
    if !used_by.is_empty() {
        let message = format!("the account {name:?} is used by {}", used_by.join(", "));
        return Err(ApiError::new("invalid", message).hint("Delete those connections first."));
    }
    let (id, now_ms, what) = (account.id, app.now_ms(), format!("removed the account {name}"));
    app.store()
        .write(move |tx| {
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
            table::remove(tx, id)
        })
        .await?;
    app.forget_secret(&account)
}
