//! A world: two practice platforms, people, an engine between them, and the referee.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lockstep_app::run::{self, Order, Report, RunError, Start, apply::Moved};
use lockstep_core::mapping::{OnConflict, Rules, TypeMapping};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::guard::Circumstances;
use lockstep_core::sync::link::LinkState;
use lockstep_sandbox::limits::{Allowance, Rule};
use lockstep_sandbox::{Fault, FaultKind, Seed};
use lockstep_store::tables::journal::{JournalRow, JournalState};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::RowFilter;
use lockstep_store::tables::{bases, conflicts, journal, links, outcomes, pending, plans, quarantine};
use lockstep_store::{RunId, Store};
use serde_json::json;

use crate::actors::{MAILS, People};
use crate::bench::Bench;
use crate::desk;
use crate::draw::Draw;
use crate::eye::{Careless, Eye};
use crate::judge::{Cause, Judge, Shown, Violation};
use crate::scenario::{Act, Commit, Event, Failing, Keeping, Round, Scenario, Trap, Variant};
use crate::wire::Gate;

/// The platform's longest time for a write of its own, by which every wait for settling is longer than the index lags.
const SETTLE_MS: u64 = 5_000;
/// Runs until rest at most (V18).
const QUIET_RUNS_MAX: usize = 12;

/// What is the same in every world of a thread, and costly to find out.
struct Prepared {
    people: Pair<Vec<String>>,
    rules: BTreeMap<usize, Arc<HashMap<String, Rules>>>,
}

thread_local! {
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

fn mapping_of(variant: Variant) -> TypeMapping {
    let mut mapping = crate::bench::mapping();
    let title = mapping
        .fields
        .iter_mut()
        .find(|field| field.source.iter().any(|id| id.as_str() == "short_description"));
    let title = title.unwrap();
    match variant {
        Variant::Demo => {}
        Variant::OneWayTickets => mapping.target_tickets = false,
        Variant::SourceWins => title.on_conflict = OnConflict::SourceWins,
        Variant::TargetWins => title.on_conflict = OnConflict::TargetWins,
        Variant::PublicOnly => {
            mapping.comments.source.internal = lockstep_core::mapping::Carry::No;
            mapping.comments.target.internal = lockstep_core::mapping::Carry::No;
        }
    }
    mapping
}

/// Rules of all variants and the ids of people, asked once on a thread.
async fn prepare() {
    if PREPARED.with_borrow(Option::is_some) {
        return;
    }
    // Tickets in every status, so that the workflow is known whole.
    let mut bench = Bench::small();
    let mut rules = BTreeMap::new();
    for (at, variant) in Variant::ALL.into_iter().enumerate() {
        bench.mapping = mapping_of(variant);
        let (_, known) = bench.site().await.unwrap();
        rules.insert(at, known);
    }
    let mut people: Pair<Vec<String>> = Pair::default();
    for mail in MAILS {
        let target = format!("/api/now/table/sys_user?sysparm_query=email={mail}&sysparm_fields=sys_id");
        let answer = bench.at_now(http::Method::GET, &target, None);
        people.source.push(answer["result"][0]["sys_id"].as_str().unwrap().to_owned());
        let target = format!("/rest/api/3/user/search?query={mail}");
        let answer = bench.at_jira(http::Method::GET, &target, None);
        people.target.push(answer[0]["accountId"].as_str().unwrap().to_owned());
    }
    PREPARED.set(Some(Prepared { people, rules }));
}

/// One simulated world.
pub struct World {
    bench: Bench,
    eye: Eye,
    scenario: Scenario,
    copy: Option<Store>,
    /// Calls of the engine so far, for the figures.
    pub calls: u64,
    /// Faults that last for the whole seed.
    lasting: Vec<(Side, Fault)>,
    refused_case: Option<usize>,
    rounds: Vec<(u64, u64)>,
    /// Conflicts and waiting tickets at rest.
    lists: (usize, usize),
}

/// What became of a scenario.
#[derive(Debug, Default)]
pub struct Verdict {
    pub violations: Vec<Violation>,
    pub calls: u64,
    pub conflicts: usize,
    pub held: usize,
    /// Calls and commits of each round.
    pub rounds: Vec<(u64, u64)>,
    /// What people see on both sides in the end, without ids and keys.
    pub picture: Vec<String>,
    /// Calls with their answers, and the journal, when asked for.
    pub trace: Vec<String>,
}

/// How a scenario is to be played.
#[derive(Debug, Clone, Copy, Default)]
pub struct Playing {
    pub careless: Option<Careless>,
    pub traced: bool,
}

/// Plays a scenario from its beginning to rest.
pub async fn play(scenario: &Scenario, playing: Playing) -> Verdict {
    prepare().await;
    let mut world = World::new(scenario.clone());
    {
        let mut eye = world.eye.lock();
        eye.careless = playing.careless;
        eye.trace = playing.traced.then(Vec::new);
    }
    world.live().await;
    world.verdict(playing.traced)
}

impl World {
    fn new(scenario: Scenario) -> World {
        let settle_ms = SETTLE_MS + slowest_index(&scenario.traps);
        let mut bench = Bench::drawn(Seed::Empty, Seed::Empty, scenario.seed, scenario.call_ms);
        bench.settle_ms = settle_ms;
        bench.restart();
        bench.mapping = mapping_of(scenario.variant);
        let at = Variant::ALL.iter().position(|variant| *variant == scenario.variant).unwrap();
        let (rules, ids) = PREPARED.with_borrow(|prepared| {
            let prepared = prepared.as_ref().unwrap();
            (prepared.rules[&at].clone(), prepared.people.clone())
        });
        bench.rules = Some(rules);
        let people = People::new(&bench.now, &bench.jira, &bench.clock, &bench.people_token, ids);
        let eye = Eye::new(people, Judge::new(scenario.variant));
        bench.gate().watch(Arc::new(eye.clone()));
        let mut world = World {
            bench,
            eye,
            scenario,
            copy: None,
            calls: 0,
            lasting: Vec::new(),
            refused_case: None,
            rounds: Vec::new(),
            lists: (0, 0),
        };
        world.set_traps();
        world
    }

    fn set_traps(&mut self) {
        let (mut now, mut jira) = (json!({}), json!({ "index_lag_ms": 0 }));
        let mut eye = self.eye.lock();
        for trap in &self.scenario.traps {
            match trap {
                Trap::IndexLag(ms) => jira["index_lag_ms"] = json!(ms),
                Trap::UnsteadyIndex => jira["index_unsteady"] = json!(true),
                Trap::ListLag(ms) => now["list_lag_ms"] = json!(ms),
                Trap::Skew(side, ms) => eye.people.sandboxes[*side].practice().skew_ms = *ms,
                Trap::EpochToMinute => jira["epoch_to_minute"] = json!(true),
                Trap::LateCommentProperties(ms) => jira["comment_property_delay_ms"] = json!(ms),
                Trap::ShuffledBulk => jira["bulk_shuffled"] = json!(true),
                Trap::LateRule(ms) => now["async_rule_ms"] = json!(ms),
                Trap::CrlfJournal => now["journal_crlf"] = json!(true),
                Trap::FilesTouchTickets => now["attachments_touch_parent"] = json!(true),
                Trap::Limit(side, burst, per_second) => {
                    let allow = Allowance::Bucket { burst: *burst, per_second: *per_second };
                    eye.people.sandboxes[*side].practice().limits.set(vec![Rule::all(allow)]);
                }
                Trap::TitleReadOnly => eye.people.titles_read_only(true),
                Trap::RuleForcesState => {
                    let rule = json!([{ "table": "incident", "field": "state", "value": "2", "query": "urgency=1" }]);
                    now["rewrites"] = rule;
                    eye.judge.state_is_forced = true;
                }
                Trap::Refuses(..) => {}
            }
        }
        let title_acts = |act: &Act| matches!(act, Act::TitlesReadOnly { on: true });
        let in_rounds = self.scenario.rounds.iter().any(|round| {
            round.acts.iter().any(title_acts)
                || round
                    .during
                    .iter()
                    .any(|(_, event)| matches!(event, Event::Person(act) if title_acts(act)))
        });
        eye.judge.title_is_kept = in_rounds || self.scenario.traps.contains(&Trap::TitleReadOnly);
        drop(eye);
        self.bench.now.practice().platform.configure(&now).unwrap();
        self.bench.jira.practice().platform.configure(&jira).unwrap();
    }

    /// From the first tickets to rest.
    async fn live(&mut self) {
        {
            let mut eye = self.eye.lock();
            for ticket in self.scenario.tickets.clone() {
                eye.act(&ticket);
            }
        }
        self.bench.clock.pass_ms(3_000);
        self.refuse();
        self.count_people();
        for round in self.scenario.rounds.clone() {
            self.round(&round).await;
            if !self.eye.lock().judge.violations.is_empty() {
                return;
            }
        }
        self.quiet().await;
    }

    /// A ticket that can never be written (V13).
    fn refuse(&mut self) {
        let refused = self.scenario.traps.iter().find_map(|trap| match trap {
            Trap::Refuses(side, case) => Some((*side, *case)),
            _ => None,
        });
        let Some((side, case)) = refused else { return };
        let eye = self.eye.lock();
        let Some(id) = eye.judge.cases.get(&case).and_then(|case| case.tickets[side].clone()) else { return };
        for method in ["PUT", "PATCH", "POST"] {
            let fault = Fault::new(FaultKind::Status { status: 403 }).on(method).at(&format!("/{id}"));
            self.lasting.push((side, fault));
        }
        self.refused_case = Some(case);
    }

    fn count_people(&self) {
        let mut eye = self.eye.lock();
        let now = Pair::from_fn(|side| eye.people.sandboxes[side].practice().platform.people_count());
        eye.judge.count_people(now);
    }

    fn switch_faults(&self, faults: &[Failing]) {
        let sandboxes = Pair { source: &self.bench.now, target: &self.bench.jira };
        for side in Side::BOTH {
            sandboxes[side].practice().faults.clear();
        }
        for (side, fault) in &self.lasting {
            sandboxes[*side].practice().faults.add(fault.clone());
        }
        for failing in faults {
            let methods: &[Option<&str>] = match (&failing.kind, failing.writes_only) {
                // A write that comes late is only tried where a look-up waits for it: for creates, comments and files.
                (FaultKind::ApplyLater { .. }, _) => &[Some("POST")],
                (_, false) => &[None],
                (_, true) => &[Some("POST"), Some("PUT"), Some("PATCH")],
            };
            for method in methods {
                let fault = Fault {
                    method: method.map(str::to_owned),
                    odds_permille: failing.permille,
                    times: failing.times,
                    ..Fault::new(failing.kind.clone())
                };
                sandboxes[failing.side].practice().faults.add(fault);
            }
        }
    }

    async fn round(&mut self, round: &Round) {
        match round.store {
            Keeping::Goes => {}
            Keeping::Copied => {
                self.copy = Some(self.bench.store.twin().unwrap());
                self.eye.lock().judge.store_kept(false);
            }
            Keeping::Returned => self.return_store(),
        }
        {
            let mut eye = self.eye.lock();
            for act in &round.acts {
                eye.act(act);
            }
        }
        self.bench.clock.pass_ms(round.pause_ms);
        self.switch_faults(&round.faults);
        if round.faults.iter().any(|failing| matches!(failing.kind, FaultKind::ApplyLater { .. })) {
            self.eye.lock().judge.late_writes = true;
        }
        self.one_run(round).await;
        self.switch_faults(&[]);
    }

    fn return_store(&mut self) {
        let Some(copy) = &self.copy else { return };
        self.bench.store = copy.twin().unwrap();
        self.bench.tap();
        self.bench.resume();
        // Nobody brings a copy back while the platforms still digest what came after it.
        self.bench.clock.pass_ms(self.bench.settle_ms);
        let mut eye = self.eye.lock();
        eye.restarted();
        eye.judge.store_kept(true);
    }

    /// A run in which anything may happen.
    async fn one_run(&mut self, round: &Round) {
        self.bench.gate().open();
        self.bench.clear_logs();
        match round.commit {
            Some((commit, Commit::Dies(how))) => self.bench.gate().crash_at_commit(commit, how),
            Some((commit, Commit::Full(times))) => self.bench.gate().full_at_commit(commit, times),
            None => {}
        }
        {
            let mut eye = self.eye.lock();
            eye.begin_run(round.during.clone());
            self.bench.cancel = Some(eye.cancel.clone());
        }
        let quiet_around = round.during.is_empty()
            && round.faults.is_empty()
            && round.commit.is_none()
            && self.lasting.is_empty();
        let (died, result) =
            if round.preview { self.previewed(quiet_around).await } else { self.simple().await };
        self.bench.cancel = None;
        self.end_run(died, result.is_some_and(|result| result.is_ok()), !round.faults.is_empty());
    }

    async fn simple(&mut self) -> (bool, Option<Result<Report, RunError>>) {
        let gate = self.bench.gate().clone();
        let run = self.bench.try_run(self.start());
        tokio::pin!(run);
        let first = tokio::select! {
            biased;
            () = gate.died() => return (true, None),
            () = gate.stands_still() => None,
            result = &mut run => Some(result),
        };
        if first.is_some() {
            return (false, first);
        }
        // Another process works while the first one stands still, and then both are there.
        let told = {
            let mut eye = self.eye.lock();
            eye.end_of_events();
            eye.restarted()
        };
        gate.spare_commits();
        let successor = self.bench.successor();
        let second = or_death(&gate, self.bench.try_run_in(&successor, self.start(), true)).await;
        if second.is_none() {
            // The computer is gone, and both with it.
            return (true, None);
        }
        self.eye.lock().woken(told);
        gate.thaw();
        (true, or_death(&gate, &mut run).await)
    }

    /// Makes a plan, sees that nothing was written by it, and applies it (V9).
    async fn previewed(&mut self, compared: bool) -> (bool, Option<Result<Report, RunError>>) {
        let gate = self.bench.gate().clone();
        let order = Order { start: self.start(), confirmed: true, take_over: true, moved: Moved::LeaveOut };
        let work = async {
            let (mut site, rules) = self.bench.site().await?;
            let (plan, _) = run::make_plan(&site, &rules, Circumstances::default(), order).await?;
            let writes = self.bench.writes();
            // What an earlier run sent may be carried out only now.
            let is_late = |failing: &Failing| matches!(failing.kind, FaultKind::ApplyLater { .. });
            let late = self.scenario.rounds.iter().flat_map(|round| &round.faults).any(is_late);
            if !writes.is_empty() && !late {
                self.eye.lock().judge.broken("V9", format!("a preview writes: {writes:?}"));
            }
            let rows =
                self.bench.store.read(move |conn| plans::page(conn, plan, RowFilter::default(), 0, 1_000));
            let mut planned: Vec<(Side, &'static str)> = Vec::new();
            for row in rows.await? {
                planned.extend(
                    row.plan.operations.iter().map(|operation| (operation.side, operation.kind.word())),
                );
            }
            let report = run::apply_plan(&mut site, &rules, plan).await?;
            if compared && report.recovered == (0, 0, 0) {
                self.compare(planned, site.run);
            }
            self.bench.clock.pass_ms(1_000);
            Ok(report)
        };
        tokio::pin!(work);
        tokio::select! {
            biased;
            () = gate.died() => (true, None),
            () = gate.stands_still() => (true, None),
            result = &mut work => (false, Some(result)),
        }
    }

    /// The operations of a run are those of the plan that was shown.
    fn compare(&self, mut planned: Vec<(Side, &'static str)>, run: Option<RunId>) {
        let Some(run) = run else { return };
        let rows = self.bench.store.read(move |conn| journal::of_run(conn, run, None, 1_000)).wait().unwrap();
        // What was sent away for a while was not done: the same operation has another row.
        let rows = rows.into_iter().filter(|row| row.state != JournalState::Void);
        let mut done: Vec<(Side, String)> = rows.map(|row| (row.side, row.kind)).collect();
        // A status path is journaled hop by hop.
        done.dedup_by(|a, b| a == b && a.1 == "status");
        for (side, kind) in done {
            match planned.iter().position(|operation| *operation == (side, kind.as_str())) {
                Some(at) => drop(planned.swap_remove(at)),
                None if kind == "status" => {}
                None => {
                    let what =
                        format!("the run did an operation that its plan does not show: {kind} in {side}");
                    self.eye.lock().judge.broken("V9", what);
                }
            }
        }
    }

    fn start(&self) -> Start {
        let feeds = self.bench.connection;
        let any = self.bench.store.read(move |conn| {
            let feed = lockstep_store::Feed::new(feeds, "Incident".to_owned(), Side::Source);
            lockstep_store::tables::cursors::get(conn, &feed)
        });
        match any.wait().unwrap() {
            Some(_) => Start::LastRun,
            None => Start::Since(0),
        }
    }

    /// After a run, however it ended.
    fn end_run(&mut self, died: bool, ended_well: bool, faulty: bool) {
        self.calls += self.bench.gate().calls();
        self.rounds.push((self.bench.gate().calls(), self.bench.gate().commits()));
        self.bench.gate().open();
        {
            let mut eye = self.eye.lock();
            eye.end_of_events();
            for side in Side::BOTH {
                // What was carried out after the last answer, or without any.
                eye.look(side, Cause::EngineInDoubt);
            }
        }
        let suspects = !self.eye.lock().judge.suspects.is_empty();
        let told = suspects && self.was_told();
        let restarts = {
            let mut eye = self.eye.lock();
            let excused = died || !ended_well || faulty || eye.in_doubt;
            eye.judge.end_run(told, excused, died || !ended_well);
            died || eye.frozen
        };
        if restarts {
            self.bench.resume();
            self.eye.lock().restarted();
        }
    }

    /// Whether the last run said that somebody wrote between its reading and its write.
    fn was_told(&self) -> bool {
        let connection = self.bench.connection;
        let told = self.bench.store.read(move |conn| {
            let last = lockstep_store::tables::runs::list(conn, Some(connection), None, 1)?;
            let Some(last) = last.first() else { return Ok(false) };
            let rows = outcomes::page(conn, last.id, None, 0, 1_000)?;
            Ok(rows.iter().any(|row| row.detail.to_string().contains("somebody else changed")))
        });
        told.wait().unwrap()
    }

    /// Nothing goes wrong any more; time passes until all is at rest (V2, V3, V5, V6, V13, V14, V15, V18).
    async fn quiet(&mut self) {
        {
            // However long a platform asked to be left alone.
            self.bench.clock.pass_ms(2 * 3_600_000);
            let mut eye = self.eye.lock();
            eye.people.show_all();
            eye.people.titles_read_only(false);
            for side in Side::BOTH {
                eye.look(side, Cause::Person);
            }
        }
        self.until_rest(120_000).await;
        self.check_cursors();
        desk::retry_all(&self.bench);
        if let Some(side) = self.scenario.decides {
            self.eye.lock().judge.deciding = true;
            desk::decide_all(&self.bench, side);
        }
        // What waits for an hour or a day, and what no feed shows.
        self.bench.clock.pass_ms(25 * 3_600_000);
        self.until_rest(120_000).await;
        if !self.eye.lock().judge.violations.is_empty() {
            return;
        }
        // The last run until rest was the first of three.
        for _ in 0..2 {
            self.calm_run(300_000).await;
            let writes = self.bench.writes();
            if !writes.is_empty() {
                self.eye.lock().judge.broken("V5", format!("a quiet run writes: {writes:?}"));
                return;
            }
        }
        let shown = self.shown();
        self.lists = (shown.conflicts.len(), shown.held.len());
        self.eye.lock().judge.at_rest(&shown);
        self.count_people();
        self.check_store();
    }

    /// V8, where every ticket could be seen all the time and the store is the one that moved the cursors.
    fn check_cursors(&self) {
        let hides = |act: &Act| matches!(act, Act::Hide { .. } | Act::OmitTitles { .. });
        let hidden = self.scenario.rounds.iter().any(|round| {
            let during = round.during.iter().map(|(_, event)| event);
            round.acts.iter().any(hides)
                || during.into_iter().any(|event| matches!(event, Event::Person(act) if hides(act)))
        });
        let excused = {
            let judge = &self.eye.lock().judge;
            judge.store_returned || judge.late_writes
        };
        if hidden || excused {
            return;
        }
        let mut shown = self.shown();
        let connection = self.bench.connection;
        let waiting = self.bench.store.read(move |conn| {
            let rows = pending::list(conn, connection, None, 1_000)?;
            let mut held: Vec<(String, String)> =
                rows.into_iter().map(|row| (row.ticket.0, row.detail)).collect();
            for row in journal::open_rows(conn, connection)? {
                let tickets = Side::BOTH.into_iter().filter_map(|side| row.tickets[side].clone());
                held.extend(tickets.map(|ticket| (ticket.0, row.kind.clone())));
            }
            Ok(held)
        });
        shown.held.extend(waiting.wait().unwrap());
        self.eye.lock().judge.cursor_is_safe(&shown);
    }

    async fn calm_run(&mut self, pause_ms: u64) -> bool {
        self.bench.clock.pass_ms(pause_ms);
        self.bench.clear_logs();
        self.bench.gate().open();
        self.eye.lock().begin_run(Vec::new());
        let gate = self.bench.gate().clone();
        let Some(result) = or_death(&gate, self.bench.try_run(self.start())).await else {
            return false;
        };
        let restless = match &result {
            // A lost create that nobody can account for rests until a person decides (hazards.md H7).
            Ok(report) => {
                let (adopted, voided, resting) = report.recovered;
                adopted + voided > 0 || (resting > 0 && !self.open_rows_nobody_is_told_of().is_empty())
            }
            Err(_) => true,
        };
        self.end_run(false, result.is_ok(), false);
        if let Err(error) = &result {
            let what = format!("a run without any fault ends badly: {error}");
            self.eye.lock().judge.broken("V18", what);
        }
        restless || !self.bench.writes().is_empty()
    }

    async fn until_rest(&mut self, pause_ms: u64) {
        self.switch_faults(&[]);
        for _ in 0..QUIET_RUNS_MAX {
            if !self.calm_run(pause_ms).await || !self.eye.lock().judge.violations.is_empty() {
                return;
            }
        }
        let writes = self.bench.writes();
        self.eye.lock().judge.broken("V5", format!("it does not come to rest: {writes:?}"));
    }

    /// What people see in Lockstep itself.
    fn shown(&self) -> Shown {
        let connection = self.bench.connection;
        let shown = self.bench.store.read(move |conn| {
            let mut shown = Shown::default();
            for conflict in conflicts::list(conn, connection, None, 1_000)? {
                if let Some(link) = links::get(conn, conflict.link)? {
                    let ticket = link.link.tickets.source.0;
                    let bases = bases::of(conn, conflict.link)?;
                    if bases.get(&conflict.found.mapping).is_some_and(|base| base.lost.is_some()) {
                        shown.replaced.push((ticket.clone(), conflict.found.label.clone()));
                    }
                    shown.conflicts.push((ticket, conflict.found.label.clone()));
                }
            }
            for row in quarantine::list(conn, connection, None, 1_000)? {
                shown.held.push((row.what.ticket.0, row.what.error.to_string()));
            }
            for row in pending::list(conn, connection, None, 1_000)? {
                if row.reason == PendingReason::Decision {
                    shown.held.push((row.ticket.0, row.detail));
                }
            }
            for stored in links::walk(conn, connection, None, 1_000)? {
                if let LinkState::Parked(why) | LinkState::NotVisible(why) | LinkState::Merged(why) =
                    stored.link.state
                {
                    shown.held.push((stored.link.tickets.source.0, why));
                }
            }
            Ok(shown)
        });
        shown.wait().unwrap()
    }

    /// Rows of the journal that are not finished, of tickets that wait for nobody.
    fn open_rows_nobody_is_told_of(&self) -> Vec<JournalRow> {
        let connection = self.bench.connection;
        let open = self.bench.store.read(move |conn| journal::open_rows(conn, connection)).wait().unwrap();
        if open.is_empty() {
            return open;
        }
        let shown = self.shown();
        let waits = |row: &JournalRow| {
            Side::BOTH.into_iter().any(|side| {
                row.tickets[side].as_ref().is_some_and(|id| shown.held.iter().any(|(held, _)| *held == id.0))
            })
        };
        open.into_iter().filter(|row| !waits(row)).collect()
    }

    /// V14, V15: the store itself.
    fn check_store(&self) {
        let open = self.open_rows_nobody_is_told_of();
        let mut eye = self.eye.lock();
        for row in open {
            eye.judge
                .broken("V14", format!("a {} is still {:?} in the journal at rest", row.kind, row.state));
        }
        if self.scenario.seed.is_multiple_of(16) {
            let damage = self.bench.store.integrity().wait().unwrap();
            if !damage.is_empty() {
                eye.judge.broken("V15", format!("{damage:?}"));
            }
        }
    }

    fn verdict(self, traced: bool) -> Verdict {
        let (conflicts, held) = self.lists;
        let mut trace = self.eye.lock().trace.take().unwrap_or_default();
        if traced {
            let rows = self.bench.store.read(|conn| {
                let mut rows = Vec::new();
                for run in lockstep_store::tables::runs::list(conn, None, None, 10_000)? {
                    rows.extend(journal::of_run(conn, run.id, None, 10_000)?);
                }
                Ok(rows)
            });
            trace.extend(rows.wait().unwrap().iter().map(|row| format!("{row:?}")));
        }
        let mut eye = self.eye.lock();
        Verdict {
            violations: std::mem::take(&mut eye.judge.violations),
            calls: self.calls,
            conflicts,
            held,
            rounds: self.rounds.clone(),
            picture: eye.judge.picture(),
            trace,
        }
    }
}

/// What comes of work, unless its process dies.
async fn or_death<T>(gate: &Gate, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = gate.died() => None,
        result = work => Some(result),
    }
}

/// How long a write may stay hidden from look-ups.
fn slowest_index(traps: &[Trap]) -> u64 {
    let slow = traps.iter().map(|trap| match trap {
        Trap::IndexLag(ms) | Trap::ListLag(ms) | Trap::LateCommentProperties(ms) => *ms,
        Trap::UnsteadyIndex => 60_000,
        _ => 0,
    });
    u64::try_from(slow.sum::<i64>()).unwrap_or(0)
}

/// What a week came to.
#[derive(Debug, Default)]
pub struct Week {
    pub acts: u64,
    pub writes: usize,
    /// Writes in cycles before which nobody did anything for an hour.
    pub calm_writes: usize,
    pub violations: Vec<Violation>,
}

/// Cycles every five minutes: people act now and then, one call in twenty fails, and the store lies on a disk.
pub async fn spend_week(mut draw: Draw, cycles: u64, mut each: impl FnMut(u64)) -> Week {
    prepare().await;
    let tickets: Vec<Act> = (0..6)
        .map(|at| Act::New { side: Side::BOTH[at % 2], urgency: 2, state: 0, comment: true, file: at == 0 })
        .collect();
    let scenario = Scenario {
        seed: 8,
        variant: Variant::Demo,
        call_ms: 5,
        traps: Vec::new(),
        tickets,
        rounds: Vec::new(),
        decides: None,
    };
    let mut world = World::new(scenario);
    let _dir = world.bench.keep_on_disk();
    let mut week = Week::default();
    for ticket in world.scenario.tickets.clone() {
        world.eye.lock().act(&ticket);
    }
    let faults: Vec<Failing> = Side::BOTH
        .into_iter()
        .flat_map(|side| {
            let kinds = [
                FaultKind::CutAfter,
                FaultKind::Status { status: 503 },
                FaultKind::StatusAfterApply { status: 502 },
                FaultKind::TooManyRequests { retry_after: lockstep_sandbox::faults::RetryAfter::Seconds(2) },
                FaultKind::TruncatedBody { keep_bytes: None },
            ];
            kinds.map(|kind| Failing { side, kind, writes_only: false, permille: 10, times: None })
        })
        .collect();
    let mut calm = 0;
    for cycle in 0..cycles {
        each(cycle);
        calm += 1;
        // People rest in the nights, and the last hours are quiet.
        let night = (cycle / 144) % 2 == 1;
        if !night && draw.percent(6) && cycle + 200 < cycles {
            let (case, side) = (draw.below(6) as usize, Side::BOTH[draw.below(2) as usize]);
            let act = match draw.below(3) {
                0 => Act::Status { case, side, pick: draw.below(3) },
                1 => Act::Assign { case, side, pick: draw.below(3) },
                _ => Act::Title { case, side, word: draw.below(6) },
            };
            world.eye.lock().act(&act);
            week.acts += 1;
            calm = 0;
        }
        let quiet = cycle + 200 >= cycles;
        world.bench.clock.pass_ms(300_000);
        world.switch_faults(if quiet { &[] } else { &faults });
        world.one_run(&Round { faults: faults.clone(), ..Round::default() }).await;
        world.rounds.clear();
        world.bench.heard.0.lock().unwrap().clear();
        let writes = world.bench.writes().len();
        week.writes += writes;
        if calm > 12 {
            week.calm_writes += writes;
        }
    }
    world.quiet().await;
    week.violations = std::mem::take(&mut world.eye.lock().judge.violations);
    week
}
