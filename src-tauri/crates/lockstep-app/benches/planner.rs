//! The planner alone, over pairs as a real run reads them: the demo's mapping, schemas as the practice platforms describe
//! themselves, bases as a first run left them. `cargo bench -p lockstep-app --bench planner`.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed benchmark")]
#![allow(dead_code, reason = "a benchmark uses its part of the tests' bench")]

#[path = "../tests/support/bench.rs"]
mod bench;
#[path = "../tests/support/desk.rs"]
mod desk;
#[path = "../tests/support/files.rs"]
mod files;
#[path = "../tests/support/people.rs"]
mod people;
#[path = "../tests/support/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lockstep_app::run::{known, people as counterparts, reading};
use lockstep_core::connector::Fetched;
use lockstep_core::mapping::PeopleTable;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::FieldBase;
use lockstep_core::sync::link::{LedgerEntry, Link};
use lockstep_core::sync::plan::{LinkView, plan_link};
use lockstep_core::ticket::{Ticket, Value};
use lockstep_sandbox::Seed;
use lockstep_store::tables::links;

const TICKETS: usize = 200;

struct Known {
    link: Link,
    tickets: Pair<Ticket>,
    bases: BTreeMap<String, FieldBase>,
    ledger: Vec<LedgerEntry>,
}

fn planner(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bench = bench::Bench::new(Seed::Plain(TICKETS), Seed::Small);
    runtime.block_on(async {
        bench.first().await;
        for _ in 0..2 {
            bench.run().await;
        }
    });
    let (site, rules) = runtime.block_on(bench.site()).unwrap();
    let rules = rules.values().next().unwrap();
    let mut table = PeopleTable::default();
    let pairs: Vec<Known> = runtime.block_on(async {
        let connection = bench.connection;
        let filter = links::LinkFilter { connection: Some(connection), ..links::LinkFilter::default() };
        let lines = bench.store.read(move |conn| links::page(conn, &filter, 0, 10_000)).wait().unwrap();
        let links: Vec<Link> = lines
            .iter()
            .map(|line| {
                let id = line.id;
                bench.store.read(move |conn| links::get(conn, id)).wait().unwrap().unwrap().link
            })
            .collect();
        let (bases, ledgers) =
            known::state_of(&site, links.iter().map(|link| link.id).collect()).await.unwrap();
        let ids = Pair::from_fn(|side| links.iter().map(|link| link.tickets[side].clone()).collect());
        let mut read = reading::fetch_pairs(&site, rules, &ids).await.unwrap();
        let mut pairs = Vec::new();
        for link in links {
            let found = |fetched: Option<Fetched>| match fetched {
                Some(Fetched::Found(ticket)) => *ticket,
                other => panic!("{other:?}"),
            };
            let tickets = Pair {
                source: found(read.source.remove(&link.tickets.source)),
                target: found(read.target.remove(&link.tickets.target)),
            };
            let (bases, ledger) =
                (bases[&link.id].clone(), ledgers.get(&link.id).cloned().unwrap_or_default());
            pairs.push(Known { link, tickets, bases, ledger });
        }
        for side in Side::BOTH {
            let tickets: Vec<&Ticket> = pairs.iter().map(|pair| &pair.tickets[side]).collect();
            counterparts::look_up(&site, rules, side, &tickets, &mut table).await.unwrap();
        }
        pairs
    });
    assert!(pairs.len() >= TICKETS, "{}", pairs.len());
    let setting = site.setting(rules, &table);
    let decided = BTreeMap::new();
    let plan = |pair: &Known| {
        let view = LinkView {
            link: &pair.link,
            tickets: pair.tickets.as_ref(),
            bases: &pair.bases,
            ledger: &pair.ledger,
            ours_alone: Pair { source: false, target: false },
            decided: &decided,
        };
        plan_link(view, setting)
    };
    let still: Vec<&Known> = pairs.iter().filter(|pair| plan(pair).is_quiet()).collect();
    assert!(still.len() * 10 >= pairs.len() * 9, "only {} of {} are in step", still.len(), pairs.len());
    let mut at = 0;
    let mut group = criterion.benchmark_group("planner");
    group.throughput(Throughput::Elements(1));
    group.bench_function("unchanged_link", |bencher| {
        bencher.iter(|| {
            at = (at + 1) % still.len();
            black_box(plan(black_box(still[at])))
        });
    });
    let changed: Vec<Known> = still
        .iter()
        .map(|pair| {
            let mut tickets = pair.tickets.clone();
            let mut change = |field: &str, value: Value| tickets.source.fields.insert(field.into(), value);
            change("short_description", Value::text("A title that somebody changed"));
            change("description", Value::text("What happened, told anew.\n\nIt happens every morning."));
            change("impact", Value::choice("1"));
            Known { link: pair.link.clone(), tickets, bases: pair.bases.clone(), ledger: pair.ledger.clone() }
        })
        .collect();
    assert!(changed.iter().all(|pair| !plan(pair).is_quiet()));
    group.bench_function("changed_link", |bencher| {
        bencher.iter(|| {
            at = (at + 1) % changed.len();
            black_box(plan(black_box(&changed[at])))
        });
    });
    group.finish();
}

criterion_group!(benches, planner);
criterion_main!(benches);
