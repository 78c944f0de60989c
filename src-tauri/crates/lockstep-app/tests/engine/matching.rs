//! The match rule: counterparts that people made are linked, never made twice (hazards.md H12, H22, H42).

use http::Method;
use lockstep_app::events::RunResult;
use lockstep_app::run::apply::Moved;
use lockstep_app::run::{self, Order, Start};
use lockstep_core::TicketId;
use lockstep_core::mapping::{MatchMode, MatchRule};
use lockstep_core::side::Side;
use lockstep_core::sync::LedgerState;
use lockstep_core::sync::guard::Circumstances;
use lockstep_sandbox::Seed;
use lockstep_store::tables::pending::{self, Pending, PendingReason};
use lockstep_store::tables::{ledger, links};
use serde_json::{Value, json};

use crate::bench::Bench;

/// An empty pair whose tickets match by these two fields.
fn bench(mode: MatchMode, source: &str, target: &str) -> Bench {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.mapping.match_rule = Some(MatchRule { mode, source: source.into(), target: target.into() });
    bench
}

fn by_reference(mode: MatchMode) -> Bench {
    bench(mode, "key", "customfield_10040")
}

fn by_title() -> Bench {
    bench(MatchMode::MatchThenCreate, "short_description", "summary")
}

/// A person's incident: id and number.
fn incident(bench: &Bench, title: &str) -> (String, String) {
    let body = json!({ "short_description": title, "urgency": "2", "impact": "2" });
    let made = bench.at_now(Method::POST, "/api/now/table/incident", Some(body));
    let text = |field: &str| made["result"][field].as_str().unwrap().to_owned();
    (text("sys_id"), text("number"))
}

/// A person's issue: id and key.
fn issue(bench: &Bench, title: &str, reference: Option<&str>) -> (String, String) {
    let fields = json!({ "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": title, "customfield_10040": reference });
    let made = bench.at_jira(Method::POST, "/rest/api/3/issue", Some(json!({ "fields": fields })));
    (made["id"].as_str().unwrap().to_owned(), made["key"].as_str().unwrap().to_owned())
}

fn edit_incident(bench: &Bench, id: &str, body: Value) {
    bench.at_now(Method::PATCH, &format!("/api/now/table/incident/{id}"), Some(body));
}

fn edit_issue(bench: &Bench, id: &str, fields: Value) {
    bench.at_jira(Method::PUT, &format!("/rest/api/3/issue/{id}"), Some(json!({ "fields": fields })));
}

fn comment_on_issue(bench: &Bench, id: &str, text: &str) {
    let body = json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] });
    let properties = json!([{ "key": "sd.public.comment", "value": { "internal": false } }]);
    bench.at_jira(
        Method::POST,
        &format!("/rest/api/3/issue/{id}/comment"),
        Some(json!({ "body": body, "properties": properties })),
    );
}

fn linked(bench: &Bench) -> Vec<(String, String)> {
    let of = bench.connection;
    let read = bench.store.read(move |conn| {
        links::page(conn, &links::LinkFilter { connection: Some(of), ..links::LinkFilter::default() }, 0, 100)
    });
    read.wait().unwrap().into_iter().map(|line| (line.keys.source, line.keys.target)).collect()
}

fn waiting(bench: &Bench) -> Vec<Pending> {
    let of = bench.connection;
    bench.store.read(move |conn| pending::list(conn, of, None, 100)).wait().unwrap()
}

fn none() -> Vec<String> {
    Vec::new()
}

#[tokio::test]
pub async fn a_counterpart_that_people_made_is_linked_and_both_keep_what_they_hold() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    let (incident_id, number) = incident(&bench, "Printer offline");
    let (issue_id, key) = issue(&bench, "Another title", Some(&format!(" {} ", number.to_lowercase())));
    edit_incident(&bench, &incident_id, json!({ "comments": "From before, in ServiceNow" }));
    comment_on_issue(&bench, &issue_id, "From before, in Jira");
    bench.clock.pass_ms(60_000);
    bench.clear_logs();
    let report = bench.first().await;
    assert_eq!(
        (report.counts.linked, report.counts.created, report.counts.failed),
        (1, 0, 0),
        "{:#?}",
        bench.troubles()
    );
    assert_eq!((report.tally.links, report.tally.updates, report.result), (1, 0, RunResult::Success));
    assert_eq!(linked(&bench), [(number, key)]);
    assert_eq!((bench.writes(), waiting(&bench)), (none(), vec![]), "linking writes to neither platform");
    let known = bench.store.read(|conn| ledger::of(conn, lockstep_core::sync::LinkId(1))).wait().unwrap();
    assert!(known.len() >= 2 && known.iter().all(|entry| entry.state == LedgerState::Accounted), "{known:?}");

    edit_incident(
        &bench,
        &incident_id,
        json!({ "short_description": "Printer on fire", "comments": "New since" }),
    );
    let report = bench.run().await;
    assert_eq!(
        (report.counts.updated, report.counts.comments, report.counts.failed),
        (1, 1, 0),
        "{:#?}",
        bench.troubles()
    );
    let issues = bench.issues();
    assert_eq!((issues.len(), bench.incidents().len()), (1, 1));
    assert_eq!(issues[0]["fields"]["summary"], "Printer on fire");
    assert!(
        issues[0]["properties"]["lockstep.link"].is_object(),
        "the marker goes along with the next update"
    );
    bench.clear_logs();
    let quiet = bench.run().await;
    assert_eq!((bench.writes(), quiet.result), (none(), RunResult::NothingToDo), "{:#?}", bench.troubles());
}

#[tokio::test]
pub async fn several_candidates_are_for_a_person() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    let (_, number) = incident(&bench, "Printer offline");
    let (first, key) = issue(&bench, "One", Some(&number));
    let (second, _) = issue(&bench, "Two", Some(&number));
    bench.clock.pass_ms(60_000);
    let report = bench.first().await;
    assert_eq!((report.counts.linked, report.counts.created), (0, 0), "{:#?}", bench.troubles());
    assert_eq!((report.counts.failed, report.tally.held), (3, 3), "each of the three is told");
    assert!(bench.troubles().iter().any(|line| line.contains("2 tickets match")), "{:#?}", bench.troubles());
    assert!(
        waiting(&bench)
            .iter()
            .all(|row| row.reason == PendingReason::Decision && row.not_before_ms == i64::MAX)
    );
    bench.clock.pass_ms(600_000);
    let quiet = bench.run().await;
    assert_eq!((quiet.counts.failed, quiet.counts.created), (0, 0), "said once: {:#?}", bench.troubles());
    edit_issue(&bench, &second, json!({ "customfield_10040": null }));
    edit_issue(&bench, &first, json!({ "summary": "The one" }));
    bench.clock.pass_ms(60_000);
    let report = bench.run().await;
    assert_eq!(report.counts.linked, 1, "{:#?}", bench.troubles());
    assert_eq!(linked(&bench)[0], (number, key));
    assert_eq!(bench.issues().len(), 2, "and nobody made the incident a second counterpart");
}

#[tokio::test]
pub async fn twins_made_on_both_sides_become_one_pair() {
    let bench = by_title();
    let (_, number) = incident(&bench, "VPN, can't connect");
    let (_, key) = issue(&bench, "vpn, can't connect", None);
    bench.clock.pass_ms(60_000);
    let report = bench.first().await;
    assert_eq!(
        (report.counts.linked, report.counts.created, report.counts.failed),
        (1, 0, 0),
        "{:#?}",
        bench.troubles()
    );
    assert_eq!(linked(&bench), [(number, key)]);
    bench.clear_logs();
    assert_eq!(bench.run().await.result, RunResult::NothingToDo, "{:#?}", bench.troubles());
}

#[tokio::test]
pub async fn several_sources_never_share_one_target() {
    let bench = by_title();
    incident(&bench, "Disk full, again");
    incident(&bench, "disk full, again");
    issue(&bench, "Disk full, again", None);
    bench.clock.pass_ms(60_000);
    let report = bench.first().await;
    assert_eq!(
        (report.counts.linked, report.counts.created, report.counts.failed),
        (0, 0, 3),
        "{:#?}",
        bench.troubles()
    );
    assert_eq!(linked(&bench), []);
}

#[tokio::test]
pub async fn one_that_is_linked_already_is_for_a_person() {
    let bench = by_title();
    incident(&bench, "Disk full");
    issue(&bench, "Disk full", None);
    bench.clock.pass_ms(60_000);
    assert_eq!(bench.first().await.counts.linked, 1);
    let (late, _) = incident(&bench, "Disk full");
    bench.clock.pass_ms(60_000);
    let report = bench.run().await;
    assert_eq!(
        (report.counts.linked, report.counts.created, report.counts.failed),
        (0, 0, 1),
        "{:#?}",
        bench.troubles()
    );
    assert_eq!(waiting(&bench).iter().map(|row| row.ticket.clone()).collect::<Vec<_>>(), [TicketId(late)]);
    assert!(waiting(&bench)[0].detail.contains("is linked with"));
}

#[tokio::test]
pub async fn match_only_says_that_nothing_is_created_and_finds_the_late_counterpart() {
    let mut bench = by_reference(MatchMode::MatchOnly);
    bench.mapping.target_tickets = false;
    let (_, number) = incident(&bench, "Printer offline");
    bench.clock.pass_ms(60_000);
    let report = bench.first().await;
    assert_eq!(
        (report.counts.created, report.counts.skipped, report.counts.failed),
        (0, 1, 0),
        "{:#?}",
        bench.troubles()
    );
    assert_eq!((bench.issues().len(), waiting(&bench)), (0, vec![]));
    assert_eq!(bench.run().await.counts.skipped, 0, "said once");
    let (_, key) = issue(&bench, "By hand", Some(&number));
    bench.clock.pass_ms(60_000);
    let report = bench.run().await;
    assert_eq!(report.counts.linked, 1, "{:#?}", bench.troubles());
    assert_eq!(linked(&bench), [(number, key)]);
}

#[tokio::test]
pub async fn a_young_ticket_is_not_copied_before_its_counterpart_could_show() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    bench.first().await;
    incident(&bench, "Just now");
    let report = bench.try_run(Start::LastRun).await.unwrap();
    assert_eq!((report.counts.created, bench.issues().len()), (0, 0), "{:#?}", bench.troubles());
    let report = bench.run().await;
    assert_eq!((report.counts.created, bench.issues().len()), (1, 1), "{:#?}", bench.troubles());
    assert_eq!(waiting(&bench), []);
    bench.clear_logs();
    assert_eq!(
        (bench.run().await.result, bench.writes()),
        (RunResult::NothingToDo, none()),
        "{:#?}",
        bench.troubles()
    );
}

#[tokio::test]
pub async fn a_value_that_no_query_can_ask_for_waits_for_a_person() {
    let bench = by_title();
    let (id, _) = issue(&bench, "a^b^ORactive=true", None);
    incident(&bench, "Something else");
    bench.clock.pass_ms(60_000);
    let report = bench.first().await;
    assert_eq!(
        (report.counts.created, report.counts.failed),
        (1, 1),
        "the other one goes on: {:#?}",
        bench.troubles()
    );
    let waits = waiting(&bench);
    assert_eq!(
        waits.iter().map(|row| (row.feed.side, row.ticket.0.as_str())).collect::<Vec<_>>(),
        [(Side::Target, id.as_str())]
    );
    assert!(waits[0].detail.contains("cannot be looked up safely"), "{}", waits[0].detail);
}

#[tokio::test]
pub async fn where_nothing_is_created_such_a_value_troubles_nobody() {
    let mut bench = by_title();
    bench.mapping.target_tickets = false;
    bench.first().await;
    issue(&bench, "Can't print, again", None);
    bench.clock.pass_ms(60_000);
    let report = bench.run().await;
    assert_eq!((report.counts.failed, report.counts.created), (0, 0), "{:#?}", bench.troubles());
    assert_eq!(waiting(&bench), []);
    let (_, number) = incident(&bench, "can't print, again");
    bench.clock.pass_ms(60_000);
    assert_eq!(bench.run().await.counts.linked, 1, "{:#?}", bench.troubles());
    assert_eq!(linked(&bench)[0].0, number);
}

#[tokio::test]
pub async fn what_changed_between_plan_and_link_is_not_linked() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    let (_, number) = incident(&bench, "Printer offline");
    let (id, _) = issue(&bench, "One", Some(&number));
    bench.clock.pass_ms(60_000);
    let (mut site, rules) = bench.site().await.unwrap();
    let order = Order { start: Start::Since(0), confirmed: true, take_over: true, moved: Moved::LeaveOut };
    let (plan, summary) = run::make_plan(&site, &rules, Circumstances::default(), order).await.unwrap();
    assert_eq!((summary.tally.links, summary.tally.creates), (1, 0));
    edit_issue(&bench, &id, json!({ "customfield_10040": "INC9999999" }));
    let report = run::apply_plan(&mut site, &rules, plan).await.unwrap();
    assert_eq!((report.counts.linked, report.counts.created), (0, 0), "{:#?}", bench.troubles());
    assert_eq!((linked(&bench), waiting(&bench)[0].reason), (vec![], PendingReason::Moved));
    bench.clock.pass_ms(60_000);
    let report = bench.run().await;
    assert_eq!(report.counts.created, 2, "each gets its own copy now: {:#?}", bench.troubles());
}

#[tokio::test]
pub async fn neither_of_two_is_forgotten_when_they_are_not_linked_after_all() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    let (incident_id, number) = incident(&bench, "Printer offline");
    issue(&bench, "One", Some(&number));
    bench.clock.pass_ms(3_600_000);
    let (mut site, rules) = bench.site().await.unwrap();
    let order = Order { start: Start::Since(0), confirmed: true, take_over: true, moved: Moved::LeaveOut };
    let (plan, _) = run::make_plan(&site, &rules, Circumstances::default(), order).await.unwrap();
    bench.at_now(Method::DELETE, &format!("/api/now/table/incident/{incident_id}"), None);
    let report = run::apply_plan(&mut site, &rules, plan).await.unwrap();
    assert_eq!((report.counts.linked, report.counts.created), (0, 0), "{:#?}", bench.troubles());
    let report = bench.run().await;
    assert_eq!((report.counts.created, bench.incidents().len()), (1, 1), "{:#?}", bench.troubles());
    assert_eq!(waiting(&bench), []);
}

#[tokio::test]
pub async fn a_plan_of_yesterday_creates_nothing_that_somebody_made_since() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    let (_, number) = incident(&bench, "Printer offline");
    incident(&bench, "Alone");
    bench.clock.pass_ms(60_000);
    let (mut site, rules) = bench.site().await.unwrap();
    let order = Order { start: Start::Since(0), confirmed: true, take_over: true, moved: Moved::LeaveOut };
    let (plan, summary) = run::make_plan(&site, &rules, Circumstances::default(), order).await.unwrap();
    assert_eq!(summary.tally.creates, 2);
    let (_, key) = issue(&bench, "By hand", Some(&number));
    bench.clock.pass_ms(3_600_000);
    let report = run::apply_plan(&mut site, &rules, plan).await.unwrap();
    assert_eq!((report.counts.created, bench.issues().len()), (1, 2), "{:#?}", bench.troubles());
    let report = bench.run().await;
    assert_eq!((report.counts.linked, report.counts.created), (1, 0), "{:#?}", bench.troubles());
    assert!(linked(&bench).contains(&(number, key)));
}

/// Each side's list is read on its own: somebody writes on the one while the other is read.
#[tokio::test]
pub async fn h42_a_comment_written_while_linking_is_neither_lost_nor_replayed() {
    let bench = by_reference(MatchMode::MatchThenCreate);
    let (incident_id, number) = incident(&bench, "Printer offline");
    let (issue_id, _) = issue(&bench, "Another title", Some(&number));
    edit_incident(&bench, &incident_id, json!({ "comments": "From before" }));
    bench.clock.pass_ms(60_000);
    let (now, password) = (bench.now.clone(), lockstep_sandbox::servicenow::password_of("admin"));
    let (gate, target) = (bench.gate().clone(), format!("/api/now/table/incident/{incident_id}"));
    bench.heard.at_phase(lockstep_app::events::Phase::Write, move || {
        gate.before_call("/rest/api/3/", move || {
            let body = json!({ "comments": "Just now" });
            assert!(now.act(("admin", &password), Method::PATCH, &target, Some(body)).0 < 300);
        });
    });
    assert_eq!(bench.first().await.counts.linked, 1, "{:#?}", bench.troubles());
    assert!(bench.gate().is_done() && bench.heard.is_done());
    crate::referee::quiet(&bench).await;
    let comments = bench.comments(&issue_id);
    assert_eq!(comments.len(), 1, "one was lost, or an old one replayed: {comments:?}");
    assert!(comments[0].contains("Just now"));
}
