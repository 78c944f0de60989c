//! The use cases on a store in memory, without network.

use lockstep_core::marker::Fingerprint;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::link::{Link, LinkId, LinkState};
use lockstep_core::sync::{ConflictFound, Outcome};
use lockstep_core::{TicketId, Value};
use lockstep_store::tables::outcomes::{self, NewOutcome};
use lockstep_store::tables::quarantine::{self as quarantine_table, NewQuarantined};
use lockstep_store::tables::runs::{self, NewRun, RunEnd, RunKind, RunResult};
use lockstep_store::tables::{conflicts as conflict_table, links as link_table, locks, pending};
use lockstep_store::{ConnectionId, Feed};

use crate::app::App;
use crate::config::import::tests::{EXAMPLE, app};
use crate::config::{Known, import, parse};
use crate::conflicts::Choice;
use crate::{accounts, conflicts, connections, history, links, quarantine};

/// The example imported, one linked pair.
async fn prepared() -> (App, ConnectionId, LinkId) {
    let app = app();
    import(&app, parse(EXAMPLE, &Known::new()).unwrap()).await.unwrap();
    let id = app.connection("Incidents").await.unwrap().0.id;
    let link = Link {
        id: LinkId(0),
        connection: id.0,
        type_mapping: "Incident".into(),
        tickets: Pair { source: "s1".into(), target: "t1".into() },
        keys: Pair { source: "INC1".into(), target: "CSD-1".into() },
        origin: Side::Source,
        generation: 0,
        state: LinkState::Live,
        versions: Pair::default(),
        marker_due: false,
        linked_ms: 5,
    };
    let accounts = Pair { source: Fingerprint("aaaaaaaa".into()), target: Fingerprint("bbbbbbbb".into()) };
    let link = app
        .store()
        .write(move |tx| link_table::insert(tx, &link, &accounts, &serde_json::Value::Null))
        .await
        .unwrap();
    (app, id, link)
}

async fn waits(app: &App, id: ConnectionId) -> Option<String> {
    let feed = Feed::new(id, "Incident", Side::Source);
    let found = app.store().read(move |conn| pending::get(conn, &feed, &TicketId::from("s1"))).await.unwrap();
    found.map(|row| row.detail)
}

#[tokio::test]
async fn an_account_in_use_cannot_be_removed() {
    let (app, ..) = prepared().await;
    let error = accounts::remove(&app, "Practice Jira").await.unwrap_err();
    assert!(error.message.contains("Incidents"), "{error:?}");
    assert_eq!(accounts::list(&app).await.unwrap().len(), 2);
}

#[tokio::test]
async fn accounts_are_checked_when_added() {
    let app = app();
    let good = parse(EXAMPLE, &Known::new()).unwrap().accounts.swap_remove(0);
    let wrong = |change: &dyn Fn(&mut crate::config::AccountDoc)| {
        let mut doc = good.clone();
        change(&mut doc);
        doc
    };
    for doc in [
        wrong(&|doc| doc.name = " ".to_owned()),
        wrong(&|doc| doc.address = "http://corvane.example".to_owned()),
        wrong(&|doc| doc.address = "https://corvane.example/now".to_owned()),
        wrong(&|doc| doc.sign_in = crate::config::SignIn::Token { email: "x".to_owned() }),
    ] {
        assert_eq!(accounts::add(&app, doc).await.unwrap_err().code, "invalid");
    }
    accounts::add(&app, good.clone()).await.unwrap();
    let taken = accounts::add(&app, good).await.unwrap_err();
    assert!(taken.message.contains("already"), "{taken:?}");
}

#[tokio::test]
async fn a_new_connection_wants_its_first_run() {
    let (app, ..) = prepared().await;
    let views = connections::list(&app).await.unwrap();
    assert!(!views[0].automatic && views[0].links == 1 && views[0].last_run.is_none());
    let error = connections::set_automatic(&app, "Incidents", true).await.unwrap_err();
    assert_eq!(error.code, "prerequisites");
    connections::remove(&app, "Incidents").await.unwrap();
    assert!(connections::list(&app).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_choice_is_bound_to_what_was_shown_and_waits_for_the_run() {
    let (app, id, link) = prepared().await;
    let found = ConflictFound {
        mapping: "short_description=summary".into(),
        label: "Summary".into(),
        base: Pair { source: Value::text("a"), target: Value::text("a") },
        now: Pair { source: Value::text("b"), target: Value::text("c") },
        carried: Pair { source: Some(Value::text("b")), target: None },
    };
    let note = found.clone();
    let conflict = app.store().write(move |tx| conflict_table::note(tx, id, link, &note, 10)).await.unwrap();
    let shown = conflicts::list(&app, None).await.unwrap().swap_remove(0);
    assert_eq!((shown.agreed_source.as_str(), shown.source.as_str(), shown.target.as_str()), ("a", "b", "c"));
    assert_eq!((shown.target_would_be.as_deref(), shown.source_would_be), (Some("b"), None));
    let moved = ConflictFound { now: Pair { source: Value::text("b2"), target: Value::text("c") }, ..found };
    app.store().write(move |tx| conflict_table::note(tx, id, link, &moved, 20)).await.unwrap();
    let stale = conflicts::decide(&app, conflict.0, Choice::Target, Some(&shown.mark)).await.unwrap_err();
    assert!(stale.message.contains("changed"), "{stale:?}");
    assert_eq!(waits(&app, id).await, None);
    let fresh = conflicts::list(&app, Some("Incidents")).await.unwrap().swap_remove(0);
    let decided = conflicts::decide(&app, conflict.0, Choice::Target, Some(&fresh.mark)).await.unwrap();
    assert_eq!(decided.decided, Some(Choice::Target));
    assert!(waits(&app, id).await.is_some());
}

#[tokio::test]
async fn quarantine_is_grouped_and_let_go() {
    let (app, id, link) = prepared().await;
    let trouble = serde_json::json!([{ "doing": "update", "message": "no", "cause": null, "remedy": "mend it", "revision": "r" }]);
    let row = NewQuarantined {
        connection: id,
        subject: format!("link:{}", link.0),
        link: Some(link),
        side: Side::Source,
        ticket: "s1".into(),
        key: "INC1".into(),
        error: trouble,
        run: None,
    };
    let number = app.store().write(move |tx| quarantine_table::put(tx, &row, 3)).await.unwrap();
    let groups = quarantine::list(&app, None).await.unwrap();
    assert_eq!(
        (groups.len(), groups[0].remedy.as_deref(), groups[0].tickets[0].ticket.as_str()),
        (1, Some("mend it"), "INC1")
    );
    quarantine::retry(&app, number.0).await.unwrap();
    assert!(quarantine::list(&app, None).await.unwrap().is_empty());
    assert!(waits(&app, id).await.is_some());
    assert_eq!(quarantine::retry(&app, number.0).await.unwrap_err().code, "not_found");
    assert_eq!(quarantine::retry_all(&app, None).await.unwrap(), 0);
}

#[tokio::test]
async fn runs_are_shown_with_their_tickets_and_errors() {
    let (app, id, _) = prepared().await;
    let run = app
        .store()
        .write(move |tx| {
            let epoch = locks::raise_epoch(tx, "test", 0)?;
            let new = NewRun {
                connection: id,
                kind: RunKind::Manual,
                trigger: "test",
                epoch,
                plan: None,
                started_ms: 1,
            };
            let run = runs::start(tx, new)?;
            for (ordinal, outcome) in
                [Outcome::Created, Outcome::Failed, Outcome::Failed].into_iter().enumerate()
            {
                let detail =
                    lockstep_store::Packed::of(&serde_json::json!({ "done": ["x"], "troubles": [] }))?;
                let keys = Pair { source: Some("INC1".to_owned()), target: None };
                let ordinal = ordinal as u32;
                outcomes::put(
                    tx,
                    &NewOutcome {
                        run,
                        ordinal,
                        subject: "s".into(),
                        keys,
                        title: "t".into(),
                        outcome,
                        detail,
                    },
                )?;
            }
            let (counts, calls) = (serde_json::json!({}), serde_json::json!({ "total": 9 }));
            let summary =
                serde_json::json!({ "error": { "code": "unreachable", "message": "down", "hint": null } });
            runs::finish(
                tx,
                run,
                RunEnd {
                    result: RunResult::Failed,
                    counts: &counts,
                    calls: &calls,
                    summary: &summary,
                    ended_ms: 9,
                },
            )?;
            Ok(run)
        })
        .await
        .unwrap();
    let list = history::list(&app, Some("Incidents"), None, 10).await.unwrap();
    assert_eq!((list.len(), list[0].label.as_str(), list[0].calls), (1, "Failed", 9));
    assert_eq!(list[0].error.as_ref().map(|error| error.code.as_str()), Some("unreachable"));
    let detail = history::run(&app, run.0, Some("failed"), 0, 1).await.unwrap();
    assert_eq!((detail.tickets.len(), detail.tickets[0].ordinal, detail.next), (1, 1, Some(2)));
    assert_eq!(history::run(&app, 99, None, 0, 1).await.unwrap_err().code, "not_found");
    assert_eq!(history::run(&app, run.0, Some("lost"), 0, 1).await.unwrap_err().code, "invalid");
}

#[tokio::test]
async fn links_are_found_by_part_of_a_key() {
    let (app, _, link) = prepared().await;
    let search = |text: &str, ended| links::LinkSearch {
        search: text.to_owned(),
        ended,
        limit: 10,
        ..links::LinkSearch::default()
    };
    assert_eq!(links::list(&app, search("csd", false)).await.unwrap().links.len(), 1);
    assert_eq!(links::list(&app, search("zzz", false)).await.unwrap().total, 0);
    app.store()
        .write(move |tx| link_table::set_state(tx, link, &LinkState::Ended("test".into())))
        .await
        .unwrap();
    let page = links::list(&app, search("", false)).await.unwrap();
    assert_eq!((page.links.len(), page.total), (0, 0));
    assert_eq!(links::list(&app, search("", true)).await.unwrap().links[0].state, "ended");
}

#[tokio::test]
async fn a_new_connection_has_no_rows_and_is_refused_where_it_makes_no_sense() {
    let (app, ..) = prepared().await;
    let (_, document) = app.connection("Incidents").await.unwrap();
    let mapping = &document.types[0];
    let ends = || Pair {
        source: (document.source.clone(), mapping.source.clone()),
        target: (document.target.clone(), mapping.target.clone()),
    };
    connections::add(&app, "Requests", "Request", ends()).await.unwrap();
    let made = connections::show(&app, "Requests").await.unwrap();
    assert_eq!(made.types, ["Request"]);
    assert_eq!(connections::add(&app, "Requests", "Request", ends()).await.unwrap_err().code, "invalid");
    assert_eq!(connections::add(&app, " ".trim(), "Request", ends()).await.unwrap_err().code, "invalid");
    let same = Pair { source: ends().source, target: ends().source };
    assert_eq!(connections::add(&app, "Ring", "Request", same).await.unwrap_err().code, "invalid");
    let mut unknown = ends();
    unknown.target.0 = "Nobody".to_owned();
    assert_eq!(connections::add(&app, "Lost", "Request", unknown).await.unwrap_err().code, "not_found");
    assert_eq!(connections::list(&app).await.unwrap().len(), 2);
}
