//! T16: a secret belongs to one account of one store at one exact origin. Whatever changes the address, the keychain's
//! entry is not used for the new one, and sign-in is asked again. Real keychain, real sockets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use lockstep_app::config::{export, to_toml};
use lockstep_app::events::Silent;
use lockstep_app::places::Secret;
use lockstep_app::{ApiError, App, accounts};
use lockstep_sandbox::Seed;
use lockstep_store::tables::accounts as account_table;

#[path = "../support/pair.rs"]
mod pair;

use pair::{JIRA, NOW, configuration, keychain, practice_pair, ready, take, tidy};

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

/// Everything that would sign in to an account: each asks for a sign-in, and nothing is sent.
async fn asks_again(app: &App, account: &str) {
    let needed = |error: ApiError| {
        assert_eq!(error.code, "sign_in_needed", "{error:?}");
        assert!(error.command.is_some_and(|command| command.contains("account sign-in")));
    };
    needed(accounts::identify(app, account).await.unwrap_err());
    needed(accounts::test(app, account, &|_| {}).await.map(drop).unwrap_err());
    needed(app.plan("Incidents", Some(0), Arc::new(Silent)).await.map(drop).unwrap_err());
    let view = accounts::show(app, account).await.unwrap();
    assert_eq!((view.has_secret, view.signed_in_as), (Some(false), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_a_changed_address_never_gets_the_secret() {
    let Some(keychain) = keychain("address") else { return };
    let (pair, canary) = (practice_pair(Seed::Empty).await, Canary::new());
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

#[tokio::test(flavor = "multi_thread")]
async fn t16_another_store_with_the_same_accounts_has_no_secret() {
    let Some(keychain) = keychain("store") else { return };
    let (pair, canary) = (practice_pair(Seed::Empty).await, Canary::new());
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
