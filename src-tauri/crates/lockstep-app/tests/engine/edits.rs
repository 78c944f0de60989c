//! Reading, writing, bases and decisions (hazards H11-H29): no change is lost, none is overwritten in silence.

use http::Method;
use lockstep_app::events::RunResult;
use lockstep_app::run::Start;
use lockstep_core::side::Pair;
use lockstep_sandbox::FaultKind;
use lockstep_sandbox::Seed;
use lockstep_store::tables::{conflicts, links, pending, quarantine};
use serde_json::json;

use crate::bench::Bench;
use crate::referee;

/// Pairs in step, with these titles.
pub async fn pairs(titles: &[&str]) -> Bench {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for title in titles {
        bench.new_incident(title);
    }
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    bench
}

pub fn waiting_conflicts(bench: &Bench) -> u32 {
    let connection = bench.connection;
    bench.store.read(move |conn| conflicts::count_open(conn, connection)).wait().unwrap()
}

/// A person decides the one conflict that waits.
fn decide(bench: &Bench, incident: &str, winner: lockstep_core::Side) {
    let connection = bench.connection;
    let of = move |conn: &lockstep_store::Connection| -> lockstep_store::Result<conflicts::Conflict> {
        let link = links::walk(conn, connection, None, 1)?.remove(0).link.id;
        Ok(conflicts::of_link(conn, link)?.remove(0))
    };
    let found = bench.store.read(of).wait().unwrap();
    let decided = json!({ "base": found.found.base, "now": found.found.now, "winner": winner });
    let feed = lockstep_store::Feed::new(connection, "Incident".to_owned(), lockstep_core::Side::Source);
    let (account, ticket) =
        (lockstep_core::marker::Fingerprint("test".to_owned()), lockstep_core::TicketId::from(incident));
    let keep = move |tx: &lockstep_store::Tx<'_>| {
        conflicts::decide(tx, found.id, &found.found, &decided, 0)?;
        let waits = pending::NewPending {
            feed: &feed,
            account: &account,
            ticket: &ticket,
            reason: pending::PendingReason::Decision,
            detail: "decided",
            not_before_ms: 0,
            run: None,
        };
        pending::add(tx, waits, 0)
    };
    bench.store.write(keep).wait().unwrap();
}

#[tokio::test]
pub async fn h11_recovery_does_not_repeat_yesterdays_payload() {
    for kind in [FaultKind::CutAfter, FaultKind::CutBefore, FaultKind::StatusAfterApply { status: 502 }] {
        let bench = pairs(&["One"]).await;
        let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
        bench.edit_incident(&incident, json!({ "short_description": "Two" }));
        bench.fault_at("/rest/api/3/issue/", kind.clone());
        bench.clock.pass_ms(5_000);
        bench.faulty_run().await;
        // A person has the last word on Jira before the next run.
        bench.edit_issue(&issue, json!({ "summary": "Three" }));
        bench.clear_logs();
        referee::quiet(&bench).await;
        let has = |title: &str| bench.incidents().iter().any(|one| one["short_description"] == title);
        let (now, jira) = (has("Two"), bench.issue("Three").is_object());
        let asked = waiting_conflicts(&bench) == 1;
        match kind {
            // Ours never arrived: two edits of one field since the base.
            FaultKind::CutBefore => assert!(now && jira && asked, "\"Two\" was lost in silence"),
            _ => assert!((now && jira) && asked || bench.incident("Three").is_object(), "{kind:?}"),
        }
    }
}

#[tokio::test]
pub async fn the_titles_of_a_pair_follow_what_runs_see() {
    let bench = pairs(&["One"]).await;
    let shown = || {
        let connection = bench.connection;
        let of = move |conn: &lockstep_store::Connection| {
            let id = links::walk(conn, connection, None, 1)?.remove(0).link.id;
            Ok(links::shown(conn, id)?.expect("it is there"))
        };
        bench.store.read(of).wait().unwrap()
    };
    let both = |title: &str| Pair { source: title.to_owned(), target: title.to_owned() };
    let created = shown();
    assert_eq!(created.titles, both("One"));
    bench.edit_incident(&bench.incident_id("One"), json!({ "short_description": "Two" }));
    bench.clock.pass_ms(600_000);
    referee::quiet(&bench).await;
    let updated = shown();
    assert_eq!(updated.titles, both("Two"));
    assert!(updated.synced_ms >= created.synced_ms + 600_000, "{updated:?}");
    bench.clock.pass_ms(600_000);
    bench.run().await;
    assert_eq!(shown().synced_ms, updated.synced_ms, "a run that finds nothing new writes nothing");
}

#[tokio::test]
pub async fn h04_a_field_write_that_comes_late_does_not_undo_a_newer_one() {
    let bench = pairs(&["One"]).await;
    let incident = bench.incident_id("One");
    bench.edit_incident(&incident, json!({ "short_description": "Two" }));
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue/", FaultKind::ApplyLater { after_ms: 3_000 });
    bench.faulty_run().await;
    bench.edit_incident(&incident, json!({ "short_description": "Three" }));
    bench.try_run(Start::LastRun).await.unwrap();
    bench.clock.pass_ms(4_000);
    referee::quiet(&bench).await;
    bench.incident("Three");
    bench.issue("Three");
}

#[tokio::test]
pub async fn h14_an_edit_between_a_write_and_the_next_reading_travels() {
    let bench = pairs(&["One"]).await;
    let issue = bench.issue_id("One");
    let id = bench.new_incident("Fresh");
    bench.edit_incident(&id, json!({ "state": "2" }));
    bench.clock.pass_ms(5_000);
    bench.run().await;
    // The create's answer told no values: the first reading of the copy already shows a person's edit.
    let fresh = bench.issue_id("Fresh");
    bench.edit_issue(&fresh, json!({ "summary": "Fresh, edited at once" }));
    bench.edit_issue(&issue, json!({ "summary": "One, edited" }));
    referee::quiet(&bench).await;
    bench.incident("Fresh, edited at once");
    bench.incident("One, edited");
}

#[tokio::test]
pub async fn h15_a_write_that_was_silently_ignored_is_told_and_not_repeated() {
    let bench = pairs(&["One"]).await;
    let switches = json!({ "read_only_fields": { "incident": ["short_description"] } });
    bench.now.practice().platform.configure(&switches).unwrap();
    let issue = bench.issue_id("One");
    bench.edit_issue(&issue, json!({ "summary": "Changed in Jira" }));
    bench.run().await;
    bench.incident("One");
    bench.issue("Changed in Jira");
    let told = bench.troubles().iter().any(|line| line.contains("kept its value"));
    assert!(told, "nobody was told: {:#?}", bench.troubles());
    referee::quiet(&bench).await;
    bench.incident("One");
    bench.issue("Changed in Jira");
    // The cause is mended and somebody edits again.
    bench.now.practice().platform.configure(&json!({ "read_only_fields": {} })).unwrap();
    bench.edit_issue(&issue, json!({ "summary": "Changed again" }));
    referee::quiet(&bench).await;
    bench.incident("Changed again");
}

#[tokio::test]
pub async fn h16_an_index_that_goes_back_in_time_reverts_nothing() {
    let bench = pairs(&["One"]).await;
    bench
        .jira
        .practice()
        .platform
        .configure(&json!({ "index_unsteady": true, "index_lag_ms": 8_000 }))
        .unwrap();
    let incident = bench.incident_id("One");
    for n in 0..6 {
        bench.edit_incident(&incident, json!({ "short_description": format!("Version {n}") }));
        bench.clock.pass_ms(3_000);
        bench.try_run(Start::LastRun).await.unwrap();
        bench.incident(&format!("Version {n}"));
    }
    for _ in 0..20 {
        bench.clock.pass_ms(2_000);
        bench.try_run(Start::LastRun).await.unwrap();
        bench.incident("Version 5");
    }
    bench.clock.pass_ms(120_000);
    referee::quiet(&bench).await;
    bench.incident("Version 5");
    bench.issue("Version 5");
}

#[tokio::test]
pub async fn h17_two_changes_in_one_second_both_travel() {
    let bench = pairs(&["One", "Two"]).await;
    let incident = bench.incident_id("One");
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "From Jira" }));
    bench.clock.pass_ms(5_000);
    bench.try_run(Start::LastRun).await.unwrap();
    // In the same second as our own write.
    bench.edit_incident(&incident, json!({ "short_description": "Same second" }));
    referee::quiet(&bench).await;
    bench.issue("Same second");
}

#[tokio::test]
pub async fn h17_a_ticket_judged_and_changed_in_one_second_is_judged_again() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let filter = json!({ "all": [{ "field": "urgency", "operator": "is", "values": ["1"] }] });
    bench.mapping.filter.source = serde_json::from_value(filter).unwrap();
    let id = bench.new_incident("One");
    let (now, password) = (bench.now.clone(), lockstep_sandbox::servicenow::password_of("admin"));
    // In the second of its creation, after it was judged.
    bench.heard.at_phase(lockstep_app::events::Phase::Confirm, move || {
        let target = format!("/api/now/table/incident/{id}");
        let body = json!({ "urgency": "1" });
        assert!(now.act(("admin", &password), Method::PATCH, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::Since(0)).await.unwrap();
    assert!(bench.heard.is_done());
    referee::quiet(&bench).await;
    bench.issue("One");
}

#[tokio::test]
pub async fn h18_a_field_that_is_left_out_decides_nothing() {
    let bench = pairs(&["One"]).await;
    let incident = bench.incident_id("One");
    bench
        .now
        .practice()
        .platform
        .configure(&json!({ "omitted_fields": { "incident": ["short_description", "opened_at"] } }))
        .unwrap();
    let opened = bench.issue("One")["fields"]["customfield_10042"].clone();
    assert!(opened.is_string());
    bench.edit_incident(&incident, json!({ "urgency": "1" }));
    bench.run().await;
    assert_eq!(bench.issue("One")["fields"]["customfield_10042"], opened, "emptied");
    bench.now.practice().platform.configure(&json!({ "omitted_fields": {} })).unwrap();
    referee::quiet(&bench).await;
    bench.issue("One");
}

/// A person writes between the engine's last reading and its write.
#[tokio::test]
pub async fn h19_an_edit_in_the_last_moment_is_carried_or_told() {
    // Another field of the same ticket: it must not be taken for known.
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_issue(&issue, json!({ "summary": "From Jira" }));
    bench.clock.pass_ms(5_000);
    let (now, password) = (bench.now.clone(), lockstep_sandbox::servicenow::password_of("admin"));
    let target = format!("/api/now/table/incident/{incident}");
    bench.gate().before_write("", move || {
        let body = json!({ "state": "2", "comments": "In the last moment" });
        assert!(now.act(("admin", &password), Method::PATCH, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    assert!(
        bench.troubles().iter().any(|line| line.contains("while Lockstep wrote")),
        "{:#?}",
        bench.troubles()
    );
    referee::quiet(&bench).await;
    assert_eq!(bench.issue("From Jira")["fields"]["status"]["name"], "In Progress");
    assert_eq!(bench.comments(&issue).len(), 1);
    // The same on Jira, on the very field.
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "From ServiceNow" }));
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    let target = format!("/rest/api/3/issue/{issue}");
    bench.gate().before_write("", move || {
        let body = json!({ "fields": { "summary": "Lost?" } });
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::PUT, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    assert!(
        bench.troubles().iter().any(|line| line.contains("while Lockstep wrote")),
        "{:#?}",
        bench.troubles()
    );
    referee::quiet(&bench).await;
}

/// A title on Jira that a person sets right before ours lands on it: nobody sees it there any more.
async fn title_lost_in_the_last_moment() -> (Bench, String, String) {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "From ServiceNow" }));
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    let target = format!("/rest/api/3/issue/{issue}");
    bench.gate().before_write("", move || {
        let body = json!({ "fields": { "summary": "Lost?" } });
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::PUT, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    assert!(bench.gate().is_done());
    bench.gate().open();
    (bench, incident, issue)
}

#[tokio::test]
pub async fn h19_a_value_lost_in_the_last_moment_is_a_conflict_until_somebody_decides() {
    for winner in [lockstep_core::Side::Target, lockstep_core::Side::Source] {
        let (bench, incident, _) = title_lost_in_the_last_moment().await;
        assert_eq!(waiting_conflicts(&bench), 1, "what was lost was not asked about");
        referee::quiet(&bench).await;
        // Whatever else happens to the pair, it stays asked.
        bench.edit_incident(&incident, json!({ "urgency": "1" }));
        referee::quiet(&bench).await;
        assert_eq!(waiting_conflicts(&bench), 1, "what was lost was forgotten");
        decide(&bench, &incident, winner);
        referee::quiet(&bench).await;
        assert_eq!(waiting_conflicts(&bench), 0, "{:#?}", bench.troubles());
        let wanted = if winner == lockstep_core::Side::Target { "Lost?" } else { "From ServiceNow" };
        bench.incident(wanted);
        bench.issue(wanted);
    }
    // Set again by hand, it travels and is over.
    let (bench, _, issue) = title_lost_in_the_last_moment().await;
    bench.edit_issue(&issue, json!({ "summary": "Lost?" }));
    referee::quiet(&bench).await;
    bench.incident("Lost?");
    assert_eq!(waiting_conflicts(&bench), 0);
}

/// An after-rule that saves every record once more counts like somebody's edit, until it is known as a habit.
#[tokio::test]
pub async fn h19_a_rule_that_saves_twice_makes_no_noise() {
    let bench = pairs(&["One"]).await;
    bench.now.practice().platform.configure(&json!({ "saved_twice": true })).unwrap();
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    let noise = |bench: &Bench| {
        let told = bench.troubles().iter().filter(|line| line.contains("while Lockstep wrote")).count();
        bench.heard.0.lock().unwrap().clear();
        told
    };
    for round in 0..5 {
        bench.edit_issue(&issue, json!({ "summary": format!("Round {round}") }));
        bench.run().await;
    }
    assert!(noise(&bench) <= 3);
    for round in 5..10 {
        bench.edit_issue(&issue, json!({ "summary": format!("Round {round}") }));
        bench.run().await;
    }
    assert_eq!(noise(&bench), 0, "{:#?}", bench.troubles());
    // And somebody's edit on top of the habit is told.
    bench.edit_issue(&issue, json!({ "summary": "Last round" }));
    bench.clock.pass_ms(5_000);
    let (now, password) = (bench.now.clone(), lockstep_sandbox::servicenow::password_of("admin"));
    let target = format!("/api/now/table/incident/{incident}");
    bench.gate().before_write("", move || {
        let body = json!({ "short_description": "Lost" });
        assert!(now.act(("admin", &password), Method::PATCH, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    assert_eq!(noise(&bench), 1);
}

#[tokio::test]
pub async fn h19_a_comment_in_the_last_moment_is_copied() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "From ServiceNow" }));
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    let target = format!("/rest/api/3/issue/{issue}/comment");
    bench.gate().before_write("", move || {
        let text = json!({ "type": "text", "text": "Just now" });
        let body = json!({ "body": { "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [text] }] } });
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::POST, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    referee::quiet(&bench).await;
    assert!(bench.journal(&incident).iter().any(|(_, text)| text.contains("Just now")));
}

#[tokio::test]
pub async fn h22_a_mapping_that_changed_between_runs_writes_nothing() {
    let mut bench = pairs(&["One", "Two"]).await;
    // Fields that were never mapped, or mapped otherwise, hold different things on both sides.
    bench.mapping.fields.retain(|field| !field.target.contains(&"priority".into()));
    referee::quiet(&bench).await;
    bench.edit_issue(&bench.issue_id("One"), json!({ "priority": { "id": "1" } }));
    referee::quiet(&bench).await;
    bench.mapping = crate::bench::mapping();
    bench.edit_issue(&bench.issue_id("Two"), json!({ "labels": ["touched"] }));
    let reports = referee::quiet(&bench).await;
    assert_eq!(reports.len(), 2, "the first run was quiet already: {:#?}", bench.troubles());
    // Another layout of a built text: every ticket looks changed.
    let usual = include_str!("../support/mapping.toml");
    let other = usual.replace(r#"{ label = "ServiceNow", field = "number" },"#, "");
    assert_ne!(other, usual);
    bench.mapping = toml::from_str(&other).unwrap();
    bench.edit_issue(&bench.issue_id("Two"), json!({ "labels": ["touched", "twice"] }));
    let reports = referee::quiet(&bench).await;
    assert_eq!(reports.len(), 2, "a new layout alone was written: {:#?}", bench.troubles());
}

#[tokio::test]
pub async fn h23_conflicts_wait_are_decided_once_and_asked_again_when_values_move() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "S" }));
    bench.edit_issue(&issue, json!({ "summary": "T" }));
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 1);
    // Decided for the source, and then a value moves: nothing is written on the old decision.
    decide(&bench, &incident, lockstep_core::Side::Source);
    bench.edit_issue(&issue, json!({ "summary": "T moved" }));
    referee::quiet(&bench).await;
    assert_eq!((waiting_conflicts(&bench), bench.issue("T moved").is_object()), (1, true), "asked again");
    // Decided on what stands there: carried out once, and over.
    decide(&bench, &incident, lockstep_core::Side::Source);
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 0, "{:#?}", bench.troubles());
    bench.issue("S");
    bench.edit_incident(&incident, json!({ "short_description": "S again" }));
    bench.edit_issue(&issue, json!({ "summary": "T" }));
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 1);
    // Both agree by themselves: closed.
    bench.edit_incident(&incident, json!({ "short_description": "T" }));
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 0, "both sides are equal by now");
}

#[tokio::test]
pub async fn h25_a_rule_that_answers_back_is_stopped() {
    let bench = pairs(&["One"]).await;
    let rewrite = json!({ "table": "incident", "field": "short_description", "value": "Fixed by a rule", "after_ms": 2_000 });
    bench.now.practice().platform.configure(&json!({ "rewrites": [rewrite] })).unwrap();
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "By a person" }));
    for _ in 0..12 {
        bench.clock.pass_ms(5_000);
        bench.run().await;
    }
    bench.clear_logs();
    for _ in 0..4 {
        bench.clock.pass_ms(5_000);
        bench.run().await;
    }
    assert!(bench.writes().is_empty(), "{:#?}", bench.writes());
    // Enforced, it would be written for ever.
    let mut bench = pairs(&["One"]).await;
    let usual = include_str!("../support/mapping.toml");
    let plain = "target = \"summary\"\ndirection = \"<->\"\n";
    let enforced = usual.replace(plain, "target = \"summary\"\ndirection = \"<-\"\nenforce = true\n");
    assert_ne!(enforced, usual);
    bench.mapping = toml::from_str(&enforced).unwrap();
    referee::quiet(&bench).await;
    let rewrite = json!({ "table": "incident", "field": "short_description", "value": "Fixed by a rule", "after_ms": 2_000 });
    bench.now.practice().platform.configure(&json!({ "rewrites": [rewrite] })).unwrap();
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "By a person" }));
    for _ in 0..12 {
        bench.clock.pass_ms(5_000);
        bench.run().await;
    }
    bench.clear_logs();
    bench.clock.pass_ms(5_000);
    bench.run().await;
    assert!(bench.writes().is_empty(), "back and forth for ever: {:#?}", bench.writes());
}

#[tokio::test]
pub async fn i08_a_refused_ticket_is_quarantined_and_the_rest_goes_on() {
    let bench = pairs(&["One", "Two"]).await;
    let abort = json!({ "table": "incident", "field": "short_description", "rule": "No edits" });
    bench.now.practice().platform.configure(&json!({ "aborts": [abort] })).unwrap();
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "Refused" }));
    bench.comment_issue(&bench.issue_id("Two"), "Goes on");
    let report = bench.run().await;
    assert_eq!(report.result, RunResult::Partial, "{report:?}");
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap();
    assert_eq!(held, 1);
    assert_eq!(bench.journal(&bench.incident_id("Two")).len(), 1);
    // It costs nothing until somebody retries it (H43).
    bench.run().await;
    bench.gate().open();
    bench.run().await;
    let calm = bench.gate().calls();
    bench.run().await;
    assert!(bench.gate().calls() - calm <= calm, "calls do not grow");
}

/// One value of a call is refused by name: the others go all the same.
#[tokio::test]
pub async fn h20_a_refused_field_does_not_take_the_others_down() {
    let mut bench = pairs(&["One"]).await;
    bench.mapping = with_unknown_priority();
    referee::quiet(&bench).await;
    let incident = bench.incident_id("One");
    bench.edit_incident(&incident, json!({ "short_description": "Two", "impact": "1", "urgency": "1" }));
    bench.run().await;
    assert!(bench.troubles().iter().any(|line| line.contains("priority")), "{:#?}", bench.troubles());
    assert_eq!(bench.issues()[0]["fields"]["summary"], "Two", "the title went down with the priority");
}

/// The usual mapping, with a priority that Jira does not have for what is most urgent.
pub fn with_unknown_priority() -> lockstep_core::mapping::TypeMapping {
    let usual = include_str!("../support/mapping.toml");
    let odd =
        usual.replace(r#"{ when = ["1", "1"], then = "1" }"#, r#"{ when = ["1", "1"], then = "4711" }"#);
    assert_ne!(odd, usual);
    toml::from_str(&odd).unwrap()
}

/// A text built from several fields stays with whoever wrote it last on the other side, and nothing piles up.
#[tokio::test]
pub async fn h28_a_built_text_that_people_edited_is_left_to_them() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    for round in 0..5 {
        let edited = format!("What people found out, round {round}");
        let text = json!({ "type": "text", "text": edited });
        let body =
            json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [text] }] });
        bench.edit_issue(&issue, json!({ "description": body }));
        let category = if round % 2 == 0 { "network" } else { "hardware" };
        bench.edit_incident(
            &incident,
            json!({ "category": category, "description": format!("Original {round}") }),
        );
        referee::quiet(&bench).await;
        let shown = bench.issue("One")["fields"]["description"].to_string();
        assert!(shown.contains(&edited), "people's text was written over: {shown}");
        assert_eq!(
            bench.incident("One")["description"],
            format!("Original {round}"),
            "and nothing came home"
        );
    }
}

/// Neither platform says with a ticket when one field changed: the newer ticket proves nothing, so a person is asked.
#[tokio::test]
pub async fn h29_newest_wins_asks_where_no_field_has_a_time_of_its_own() {
    let mut bench = pairs(&["One"]).await;
    for field in &mut bench.mapping.fields {
        if field.target.contains(&"summary".into()) {
            field.on_conflict = lockstep_core::mapping::OnConflict::NewestWins;
        }
    }
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_issue(&issue, json!({ "summary": "Said first" }));
    bench.clock.pass_ms(2_000);
    bench.edit_incident(&incident, json!({ "short_description": "Said last" }));
    bench.clock.pass_ms(2_000);
    // An edit of something else makes the wrong side newer.
    bench.edit_issue(&issue, json!({ "labels": ["unrelated"] }));
    referee::quiet(&bench).await;
    bench.incident("Said last");
    bench.issue("Said first");
    assert_eq!(waiting_conflicts(&bench), 1, "somebody was not asked");
}

/// A mapping of the usual ones that join other fields than these, and one more.
fn mapped_instead(bench: &mut Bench, without: &str, more: &str) {
    bench.mapping.fields.retain(|field| !field.target.contains(&without.into()));
    bench.mapping.fields.push(toml::from_str(more).unwrap());
}

fn labels(bench: &Bench, title: &str) -> Vec<String> {
    let all = bench.issue(title)["fields"]["labels"].clone();
    let mut labels: Vec<String> = serde_json::from_value(all).unwrap();
    labels.sort();
    labels
}

/// Both sides add a tag at once, and somebody adds a third in the last moment before our write.
#[tokio::test]
pub async fn h26_tags_of_both_sides_and_of_the_last_moment_all_stay() {
    let mut bench = pairs(&["One"]).await;
    mapped_instead(
        &mut bench,
        "labels",
        "source = \"watch_list\"\ntarget = \"labels\"\ndirection = \"<->\"\nrule = { kind = \"copy\" }",
    );
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "watch_list": "net@corvane.example" }));
    bench.edit_issue(&issue, json!({ "labels": ["net@corvane.example"] }));
    referee::quiet(&bench).await;
    bench.edit_incident(&incident, json!({ "watch_list": "net@corvane.example,now@corvane.example" }));
    bench.edit_issue(&issue, json!({ "labels": ["net@corvane.example", "jira@corvane.example"] }));
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    let target = format!("/rest/api/3/issue/{issue}");
    bench.gate().before_write("/rest/api/3/issue/", move || {
        let body = json!({ "update": { "labels": [{ "add": "late@corvane.example" }] } });
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::PUT, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    referee::quiet(&bench).await;
    let all = ["jira", "late", "net", "now"].map(|name| format!("{name}@corvane.example"));
    assert_eq!(labels(&bench, "One"), all, "a tag was lost");
    let mut here: Vec<String> =
        bench.incident("One")["watch_list"].as_str().unwrap().split(',').map(str::to_owned).collect();
    here.sort();
    assert_eq!(here, all);
    // What one side takes away goes, and nothing else.
    bench.edit_incident(&incident, json!({ "watch_list": all[1..].join(",") }));
    referee::quiet(&bench).await;
    assert_eq!(labels(&bench, "One"), all[1..]);
    assert_eq!(waiting_conflicts(&bench), 0);
}

/// The copy is plain; somebody mends a typo in it.
#[tokio::test]
pub async fn h27_a_plain_copy_never_replaces_the_rich_original() {
    let mut bench = pairs(&["One"]).await;
    mapped_instead(
        &mut bench,
        "description",
        "source = \"description\"\ntarget = \"description\"\ndirection = \"<->\"\nrule = { kind = \"copy\" }",
    );
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    referee::quiet(&bench).await;
    let bold = json!({ "type": "text", "text": "this", "marks": [{ "type": "strong" }] });
    let words = json!([{ "type": "text", "text": "Try " }, bold, { "type": "text", "text": " frist" }]);
    let body = json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": words }] });
    bench.edit_issue(&issue, json!({ "description": body }));
    referee::quiet(&bench).await;
    assert_eq!(bench.incident("One")["description"], "Try this frist");
    bench.edit_incident(&incident, json!({ "description": "Try this first" }));
    referee::quiet(&bench).await;
    let shown = bench.issue("One")["fields"]["description"].to_string();
    assert!(shown.contains("strong"), "the original lost its marks: {shown}");
    assert_eq!(waiting_conflicts(&bench), 1, "a person decides");
}
