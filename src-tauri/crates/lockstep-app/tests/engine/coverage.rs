//! Cursors, coverage, guards, plans and people's hands (hazards H21, H43-H46, H52, H54, H55).

use http::Method;
use lockstep_app::events::{Phase, RunResult};
use lockstep_app::run::{self, Order, RunError, Start};
use lockstep_core::sync::guard::Circumstances;
use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::{Fault, FaultKind, Seed};
use lockstep_store::tables::{pending, quarantine};
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::referee;

#[tokio::test]
pub async fn h43_tickets_that_fail_for_good_cost_nothing_and_hold_up_nobody() {
    let bench = pairs(&["One"]).await;
    bench
        .now
        .practice()
        .platform
        .configure(&json!({ "mandatory_fields": { "incident": ["cmdb_ci"] } }))
        .unwrap();
    for n in 0..4 {
        bench.new_issue(&format!("Refused {n}"));
    }
    bench.run().await;
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap();
    assert_eq!(held, 4, "{:#?}", bench.troubles());
    bench.now.practice().platform.configure(&json!({ "mandatory_fields": {} })).unwrap();
    bench.clock.pass_ms(600_000);
    let mut calls = Vec::new();
    for _ in 0..4 {
        bench.gate().open();
        bench.run().await;
        calls.push(bench.gate().calls());
    }
    assert!(calls.windows(2).all(|two| two[1] <= two[0]), "{calls:?}");
    bench.new_incident("Goes on");
    referee::quiet(&bench).await;
    bench.issue("Goes on");
}

/// Sent away for longer than a run waits, with the cursor far ahead by the next run: it is remembered.
#[tokio::test]
pub async fn h43_a_ticket_that_was_sent_away_is_not_forgotten() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Sent away");
    bench.clock.pass_ms(20 * 60_000);
    bench.new_incident("Later");
    bench.clock.pass_ms(5_000);
    let busy = FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(3_600) };
    bench.fault_at("/rest/api/3/issue", busy);
    bench.faulty_run().await;
    bench.clock.pass_ms(3_600_000);
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

#[tokio::test]
pub async fn h44_a_ticket_below_the_cursor_is_found_within_a_day() {
    let bench = pairs(&["One"]).await;
    bench.clock.pass_ms(20 * 60_000);
    bench.new_incident("A usual one");
    bench.clock.pass_ms(20 * 60_000);
    referee::quiet(&bench).await;
    let late = bench.new_incident("Imported with an old date");
    let edit = json!({ "table": "incident", "sys_id": late, "fields": {
        "sys_updated_on": "2026-11-20 12:00:10", "sys_created_on": "2026-11-20 12:00:05" } });
    bench.now.practice().platform.configure(&json!({ "silent_edit": edit })).unwrap();
    bench.clock.pass_ms(5_000);
    referee::quiet(&bench).await;
    bench.issue("A usual one");
    assert_eq!(bench.issues().len(), 2, "no feed shows it");
    bench.clock.pass_ms(25 * 3_600_000);
    referee::quiet(&bench).await;
    bench.issue("Imported with an old date");
    referee::no_duplicates(&bench);
}

#[tokio::test]
pub async fn h44_a_filter_that_was_widened_decides_anew() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let filter = json!({ "all": [{ "field": "urgency", "operator": "is", "values": ["1"] }] });
    bench.mapping.filter.source = serde_json::from_value(filter).unwrap();
    bench.new_incident("One");
    bench.clock.pass_ms(10_000);
    bench.first().await;
    assert_eq!(bench.issues().len(), 0);
    bench.clock.pass_ms(3_600_000);
    referee::quiet(&bench).await;
    bench.mapping.filter.source = Default::default();
    referee::quiet(&bench).await;
    bench.issue("One");
}

#[tokio::test]
pub async fn h45_a_replaced_instance_is_a_question() {
    let titles: Vec<String> = (0..6).map(|n| format!("Ticket {n}")).collect();
    let bench = pairs(&titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // Every known issue is gone at once, as after a restore of the platform.
    for title in &titles {
        let id = bench.issue_id(title);
        bench.at_jira(Method::DELETE, &format!("/rest/api/3/issue/{id}"), None);
    }
    bench.new_incident("New there");
    bench.clock.pass_ms(5_000);
    bench.clear_logs();
    let refused = bench.try_run_as(Start::LastRun, true).await.unwrap_err();
    assert!(
        matches!(&refused, RunError::Guard(reasons) if reasons.iter().any(|r| r.sentence.contains("replaced"))),
        "{refused}"
    );
    assert_eq!(bench.writes(), Vec::<String>::new());
}

#[tokio::test]
pub async fn h46_the_limit_counts_over_the_whole_run() {
    let bench = pairs(&["One"]).await;
    for n in 0..4 {
        bench.new_incident(&format!("Drip {n}"));
        bench.new_issue(&format!("Drop {n}"));
    }
    bench.clock.pass_ms(5_000);
    bench.clear_logs();
    let (mut site, rules) = bench.site().await.unwrap();
    site.document.limits.creates_max = 7;
    let order = Order {
        start: Start::LastRun,
        confirmed: false,
        take_over: false,
        moved: run::apply::Moved::PlanAgain,
    };
    let refused = run::run(&mut site, &rules, Circumstances::default(), order).await;
    assert!(matches!(refused, Err(RunError::Guard(_))), "eight go where seven may");
    assert_eq!(bench.writes(), Vec::<String>::new());
    // An order lets it through; nothing was lost by the refusal.
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (9, 9));
}

#[tokio::test]
pub async fn h52_a_plan_leaves_out_what_moved_and_writes_nothing_else() {
    let bench = pairs(&["One", "Two"]).await;
    let (one, two) = (bench.incident_id("One"), bench.incident_id("Two"));
    bench.edit_incident(&one, json!({ "short_description": "One, shown" }));
    bench.edit_incident(&two, json!({ "short_description": "Two, shown" }));
    bench.clock.pass_ms(5_000);
    let (mut site, rules) = bench.site().await.unwrap();
    let run = site.run.take();
    bench.clear_logs();
    let order = Order {
        start: Start::LastRun,
        confirmed: false,
        take_over: false,
        moved: run::apply::Moved::LeaveOut,
    };
    let (plan, summary) = run::make_plan(&site, &rules, Circumstances::default(), order).await.unwrap();
    assert_eq!(summary.tally.updates, 2);
    assert_eq!(bench.writes(), Vec::<String>::new(), "a preview writes nothing (V9)");
    bench.edit_incident(&two, json!({ "short_description": "Two, not shown" }));
    site.run = run;
    let report = run::apply_plan(&mut site, &rules, plan).await.unwrap();
    assert_eq!(report.counts.updated, 1, "{:#?}", bench.troubles());
    bench.issue("One, shown");
    bench.issue("Two");
    assert_eq!(bench.writes().len(), 1);
    // Twice is refused, and what was left out is shown by the next plan.
    assert!(run::apply_plan(&mut site, &rules, plan).await.is_err());
    referee::in_step(&bench).await;
    bench.issue("Two, not shown");
}

#[tokio::test]
pub async fn h54_a_run_cancelled_at_any_moment_leaves_its_rest_to_the_next() {
    let titles = ["One", "Two", "Three"];
    let mut event = 0;
    loop {
        let bench = pairs(&titles).await;
        for (nth, title) in titles.iter().enumerate() {
            let id = bench.incident_id(title);
            bench.edit_incident(
                &id,
                json!({ "short_description": format!("{title} edited"), "comments": format!("Word {nth}") }),
            );
            bench.file_on_incident(&id, "a.txt", "content");
        }
        for n in 0..3 {
            let id = bench.new_incident(&format!("New {n}"));
            bench.edit_incident(&id, json!({ "comments": "Hello" }));
        }
        let conflict = bench.issue_id("Three");
        bench.edit_issue(&conflict, json!({ "summary": "Three otherwise" }));
        // The feeds will not show these again.
        bench.clock.pass_ms(20 * 60_000);
        bench.new_incident("Last");
        bench.new_issue("Lost");
        bench.clock.pass_ms(5_000);
        let (mut site, rules) = bench.site().await.unwrap();
        let cancel = site.cancel.clone();
        bench.heard.at(event, move || cancel.cancel());
        let order = Order {
            start: Start::LastRun,
            confirmed: true,
            take_over: true,
            moved: run::apply::Moved::PlanAgain,
        };
        let report = run::run(&mut site, &rules, Circumstances::default(), order).await.unwrap();
        if !bench.heard.is_done() {
            break;
        }
        // Cancelled behind the last write it has nothing left to leave.
        assert!(matches!(report.result, RunResult::Cancelled | RunResult::Success), "at event {event}");
        // Then quiet: nothing changes any more on the platforms.
        bench.clock.pass_ms(3_600_000);
        referee::quiet(&bench).await;
        referee::no_duplicates(&bench);
        assert_eq!(referee::totals(&bench), (8, 8), "at event {event}");
        for title in ["One edited", "Two edited"] {
            let issue = bench.issue_id(title);
            assert_eq!(
                (bench.comments(&issue).len(), bench.files_of_issue(&issue).len()),
                (1, 1),
                "{title} at {event}"
            );
        }
        for n in 0..3 {
            assert_eq!(bench.comments(&bench.issue_id(&format!("New {n}"))).len(), 1, "at event {event}");
        }
        let connection = bench.connection;
        let open = bench
            .store
            .read(move |conn| lockstep_store::tables::conflicts::count_open(conn, connection))
            .wait()
            .unwrap();
        assert_eq!(open, 1, "the conflict is known, at event {event}");
        event += 1;
    }
    assert!(event > 8, "only {event} moments");
}

#[tokio::test]
pub async fn h55_a_ticket_that_moves_away_is_parked_until_it_is_back() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue("One"));
    let (id, key) = (issue["id"].as_str().unwrap().to_owned(), issue["key"].as_str().unwrap().to_owned());
    bench.jira.practice().platform.configure(&json!({ "move": { "issue": key, "to": "OPS" } })).unwrap();
    bench.edit_incident(&incident, json!({ "short_description": "While away" }));
    bench.clear_logs();
    bench.run().await;
    assert_eq!(bench.writes(), Vec::<String>::new());
    assert!(bench.troubles().iter().any(|line| line.contains("has moved")), "{:#?}", bench.troubles());
    referee::quiet(&bench).await;
    assert_eq!(referee::totals(&bench), (1, 0));
    let key = bench.at_jira(Method::GET, &format!("/rest/api/3/issue/{id}?fields=summary"), None)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    bench.jira.practice().platform.configure(&json!({ "move": { "issue": key, "to": "CSD" } })).unwrap();
    referee::quiet(&bench).await;
    assert_eq!(referee::totals(&bench), (1, 1));
    bench.issue("While away");
}

#[tokio::test]
pub async fn i02_an_account_that_breaks_down_in_the_middle_loses_nothing() {
    for skip in 0..12 {
        let bench = pairs(&["One", "Two"]).await;
        for title in ["One", "Two"] {
            let id = bench.incident_id(title);
            bench.edit_incident(
                &id,
                json!({ "short_description": format!("{title} edited"), "comments": "A word" }),
            );
        }
        let id = bench.new_incident("New");
        bench.edit_incident(&id, json!({ "comments": "Hello" }));
        let theirs = bench.new_issue("Theirs");
        bench.comment_issue(&theirs, "Hello back");
        bench.clock.pass_ms(5_000);
        // From some moment on nobody is let in, while the run is at work.
        for sandbox in [&bench.now, &bench.jira] {
            sandbox.practice().faults.add(Fault::new(FaultKind::Status { status: 401 }).skip(skip));
        }
        let start = if skip % 2 == 0 { Start::LastRun } else { Start::Since(0) };
        let result = bench.try_run(start).await;
        for sandbox in [&bench.now, &bench.jira] {
            sandbox.practice().faults.clear();
        }
        bench.clock.pass_ms(3_600_000);
        referee::in_step(&bench).await;
        assert_eq!(referee::totals(&bench), (4, 4), "after {skip} calls: {result:?}");
        for title in ["One edited", "Two edited", "New"] {
            assert_eq!(bench.comments(&bench.issue_id(title)).len(), 1, "{title} after {skip} calls");
        }
        assert_eq!(bench.journal(&bench.incident_id("Theirs")).len(), 1, "after {skip} calls");
    }
}

#[tokio::test]
pub async fn h21_a_path_of_steps_cut_off_anywhere_is_not_taken_for_a_persons_change() {
    for kind in [FaultKind::CutAfter, FaultKind::CutBefore, FaultKind::StatusAfterApply { status: 502 }] {
        for title in ["One", "Two"] {
            let bench = pairs(&["One", "Two", "Guide"]).await;
            // The workflow is known from where tickets stand.
            bench.edit_incident(&bench.incident_id("Guide"), json!({ "state": "2" }));
            bench.run().await;
            let id = bench.incident_id(title);
            // Through In Progress to Resolved, in one go or in two.
            bench.edit_incident(&id, json!({ "state": "2" }));
            if title == "Two" {
                bench.run().await;
            }
            bench.edit_incident(
                &id,
                json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Done" }),
            );
            bench.clock.pass_ms(5_000);
            bench.fault_at("/transitions", kind.clone());
            bench.faulty_run().await;
            referee::in_step(&bench).await;
            assert_eq!(
                bench.incident(title)["state"],
                "6",
                "{kind:?} {title}: the source is not written back"
            );
            let status = bench.issue(title)["fields"]["status"]["name"].clone();
            assert_eq!(status, "Resolved", "{kind:?} {title}: {:#?}", bench.troubles());
        }
    }
}

#[tokio::test]
pub async fn h24_many_to_one_statuses_do_not_fight() {
    let bench = pairs(&["One"]).await;
    let incident = bench.incident_id("One");
    bench.edit_incident(&incident, json!({ "state": "2" }));
    bench.run().await;
    bench.edit_incident(&incident, json!({ "state": "3", "hold_reason": "1", "comments": "Which one?" }));
    referee::quiet(&bench).await;
    let before = bench.incident("One");
    assert_eq!(before["state"], "3");
    assert_eq!(before["hold_reason"], "1", "a person's reason stands");
    // Both sides go to the same state at once, each by its own word for it.
    bench.edit_incident(&incident, json!({ "state": "2" }));
    referee::quiet(&bench).await;
    let issue = bench.issue_id("One");
    bench.edit_incident(&incident, json!({ "state": "3", "hold_reason": "1", "comments": "Which one?" }));
    let step = json!({ "transition": { "id": "21" } });
    bench.at_jira(Method::POST, &format!("/rest/api/3/issue/{issue}/transitions"), Some(step));
    referee::quiet(&bench).await;
    assert_eq!(crate::edits::waiting_conflicts(&bench), 0, "both wait: nothing to decide");
    assert_eq!(bench.issue("One")["fields"]["status"]["id"], "10010", "a person's word stands");
}

#[tokio::test]
pub async fn a_phase_told_is_a_phase_entered() {
    let bench = pairs(&["One"]).await;
    bench.run().await;
    let heard = bench.heard.0.lock().unwrap();
    let last = heard.iter().filter_map(|event| match event {
        lockstep_app::events::RunEvent::Phase { phase, .. } => Some(*phase),
        _ => None,
    });
    assert_eq!(last.collect::<Vec<_>>().pop(), Some(Phase::Confirm));
    drop(heard);
    let connection = bench.connection;
    assert_eq!(
        bench.store.read(move |conn| pending::count(conn, connection)).wait().unwrap(),
        0,
        "nothing waits when all is done"
    );
}

/// What grows with the tickets grows by the batch (performance).
#[tokio::test]
pub async fn calls_grow_by_the_batch_and_a_quiet_run_costs_a_handful() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for n in 0..220 {
        bench.new_incident(&format!("Ticket {n}"));
    }
    bench.clock.pass_ms(5_000);
    bench.gate().open();
    bench.first().await;
    let first = bench.gate().calls();
    bench.gate().open();
    bench.run().await;
    let second = bench.gate().calls();
    bench.clock.pass_ms(3_600_000);
    bench.run().await;
    bench.clock.pass_ms(3_600_000);
    bench.gate().open();
    bench.run().await;
    let quiet = bench.gate().calls();
    for title in (0..60).map(|n| format!("Ticket {n}")) {
        let id = bench.incident_id(&title);
        bench.edit_incident(&id, json!({ "short_description": format!("{title} edited") }));
    }
    bench.clock.pass_ms(5_000);
    bench.gate().open();
    bench.run().await;
    let edits = bench.gate().calls();
    assert!(first < 110 && second < 90 && quiet < 30 && edits < 60 + 60, "{first} {second} {quiet} {edits}");
}

/// ServiceNow is returned from yesterday's backup while Jira goes on: yesterday's titles are nobody's edits.
#[tokio::test]
pub async fn h45_a_platform_returned_from_its_backup_is_a_question() {
    let titles: Vec<String> = (0..6).map(|n| format!("Ticket {n}")).collect();
    let bench = pairs(&titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let ids: Vec<String> = titles.iter().map(|title| bench.incident_id(title)).collect();
    bench.clock.pass_ms(3_600_000);
    for (id, title) in ids.iter().zip(&titles) {
        bench.edit_incident(id, json!({ "short_description": format!("{title}, today") }));
    }
    referee::quiet(&bench).await;
    for (id, title) in ids.iter().zip(&titles) {
        let edit = json!({ "table": "incident", "sys_id": id, "fields": { "short_description": title,
            "sys_updated_on": "2026-11-20 12:00:10", "sys_mod_count": "1" } });
        bench.now.practice().platform.configure(&json!({ "silent_edit": edit })).unwrap();
    }
    for title in &titles {
        let issue = bench.issue_id(&format!("{title}, today"));
        bench.edit_issue(&issue, json!({ "labels": ["touched"] }));
    }
    bench.clear_logs();
    bench.clock.pass_ms(10_000);
    let refused = bench.try_run_as(Start::LastRun, true).await;
    for title in &titles {
        let kept = bench.issues().iter().any(|one| one["fields"]["summary"] == format!("{title}, today"));
        assert!(kept, "yesterday came back over {title}");
    }
    assert!(
        matches!(&refused, Err(RunError::Guard(reasons)) if reasons.iter().any(|r| r.sentence.contains("backup"))),
        "{refused:?}"
    );
}
