//! The application: one open store, its lock, the keychain, and the runs at work. Command line and window hold one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lockstep_connectors::http::{
    BaseAddress, CallCounter, HttpContext, Limiters, RequestLog, ReqwestTransport, SystemClock, WaitObserver,
};
use lockstep_connectors::jira::{Jira, JiraSettings};
use lockstep_connectors::ports::{Clock, Ports, Transport};
use lockstep_connectors::servicenow::{ServiceNow, ServiceNowSettings, SignIn as NowSignIn};
use lockstep_core::connector::{Capabilities, Connector, ConnectorError, ErrorKind};
use lockstep_core::secret::Secret;
use lockstep_store::tables::accounts::{self, Account};
use lockstep_store::tables::connections;
use lockstep_store::{AccountId, Entry, Epoch, Keychain, RunLock, Store, StoreErrorKind, open_or_create};

use crate::api_error::ApiError;
use crate::config::{AccountDoc, ConnectionDoc, Platform, SignIn};
use crate::editor::Samples;
use crate::ports::{Ids, RandomIds};
use crate::run::Cancel;
use crate::sessions::Sessions;

/// Makes the transport for one account; a simulation hands in its own.
pub type Transports = Arc<dyn Fn(&AccountDoc) -> Result<Arc<dyn Transport>, ConnectorError> + Send + Sync>;

/// What an application stands on.
pub struct Foundation {
    pub data_dir: PathBuf,
    pub store: Store,
    pub keychain: Keychain,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub transports: Transports,
    /// What this process is, for a second one that finds the store taken: `lockstep run "Corvane"`.
    pub doing: String,
}

/// A handle; clones share everything.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    foundation: Foundation,
    limiters: Arc<Limiters>,
    log: Arc<RequestLog>,
    /// Taken at the first run and kept until the process ends (hazards.md H47).
    lock: Mutex<Option<(RunLock, Epoch)>>,
    running: Mutex<HashMap<i64, Cancel>>,
    sessions: Sessions,
    samples: Samples,
    opened_ms: i64,
}

impl App {
    /// Opens the store of a data folder with the system's keychain, clock, network and randomness.
    pub fn open(data_dir: &Path, keychain: Keychain, doing: &str) -> Result<App, ApiError> {
        let clock = Arc::new(SystemClock);
        let store = open_or_create(data_dir, &keychain, clock.now_ms())?;
        Ok(App::on(Foundation {
            data_dir: data_dir.to_owned(),
            store,
            keychain,
            clock,
            ids: Arc::new(RandomIds),
            transports: Arc::new(wire),
            doing: doing.to_owned(),
        }))
    }

    /// Stands on what is handed in.
    pub fn on(foundation: Foundation) -> App {
        let opened_ms = foundation.clock.now_ms();
        App {
            inner: Arc::new(Inner {
                opened_ms,
                foundation,
                limiters: Arc::default(),
                log: Arc::default(),
                lock: Mutex::new(None),
                running: Mutex::new(HashMap::new()),
                sessions: Sessions::default(),
                samples: Samples::default(),
            }),
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.foundation.store
    }

    /// The keychain.
    pub fn keychain(&self) -> &Keychain {
        &self.inner.foundation.keychain
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.foundation.clock
    }

    /// The source of ids.
    pub fn ids(&self) -> &Arc<dyn Ids> {
        &self.inner.foundation.ids
    }

    /// Where everything lies.
    pub fn data_dir(&self) -> &Path {
        &self.inner.foundation.data_dir
    }

    /// This computer's time, milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        self.inner.foundation.clock.now_ms()
    }

    /// When this process opened the store, milliseconds since 1970 UTC.
    pub fn opened_ms(&self) -> i64 {
        self.inner.opened_ms
    }

    /// Takes the right to run on the store, once for the process; a second process is told who holds it.
    pub async fn lock(&self) -> Result<Epoch, ApiError> {
        if let Some((_, epoch)) = &*self.held() {
            return Ok(*epoch);
        }
        let lock = RunLock::acquire(self.data_dir(), &self.inner.foundation.doing, self.now_ms())?;
        let epoch = lock.raise_epoch(self.store()).await?;
        *self.held() = Some((lock, epoch));
        Ok(epoch)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<(RunLock, Epoch)>> {
        self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a run of a connection at work; a second one is refused until the first has ended.
    pub fn begin_run(&self, connection: i64, name: &str) -> Result<RunningRun, ApiError> {
        let mut running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(&connection) {
            return Err(ApiError::new("busy", format!("a run of {name} is at work already"))
                .hint("Wait until it has ended, or cancel it."));
        }
        let cancel = Cancel::default();
        running.insert(connection, cancel.clone());
        Ok(RunningRun { app: self.clone(), connection, cancel })
    }

    /// Asks the run of a connection to stop after the operation in flight; whether there was one.
    pub fn cancel(&self, connection: i64) -> bool {
        let running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(&connection).map(Cancel::cancel).is_some()
    }

    /// Connections with a run at work.
    pub fn running(&self) -> Vec<i64> {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// The tickets that editors have at hand.
    pub fn samples(&self) -> &Samples {
        &self.inner.samples
    }

    /// What automatic runs keep from one to the next.
    pub fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// What connectors of this process share; `waits` is told when a host makes them wait.
    pub fn http(&self, waits: Arc<dyn WaitObserver>) -> (HttpContext, Arc<CallCounter>) {
        let calls = Arc::new(CallCounter::default());
        let context = HttpContext {
            limiters: self.inner.limiters.clone(),
            waits,
            log: self.inner.log.clone(),
            calls: calls.clone(),
        };
        (context, calls)
    }

    /// An account by its name.
    pub async fn account(&self, name: &str) -> Result<Account, ApiError> {
        let wanted = name.to_owned();
        let found = self.store().read(move |conn| accounts::by_name(conn, &wanted)).await?;
        found.ok_or_else(|| {
            ApiError::new("not_found", format!("there is no account called {name:?}"))
                .hint("Look at the list of accounts; it may be called otherwise now.")
                .command("lockstep account list")
        })
    }

    /// A connection with its document, by name.
    pub async fn connection(&self, name: &str) -> Result<(connections::Connection, ConnectionDoc), ApiError> {
        let wanted = name.to_owned();
        let found = self.store().read(move |conn| connections::by_name(conn, &wanted)).await?;
        let found = found.ok_or_else(|| {
            ApiError::new("not_found", format!("there is no connection called {name:?}"))
                .hint("Look at the list of connections; it may be called otherwise now.")
                .command("lockstep connection list")
        })?;
        let document = document_of(&found)?;
        Ok((found, document))
    }

    /// The connector of an account, with its secret out of the keychain. Nothing is sent.
    pub fn connector(&self, account: &Account, http: HttpContext) -> Result<Arc<dyn Connector>, ApiError> {
        let doc = account_doc(account)?;
        let secret = self.secret(account.id, &doc)?;
        let transport = (self.inner.foundation.transports)(&doc)?;
        let ports = Ports { clock: self.clock().clone(), transport };
        Ok(build(&doc, secret, ports, http)?)
    }

    fn account_entry(&self, id: AccountId, address: &str) -> Result<Entry, ApiError> {
        let origin = BaseAddress::origin_of(address)?.origin();
        Ok(Entry::Account { store: self.store().id().to_owned(), account: id, origin })
    }

    fn secret(&self, id: AccountId, doc: &AccountDoc) -> Result<Secret, ApiError> {
        let entry = self.account_entry(id, &doc.address)?;
        self.keychain().get(&entry).map_err(|error| match error.kind {
            StoreErrorKind::KeychainMissing => ApiError::new(
                "sign_in_needed",
                format!("the account {:?} has no {} in the keychain", doc.name, doc.sign_in.secret_label()),
            )
            .hint("Sign in to the account again.")
            .command(format!("lockstep account sign-in {:?}", doc.name)),
            _ => error.into(),
        })
    }

    /// Whether the keychain still hands out an account's secret.
    pub fn prove_secret(&self, account: &Account) -> Result<(), ApiError> {
        self.secret(account.id, &account_doc(account)?).map(drop)
    }

    /// Keeps an account's secret in the keychain, bound to the account and its exact origin (threat T16).
    pub fn keep_secret(&self, account: &Account, secret: &Secret) -> Result<(), ApiError> {
        let doc = account_doc(account)?;
        self.sessions().forget();
        self.keychain().set(&self.account_entry(account.id, &doc.address)?, secret)?;
        Ok(())
    }

    /// Forgets an account's secret.
    pub fn forget_secret(&self, account: &Account) -> Result<(), ApiError> {
        self.sessions().forget();
        let doc = account_doc(account)?;
        match self.keychain().delete(&self.account_entry(account.id, &doc.address)?) {
            Err(error) if error.kind != StoreErrorKind::KeychainMissing => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// A run at work; dropping it lets the next one begin.
pub struct RunningRun {
    app: App,
    connection: i64,
    pub cancel: Cancel,
}

impl Drop for RunningRun {
    fn drop(&mut self) {
        self.app.inner.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.connection);
    }
}

/// The document of a stored connection.
pub fn document_of(connection: &connections::Connection) -> Result<ConnectionDoc, ApiError> {
    serde_json::from_value(connection.document.clone()).map_err(|error| {
        ApiError::new("data", format!("the configuration of {:?} cannot be read: {error}", connection.name))
            .hint("Import its configuration file again.")
    })
}

/// The document of a stored account.
pub fn account_doc(account: &Account) -> Result<AccountDoc, ApiError> {
    let unreadable = |error: serde_json::Error| {
        ApiError::new("data", format!("the account {:?} cannot be read: {error}", account.draft.name))
            .hint("Import its configuration file again.")
    };
    let mut doc: AccountDoc = serde_json::from_value(account.draft.settings.clone()).map_err(unreadable)?;
    doc.name.clone_from(&account.draft.name);
    doc.address.clone_from(&account.draft.base_url);
    Ok(doc)
}

/// What the store keeps of an account's document.
pub fn account_draft(doc: &AccountDoc) -> Result<accounts::AccountDraft, ApiError> {
    let origin = BaseAddress::origin_of(&doc.address)?.origin();
    let kept = AccountDoc { address: origin.clone(), ..doc.clone() };
    let json = |value: serde_json::Result<serde_json::Value>| value.expect("documents are plain data");
    Ok(accounts::AccountDraft {
        name: doc.name.clone(),
        platform: doc.platform.word().to_owned(),
        base_url: origin,
        sign_in: json(serde_json::to_value(&doc.sign_in)),
        settings: json(serde_json::to_value(&kept)),
    })
}

/// The real network.
fn wire(doc: &AccountDoc) -> Result<Arc<dyn Transport>, ConnectorError> {
    let base = BaseAddress::origin_of(&doc.address)?;
    Ok(Arc::new(ReqwestTransport::new(&base, doc.ca_file.as_deref().map(Path::new))?))
}

/// What a platform can do and bears, known without signing in.
pub(crate) fn capabilities(platform: Platform) -> Capabilities {
    match platform {
        Platform::Jira => lockstep_connectors::jira::capabilities(),
        Platform::ServiceNow => lockstep_connectors::servicenow::capabilities(1),
    }
}

fn build(
    doc: &AccountDoc,
    secret: Secret,
    ports: Ports,
    http: HttpContext,
) -> Result<Arc<dyn Connector>, ConnectorError> {
    let settle_ms = doc.settle_seconds.map(|seconds| seconds.saturating_mul(1000));
    match (doc.platform, &doc.sign_in) {
        (Platform::Jira, SignIn::Token { email }) => {
            let mut settings = JiraSettings::new(doc.address.clone(), email.clone(), secret);
            settings.dedicated = doc.dedicated;
            settings.settle_ms = settle_ms.unwrap_or(settings.settle_ms);
            Ok(Arc::new(Jira::new(settings, ports, http)?))
        }
        (Platform::ServiceNow, sign_in) => {
            let mut settings = ServiceNowSettings::new(
                BaseAddress::origin_of(&doc.address)?,
                now_sign_in(doc, sign_in, secret)?,
            );
            settings.dedicated = doc.dedicated;
            settings.settle_ms = settle_ms.unwrap_or(settings.settle_ms);
            settings.private_column = doc.private_field.as_deref().map(Into::into);
            Ok(Arc::new(ServiceNow::new(settings, ports, http)?))
        }
        (Platform::Jira, _) => Err(wrong_method(doc)),
    }
}

fn wrong_method(doc: &AccountDoc) -> ConnectorError {
    let message =
        format!("{} does not sign in by this method (account {:?})", doc.platform.label(), doc.name);
    let remedy = match doc.platform {
        Platform::Jira => "Use method = \"token\" with the e-mail of the API token.",
        Platform::ServiceNow => {
            "Use method = \"basic\", \"oauth_client\", \"oauth_password\" or \"api_key\"."
        }
    };
    ConnectorError::new(ErrorKind::Stopped, message).remedy(remedy)
}

fn now_sign_in(doc: &AccountDoc, sign_in: &SignIn, secret: Secret) -> Result<NowSignIn, ConnectorError> {
    Ok(match sign_in {
        SignIn::Basic { user } => NowSignIn::Basic { user: user.clone(), password: secret },
        SignIn::OauthClient { client_id } => {
            NowSignIn::OAuthClientCredentials { client_id: client_id.clone(), client_secret: secret }
        }
        SignIn::OauthPassword { client_id, user } => {
            #[derive(serde::Deserialize)]
            struct Two {
                client_secret: String,
                password: String,
            }
            let two: Two = serde_json::from_str(secret.open()).map_err(|_| {
                ConnectorError::new(
                    ErrorKind::Stopped,
                    format!("the secret of {:?} is not of the form it needs", doc.name),
                )
                .remedy("Sign in again with a JSON object that has client_secret and password.")
            })?;
            NowSignIn::OAuthPassword {
                client_id: client_id.clone(),
                client_secret: Secret::new(two.client_secret),
                user: user.clone(),
                password: Secret::new(two.password),
            }
        }
        SignIn::ApiKey => NowSignIn::ApiKey { key: secret },
        SignIn::Token { .. } => return Err(wrong_method(doc)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t6_the_wire_of_an_account_trusts_the_file_it_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("company-ca.pem");
        let account = AccountDoc {
            name: "Now".to_owned(),
            platform: Platform::ServiceNow,
            address: "https://corvane.example".to_owned(),
            sign_in: SignIn::ApiKey,
            dedicated: true,
            practice: false,
            sandbox: false,
            settle_seconds: None,
            private_field: None,
            ca_file: Some(file.display().to_string()),
        };
        let error = wire(&account).map(drop).expect_err("the file is not there");
        assert!(error.message.contains("company-ca.pem") && error.remedy.is_some(), "{error:?}");
        assert!(wire(&AccountDoc { ca_file: None, ..account }).is_ok());
    }
}
