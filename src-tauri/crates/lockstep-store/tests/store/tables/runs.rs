//! Runs, plans, outcomes, and what retention trims of them.

use lockstep_core::Side;
use lockstep_core::side::Pair;
use lockstep_core::sync::{LedgerEntry, LedgerKind, LedgerState, LinkState, Outcome, Subject, TicketPlan};
use lockstep_core::ticket::Visibility;
use lockstep_store::tables::journal::JournalState;
use lockstep_store::tables::outcomes::NewOutcome;
use lockstep_store::tables::plans::RowFilter;
use lockstep_store::tables::retention::Limits;
use lockstep_store::tables::runs::{NewRun, RunEnd, RunKind, RunResult, RunState};
use lockstep_store::tables::{audit, journal, ledger, links, outcomes, plans, retention, runs};
use lockstep_store::{ConnectionId, Epoch, Packed, Revision, RunId, StoreErrorKind, Tx};
use serde_json::json;

use crate::support::{Ground, NOW, add_link, create_op, ground, in_memory, pair_key, servicenow};

fn start(tx: &Tx<'_>, ground: Ground, started_ms: i64) -> lockstep_store::Result<RunId> {
    runs::start(
        tx,
        NewRun {
            connection: ground.connection,
            kind: RunKind::Automatic,
            trigger: "every 5 minutes",
            epoch: ground.epoch,
            plan: None,
            started_ms,
        },
    )
}

fn end(tx: &Tx<'_>, run: RunId, result: RunResult, ended_ms: i64) -> lockstep_store::Result<()> {
    let (counts, calls, summary) = (json!({"created": 1}), json!({"jira": 3}), json!({"line": "1 created"}));
    runs::finish(tx, run, RunEnd { result, counts: &counts, calls: &calls, summary: &summary, ended_ms })
}

fn outcome(run: RunId, ordinal: u32, outcome: Outcome) -> NewOutcome {
    NewOutcome {
        run,
        ordinal,
        subject: format!("new:source:{ordinal}"),
        keys: Pair { source: Some(format!("INC{ordinal}")), target: None },
        title: "Printer on fire".to_owned(),
        outcome,
        detail: Packed::of(&json!({"changes": []})).unwrap(),
    }
}

#[test]
fn a_run_goes_through_its_states_and_ends_once() {
    let store = in_memory();
    let ground = ground(&store);
    store
        .write(move |tx| {
            let first = start(tx, ground, NOW)?;
            assert_eq!(runs::get(tx, first)?.unwrap().state, RunState::Planning);
            runs::set_state(tx, first, RunState::Applying, None)?;
            runs::progress(tx, first, &json!({"updated": 2}), &json!({}), &json!({}))?;
            assert_eq!(runs::unfinished(tx, ground.connection)?.len(), 1);
            end(tx, first, RunResult::Partial, NOW + 5)?;
            assert_eq!(
                end(tx, first, RunResult::Success, NOW + 6).unwrap_err().kind,
                StoreErrorKind::WrongState
            );
            let late = runs::set_state(tx, first, RunState::Applying, None).unwrap_err();
            assert_eq!(late.kind, StoreErrorKind::WrongState);
            let second = start(tx, ground, NOW + 7)?;
            end(tx, second, RunResult::Failed, NOW + 8)?;
            let kept = runs::latest_completed(tx, ground.connection)?.unwrap();
            assert_eq!(
                (kept.id, kept.result, kept.ended_ms),
                (first, Some(RunResult::Partial), Some(NOW + 5))
            );
            let listed = runs::list(tx, Some(ground.connection), None, 10)?;
            assert_eq!(listed.iter().map(|run| run.id).collect::<Vec<_>>(), [second, first], "newest first");
            assert_eq!(runs::list(tx, None, Some(second), 10)?.len(), 1);
            assert!(runs::list(tx, Some(ConnectionId(99)), None, 10)?.is_empty());
            let late = Ground { epoch: Epoch(0), ..ground };
            assert_eq!(start(tx, late, NOW).unwrap_err().kind, StoreErrorKind::EpochPassed);
            Ok(())
        })
        .wait()
        .unwrap();
}

fn ticket_plan(at: u32) -> TicketPlan {
    TicketPlan {
        subject: Subject::New { side: Side::Source, ticket: format!("{at}").into() },
        type_mapping: "Incident".to_owned(),
        keys: Pair { source: Some(format!("INC{at}")), target: None },
        title: "Printer on fire".to_owned(),
        operations: Vec::new(),
        bases: Vec::new(),
        ledger: Vec::new(),
        conflicts: Vec::new(),
        notices: Vec::new(),
        versions: Pair { source: None, target: None },
    }
}

#[test]
fn a_plan_is_spooled_paged_and_dropped() {
    let store = in_memory();
    let ground = ground(&store);
    store
        .write(move |tx| {
            let plan = plans::begin(tx, ground.connection, Revision(1), ground.epoch, NOW, NOW + 1000)?;
            let rows: Vec<TicketPlan> = (0..25).map(ticket_plan).collect();
            plans::append(tx, plan, 0, &rows[..10])?;
            plans::append(tx, plan, 10, &rows[10..])?;
            assert!(plans::append(tx, plan, 24, &rows[..1]).is_err(), "no place twice");
            plans::set_summary(tx, plan, &json!({"rows": 25}), NOW + 2000)?;
            assert_eq!(plans::latest(tx, ground.connection)?.unwrap().summary, json!({"rows": 25}));
            let page = plans::page(tx, plan, RowFilter::default(), 20, 100)?;
            assert_eq!(page.iter().map(|row| row.ordinal).collect::<Vec<_>>(), [20, 21, 22, 23, 24]);
            assert_eq!(page[0].plan, rows[20]);
            plans::set_included(tx, plan, 3, false)?;
            let open = RowFilter { included_only: true, ..RowFilter::default() };
            assert_eq!(plans::page(tx, plan, open, 0, 100)?.len(), 24);
            assert_eq!(plans::counts(tx, plan)?, [(Outcome::Skipped, 25, 24)]);
            assert_eq!(plans::set_all_included(tx, plan, Some(Outcome::Created), false)?, 0);
            assert_eq!(plans::set_all_included(tx, plan, None, false)?, 25);
            plans::drop(tx, plan)?;
            assert!(plans::get(tx, plan)?.is_none());
            assert!(plans::page(tx, plan, RowFilter::default(), 0, 10)?.is_empty());
            let next = plans::begin(tx, ground.connection, Revision(1), ground.epoch, NOW, NOW)?;
            assert!(next > plan, "a plan's number never comes back");
            Ok(())
        })
        .wait()
        .unwrap();
}

#[test]
fn outcomes_are_paged_counted_and_found_by_subject() {
    let store = in_memory();
    let ground = ground(&store);
    store
        .write(move |tx| {
            let run = start(tx, ground, NOW)?;
            for (ordinal, kind) in [(0, Outcome::Created), (1, Outcome::Failed), (2, Outcome::Created)] {
                outcomes::put(tx, &outcome(run, ordinal, kind))?;
            }
            outcomes::put(tx, &outcome(run, 1, Outcome::Updated))?;
            assert_eq!(outcomes::counts(tx, run)?, [(Outcome::Created, 2), (Outcome::Updated, 1)]);
            let created = outcomes::page(tx, run, Some(Outcome::Created), 1, 10)?;
            assert_eq!(
                (created.len(), created[0].ordinal, &created[0].detail),
                (1, 2, &json!({"changes": []}))
            );
            assert_eq!(outcomes::recorded(tx, run, 1, 9)?.into_iter().collect::<Vec<_>>(), [1, 2]);
            assert_eq!(outcomes::of_subject(tx, "new:source:1", 5)?.len(), 1);
            let none = lockstep_store::RunId(run.0 + 1);
            assert_eq!((outcomes::next_ordinal(tx, run)?, outcomes::next_ordinal(tx, none)?), (3, 0));
            Ok(())
        })
        .wait()
        .unwrap();
}

#[test]
fn retention_never_trims_what_keeps_things_single() {
    let store = in_memory();
    let ground = ground(&store);
    let result = store.write(move |tx| {
        let mut ids = Vec::new();
        for at in 0..3_i64 {
            let run = start(tx, ground, NOW + at)?;
            for (name, kind) in [("create", "create"), ("update", "update"), ("open", "comment")] {
                let mut op = create_op(ground, &format!("{at}.{name}"), &format!("t{at}"));
                op.run = Some(run);
                op.kind = kind.to_owned();
                let id = journal::sent(tx, &op, NOW + at)?;
                if name != "open" {
                    journal::set_state(tx, id, JournalState::Done)?;
                }
                ids.push(id);
            }
            outcomes::put(tx, &outcome(run, 0, Outcome::Created))?;
            audit::add(tx, NOW + at, "automatic", "ran", &json!({}))?;
            end(tx, run, RunResult::Success, NOW + at)?;
        }
        let link = add_link(tx, ground.connection, "t0", "x0")?;
        links::set_state(tx, link, &LinkState::Ended("unlinked".to_owned()))?;
        ledger::put(
            tx,
            link,
            &LedgerEntry {
                kind: LedgerKind::Comment,
                side: Side::Source,
                id: "c".to_owned(),
                copy: None,
                state: LedgerState::Kept,
                edited_ms: 0,
                hash: String::new(),
                visibility: Visibility::Internal,
            },
        )?;
        plans::begin(tx, ground.connection, Revision(1), ground.epoch, NOW, NOW + 1)?;
        plans::begin(tx, ground.connection, Revision(1), ground.epoch, NOW, NOW + 10_000)?;

        let limits = Limits {
            runs_ended_before_ms: NOW + 2,
            audit_before_ms: NOW + 1,
            conflicts_closed_before_ms: NOW,
            now_ms: NOW + 100,
            runs_max: 1,
        };
        let first = retention::trim(tx, limits)?;
        assert_eq!((first.runs, first.outcomes, first.journal_rows, first.creates_slimmed), (1, 1, 1, 1));
        assert_eq!((first.plans, first.audit, first.more), (1, 1, true));
        let second = retention::trim(tx, limits)?;
        assert_eq!((second.runs, second.more), (1, false));
        assert_eq!(retention::trim(tx, limits)?, retention::Trimmed::default(), "a fixed point");

        assert_eq!(runs::list(tx, None, None, 10)?.len(), 3, "the runs themselves stay");
        let creates = journal::done_creates_since(tx, ground.connection, Side::Target, 0)?;
        assert_eq!(creates.len(), 3, "that a create was done stays");
        assert!(creates[0].payload.is_none() && creates[2].payload.is_some());
        assert_eq!(creates[0].pair_key, Some(pair_key("t0")));
        assert_eq!(journal::open_rows(tx, ground.connection)?.len(), 3, "open rows stay, payload and all");
        assert!(journal::open_rows(tx, ground.connection)?.iter().all(|row| row.payload.is_some()));
        assert_eq!(links::by_ticket(tx, &servicenow(), &"t0".into())?.len(), 1, "tombstones stay");
        assert_eq!(ledger::of(tx, link)?.len(), 1, "ledgers stay");
        assert!(journal::get(tx, ids[1])?.is_none());
        Ok(())
    });
    result.wait().unwrap();
}
