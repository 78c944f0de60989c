//! What people do with single tickets and pairs, over a practice pair: why one was synced or was not. Real keychain, real
//! sockets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/pair.rs"]
mod pair;

use std::sync::Arc;

use lockstep_app::events::Silent;
use lockstep_app::explain::explain;
use lockstep_app::link_detail::{self, CopyKind, CopyState, WriteState};
use lockstep_app::links::{self, LinkSearch, LinkView, LinkedBy};
use lockstep_app::places::Keychain;
use lockstep_app::syncing::RunOrder;
use lockstep_app::{App, connections};
use lockstep_core::side::Pair;
use lockstep_sandbox::Seed;
use lockstep_store::tables::runs::RunKind;

use pair::{keychain, practice_pair, ready, tidy};

const CONNECTION: &str = "Incidents";

struct Desk {
    app: App,
    keychain: Keychain,
    pair: pair::Pair,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// The example between practice platforms with their small seeds, nothing linked.
    async fn new(name: &str) -> Option<Desk> {
        let keychain = keychain(name)?;
        let pair = practice_pair(Seed::Small).await;
        let folder = tempfile::tempdir().unwrap();
        let app = ready(&folder.path().join("data"), &keychain, &pair).await;
        Some(Desk { app, keychain, pair, _folder: folder })
    }

    async fn run(&self) {
        let order = RunOrder {
            connection: CONNECTION.into(),
            kind: RunKind::Manual,
            since_ms: Some(0),
            confirmed: true,
            take_over: false,
            plan: None,
            trigger: "a test".into(),
        };
        self.app.run(order, Arc::new(Silent)).await.unwrap();
    }

    async fn links(&self) -> Vec<LinkView> {
        links::list(&self.app, LinkSearch { limit: 100, ..LinkSearch::default() }).await.unwrap().links
    }

    async fn end(self) {
        tidy(&self.app, &self.keychain, &self.pair).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_what_became_of_it_without_asking_a_platform() {
    let Some(desk) = Desk::new("detail").await else { return };
    desk.run().await;
    let links = desk.links().await;
    assert!(links.len() > 5, "{links:?}");
    for link in &links {
        assert!(!link.source_title.is_empty() && !link.target_title.is_empty(), "{link:?}");
        assert!(link.synced_ms >= link.linked_ms && link.linked_ms > 0, "{link:?}");
        assert_eq!((link.state.as_str(), link.relink_until_ms), ("in_step", None), "{link:?}");
    }
    let made =
        links.iter().filter(|link| link.linked_by == LinkedBy::Created).max_by_key(|link| link.id).unwrap();
    let (connection, _) = desk.app.connection(CONNECTION).await.unwrap();
    let of = connection.id.0;
    let mut details = Vec::new();
    for link in &links {
        details.push(link_detail::detail(&desk.app, of, link.id).await.unwrap());
    }
    let detail = details.iter().find(|detail| detail.link == *made).unwrap();
    assert_eq!(detail.history.len(), 1, "{detail:?}");
    assert!(detail.history[0].at_ms > 0 && detail.history[0].ticket.outcome == "created");
    let write = detail.writes.last().unwrap();
    assert_eq!((write.kind.as_str(), write.state), ("create", WriteState::Done));
    let copied = details.iter().flat_map(|detail| &detail.copies).find(|copy| copy.kind == CopyKind::Comment);
    let copied = copied.expect("the seed has comments");
    assert!(copied.state != CopyState::Copied || copied.copy.is_some(), "{copied:?}");
    assert_eq!(link_detail::detail(&desk.app, of + 1, made.id).await.unwrap_err().code, "not_found");

    let title = made.source_title.to_uppercase();
    let search = LinkSearch { search: title, limit: 100, ..LinkSearch::default() };
    assert!(links::list(&desk.app, search).await.unwrap().links.contains(made), "found by its title");
    let search = LinkSearch { state: Some("lost".to_owned()), ..LinkSearch::default() };
    assert_eq!(links::list(&desk.app, search).await.unwrap_err().code, "invalid");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_explained_by_the_connection_that_knows_it() {
    let Some(desk) = Desk::new("explain").await else { return };
    let app = &desk.app;
    desk.run().await;
    let link = desk.links().await.swap_remove(0);
    // One that comes first, sees the same tickets and has no template for them.
    let (_, document) = app.connection(CONNECTION).await.unwrap();
    let mapping = &document.types[0];
    let ends = Pair {
        source: (document.source.clone(), mapping.source.clone()),
        target: (document.target.clone(), mapping.target.clone()),
    };
    connections::add(app, "Aldergrove", "Incident", ends).await.unwrap();
    for key in [&link.source, &link.target.to_lowercase()] {
        let found = explain(app, None, key).await.unwrap();
        assert_eq!((found.connection.as_str(), found.partner.is_some()), (CONNECTION, true));
    }

    links::unlink(app, None, &link.source).await.unwrap();
    let found = explain(app, None, &link.source).await.unwrap();
    assert_eq!(found.connection, CONNECTION, "the one that had it linked says why not: {found:?}");
    assert!(found.verdict.contains("unlinked by a person"), "{}", found.verdict);

    let none = explain(app, None, "INC9999999").await.unwrap_err();
    assert!(none.code == "not_found" && none.message.contains("no connection shows"), "{none:?}");
    connections::remove(app, "Aldergrove").await.unwrap();
    let none = explain(app, None, "INC9999999").await.unwrap_err();
    assert!(none.message.contains("neither ServiceNow nor Jira"), "{none:?}");
    desk.end().await;
}
