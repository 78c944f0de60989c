//! An application over a practice pair on real sockets, with the real keychain.

use std::path::Path;
use std::sync::{Arc, Mutex};

use lockstep_app::config::{import, parse};
use lockstep_app::places::{Keychain, Secret};
use lockstep_app::{App, accounts};
use lockstep_sandbox::server::{Running, serve, true_now_ms};
use lockstep_sandbox::{Platform as _, Practice, Seed};
use lockstep_store::Entry;

pub const NOW: &str = "Practice ServiceNow";
pub const JIRA: &str = "Practice Jira";
const EXAMPLE: &str = include_str!("../../../../../docs/example.toml");

pub struct Pair {
    pub now: Running,
    pub jira: Running,
    pub secrets: [String; 2],
}

pub async fn practice_pair(seed: Seed) -> Pair {
    let long_ago = true_now_ms() - 86_400_000;
    let now = lockstep_sandbox::servicenow::ServiceNow::new(7, long_ago, seed);
    let jira = lockstep_sandbox::jira::Jira::new(7, long_ago, seed);
    let secrets = [now.sign_in().secret, jira.sign_in().secret];
    let serve = |platform: Box<dyn lockstep_sandbox::Platform>| {
        serve(Arc::new(Mutex::new(Practice::new(platform, 7))), 0)
    };
    Pair { now: serve(Box::new(now)).await.unwrap(), jira: serve(Box::new(jira)).await.unwrap(), secrets }
}

pub fn configuration(now: &str, jira: &str) -> String {
    EXAMPLE.replace("http://127.0.0.1:8091", now).replace("http://127.0.0.1:8092", jira)
}

/// A keychain of this test's own service; `None` where none answers, which CI does not allow.
pub fn keychain(service: &str) -> Option<Keychain> {
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

pub async fn take(app: &App, text: &str) -> Vec<String> {
    let known = lockstep_app::config::import::known(app).await.unwrap();
    import(app, parse(text, &known).unwrap()).await.unwrap().need_sign_in
}

pub async fn ready(dir: &Path, keychain: &Keychain, pair: &Pair) -> App {
    let app = App::open(dir, keychain.clone(), "a test").unwrap();
    assert_eq!(take(&app, &configuration(&pair.now.url, &pair.jira.url)).await, [NOW, JIRA]);
    for (name, secret) in [NOW, JIRA].into_iter().zip(&pair.secrets) {
        accounts::sign_in(&app, name, Secret::new(secret.clone())).await.unwrap();
    }
    app
}

/// Leaves nothing in a keychain that may be a person's own.
pub async fn tidy(app: &App, keychain: &Keychain, pair: &Pair) {
    let store = app.store().id().to_owned();
    for name in [NOW, JIRA] {
        let account = app.account(name).await.unwrap().id;
        for origin in [pair.now.url.clone(), pair.jira.url.clone()] {
            keychain.delete(&Entry::Account { store: store.clone(), account, origin }).unwrap();
        }
    }
    keychain.delete(&Entry::StoreKey { store }).unwrap();
}
