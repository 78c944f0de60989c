//! Plans and runs of a connection as use cases: sign in, discover, check, then `run`.

use std::collections::HashMap;
use std::sync::Arc;

use lockstep_core::check;
use lockstep_core::connector::Connector;
use lockstep_core::mapping::Rules;
use lockstep_core::marker::Fingerprint;
use lockstep_core::schema::Schema;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::guard::Circumstances;
use lockstep_store::tables::accounts::{self, Account};
use lockstep_store::tables::runs::{self, RunEnd, RunKind};
use lockstep_store::tables::{connections, schemas};
use lockstep_store::{PlanId, RunId};

use crate::api_error::ApiError;
use crate::app::{App, account_doc, document_of};
use crate::config::ConnectionDoc;
use crate::drifting;
use crate::events::{Counts, Listener, Phase, RunEvent, RunResult};
use crate::look::SCHEMA_GOOD_MS;
use crate::run::apply::Moved;
use crate::run::{self, Order, PlanSummary, Report, RunError, SideSite, Site, Start};
use crate::sessions::{MadeOf, Session, Waits};

/// What is asked of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOrder {
    pub connection: String,
    pub kind: RunKind,
    /// Tickets created or changed since, milliseconds; `None`: since the last run.
    pub since_ms: Option<i64>,
    /// A person confirmed what guards hold back.
    pub confirmed: bool,
    /// A person ordered to take over what another Lockstep's markers stand for (hazards.md H3).
    pub take_over: bool,
    /// Exactly this plan.
    pub plan: Option<i64>,
    /// What set it off, in words.
    pub trigger: String,
}

/// A plan that was made and kept.
#[derive(Debug, Clone)]
pub struct MadePlan {
    pub plan: i64,
    pub connection: i64,
    pub summary: PlanSummary,
    pub calls: u64,
}

struct Ready {
    site: Site,
    circumstances: Circumstances,
    session: Session,
    /// Calls of earlier runs of the session.
    calls_before: u64,
    _running: crate::app::RunningRun,
}

impl Ready {
    fn calls(&self) -> u64 {
        self.session.calls.counts().total() - self.calls_before
    }
}

impl App {
    /// Plans a connection and keeps the plan; writes to no platform.
    pub async fn plan(
        &self,
        name: &str,
        since_ms: Option<i64>,
        listener: Arc<dyn Listener>,
    ) -> Result<MadePlan, ApiError> {
        let (connection, document) = self.connection(name).await?;
        let ready = self.ready(&connection, document, listener).await?;
        let start = self.start_of(&connection, since_ms).await?;
        let order = Order { start, confirmed: false, take_over: false, moved: Moved::LeaveOut };
        let (plan, summary) =
            run::make_plan(&ready.site, &ready.session.rules, ready.circumstances.clone(), order).await?;
        Ok(MadePlan { plan: plan.0, connection: connection.id.0, summary, calls: ready.calls() })
    }

    /// Runs a connection once, from sign-in to the recorded end.
    pub async fn run(&self, order: RunOrder, listener: Arc<dyn Listener>) -> Result<Report, ApiError> {
        let (connection, document) = self.connection(&order.connection).await?;
        // A plan says itself what is written; only a run that plans needs to know where to start.
        let since_ms = order.since_ms.or(order.plan.map(|_| 0));
        let start = self.start_of(&connection, since_ms).await?;
        let epoch = self.lock().await?;
        let (id, kind, trigger, now_ms) = (connection.id, order.kind, order.trigger.clone(), self.now_ms());
        let running = self.begin_run(id.0, &connection.name)?;
        let run = self
            .store()
            .write(move |tx| {
                // A crash left these; what they sent is looked up by this run (engine.md §4).
                for unfinished in runs::unfinished(tx, id)? {
                    let summary = serde_json::json!({ "error": "it was interrupted; the next run looked up what it had sent" });
                    let end = RunEnd {
                        result: runs::RunResult::Failed,
                        counts: &unfinished.counts,
                        calls: &unfinished.calls,
                        summary: &summary,
                        ended_ms: now_ms,
                    };
                    runs::finish(tx, unfinished.id, end)?;
                }
                runs::start(tx, runs::NewRun { connection: id, kind, trigger: &trigger, epoch, plan: None, started_ms: now_ms })
            })
            .await?;
        listener.event(&RunEvent::Started {
            run: run.0,
            connection: id.0,
            connection_name: connection.name.clone(),
            since_ms: order.since_ms,
        });
        let worked = self.work(&connection, document, &order, start, run, running, listener.clone()).await;
        let (result, calls) = match worked {
            Ok((report, calls)) => (Ok(report), calls),
            Err(error) => (Err(error), 0),
        };
        self.end_run(run, &result, calls).await?;
        let (end, counts) = match &result {
            Ok(report) => (report.result, report.counts),
            Err(_) => (RunResult::Failed, Counts::default()),
        };
        listener.event(&RunEvent::Ended { run: run.0, result: end, counts });
        result
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one run")]
    async fn work(
        &self,
        connection: &connections::Connection,
        document: ConnectionDoc,
        order: &RunOrder,
        start: Start,
        run: RunId,
        running: crate::app::RunningRun,
        listener: Arc<dyn Listener>,
    ) -> Result<(Report, u64), ApiError> {
        listener.event(&RunEvent::Phase { run: run.0, phase: Phase::SignIn });
        let mut ready =
            self.ready_for(connection, document, Some((run, order.kind)), listener, running).await?;
        let rules = ready.session.rules.clone();
        let stale = ready.site.workflow_stale.clone();
        let report = match order.plan {
            Some(plan) => run::apply_plan(&mut ready.site, &rules, PlanId(plan)).await,
            None => {
                let moved = if order.kind == RunKind::Automatic { Moved::PlanAgain } else { Moved::LeaveOut };
                let order = Order { start, confirmed: order.confirmed, take_over: order.take_over, moved };
                run::run(&mut ready.site, &rules, ready.circumstances.clone(), order).await
            }
        };
        // Tickets may stand now in statuses whose steps no discovery could see.
        let moved = report.as_ref().is_ok_and(|report| report.result != RunResult::NothingToDo);
        if stale.load(std::sync::atomic::Ordering::Relaxed) || (moved && rules.values().any(has_unseen_steps))
        {
            self.forget_schemas(&ready.site.document).await?;
            return Ok((report?, ready.calls()));
        }
        let (report, calls) = (report?, ready.calls());
        self.sessions().keep(connection.id.0, ready.session);
        Ok((report, calls))
    }

    /// Makes the next run read fields and workflow anew.
    async fn forget_schemas(&self, document: &ConnectionDoc) -> Result<(), ApiError> {
        for side in Side::BOTH {
            let account = self.account(document.account(side)).await?;
            let scopes: Vec<_> = document.types.iter().map(|mapping| mapping.scope(side).clone()).collect();
            self.store()
                .write(move |tx| {
                    for scope in &scopes {
                        if let Some(kept) = schemas::get(tx, account.id, scope)? {
                            schemas::put(tx, account.id, scope, &kept.schema, 0)?;
                        }
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    async fn end_run(
        &self,
        run: RunId,
        result: &Result<Report, ApiError>,
        calls: u64,
    ) -> Result<(), ApiError> {
        let (end, counts, summary) = match result {
            Ok(report) => (stored(report.result), report.counts, serde_json::json!({ "report": report })),
            Err(error) => (runs::RunResult::Failed, Counts::default(), serde_json::json!({ "error": error })),
        };
        let counts = serde_json::to_value(counts).expect("counts are plain data");
        let calls = serde_json::json!({ "total": calls });
        let ended_ms = self.now_ms();
        self.store()
            .write(move |tx| {
                runs::finish(
                    tx,
                    run,
                    RunEnd { result: end, counts: &counts, calls: &calls, summary: &summary, ended_ms },
                )
            })
            .await?;
        Ok(())
    }

    async fn start_of(
        &self,
        connection: &connections::Connection,
        since_ms: Option<i64>,
    ) -> Result<Start, ApiError> {
        if let Some(ms) = since_ms {
            return Ok(Start::Since(ms));
        }
        let id = connection.id;
        if self.store().read(move |conn| runs::latest_completed(conn, id)).await?.is_some() {
            return Ok(Start::LastRun);
        }
        Err(ApiError::new(
            "start_needed",
            format!("the first run of {:?} needs a start date", connection.name),
        )
        .hint("Say from when on tickets count.")
        .command("lockstep run --since 2026-01-31, or --since all"))
    }

    async fn ready(
        &self,
        connection: &connections::Connection,
        document: ConnectionDoc,
        listener: Arc<dyn Listener>,
    ) -> Result<Ready, ApiError> {
        let running = self.begin_run(connection.id.0, &connection.name)?;
        self.ready_for(connection, document, None, listener, running).await
    }

    /// Signs in on both sides, reads the schemas, binds and checks the mapping; an automatic run goes on with the session
    /// of the last one.
    async fn ready_for(
        &self,
        connection: &connections::Connection,
        document: ConnectionDoc,
        run: Option<(RunId, RunKind)>,
        listener: Arc<dyn Listener>,
        running: crate::app::RunningRun,
    ) -> Result<Ready, ApiError> {
        let epoch = self.lock().await?;
        let number = run.map_or(0, |(run, _)| run.0);
        let source = self.account(document.account(Side::Source)).await?;
        let target = self.account(document.account(Side::Target)).await?;
        let accounts = Pair { source: &source, target: &target };
        let made_of = self.sessions().made_of(accounts, connection.revision);
        let kept = match run {
            Some((_, RunKind::Automatic)) => {
                self.sessions().take(connection.id.0, &made_of, self.clock().monotonic_ms())
            }
            _ => None,
        };
        let (session, calls_before) = match kept {
            Some(session) => {
                // Whoever locks the keychain wants nothing to be done with what lies in it (hazards.md H51).
                for side in Side::BOTH {
                    self.prove_secret(accounts[side])?;
                }
                session.waits.turn_to(listener.clone(), number);
                let before = session.calls.counts().total();
                (session, before)
            }
            None => {
                let waits = Arc::new(Waits::new(listener.clone(), number));
                (self.session(made_of, &document, accounts, waits).await?, 0)
            }
        };
        let first_run = {
            let id = connection.id;
            self.store().read(move |conn| runs::latest_completed(conn, id)).await?.is_none()
        };
        let circumstances =
            Circumstances { first_run, mapping_errors: session.errors, ..Circumstances::default() };
        let site = Site {
            store: self.store().clone(),
            clock: self.clock().clone(),
            ids: self.ids().clone(),
            epoch,
            store_id: self.store().id().to_owned(),
            connection: connection.id,
            run: run.map(|(run, _)| run),
            plan: None,
            document,
            revision: connection.revision,
            sides: session.sides.clone(),
            listener,
            cancel: running.cancel.clone(),
            workflow_stale: Arc::default(),
        };

        Ok(Ready { site, circumstances, session, calls_before, _running: running })
    }

    /// Signs in anew.
    async fn session(
        &self,
        made_of: MadeOf,
        document: &ConnectionDoc,
        accounts: Pair<&Account>,
        waits: Arc<Waits>,
    ) -> Result<Session, ApiError> {
        let (http, calls) = self.http(waits.clone());
        let mut sides = Vec::new();
        for side in Side::BOTH {
            let connector = self.connector(accounts[side], http.clone())?;
            sides.push(self.sign_in(accounts[side], connector).await?);
        }
        let target = sides.pop().expect("both sides were signed in");
        let source = sides.pop().expect("both sides were signed in");
        let sides = Pair { source, target };
        let rules = self.rules(document, &sides, accounts).await?;
        Ok(Session::new(made_of, self.clock().monotonic_ms(), sides, rules, (calls, waits)))
    }

    /// Signs in and compares who answers with who answered before (hazards.md H45).
    async fn sign_in(&self, account: &Account, connector: Arc<dyn Connector>) -> Result<SideSite, ApiError> {
        let doc = account_doc(account)?;
        let identity = connector.identify().await.map_err(|error| {
            ApiError::from(RunError::Side { side: format!("{} ({})", doc.platform.label(), doc.name), error })
        })?;
        let fingerprint = Fingerprint::of(doc.platform.word(), &identity.instance);
        if let Some(before) = &account.fingerprint
            && *before != fingerprint
        {
            return Err(ApiError::new(
                "instance_replaced",
                format!("{} at {} is not the instance it was before", doc.platform.label(), doc.address),
            )
            .hint("If it was replaced or restored, remove the account and add it anew; its links stay as they are."));
        }
        let (id, kept, known, now_ms) = (account.id, fingerprint.clone(), identity.clone(), self.now_ms());
        if account.identity.as_ref() != Some(&identity) {
            self.store().write(move |tx| accounts::set_identity(tx, id, &kept, &known, now_ms)).await?;
        }
        Ok(SideSite { account: doc, connector, identity, fingerprint })
    }

    /// The rules of every type mapping, and how many errors the checker finds.
    async fn rules(
        &self,
        document: &ConnectionDoc,
        sides: &Pair<SideSite>,
        accounts: Pair<&Account>,
    ) -> Result<(HashMap<String, Rules>, usize), ApiError> {
        let mut rules = HashMap::new();
        let mut errors = 0;
        for mapping in &document.types {
            let source = self.schema(accounts.source, &sides.source, &mapping.source).await?;
            let target = self.schema(accounts.target, &sides.target, &mapping.target).await?;
            let labels = Pair::from_fn(|side| sides[side].connector.describe().label.to_owned());
            let compiled = Rules::compile(mapping, Pair { source, target }, labels);
            let capabilities = Pair::from_fn(|side| sides[side].connector.describe());
            errors += check::errors(&check::check(mapping, &compiled, capabilities, None));
            rules.insert(mapping.name.clone(), compiled);
        }
        Ok((rules, errors))
    }

    /// The schema of a scope, from the last day's snapshot or read now.
    async fn schema(
        &self,
        account: &Account,
        side: &SideSite,
        scope: &lockstep_core::connector::Scope,
    ) -> Result<Schema, ApiError> {
        let (id, wanted) = (account.id, scope.clone());
        let kept = self.store().read(move |conn| schemas::get(conn, id, &wanted)).await?;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.taken_ms + SCHEMA_GOOD_MS > self.now_ms()) {
            return Ok(kept.schema.clone());
        }
        let mut schema = side.connector.discover(scope).await.map_err(|error| {
            ApiError::from(RunError::Side {
                side: format!("{}, reading fields and workflow", side.account.platform.label()),
                error,
            })
        })?;
        if let Some(before) = &kept {
            schema.workflow.remember(&before.schema.workflow);
        }
        let (id, scope, read, now_ms) = (account.id, scope.clone(), schema.clone(), self.now_ms());
        self.store().write(move |tx| drifting::keep(tx, id, &scope, &read, now_ms)).await?;
        Ok(schema)
    }

    /// The document of a connection known by its row.
    pub async fn connection_by_id(
        &self,
        id: i64,
    ) -> Result<(connections::Connection, ConnectionDoc), ApiError> {
        let found =
            self.store().read(move |conn| connections::get(conn, lockstep_store::ConnectionId(id))).await?;
        let found =
            found.ok_or_else(|| ApiError::new("not_found", format!("there is no connection {id}")))?;
        let document = document_of(&found)?;
        Ok((found, document))
    }
}

/// Whether some status had no ticket to learn its steps from.
fn has_unseen_steps(rules: &Rules) -> bool {
    Side::BOTH.iter().any(|side| {
        let workflow = &rules.schemas[*side].workflow;
        !workflow.free && workflow.statuses.iter().any(|status| !workflow.explored.contains(&status.id))
    })
}

fn stored(result: RunResult) -> runs::RunResult {
    match result {
        RunResult::Success => runs::RunResult::Success,
        RunResult::Partial => runs::RunResult::Partial,
        RunResult::Failed => runs::RunResult::Failed,
        RunResult::NothingToDo => runs::RunResult::NothingToDo,
        RunResult::Cancelled => runs::RunResult::Cancelled,
    }
}
