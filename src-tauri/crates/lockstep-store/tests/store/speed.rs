//! Figures, printed and not judged (`cargo test -- --nocapture speed`). The plan of
//! each hot statement is judged: none may scan.

#![allow(clippy::disallowed_methods, reason = "a stop watch")]

use std::time::Instant;

use lockstep_core::TicketId;
use lockstep_core::sync::{FieldBase, LinkId};
use lockstep_core::ticket::Value;
use lockstep_store::tables::standing::Standing;
use lockstep_store::tables::{bases, journal, links};
use lockstep_store::{Answer, STORE_FILE, Store};

use crate::support::{NOW, add_link, create_op, ground, in_memory, place, raw, servicenow};

/// Microseconds of processor time for each of `count`: other people's load on the machine does not count. Wall time
/// where the system does not tell; with other tests at the same time theirs is counted too (`--test-threads=1`).
fn per(count: usize, work: impl FnOnce()) -> f64 {
    let (start, before) = (Instant::now(), processor_us());
    work();
    let wall = start.elapsed().as_secs_f64() * 1e6;
    let spent = before.zip(processor_us()).map_or(wall, |(before, after)| after - before);
    spent / f64::from(u32::try_from(count).unwrap())
}

/// Of all threads that are alive.
fn processor_us() -> Option<f64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let spent = tasks.filter_map(|task| {
        let line = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        line.split(' ').next()?.parse::<f64>().ok()
    });
    Some(spent.sum::<f64>() / 1000.0)
}

#[test]
fn the_price_of_a_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    let ground = ground(&store);
    let mut n = 0_usize;
    let mut group = |rows: usize| {
        let first = n;
        n += rows;
        per(rows, || {
            let answers: Vec<Answer<_>> = (first..first + rows)
                .map(|at| {
                    let op = create_op(ground, &format!("op{at}"), &format!("t{at}"));
                    store.write(move |tx| journal::sent(tx, &op, NOW))
                })
                .collect();
            answers.into_iter().for_each(|answer| {
                answer.wait().unwrap();
            });
        })
    };
    group(200);
    let mut fifty: Vec<f64> = (0..21).map(|_| group(50)).collect();
    fifty.sort_by(f64::total_cmp);
    let mut single: Vec<f64> = (0..21).map(|_| group(1)).collect();
    single.sort_by(f64::total_cmp);
    let mut one_closure: Vec<f64> = (0..21)
        .map(|round| {
            let ops: Vec<_> = (0..50)
                .map(|at| create_op(ground, &format!("o{round}.{at}"), &format!("o{round}.{at}")))
                .collect();
            per(50, || {
                store
                    .write(move |tx| ops.iter().try_for_each(|op| journal::sent(tx, op, NOW).map(|_| ())))
                    .wait()
                    .unwrap();
            })
        })
        .collect();
    one_closure.sort_by(f64::total_cmp);
    eprintln!(
        "journal insert, FULL, encrypted: {:.1} µs CPU a row at 50 closures, {:.1} at 50 in one closure, {:.0} alone",
        fifty[10], one_closure[10], single[10]
    );
    eprintln!("a commit of one row writes {} pages", pages_of_one_row());
    let opening = per(1, || drop(Store::open(&place(dir.path())).unwrap()));
    let memory = per(20, || (0..20).for_each(|_| drop(in_memory())));
    eprintln!("opening a store {opening:.0} µs, a new one in memory {memory:.0} µs");
}

fn pages_of_one_row() -> u64 {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    let ground = ground(&store);
    let pages = || std::fs::metadata(dir.path().join(format!("{STORE_FILE}-wal"))).unwrap().len() / 4120;
    let before = pages();
    for at in 0..10 {
        let op = create_op(ground, &format!("{at}"), &format!("{at}"));
        store.write(move |tx| journal::sent(tx, &op, NOW)).wait().unwrap();
    }
    (pages() - before) / 10
}

#[test]
fn a_hundred_thousand_links_are_not_scanned() {
    let count: i64 = if std::env::var_os("LOCKSTEP_LINKS").is_some() { 100_000 } else { 20_000 };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    let ground = ground(&store);
    let insert = per(usize::try_from(count).unwrap(), || {
        for chunk in 0..count / 1000 {
            let work = store.write(move |tx| {
                for at in chunk * 1000..(chunk + 1) * 1000 {
                    let link = add_link(tx, ground.connection, &format!("s{at:032}"), &format!("{at}"))?;
                    let base = FieldBase::agreed(
                        "r1",
                        Value::text("Printer on fire"),
                        Value::text("Printer on fire"),
                    );
                    for mapping in ["summary", "state", "priority"] {
                        bases::put(tx, link, mapping, &base)?;
                    }
                }
                Ok(())
            });
            work.wait().unwrap();
        }
    });
    let tickets: Vec<TicketId> =
        (0..1000).map(|at| TicketId(format!("s{:032}", at * (count / 1000)))).collect();
    let mut look = 0.0;
    for _ in 0..3 {
        let tickets = tickets.clone();
        look = per(1000, || {
            let found =
                store.read(move |conn| links::by_tickets(conn, &servicenow(), &tickets)).wait().unwrap();
            assert!(found.iter().all(|links| links.len() == 1));
        });
    }
    let many: Vec<LinkId> = (0..1000).map(|at| LinkId(1 + at * (count / 1000))).collect();
    let read = per(1000, || {
        assert_eq!(store.read(move |conn| bases::of_many(conn, &many)).wait().unwrap().len(), 1000);
    });
    let page = |filter: links::LinkFilter| {
        per(1, || {
            let found = store.read(move |conn| links::page(conn, &filter, 0, 200)).wait().unwrap();
            assert!(!found.is_empty());
        })
    };
    let search = page(links::LinkFilter { search: "csd-999".to_owned(), ..links::LinkFilter::default() });
    let list = page(links::LinkFilter { standing: Some(Standing::InStep), ..links::LinkFilter::default() });
    eprintln!(
        "{count} links: {insert:.0} µs CPU to add one with three bases; {look:.1} µs to find one by its ticket, {read:.1} µs \
         for its bases; search {:.1} ms, those in step {:.1} ms",
        search / 1000.0,
        list / 1000.0
    );
}

/// Statements that run once per ticket or once per cycle.
#[test]
fn no_hot_statement_scans() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(&place(dir.path())).unwrap());
    let connection = raw(dir.path());
    for sql in [
        "SELECT * FROM links WHERE source_account = 'a' AND source_ticket = 't' AND state <> 'ended'",
        "SELECT * FROM links WHERE target_account = 'a' AND target_ticket = 't' AND state <> 'ended'",
        "SELECT * FROM links WHERE source_account = 'a' AND source_ticket = 't' AND state = 'ended'",
        "SELECT * FROM links WHERE target_account = 'a' AND target_ticket = 't' AND state = 'ended'",
        "SELECT * FROM links WHERE connection = 1 AND marker_due = 1 AND state <> 'ended'",
        "SELECT * FROM bases WHERE link = 1",
        "SELECT * FROM ledger WHERE link = 1",
        "SELECT * FROM ledger WHERE side = 'source' AND copy = 'c' AND kind = 'comment'",
        "SELECT * FROM pending WHERE connection = 1 AND type_mapping = 'i' AND side = 's' AND not_before_ms <= 5
             ORDER BY not_before_ms, ticket",
        "SELECT * FROM journal WHERE connection = 1 AND state IN ('planned', 'sent', 'unknown') ORDER BY id",
        "SELECT * FROM journal WHERE pair_key = 'k' AND state <> 'done' ORDER BY id",
        "SELECT * FROM journal WHERE op_id = 'o'",
        "SELECT * FROM journal WHERE connection = 1 AND side = 't' AND sent_ms >= 5 AND kind = 'create'
             AND state = 'done' ORDER BY sent_ms, id",
        "SELECT * FROM conflicts WHERE link = 1 AND mapping = 'm' AND state <> 'closed'",
        "SELECT * FROM quarantine WHERE connection = 1 AND subject = 's'",
        "SELECT * FROM seen WHERE connection = 1 AND type_mapping = 'i' AND side = 's' AND ticket = 't'",
        "SELECT * FROM runs WHERE connection = 1 AND state <> 'done' ORDER BY id",
        "SELECT * FROM outcomes WHERE subject = 's' ORDER BY run DESC",
    ] {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{sql}\n{plan:?}");
    }
}
