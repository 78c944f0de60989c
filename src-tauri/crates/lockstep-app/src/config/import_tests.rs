use std::sync::Arc;

use lockstep_connectors::http::SystemClock;
use lockstep_store::Store;
use lockstep_store::tables::{accounts as account_table, connections as connection_table};

use super::*;
use crate::app::Foundation;
use crate::config::{export, parse, to_toml};
use crate::ports::SeededIds;

/// An application on a store in memory, without network; its keychain entries are never there.
pub(crate) fn app() -> App {
    App::on(Foundation {
        data_dir: std::env::temp_dir(),
        store: Store::in_memory("0a1b2c3d", 0).expect("memory is there"),
        keychain: lockstep_store::Keychain::with_service("lockstep-test"),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SeededIds::new(7)),
        transports: Arc::new(|_| panic!("no network in here")),
        doing: "a test".to_owned(),
    })
}

pub(crate) const EXAMPLE: &str = include_str!("../../../../../docs/example.toml");

async fn take(app: &App, text: &str) -> Imported {
    let known = known(app).await.unwrap();
    import(app, parse(text, &known).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_file_goes_in_and_comes_out_as_it_was() {
    let app = app();
    let first = take(&app, EXAMPLE).await;
    assert_eq!((first.accounts_added.len(), first.connections_added.len()), (2, 1));
    let out = to_toml(&export(&app).await.unwrap());
    let again = take(&app, &out).await;
    assert_eq!(again.unchanged.len(), 3);
    assert!(again.accounts_changed.is_empty() && again.connections_changed.is_empty());
    assert_eq!(to_toml(&export(&app).await.unwrap()), out);
}

#[tokio::test]
async fn what_a_file_does_not_name_stays() {
    let app = app();
    take(&app, EXAMPLE).await;
    let more =
        "[[connection]]\nname = \"Second\"\nsource = \"Practice ServiceNow\"\ntarget = \"Practice Jira\"\n";
    let imported = take(&app, more).await;
    assert_eq!(imported.connections_added, ["Second"]);
    assert_eq!(export(&app).await.unwrap().connections.len(), 2);
}

#[tokio::test]
async fn a_change_is_a_new_revision() {
    let app = app();
    take(&app, EXAMPLE).await;
    let imported = take(&app, &EXAMPLE.replace("interval_seconds = 300", "interval_seconds = 60")).await;
    assert_eq!(imported.connections_changed, ["Incidents"]);
    let (connection, document) = app.connection("Incidents").await.unwrap();
    assert_eq!((connection.revision.0, document.interval_seconds), (2, 60));
}

#[tokio::test]
async fn nothing_is_written_by_half() {
    let app = app();
    let mut document = parse(EXAMPLE, &Known::new()).unwrap();
    document.connections[0].target = "Nobody".to_owned();
    let error = import(&app, document).await.unwrap_err();
    assert!(error.message.contains("Nobody") && error.hint.is_some());
    let (accounts, connections) = app
        .store()
        .read(|conn| Ok((account_table::list(conn)?, connection_table::list(conn)?)))
        .await
        .unwrap();
    assert!(accounts.is_empty() && connections.is_empty());
}
