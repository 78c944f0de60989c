//! What people do with single tickets and pairs, over a practice pair: why one was synced or was not. Real keychain, real
//! sockets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/pair.rs"]
mod pair;

use std::sync::Arc;

use lockstep_app::events::Silent;
use lockstep_app::explain::explain;
use lockstep_app::link_detail::{self, CopyKind, CopyState, WriteState};
use lockstep_app::link_preview::preview;
use lockstep_app::links::{self, Known, LinkFields, LinkOrder, LinkSearch, LinkView, LinkedBy, Tickets};
use lockstep_app::places::Keychain;
use lockstep_app::skipping::skip;
use lockstep_app::syncing::RunOrder;
use lockstep_app::{App, connections, editor, quarantine};
use lockstep_connectors::http::NobodyWatches;
use lockstep_core::connector::{Connector, FieldWrite, UpdateRequest};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::LinkId;
use lockstep_core::{TicketId, Value};
use lockstep_sandbox::Seed;
use lockstep_store::tables::quarantine::{self as quarantine_table, NewQuarantined};
use lockstep_store::tables::runs::{self, RunKind};

use pair::{NOW, keychain, practice_pair, ready, tidy};

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

    /// Keys of tickets of one side that no link has, newest first.
    async fn keys(&self, side: Side) -> Vec<String> {
        let (connection, document) = self.app.connection(CONNECTION).await.unwrap();
        let mapping = &document.types[0];
        let scopes = Pair { source: mapping.source.clone(), target: mapping.target.clone() };
        editor::offers(&self.app, connection.id.0, scopes, false).await.unwrap();
        let offers = editor::recent(&self.app, connection.id.0, mapping, side).await.unwrap();
        let linked = self.links().await;
        let is_free = |key: &String| !linked.iter().any(|link| link.source == *key || link.target == *key);
        offers.into_iter().map(|offer| offer.key).filter(is_free).collect()
    }

    fn order(&self, source: &str, target: &str) -> LinkOrder {
        LinkOrder {
            connection: CONNECTION.to_owned(),
            type_mapping: None,
            tickets: Tickets { source: source.to_owned(), target: target.to_owned() },
            known: Known::All,
            fields: LinkFields::Keep,
            instead: false,
        }
    }

    /// Signs in as Lockstep does, to act on a platform.
    async fn connector(&self, account: &str) -> Arc<dyn Connector> {
        let account = self.app.account(account).await.unwrap();
        let connector = self.app.connector(&account, self.app.http(Arc::new(NobodyWatches)).0).unwrap();
        connector.identify().await.unwrap();
        connector
    }

    /// Puts a ticket into quarantine as a run does that cannot write it; answers its number there.
    async fn quarantine(&self, subject: String, link: Option<LinkId>, ticket: TicketId, key: &str) -> i64 {
        let connection = self.app.connection(CONNECTION).await.unwrap().0.id;
        let key = key.to_owned();
        let put = move |tx: &lockstep_store::Tx<'_>| {
            let run = runs::list(tx, Some(connection), None, 1)?.pop().map(|run| run.id);
            let (title, type_mapping) = ("Held".to_owned(), "Incident".to_owned());
            let error = serde_json::json!([{ "doing": "update", "message": "refused", "cause": null, "remedy": null, "revision": "r" }]);
            let side = Side::Source;
            let row = NewQuarantined {
                connection,
                subject,
                link,
                side,
                ticket,
                key,
                title,
                type_mapping,
                error,
                run,
            };
            quarantine_table::put(tx, &row, 1)
        };
        self.app.store().write(put).await.unwrap().0
    }

    async fn link(&self, source: &str) -> LinkView {
        let search =
            LinkSearch { search: source.to_owned(), ended: true, limit: 10, ..LinkSearch::default() };
        links::list(&self.app, search).await.unwrap().links.pop().unwrap()
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

#[tokio::test(flavor = "multi_thread")]
async fn two_tickets_are_linked_as_the_preview_told() {
    let Some(desk) = Desk::new("linking").await else { return };
    let app = &desk.app;
    let (sources, targets) = (desk.keys(Side::Source).await, desk.keys(Side::Target).await);
    let keep = desk.order(&sources[0], &targets[0].to_lowercase());
    let told = preview(app, &keep).await.unwrap();
    assert_eq!((&told.source.key, &told.target.key), (&sources[0], &targets[0]));
    assert!(told.source.linked.is_none() && told.target.refusal.is_none());
    let title = told.rows.iter().find(|row| row.target_label == "Summary").unwrap();
    assert_eq!(
        (&title.source, &title.target, title.equal),
        (&told.source.title, &told.target.title, Some(false))
    );
    assert_eq!(told.writes, [], "both stay as they are, and all comments are known");

    let like = LinkOrder { fields: LinkFields::TargetLikeSource, ..keep.clone() };
    let told = preview(app, &like).await.unwrap();
    let written: Vec<_> = told.writes.iter().flat_map(|write| &write.changes).collect();
    let summary = written.iter().find(|change| change.field == "Summary").unwrap();
    assert_eq!((&summary.before, &summary.after), (&title.target, &title.source));
    assert!(told.writes.iter().all(|write| write.side == "target"), "{:?}", told.writes);
    let back = LinkOrder { fields: LinkFields::SourceLikeTarget, ..keep.clone() };
    let back = preview(app, &back).await.unwrap();
    assert!(!back.writes.is_empty() && back.writes.iter().all(|write| write.side == "source"));

    let before = desk.links().await.len();
    let linked = links::link(app, like).await.unwrap();
    assert_eq!((linked.link.state.as_str(), linked.link.linked_by), ("waiting", LinkedBy::Person));
    assert_eq!(desk.links().await.len(), before + 1);
    desk.run().await;
    let link = desk.link(&sources[0]).await;
    assert_eq!((link.state.as_str(), &link.target_title), ("in_step", &link.source_title), "{link:?}");
    let told = preview(app, &keep).await.unwrap();
    assert_eq!(told.source.linked.as_ref().map(|link| link.target.as_str()), Some(targets[0].as_str()));
    let title = told.rows.iter().find(|row| row.target_label == "Summary").unwrap();
    assert_eq!(title.equal, Some(true), "what was told was written");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_that_do_not_count_as_known_are_copied() {
    let Some(desk) = Desk::new("comments").await else { return };
    let app = &desk.app;
    let target = desk.keys(Side::Target).await.swap_remove(0);
    let mut talked = None;
    for source in desk.keys(Side::Source).await {
        let told = preview(app, &desk.order(&source, &target)).await.unwrap();
        if let Some(comment) =
            told.content.iter().find(|one| one.side == "source" && one.kind == CopyKind::Comment)
        {
            talked = Some((source, comment.clone(), told.content.clone()));
            break;
        }
    }
    let (source, comment, content) = talked.expect("the seed has comments");
    assert!(!comment.text.is_empty() && !comment.author.is_empty() && !comment.there_too, "{comment:?}");
    let others = |side: &str| -> Vec<String> {
        content
            .iter()
            .filter(|one| one.side == side && one.id != comment.id)
            .map(|one| one.id.clone())
            .collect()
    };
    let known = Known::These { source: others("source"), target: others("target") };
    let order = LinkOrder { known, ..desk.order(&source, &target) };
    let told = preview(app, &order).await.unwrap();
    assert_eq!(told.writes.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["comment"]);
    let strange = Known::These { source: vec!["no such".to_owned()], target: vec![] };
    let refused = preview(app, &LinkOrder { known: strange, ..order.clone() }).await.unwrap_err();
    assert!(refused.message.contains("no such"), "{refused:?}");
    let link = links::link(app, order).await.unwrap().link;
    desk.run().await;
    let connection = app.connection(CONNECTION).await.unwrap().0.id.0;
    let detail = link_detail::detail(app, connection, link.id).await.unwrap();
    let copied: Vec<_> = detail.copies.iter().filter(|copy| copy.state == CopyState::Copied).collect();
    assert_eq!(copied.iter().map(|copy| &copy.id).collect::<Vec<_>>(), [&comment.id], "{detail:?}");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_swapped_in_one_act() {
    let Some(desk) = Desk::new("swapping").await else { return };
    let app = &desk.app;
    let (sources, targets) = (desk.keys(Side::Source).await, desk.keys(Side::Target).await);
    let first = links::link(app, desk.order(&sources[0], &targets[0])).await.unwrap().link;
    let other = desk.order(&sources[0], &targets[1]);
    let refused = links::link(app, other.clone()).await.unwrap_err();
    assert!(refused.message.contains(&targets[0]), "{refused:?}");
    let swapped = links::link(app, LinkOrder { instead: true, ..other }).await.unwrap();
    assert_eq!((&swapped.link.target, swapped.marker_trouble), (&targets[1], None));
    let ended =
        link_detail::detail(app, app.connection(CONNECTION).await.unwrap().0.id.0, first.id).await.unwrap();
    assert_eq!(ended.link.state, "ended");
    let marker = ended.writes.first().unwrap();
    assert_eq!(
        (marker.kind.as_str(), marker.state),
        ("update", WriteState::Done),
        "its marker says that it ended"
    );
    // The ticket that was let go is nobody's copy: it is not linked or copied again by itself.
    desk.run().await;
    assert!(!desk.links().await.iter().any(|link| link.target == targets[0]));
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_pair_is_taken_up_again() {
    let Some(desk) = Desk::new("relinking").await else { return };
    let app = &desk.app;
    desk.run().await;
    let connection = app.connection(CONNECTION).await.unwrap().0.id.0;
    let link = desk.links().await.into_iter().find(|link| link.linked_by == LinkedBy::Created).unwrap();
    let early = links::relink(app, connection, link.id, false).await.unwrap_err();
    assert_eq!(early.code, "invalid", "{early:?}");
    let unlinked = links::unlink(app, None, &link.source).await.unwrap().link;
    assert!(unlinked.state == "ended" && unlinked.relink_until_ms > Some(app.now_ms()), "{unlinked:?}");
    desk.run().await;
    assert_eq!(desk.link(&link.source).await.state, "ended", "no run links them again");

    let again = links::relink(app, connection, link.id, false).await.unwrap();
    assert_eq!((again.link.id, again.link.relink_until_ms, again.marker_trouble), (link.id, None, None));
    assert_eq!(again.link.state, "waiting", "cursors have passed what happened meanwhile");
    desk.run().await;
    let link = desk.link(&link.source).await;
    assert_eq!((link.state.as_str(), link.linked_by), ("in_step", LinkedBy::Created), "{link:?}");

    // The one ticket found another partner meanwhile.
    let other = desk.links().await.into_iter().find(|other| other.id != link.id).unwrap();
    for one in [&link, &other] {
        links::unlink(app, None, &one.source).await.unwrap();
    }
    links::link(app, desk.order(&link.source, &other.target)).await.unwrap();
    let taken = links::relink(app, connection, link.id, false).await.unwrap_err();
    assert!(taken.message.contains("linked already") && taken.message.contains(&other.target), "{taken:?}");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_change_stays_where_it_is_and_later_ones_travel() {
    let Some(desk) = Desk::new("skipping").await else { return };
    let app = &desk.app;
    let (sources, targets) = (desk.keys(Side::Source).await, desk.keys(Side::Target).await);
    let order = desk.order(&sources[0], &targets[0]);
    let link =
        links::link(app, LinkOrder { fields: LinkFields::TargetLikeSource, ..order }).await.unwrap().link;
    assert_ne!(link.source_title, link.target_title);
    let (connection, document) = app.connection(CONNECTION).await.unwrap();
    let mapping = &document.types[0];
    let now = desk.connector(NOW).await;
    let id = now.find_by_key(&mapping.source, &sources[0]).await.unwrap().unwrap();
    let number =
        desk.quarantine(format!("link:{}", link.id), Some(LinkId(link.id)), id.clone(), &sources[0]).await;
    assert_eq!(desk.link(&sources[0]).await.state, "quarantined");

    let told = skip(app, connection.id.0, number, None).await.unwrap();
    assert!(!told.done && told.given_up.iter().any(|one| one.kind == "update"), "{told:?}");
    let title =
        told.given_up.iter().flat_map(|one| &one.changes).find(|change| change.field == "Summary").unwrap();
    assert_eq!((&title.before, &title.after), (&link.target_title, &link.source_title));
    let other = skip(app, connection.id.0, number, Some("00000000")).await.unwrap_err();
    assert!(other.message.contains("nothing was skipped"), "{other:?}");
    assert_eq!(desk.link(&sources[0]).await.state, "quarantined");
    let done = skip(app, connection.id.0, number, Some(&told.mark)).await.unwrap();
    assert!(done.done && quarantine::list(app, None).await.unwrap().is_empty());
    assert_eq!(skip(app, connection.id.0, number, Some(&told.mark)).await.unwrap_err().code, "not_found");

    desk.run().await;
    let after = desk.link(&sources[0]).await;
    assert_eq!(after.state, "in_step", "{after:?}");
    assert_eq!((&after.source_title, &after.target_title), (&link.source_title, &link.target_title));
    let fields = [("short_description".into(), FieldWrite::Set(Value::text("Said anew")))].into();
    let scope = mapping.source.clone();
    let edit = UpdateRequest { scope, ticket: id.clone(), fields, marker: None, comment: None };
    now.update(&edit).await.unwrap();
    desk.run().await;
    let after = desk.link(&sources[0]).await;
    assert_eq!((after.target_title.as_str(), after.state.as_str()), ("Said anew", "in_step"));

    // Beside its failure, the history keeps what was given up.
    let number = desk.quarantine(format!("link:{}", link.id), Some(LinkId(link.id)), id, &sources[0]).await;
    let told = skip(app, connection.id.0, number, None).await.unwrap();
    assert_eq!(told.given_up, [], "nothing waits by now");
    skip(app, connection.id.0, number, Some(&told.mark)).await.unwrap();
    let detail = link_detail::detail(app, connection.id.0, link.id).await.unwrap();
    let newest = &detail.history[0].ticket;
    assert_eq!((newest.outcome.as_str(), newest.done.len()), ("skipped", 1), "{newest:?}");
    assert!(newest.done[0].contains("skipped by a person"));
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_cannot_be_copied_is_left_out() {
    let Some(desk) = Desk::new("leaving").await else { return };
    let app = &desk.app;
    let sources = desk.keys(Side::Source).await;
    let (connection, document) = app.connection(CONNECTION).await.unwrap();
    let now = desk.connector(NOW).await;
    let mut held = None;
    for key in &sources {
        let id = now.find_by_key(&document.types[0].source, key).await.unwrap().unwrap();
        let number = desk.quarantine(format!("new:source:{id}"), None, id, key).await;
        let told = skip(app, connection.id.0, number, None).await.unwrap();
        if told.given_up.first().is_some_and(|one| one.kind == "create") {
            held = Some((key.clone(), number, told));
            break;
        }
        skip(app, connection.id.0, number, Some(&told.mark)).await.unwrap();
    }
    let (key, number, told) = held.expect("one would be copied");
    skip(app, connection.id.0, number, Some(&told.mark)).await.unwrap();
    desk.run().await;
    assert!(!desk.links().await.iter().any(|link| link.source == key), "it stays on its side");
    let explained = explain(app, None, &key).await.unwrap();
    let decided = explained.steps.iter().find(|step| step.name == "Decided").unwrap();
    assert!(decided.detail.contains("left out by a person"), "{explained:?}");
    desk.end().await;
}
