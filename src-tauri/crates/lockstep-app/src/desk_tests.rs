//! The use cases on a store in memory, without network.

use lockstep_core::mapping::OnConflict;
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
use crate::{accounts, conflicts, connections, editor, history, links, quarantine};

/// The example imported, one linked pair.
async fn prepared() -> (App, ConnectionId, LinkId) {
    let app = app();
    import(&app, parse(EXAMPLE, &Known::new()).unwrap()).await.unwrap();
    let id = app.connection("Incidents").await.unwrap().0.id;
    let link = linked(&app, id, 1).await;
    (app, id, link)
}

async fn linked(app: &App, id: ConnectionId, at: u32) -> LinkId {
    let link = Link {
        id: LinkId(0),
        connection: id.0,
        type_mapping: "Incident".into(),
        tickets: Pair { source: format!("s{at}").into(), target: format!("t{at}").into() },
        keys: Pair { source: format!("INC{at}"), target: format!("CSD-{at}") },
        origin: Side::Source,
        generation: 0,
        state: LinkState::Live,
        versions: Pair::default(),
        marker_due: false,
        linked_ms: 5,
    };
    let accounts = Pair { source: Fingerprint("aaaaaaaa".into()), target: Fingerprint("bbbbbbbb".into()) };
    let titles = Pair { source: "Printer on fire".to_owned(), target: "Printer on fire".to_owned() };
    app.store()
        .write(move |tx| link_table::insert(tx, &link, &accounts, &titles, &serde_json::Value::Null))
        .await
        .unwrap()
}

fn text_conflict(target: &str) -> ConflictFound {
    ConflictFound {
        mapping: "short_description=summary".into(),
        label: "Title".into(),
        base: Pair { source: Value::text("a"), target: Value::text("a") },
        now: Pair { source: Value::text("b"), target: Value::text(target) },
        carried: Pair { source: Some(Value::text("b")), target: None },
    }
}

fn quarantined(id: ConnectionId, subject: &str, link: Option<LinkId>, key: &str) -> NewQuarantined {
    let trouble = serde_json::json!([{ "doing": "update", "message": "no", "cause": null, "remedy": "mend it", "revision": "r" }]);
    NewQuarantined {
        connection: id,
        subject: subject.to_owned(),
        link,
        side: Side::Source,
        ticket: format!("s-{key}").into(),
        key: key.to_owned(),
        title: "Printer on fire".to_owned(),
        type_mapping: "Incident".to_owned(),
        error: trouble,
        run: None,
    }
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
    let found = text_conflict("c");
    let note = found.clone();
    let conflict = app.store().write(move |tx| conflict_table::note(tx, id, link, &note, 10)).await.unwrap();
    let shown = conflicts::list(&app, None).await.unwrap().swap_remove(0);
    assert_eq!((shown.agreed_source.as_str(), shown.source.as_str(), shown.target.as_str()), ("a", "b", "c"));
    assert_eq!((shown.target_would_be.as_deref(), shown.source_would_be), (Some("b"), None));
    assert_eq!((shown.type_mapping.as_str(), shown.on_conflict), ("Incident", Some(OnConflict::Ask)));
    assert_eq!((shown.source_title.as_str(), shown.source_changed_ms), ("Printer on fire", None));
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
    let row = NewQuarantined {
        ticket: "s1".into(),
        ..quarantined(id, &format!("link:{}", link.0), Some(link), "INC1")
    };
    let number = app.store().write(move |tx| quarantine_table::put(tx, &row, 3)).await.unwrap();
    let groups = quarantine::list(&app, None).await.unwrap();
    assert_eq!(
        (groups.len(), groups[0].remedy.as_deref(), groups[0].tickets[0].ticket.as_str()),
        (1, Some("mend it"), "INC1")
    );
    let shown = &groups[0].tickets[0];
    assert_eq!(
        (shown.linked, shown.partner.as_deref(), shown.title.as_str()),
        (true, Some("CSD-1"), "Printer on fire")
    );
    quarantine::retry(&app, number.0).await.unwrap();
    assert!(quarantine::list(&app, None).await.unwrap().is_empty());
    assert!(waits(&app, id).await.is_some());
    assert_eq!(quarantine::retry(&app, number.0).await.unwrap_err().code, "not_found");
    assert_eq!(quarantine::retry_all(&app, None).await.unwrap(), 0);
}

#[tokio::test]
async fn many_are_let_go_in_one_write() {
    let (app, id, _) = prepared().await;
    let numbers = app
        .store()
        .write(move |tx| {
            let put = |at: u32| {
                let key = format!("INC{at}");
                quarantine_table::put(tx, &quarantined(id, &format!("new:source:s-{key}"), None, &key), 3)
            };
            (10..20).map(put).collect::<lockstep_store::Result<Vec<_>>>()
        })
        .await
        .unwrap();
    let mut some: Vec<i64> = numbers.iter().take(4).map(|number| number.0).collect();
    some.push(999);
    let released = quarantine::retry_these(&app, some.clone()).await.unwrap();
    assert_eq!(released.len(), 4, "one that is not there is passed over");
    assert!(!released[0].linked && released[0].partner.is_none() && released[0].type_mapping == "Incident");
    assert_eq!(quarantine::retry_these(&app, some).await.unwrap(), []);
    assert_eq!(quarantine::retry_all(&app, Some("Incidents")).await.unwrap(), 6);
}

#[tokio::test]
async fn choices_are_written_down_together_or_not_at_all() {
    let (app, id, first) = prepared().await;
    let second = linked(&app, id, 2).await;
    app.store()
        .write(move |tx| {
            conflict_table::note(tx, id, first, &text_conflict("c"), 10)?;
            conflict_table::note(tx, id, second, &text_conflict("d"), 10)
        })
        .await
        .unwrap();
    let orders = |shown: &[conflicts::ConflictView]| -> Vec<conflicts::Order> {
        let order = |one: &conflicts::ConflictView| conflicts::Order {
            conflict: one.id,
            choice: Choice::Source,
            shown: Some(one.mark.clone()),
        };
        shown.iter().map(order).collect()
    };
    let shown = conflicts::list(&app, None).await.unwrap();
    app.store().write(move |tx| conflict_table::note(tx, id, second, &text_conflict("e"), 20)).await.unwrap();
    let refused = conflicts::decide_all(&app, orders(&shown)).await.unwrap_err();
    assert!(refused.code == "invalid" && refused.message.contains("changed"), "{refused:?}");
    let after = conflicts::list(&app, None).await.unwrap();
    assert!(after.iter().all(|one| one.decided.is_none()), "{after:?}");
    assert_eq!(waits(&app, id).await, None);
    let decided = conflicts::decide_all(&app, orders(&after)).await.unwrap();
    assert_eq!(decided.iter().map(|one| one.decided).collect::<Vec<_>>(), [Some(Choice::Source); 2]);
}

#[tokio::test]
async fn pages_of_links_leave_ended_ones_out_and_repeat_none() {
    let (app, id, first) = prepared().await;
    for at in 2..=7 {
        linked(&app, id, at).await;
    }
    app.store()
        .write(move |tx| link_table::set_state(tx, first, &LinkState::Ended("test".into())))
        .await
        .unwrap();
    let mut keys = Vec::new();
    for offset in [0, 2, 4, 6] {
        let search = links::LinkSearch { offset, limit: 2, ..links::LinkSearch::default() };
        let page = links::list(&app, search).await.unwrap();
        assert_eq!(page.total, 6);
        keys.extend(page.links.into_iter().map(|link| link.source));
    }
    assert_eq!(keys, ["INC2", "INC3", "INC4", "INC5", "INC6", "INC7"]);
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

#[tokio::test]
async fn a_connection_is_renamed_with_its_links_and_its_draft() {
    let (app, id, _) = prepared().await;
    let (_, mut document) = app.connection("Incidents").await.unwrap();
    document.interval_seconds = 60;
    editor::save_draft(&app, id.0, document, 1).await.unwrap();
    for bad in ["", " ", "a\nb"] {
        assert_eq!(connections::rename(&app, id.0, bad).await.unwrap_err().code, "invalid");
    }
    connections::rename(&app, id.0, "Corvane incidents").await.unwrap();
    let view = connections::show(&app, "Corvane incidents").await.unwrap();
    assert_eq!((view.id, view.links), (id.0, 1));
    let picture = editor::open(&app, id.0).await.unwrap();
    let draft = picture.draft.unwrap();
    assert_eq!(
        (picture.document.name.as_str(), draft.document.name.as_str()),
        ("Corvane incidents", "Corvane incidents")
    );
    assert_eq!((draft.based_on, draft.document.interval_seconds), (picture.revision, 60));
}

#[tokio::test]
async fn a_connection_is_duplicated_without_its_links() {
    let (app, id, _) = prepared().await;
    assert_eq!(connections::duplicate(&app, id.0, "Incidents").await.unwrap_err().code, "invalid");
    connections::duplicate(&app, id.0, "Second").await.unwrap();
    let view = connections::show(&app, "Second").await.unwrap();
    assert!(view.links == 0 && !view.automatic && view.types == ["Incident"]);
}

#[tokio::test]
async fn a_deleted_connection_comes_back_with_its_links() {
    let (app, id, _) = prepared().await;
    connections::remove(&app, "Incidents").await.unwrap();
    let removed = connections::removed(&app).await.unwrap();
    assert_eq!(
        removed.iter().map(|one| (one.id, one.name.as_str())).collect::<Vec<_>>(),
        [(id.0, "Incidents")]
    );
    connections::restore(&app, id.0).await.unwrap();
    assert!(connections::removed(&app).await.unwrap().is_empty());
    assert_eq!(connections::show(&app, "Incidents").await.unwrap().links, 1);
    assert_eq!(connections::restore(&app, id.0).await.unwrap_err().code, "not_found");
    connections::remove(&app, "Incidents").await.unwrap();
    import(&app, parse(EXAMPLE, &Known::new()).unwrap()).await.unwrap();
    let taken = connections::restore(&app, id.0).await.unwrap_err();
    assert!(taken.message.contains("already"), "{taken:?}");
}

#[tokio::test]
async fn an_account_is_described_anew_and_stays_with_its_platform() {
    let (app, ..) = prepared().await;
    let before = accounts::show(&app, "Practice Jira").await.unwrap().doc;
    let wanted = crate::config::AccountDoc { dedicated: false, sandbox: true, ..before.clone() };
    let view = accounts::update(&app, wanted.clone()).await.unwrap();
    assert_eq!(view.doc, wanted);
    for wrong in [
        crate::config::AccountDoc { platform: crate::config::Platform::ServiceNow, ..before.clone() },
        crate::config::AccountDoc { address: "https://corvane.example/jira".to_owned(), ..before.clone() },
        crate::config::AccountDoc { name: "Nobody".to_owned(), ..before },
    ] {
        accounts::update(&app, wrong).await.unwrap_err();
    }
    assert_eq!(accounts::show(&app, "Practice Jira").await.unwrap().doc, wanted);
}
