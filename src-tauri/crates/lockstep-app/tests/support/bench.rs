//! A practice pair in this process, a virtual clock, a store in memory: a whole engine in one thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use http::Method;
use lockstep_app::config::{AccountDoc, ConnectionDoc, Platform, SignIn};
use lockstep_app::events::{Listener, Phase, RunEvent};
use lockstep_app::ports::SeededIds;
use lockstep_app::run::apply::Moved;
use lockstep_app::run::{self, Order, Report, RunError, SideSite, Site, Start};
use lockstep_connectors::http::{BaseAddress, HttpContext};
use lockstep_connectors::jira::{Jira, JiraSettings};
use lockstep_connectors::ports::{Clock, Ports};
use lockstep_connectors::servicenow::{self, ServiceNow, ServiceNowSettings};
use lockstep_connectors::testing::{Sandbox, VirtualClock};
use lockstep_core::connector::Connector;
use lockstep_core::mapping::{Rules, TypeMapping};
use lockstep_core::marker::Fingerprint;
use lockstep_core::secret::Secret;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::guard::{Circumstances, Limits};
use lockstep_sandbox::{Fault, FaultKind, Platform as _, Practice, Seed};
use lockstep_store::tables::{accounts, connections, runs};
use lockstep_store::{ConnectionId, Epoch, Revision, Store, StoreKey, StorePlace};
use serde_json::{Value, json};

use crate::wire::{Gate, Wire};

/// Friday, 20 November 2026, 12:00 UTC.
pub const NOW_MS: i64 = 1_795_176_000_000;
pub const NOW_ORIGIN: &str = "http://127.0.0.1:18080";
/// A practice platform's settle time, milliseconds.
const SETTLE_MS: u64 = 5_000;
pub const JIRA_ORIGIN: &str = "http://127.0.0.1:18081";

/// What a run told.
#[derive(Default)]
pub struct Heard(pub Mutex<Vec<RunEvent>>, Mutex<Option<(When, Act)>>);

/// When a person, or another process, acts.
pub enum When {
    Events(usize),
    Phase(Phase),
}

type Act = Box<dyn FnOnce() + Send>;

impl Heard {
    /// Acts when so many more events were told.
    pub fn at(&self, event: usize, act: impl FnOnce() + Send + 'static) {
        *self.1.lock().unwrap() = Some((When::Events(event), Box::new(act)));
    }

    /// Acts when a run enters this phase.
    pub fn at_phase(&self, phase: Phase, act: impl FnOnce() + Send + 'static) {
        *self.1.lock().unwrap() = Some((When::Phase(phase), Box::new(act)));
    }

    /// Whether nothing is planned any more.
    pub fn is_done(&self) -> bool {
        self.1.lock().unwrap().is_none()
    }
}

impl Listener for Heard {
    fn event(&self, event: &RunEvent) {
        self.0.lock().unwrap().push(event.clone());
        let mut planned = self.1.lock().unwrap();
        let due = planned.take_if(|(when, _)| match when {
            When::Events(left) => *left == 0,
            When::Phase(wanted) => matches!(event, RunEvent::Phase { phase, .. } if phase == wanted),
        });
        if let Some((When::Events(left), _)) = planned.as_mut() {
            *left -= 1;
        }
        drop(planned);
        if let Some((_, act)) = due {
            act();
        }
    }
}

/// Two practice platforms and an engine between them.
pub struct Bench {
    pub clock: Arc<VirtualClock>,
    pub now: Sandbox,
    pub jira: Sandbox,
    pub store: Store,
    pub connection: ConnectionId,
    pub mapping: TypeMapping,
    pub heard: Arc<Heard>,
    now_password: String,
    jira_token: String,
    pub people_token: String,
    pub wires: Pair<Wire>,
    /// The column that marks an incident as private.
    private: Option<&'static str>,
    engine: Engine,
    /// Rules that are at hand already; discovered anew for each run when there are none.
    pub rules: Option<Arc<HashMap<String, Rules>>>,
    /// What a run is stopped with; each has its own when there is none.
    pub cancel: Option<run::Cancel>,
    /// How long a platform has for a write whose outcome is not known; counts from the next restart.
    pub settle_ms: u64,
}

/// One process: its sessions, and its claim to the store.
#[derive(Clone)]
pub struct Engine {
    pub epoch: Epoch,
    sessions: Pair<Arc<dyn Connector>>,
}

/// Freshly seeded platforms to copy: a copy is made far quicker than a seed is sown.
struct Template {
    seeds: (Seed, Seed),
    instance: lockstep_sandbox::servicenow::ServiceNow,
    site: lockstep_sandbox::jira::Jira,
}

thread_local! {
    static TEMPLATES: RefCell<Vec<Template>> = const { RefCell::new(Vec::new()) };
}

fn sown(
    now_seed: Seed,
    jira_seed: Seed,
) -> (lockstep_sandbox::servicenow::ServiceNow, lockstep_sandbox::jira::Jira) {
    TEMPLATES.with_borrow_mut(|templates| {
        let seeds = (now_seed, jira_seed);
        if !templates.iter().any(|template| template.seeds == seeds) {
            let mut instance = lockstep_sandbox::servicenow::ServiceNow::new(7, NOW_MS, now_seed);
            instance.set_origin(NOW_ORIGIN);
            let mut site = lockstep_sandbox::jira::Jira::new(7, NOW_MS, jira_seed);
            site.set_origin(JIRA_ORIGIN);
            templates.push(Template { seeds, instance, site });
        }
        let template = templates.iter().find(|template| template.seeds == seeds).unwrap();
        (template.instance.clone(), template.site.clone())
    })
}

/// The demo's mapping as the tests use it.
pub fn mapping() -> TypeMapping {
    toml::from_str(include_str!("mapping.toml")).unwrap()
}

impl Bench {
    /// A pair with these seeds, nothing linked.
    pub fn new(now_seed: Seed, jira_seed: Seed) -> Bench {
        Bench::drawn(now_seed, jira_seed, 7, 0)
    }

    /// The same; the odds of faults are drawn from `fault_seed`, and each call takes a while.
    pub fn drawn(now_seed: Seed, jira_seed: Seed, fault_seed: u64, call_ms: u64) -> Bench {
        let clock = Arc::new(VirtualClock::at(NOW_MS));
        let (instance, site) = sown(now_seed, jira_seed);
        let now_password = instance.sign_in().secret;
        let jira_token = site.sign_in().secret;
        let people_token = site.token_of(PERSON_MAIL).unwrap();
        let now =
            Sandbox::new(Practice::new(Box::new(instance), fault_seed), clock.clone()).with_call_ms(call_ms);
        let jira =
            Sandbox::new(Practice::new(Box::new(site), fault_seed), clock.clone()).with_call_ms(call_ms);
        let store = Store::in_memory("00c0ffee", NOW_MS).unwrap();
        let (connection, epoch) = make_connection(&store);
        let gate = Gate::default();
        store.tap(Arc::new(gate.clone()));
        let wires = Pair {
            source: Wire::new(Side::Source, &now, &gate),
            target: Wire::new(Side::Target, &jira, &gate),
        };
        let sessions = Pair {
            source: now_connector(&wires.source, &clock, &now_password, SETTLE_MS, None),
            target: jira_connector(&wires.target, &clock, &jira_token, SETTLE_MS),
        };
        let heard = Arc::new(Heard::default());
        let mapping = mapping();
        Bench {
            clock,
            now,
            jira,
            store,
            connection,
            mapping,
            heard,
            now_password,
            jira_token,
            people_token,
            wires,
            private: None,
            engine: Engine { epoch, sessions },
            rules: None,
            cancel: None,
            settle_ms: SETTLE_MS,
        }
    }

    /// The small seeds on both sides.
    pub fn small() -> Bench {
        Bench::new(Seed::Small, Seed::Small)
    }

    /// Forgets sessions, as a restart does.
    pub fn restart(&mut self) {
        self.engine.sessions = self.fresh_sessions();
    }

    fn fresh_sessions(&self) -> Pair<Arc<dyn Connector>> {
        Pair {
            source: now_connector(
                &self.wires.source,
                &self.clock,
                &self.now_password,
                self.settle_ms,
                self.private,
            ),
            target: jira_connector(&self.wires.target, &self.clock, &self.jira_token, self.settle_ms),
        }
    }

    /// This computer's time.
    pub fn clock_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// What becomes of commits is decided at the gate.
    pub fn tap(&self) {
        self.store.tap(Arc::new(self.gate().clone()));
    }

    /// Another process that has taken the store over.
    pub fn successor(&self) -> Engine {
        let raise =
            |tx: &lockstep_store::Tx<'_>| lockstep_store::tables::locks::raise_epoch(tx, "successor", NOW_MS);
        let epoch = self.store.write(raise).wait().unwrap();
        Engine { epoch, sessions: self.fresh_sessions() }
    }

    /// From now on this column marks an incident as private.
    pub fn private_by(&mut self, column: &'static str) {
        self.private = Some(column);
        self.restart();
    }

    /// Another, empty store, as after the loss of the first.
    pub fn lose_store(&mut self, id: &str) {
        self.store = Store::in_memory(id, self.clock.now_ms()).unwrap();
        (self.connection, self.engine.epoch) = make_connection(&self.store);
        self.restart();
    }

    /// The same with a store on disk, which can be copied.
    pub fn keep_on_disk(&mut self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        self.store = store_in(dir.path());
        (self.connection, self.engine.epoch) = make_connection(&self.store);
        dir
    }

    /// Another engine before the same platforms. Its store is empty until it is given another one.
    pub fn twin(&self) -> Bench {
        let store = Store::in_memory("7e57ab1e", self.clock.now_ms()).unwrap();
        let (connection, epoch) = make_connection(&store);
        let gate = Gate::default();
        let wires = Pair {
            source: Wire::new(Side::Source, &self.now, &gate),
            target: Wire::new(Side::Target, &self.jira, &gate),
        };
        let sessions = Pair {
            source: now_connector(&wires.source, &self.clock, &self.now_password, self.settle_ms, None),
            target: jira_connector(&wires.target, &self.clock, &self.jira_token, self.settle_ms),
        };
        Bench {
            clock: self.clock.clone(),
            now: self.now.clone(),
            jira: self.jira.clone(),
            store,
            connection,
            mapping: self.mapping.clone(),
            heard: Arc::default(),
            now_password: self.now_password.clone(),
            jira_token: self.jira_token.clone(),
            people_token: self.people_token.clone(),
            wires,
            private: None,
            engine: Engine { epoch, sessions },
            rules: None,
            cancel: None,
            settle_ms: self.settle_ms,
        }
    }

    /// New tickets on Jira are customer requests from now on.
    pub async fn as_customer_requests(&mut self) {
        let offers = self.engine.sessions.target.scopes().await.unwrap();
        let request_type = |offer: lockstep_core::connector::ScopeOffer| {
            offer.scope.request_type.filter(|_| offer.scope.ticket_type == self.mapping.target.ticket_type)
        };
        self.mapping.target.request_type = offers.into_iter().find_map(request_type);
        assert!(self.mapping.target.request_type.is_some(), "the desk offers a request type");
    }

    /// What somebody else does on ServiceNow as Lockstep's own user.
    pub fn as_us_at_now(&self, method: Method, target: &str, body: Option<Value>) {
        let (status, answer) = self.now.act(("lockstep.sync", &self.now_password), method, target, body);
        assert!(status < 300, "{status} {answer}");
    }

    /// Goes on with the store that was copied there, as after the return of a backup.
    pub fn return_to(&mut self, dir: &std::path::Path) {
        self.store = store_in(dir);
        self.resume();
    }

    /// Another process takes the store over, as its lock would let it after this one's death; every further commit of
    /// the run at work is refused.
    pub fn take_over(store: &Store) {
        store.write(|tx| lockstep_store::tables::locks::raise_epoch(tx, "other", NOW_MS)).wait().unwrap();
    }

    /// Goes on in the store's newest epoch.
    pub fn resume(&mut self) {
        let raise =
            |tx: &lockstep_store::Tx<'_>| lockstep_store::tables::locks::raise_epoch(tx, "test", NOW_MS);
        self.engine.epoch = self.store.write(raise).wait().unwrap();
        self.restart();
    }

    /// Lets the first write whose path holds `path` go wrong.
    pub fn fault_at(&self, path: &'static str, kind: FaultKind) {
        let (sandbox, fault) = (
            if path.starts_with("/api/") { self.now.clone() } else { self.jira.clone() },
            Fault::new(kind).times(1),
        );
        self.gate().before_write(path, move || sandbox.practice().faults.add(fault));
    }

    /// A run in which it went wrong; whatever comes of it.
    pub async fn faulty_run(&self) {
        let _ = self.try_run(Start::LastRun).await;
        assert!(self.gate().is_done(), "no such write happened");
        self.now.practice().faults.clear();
        self.jira.practice().faults.clear();
    }

    /// What both wires share: calls counted, cut, or answered by a person first.
    pub fn gate(&self) -> &Gate {
        &self.wires.source.gate
    }

    pub async fn site(&self) -> Result<(Site, Arc<HashMap<String, Rules>>), RunError> {
        self.site_of(&self.engine).await
    }

    async fn site_of(&self, engine: &Engine) -> Result<(Site, Arc<HashMap<String, Rules>>), RunError> {
        let mut sides = Vec::new();
        for side in Side::BOTH {
            let connector = engine.sessions[side].clone();
            let identity = connector
                .identify()
                .await
                .map_err(|error| RunError::Side { side: format!("{side}"), error })?;
            let (platform, word) = match side {
                Side::Source => (Platform::ServiceNow, "servicenow"),
                Side::Target => (Platform::Jira, "jira"),
            };
            let fingerprint = Fingerprint::of(word, &identity.instance);
            sides.push(SideSite { account: account(platform), connector, identity, fingerprint });
        }
        let target = sides.pop().unwrap();
        let source = sides.pop().unwrap();
        let sides = Pair { source, target };
        let rules = match &self.rules {
            Some(rules) => rules.clone(),
            None => Arc::new(self.discovered(&sides).await?),
        };
        let run = {
            let (connection, epoch) = (self.connection, engine.epoch);
            let started_ms = self.clock.now_ms();
            self.store
                .write(move |tx| {
                    let kind = runs::RunKind::Manual;
                    runs::start(
                        tx,
                        runs::NewRun { connection, kind, trigger: "test", epoch, plan: None, started_ms },
                    )
                })
                .await?
        };
        let site = Site {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: Arc::new(SeededIds::new(run.0 as u64)),
            epoch: engine.epoch,
            store_id: self.store.id().to_owned(),
            connection: self.connection,
            run: Some(run),
            plan: None,
            document: ConnectionDoc {
                name: "Test".to_owned(),
                source: "servicenow".to_owned(),
                target: "jira".to_owned(),
                interval_seconds: 300,
                limits: Limits { creates_max: 1_000_000, closes_max: 1_000_000 },
                people: vec![],
                types: vec![self.mapping.clone()],
            },
            revision: Revision(1),
            sides,
            listener: self.heard.clone(),
            cancel: self.cancel.clone().unwrap_or_default(),
            workflow_stale: Arc::default(),
        };
        Ok((site, rules))
    }

    async fn discovered(&self, sides: &Pair<SideSite>) -> Result<HashMap<String, Rules>, RunError> {
        let mut schemas = Pair::default();
        for side in Side::BOTH {
            schemas[side] = sides[side]
                .connector
                .discover(self.mapping.scope(side))
                .await
                .map_err(|error| RunError::Side { side: format!("{side}, discovery"), error })?;
        }
        let labels = Pair { source: "ServiceNow".to_owned(), target: "Jira".to_owned() };
        let rules = Rules::compile(&self.mapping, schemas, labels);
        Ok(HashMap::from([(self.mapping.name.clone(), rules)]))
    }

    /// One run, ended in the store as the application does.
    pub async fn try_run(&self, start: Start) -> Result<Report, RunError> {
        self.try_run_as(start, true).await
    }

    /// One run, with or without a person's order.
    pub async fn try_run_as(&self, start: Start, confirmed: bool) -> Result<Report, RunError> {
        self.try_run_in(&self.engine, start, confirmed).await
    }

    /// One run of a process.
    pub async fn try_run_in(
        &self,
        engine: &Engine,
        start: Start,
        confirmed: bool,
    ) -> Result<Report, RunError> {
        let (mut site, rules) = self.site_of(engine).await?;
        let order = Order { start, confirmed, take_over: confirmed, moved: Moved::PlanAgain };
        let report = run::run(&mut site, &rules, Circumstances::default(), order).await;
        self.clock.pass_ms(1_000);
        report
    }

    /// What a run told of tickets that failed or wait, for messages.
    pub fn troubles(&self) -> Vec<String> {
        let heard = self.heard.0.lock().unwrap();
        heard
            .iter()
            .filter(|event| matches!(event, RunEvent::Ticket { .. }))
            .map(|event| format!("{event:?}"))
            .collect()
    }

    /// The first run, from the beginning of time on.
    pub async fn first(&self) -> Report {
        self.try_run(Start::Since(0)).await.unwrap()
    }

    /// A run since the last one.
    pub async fn run(&self) -> Report {
        // The index of the practice Jira lags two seconds.
        self.clock.pass_ms(10_000);
        self.try_run(Start::LastRun).await.unwrap()
    }

    /// Something a person does on ServiceNow.
    pub fn at_now(&self, method: Method, target: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.now.act(
            ("admin", &lockstep_sandbox::servicenow::password_of("admin")),
            method,
            target,
            body,
        );
        assert!(status < 300, "{status} {answer}");
        answer
    }

    /// Something a person does on Jira.
    pub fn at_jira(&self, method: Method, target: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.jira.act((PERSON_MAIL, &self.people_token), method, target, body);
        assert!(status < 300, "{method_target} {status} {answer}", method_target = target);
        answer
    }

    /// All issues of the project as the person sees them, oldest first.
    pub fn issues(&self) -> Vec<Value> {
        self.clock.pass_ms(10_000);
        let body = json!({ "jql": "project = CSD ORDER BY key ASC", "maxResults": 1000, "fields": ["*all"], "properties": ["lockstep.link"] });
        let answer = self.at_jira(Method::POST, "/rest/api/3/search/jql", Some(body));
        answer["issues"].as_array().unwrap().clone()
    }

    /// All incidents as an administrator sees them.
    pub fn incidents(&self) -> Vec<Value> {
        let answer = self.at_now(
            Method::GET,
            "/api/now/table/incident?sysparm_exclude_reference_link=true&sysparm_query=ORDERBYnumber",
            None,
        );
        answer["result"].as_array().unwrap().clone()
    }

    /// Writes by the engine since the log was cleared, both platforms: method and path.
    pub fn writes(&self) -> Vec<String> {
        let mut writes = Vec::new();
        for sandbox in [&self.now, &self.jira] {
            let practice = sandbox.practice();
            for entry in practice.log.entries() {
                let reads = entry.path.contains("search/jql") || entry.path.contains("bulkfetch");
                if entry.method != "GET"
                    && !reads
                    && entry.user.as_deref().is_some_and(|u| u.starts_with("lockstep"))
                {
                    writes.push(format!("{} {}", entry.method, entry.path));
                }
            }
        }
        writes
    }

    /// Empties both request logs.
    pub fn clear_logs(&self) {
        self.now.practice().log.clear();
        self.jira.practice().log.clear();
    }
}

/// A person of the practice Jira.
pub const PERSON_MAIL: &str = "amara.osei@corvane.example";

fn account(platform: Platform) -> AccountDoc {
    let (name, sign_in) = match platform {
        Platform::ServiceNow => ("servicenow", SignIn::Basic { user: "lockstep.sync".to_owned() }),
        Platform::Jira => ("jira", SignIn::Token { email: "lockstep@corvane.example".to_owned() }),
    };
    AccountDoc {
        name: name.to_owned(),
        platform,
        address: NOW_ORIGIN.to_owned(),
        sign_in,
        dedicated: true,
        practice: true,
        sandbox: false,
        settle_seconds: Some(5),
        private_field: None,
        ca_file: None,
    }
}

fn store_in(dir: &std::path::Path) -> Store {
    let (dir, key) = (dir.to_owned(), StoreKey::from_bytes([7; 32]));
    Store::open_inline(&StorePlace { dir, key, id: "00c0ffee".to_owned(), now_ms: NOW_MS }).unwrap()
}

fn make_connection(store: &Store) -> (ConnectionId, Epoch) {
    store
        .write(|tx| {
            let draft = |name: &str| accounts::AccountDraft {
                name: name.to_owned(),
                platform: name.to_owned(),
                base_url: NOW_ORIGIN.to_owned(),
                sign_in: json!({}),
                settings: json!({}),
            };
            let source = accounts::add(tx, &draft("servicenow"), NOW_MS)?;
            let target = accounts::add(tx, &draft("jira"), NOW_MS)?;
            let (connection, _) = connections::save(tx, "Test", Pair { source, target }, &json!({}), NOW_MS)?;
            let epoch = lockstep_store::tables::locks::raise_epoch(tx, "test", NOW_MS)?;
            Ok((connection, epoch))
        })
        .wait()
        .unwrap()
}

fn now_connector(
    wire: &Wire,
    clock: &Arc<VirtualClock>,
    password: &str,
    settle_ms: u64,
    private: Option<&'static str>,
) -> Arc<dyn Connector> {
    let sign_in = servicenow::SignIn::Basic {
        user: "lockstep.sync".to_owned(),
        password: Secret::new(password.to_owned()),
    };
    let mut settings = ServiceNowSettings::new(BaseAddress::origin_of(NOW_ORIGIN).unwrap(), sign_in);
    settings.dedicated = true;
    settings.settle_ms = settle_ms;
    settings.private_column = private.map(Into::into);
    Arc::new(
        ServiceNow::new(
            settings,
            Ports { clock: clock.clone(), transport: Arc::new(wire.clone()) },
            HttpContext::default(),
        )
        .unwrap(),
    )
}

fn jira_connector(wire: &Wire, clock: &Arc<VirtualClock>, token: &str, settle_ms: u64) -> Arc<dyn Connector> {
    let mut settings =
        JiraSettings::new(JIRA_ORIGIN, "lockstep@corvane.example", Secret::new(token.to_owned()));
    settings.dedicated = true;
    settings.settle_ms = settle_ms;
    Arc::new(
        Jira::new(
            settings,
            Ports { clock: clock.clone(), transport: Arc::new(wire.clone()) },
            HttpContext::default(),
        )
        .unwrap(),
    )
}
