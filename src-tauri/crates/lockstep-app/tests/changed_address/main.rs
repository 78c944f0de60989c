//! T16: a secret belongs to one account of one store at one exact origin. Whatever changes the address, the keychain's
//! entry is not used for the new one, and sign-in is asked again. Real keychain, real sockets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use lockstep_app::config::{export, import, parse, to_toml};
use lockstep_app::events::Silent;
use lockstep_app::places::{Keychain, Secret};
use lockstep_app::{ApiError, App, accounts};
use lockstep_sandbox::server::{Running, serve, true_now_ms};
use lockstep_sandbox::{Platform as _, Practice, Seed};
use lockstep_store::Entry;
use lockstep_store::tables::accounts as account_table;

const NOW: &str = "Practice ServiceNow";
const JIRA: &str = "Practice Jira";
const EXAMPLE: &str = include_str!("../../../../../docs/example.toml");

/// A listener that nobody should call, and what it heard.
struct Canary {
    address: String,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Canary {
    fn new() -> Canary {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = heard.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut bytes = [0; 65_536];
                let count = socket.and_then(|mut socket| socket.read(&mut bytes)).unwrap_or(0);
                let mut kept = kept.lock().unwrap();
                kept.extend_from_slice(b"called:");
                kept.extend_from_slice(&bytes[..count]);
            }
        });
        Canary { address, heard }
    }

    fn must_be_untouched(&self, when: &str) {
        let heard = self.heard.lock().unwrap();
        assert!(heard.is_empty(), "{when}: {}", String::from_utf8_lossy(&heard));
    }
}

struct Pair {
    now: Running,
    jira: Running,
    secrets: [String; 2],
}

async fn practice_pair() -> Pair {
    let long_ago = true_now_ms() - 86_400_000;
    let now = lockstep_sandbox::servicenow::ServiceNow::new(7, long_ago, Seed::Empty);
    let jira = lockstep_sandbox::jira::Jira::new(7, long_ago, Seed::Empty);
    let secrets = [now.sign_in().secret, jira.sign_in().secret];
    let serve = |platform: Box<dyn lockstep_sandbox::Platform>| {
        serve(Arc::new(Mutex::new(Practice::new(platform, 7))), 0)
    };
    Pair { now: serve(Box::new(now)).await.unwrap(), jira: serve(Box::new(jira)).await.unwrap(), secrets }
}

fn configuration(now: &str, jira: &str) -> String {
    EXAMPLE.replace("http://127.0.0.1:8091", now).replace("http://127.0.0.1:8092", jira)
}

/// A keychain of this test's own service; `None` where none answers, which CI does not allow.
fn keychain(service: &str) -> Option<Keychain> {
    let keychain = Keychain::with_service(&format!("app.lockstep.test.{service}.{}", std::process::id()));
    match keychain.prove_writable("0a1b2c3d") {
        Ok(()) => Some(keychain),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "CI must run this, and no keychain answers: {error}");
            eprintln!("*** SKIPPED: no keychain answers. Run it with `.ci/with-keychain cargo test`. ***");
            None
        }
    }
}

async fn take(app: &App, text: &str) -> Vec<String> {
    let known = lockstep_app::config::import::known(app).await.unwrap();
    import(app, parse(text, &known).unwrap()).await.unwrap().need_sign_in
}

async fn ready(dir: &Path, keychain: &Keychain, pair: &Pair) -> App {
    let app = App::open(dir, keychain.clone(), "a test").unwrap();
    assert_eq!(take(&app, &configuration(&pair.now.url, &pair.jira.url)).await, [NOW, JIRA]);
    for (name, secret) in [NOW, JIRA].into_iter().zip(&pair.secrets) {
        accounts::sign_in(&app, name, Secret::new(secret.clone())).await.unwrap();
    }
    app
}

/// Everything that would sign in to an account: each asks for a sign-in, and nothing is sent.
async fn asks_again(app: &App, account: &str) {
    let needed = |error: ApiError| {
        assert_eq!(error.code, "sign_in_needed", "{error:?}");
        assert!(error.hint.is_some_and(|hint| hint.contains("account sign-in")));
    };
    needed(accounts::identify(app, account).await.unwrap_err());
    needed(accounts::test(app, account).await.map(drop).unwrap_err());
    needed(app.plan("Incidents", Some(0), Arc::new(Silent)).await.map(drop).unwrap_err());
    let view = accounts::show(app, account).await.unwrap();
    assert_eq!((view.has_secret, view.signed_in_as), (Some(false), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_a_changed_address_never_gets_the_secret() {
    let Some(keychain) = keychain("address") else { return };
    let (pair, canary) = (practice_pair().await, Canary::new());
    let folder = tempfile::tempdir().unwrap();
    let app = ready(&folder.path().join("data"), &keychain, &pair).await;

    // By an import of a file that somebody else wrote.
    let need = take(&app, &configuration(&canary.address, &pair.jira.url)).await;
    assert_eq!(need, [NOW]);
    asks_again(&app, NOW).await;
    canary.must_be_untouched("after an import");

    // By an edit of one's own exported file; back to the old address, the old secret counts again.
    let exported = to_toml(&export(&app).await.unwrap());
    assert!(!pair.secrets.iter().any(|secret| exported.contains(secret)));
    assert_eq!(take(&app, &exported.replace(&canary.address, &pair.now.url)).await, Vec::<String>::new());
    accounts::identify(&app, NOW).await.unwrap();
    let edited = exported.replace(&pair.jira.url, &canary.address).replace(&canary.address, &pair.now.url);
    assert_eq!(take(&app, &edited).await, [JIRA], "the other account's host is another host too");
    asks_again(&app, JIRA).await;
    take(&app, &configuration(&pair.now.url, &pair.jira.url)).await;
    accounts::identify(&app, JIRA).await.unwrap();

    // In the store itself, past every check: the row's address, and the copy inside its settings.
    let account = app.account(NOW).await.unwrap();
    let mut draft = account.draft.clone();
    draft.settings["address"] = canary.address.clone().into();
    let (id, kept) = (account.id, draft.clone());
    app.store().write(move |tx| account_table::update(tx, id, &kept, 1)).await.unwrap();
    accounts::identify(&app, NOW).await.unwrap();
    canary.must_be_untouched("the settings name another address than the row");
    draft.base_url = canary.address.clone();
    app.store().write(move |tx| account_table::update(tx, id, &draft, 2)).await.unwrap();
    asks_again(&app, NOW).await;
    canary.must_be_untouched("after an edit of the store");
    for name in [NOW, JIRA] {
        accounts::sign_in(&app, name, Secret::new("x".into())).await.unwrap_err();
    }
    tidy(&app, &keychain, &pair).await;
}

/// Leaves nothing in a keychain that may be a person's own.
async fn tidy(app: &App, keychain: &Keychain, pair: &Pair) {
    let store = app.store().id().to_owned();
    for name in [NOW, JIRA] {
        let account = app.account(name).await.unwrap().id;
        for origin in [pair.now.url.clone(), pair.jira.url.clone()] {
            keychain.delete(&Entry::Account { store: store.clone(), account, origin }).unwrap();
        }
    }
    keychain.delete(&Entry::StoreKey { store }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_another_store_with_the_same_accounts_has_no_secret() {
    let Some(keychain) = keychain("store") else { return };
    let (pair, canary) = (practice_pair().await, Canary::new());
    let folder = tempfile::tempdir().unwrap();
    let app = ready(&folder.path().join("one"), &keychain, &pair).await;
    let ids =
        |app: App| async move { [app.account(NOW).await.unwrap().id, app.account(JIRA).await.unwrap().id] };
    let other = App::open(&folder.path().join("two"), keychain.clone(), "a test").unwrap();
    let stolen = configuration(&canary.address, &pair.jira.url);
    assert_eq!(take(&other, &stolen).await, [NOW, JIRA], "the same accounts, and no secret");
    assert_eq!(
        ids(app.clone()).await,
        ids(other.clone()).await,
        "counted alike, so the store's id must tell them apart"
    );
    asks_again(&other, NOW).await;
    asks_again(&other, JIRA).await;
    canary.must_be_untouched("another store");
    accounts::identify(&app, NOW).await.unwrap();
    tidy(&app, &keychain, &pair).await;
    tidy(&other, &keychain, &pair).await;
}
