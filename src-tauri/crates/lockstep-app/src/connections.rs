//! Connections: their state in one sentence with one next action, the check, and the switch of automatic runs.

use std::collections::BTreeMap;

use lockstep_core::check::{self, Level};
use lockstep_core::connector::Scope;
use lockstep_core::mapping::{AttachmentRules, CommentRules, Filter, NoMatch, Template, TypeMapping};
use lockstep_core::marker::Fingerprint;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::guard::Limits;
use lockstep_store::tables::connections::Connection;
use lockstep_store::tables::runs::{self, Run, RunResult};
use lockstep_store::tables::{audit, conflicts, connections, links, pending, quarantine};
use lockstep_store::{ConnectionId, StoreError, StoreErrorKind};
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::api_error::ApiError;
use crate::app::{App, account_doc, document_of};
use crate::config::{ConnectionDoc, Document};
use crate::history::{self, RunView};
use crate::look;
use crate::{moments, settings};

/// The state of a connection; the worst one is shown (ux.md §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum ConnectionState {
    SignInNeeded,
    Stalled,
    NeedsDecision,
    SetupNotFinished,
    InitialSyncRequired,
    Running,
    ReadyForAutomaticSync,
}

impl ConnectionState {
    /// The words people read.
    pub fn label(self) -> &'static str {
        match self {
            ConnectionState::SignInNeeded => "Sign-in needed",
            ConnectionState::Stalled => "Stalled",
            ConnectionState::NeedsDecision => "Needs a decision",
            ConnectionState::SetupNotFinished => "Setup not finished",
            ConnectionState::InitialSyncRequired => "Initial sync required",
            ConnectionState::Running => "Running",
            ConnectionState::ReadyForAutomaticSync => "Ready for automatic sync",
        }
    }
}

/// The next thing to do about a connection. Window and command line each know their own way there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "step", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum NextStep {
    /// Sign in again; to this account, where it is known which one.
    SignIn { account: Option<String> },
    /// Look at what went wrong.
    SeeWhy,
    /// Decide conflicts.
    Decide,
    /// Add a ticket type.
    AddType,
    /// Draw or mend the mapping.
    MendMapping,
    /// Look at what the first run would write.
    PreviewFirstRun,
    /// Switch automatic sync on, or run by hand.
    Run,
    /// Wait.
    Nothing,
}

/// One thing that automatic runs need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Prerequisite {
    /// `First run finished`.
    pub name: String,
    pub holds: bool,
    /// What is missing, and what to do about it.
    pub reason: Option<String>,
    pub fix: Option<String>,
}

/// A connection as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConnectionView {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    pub source: String,
    pub target: String,
    pub state: ConnectionState,
    pub state_label: String,
    /// Why, in a sentence.
    pub reason: String,
    pub next: NextStep,
    pub automatic: bool,
    pub interval_seconds: u32,
    pub running: bool,
    pub types: Vec<String>,
    pub links: u32,
    pub conflicts: u32,
    pub quarantined: u32,
    pub pending: u32,
    pub last_run: Option<RunView>,
}

/// One thing the checker found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ProblemView {
    /// `error`, `warning`, `note`.
    pub level: String,
    /// As the window switches on it: `value_without_pair`.
    pub code: String,
    /// `Incident › State ↔ Status › pair 3`.
    pub place: String,
    pub message: String,
    pub fix: String,
}

/// All connections by name.
pub async fn list(app: &App) -> Result<Vec<ConnectionView>, ApiError> {
    let all = app.store().read(connections::list).await?;
    let mut views = Vec::new();
    for connection in &all {
        views.push(view(app, connection).await?);
    }
    Ok(views)
}

/// One connection.
pub async fn show(app: &App, name: &str) -> Result<ConnectionView, ApiError> {
    let (connection, _) = app.connection(name).await?;
    view(app, &connection).await
}

struct Numbers {
    links: u32,
    conflicts: u32,
    quarantined: u32,
    pending: u32,
    last: Option<Run>,
    completed: bool,
}

async fn numbers(app: &App, of: ConnectionId) -> Result<Numbers, ApiError> {
    let live = Some("live".to_owned());
    let filter = links::LinkFilter { connection: Some(of), state: live, ..links::LinkFilter::default() };
    let read = move |conn: &lockstep_store::Connection| {
        Ok(Numbers {
            links: links::count(conn, &filter)?,
            conflicts: conflicts::count_open(conn, of)?,
            quarantined: quarantine::count(conn, of)?,
            pending: pending::count(conn, of)?,
            last: runs::list(conn, Some(of), None, 1)?.pop(),
            completed: runs::latest_completed(conn, of)?.is_some(),
        })
    };
    Ok(app.store().read(read).await?)
}

async fn view(app: &App, connection: &Connection) -> Result<ConnectionView, ApiError> {
    let document = document_of(connection)?;
    let numbers = numbers(app, connection.id).await?;
    let running = app.running().contains(&connection.id.0);
    let last_run = numbers.last.as_ref().map(|run| history::view(run, &connection.name));
    let told =
        state(app, connection, document.types.is_empty(), &numbers, last_run.as_ref(), running).await?;
    Ok(ConnectionView {
        id: connection.id.0,
        name: connection.name.clone(),
        source: document.source,
        target: document.target,
        state: told.state,
        state_label: told.state.label().to_owned(),
        reason: told.reason,
        next: told.next,
        automatic: connection.automatic,
        interval_seconds: document.interval_seconds,
        running,
        types: document.types.iter().map(|mapping| mapping.name.clone()).collect(),
        links: numbers.links,
        conflicts: numbers.conflicts,
        quarantined: numbers.quarantined,
        pending: numbers.pending,
        last_run,
    })
}

struct Told {
    state: ConnectionState,
    reason: String,
    next: NextStep,
}

async fn state(
    app: &App,
    connection: &Connection,
    empty: bool,
    numbers: &Numbers,
    last: Option<&RunView>,
    running: bool,
) -> Result<Told, ApiError> {
    let told = |state, reason: String, next: NextStep| Ok(Told { state, reason, next });
    let error = last.and_then(|run| run.error.as_ref());
    if let Some(account) = without_secret(app, connection).await? {
        let reason = format!("The keychain holds no secret for {account}.");
        return told(ConnectionState::SignInNeeded, reason, NextStep::SignIn { account: Some(account) });
    }
    if let Some(error) = error.filter(|error| error.code == "sign_in_needed") {
        let account = refusing(app, connection, &error.message).await?;
        let reason = format!("{} {} wait, none is lost.", sentence(&error.message), tickets(numbers.pending));
        return told(ConnectionState::SignInNeeded, reason, NextStep::SignIn { account });
    }
    if let Some(reason) = stalled(app, connection, last, running).await? {
        return told(ConnectionState::Stalled, reason, NextStep::SeeWhy);
    }
    if numbers.conflicts > 0 {
        let reason = format!("{} changed on both sides; the rest keeps syncing.", fields(numbers.conflicts));
        return told(ConnectionState::NeedsDecision, reason, NextStep::Decide);
    }
    if empty {
        let reason = "It has no ticket type yet.".to_owned();
        return told(ConnectionState::SetupNotFinished, reason, NextStep::AddType);
    }
    if running {
        return told(ConnectionState::Running, "A run is at work.".to_owned(), NextStep::Nothing);
    }
    if !numbers.completed
        && let Some(reason) = unfinished(app, connection).await?
    {
        return told(ConnectionState::SetupNotFinished, reason, NextStep::MendMapping);
    }
    if !numbers.completed {
        let reason = error.map_or("No run has finished yet.".to_owned(), |error| sentence(&error.message));
        return told(ConnectionState::InitialSyncRequired, reason, NextStep::PreviewFirstRun);
    }
    let reason = last.map_or(String::new(), |run| format!("Last run: {}.", history::summary(run)));
    if connection.automatic {
        return told(ConnectionState::Running, reason, NextStep::Nothing);
    }
    told(ConnectionState::ReadyForAutomaticSync, reason, NextStep::Run)
}

/// Intervals without a finished check before automatic runs count as stalled (ux.md §2).
const STALLED_INTERVALS: i64 = 3;

/// Why automatic runs of a connection do not get on, if they do not: the other side is out of reach, or no check has
/// finished for three intervals although none is paused and this computer was there to make one.
async fn stalled(
    app: &App,
    connection: &Connection,
    last: Option<&RunView>,
    running: bool,
) -> Result<Option<String>, ApiError> {
    if !connection.automatic || settings::read(app).await?.paused {
        return Ok(None);
    }
    let Some(last) = last else { return Ok(None) };
    let silent_since =
        |ms: i64| format!("No check has finished for {}.", moments::duration(app.now_ms() - ms));
    if let Some(error) = last.error.as_ref().filter(|error| !running && error.code == "unreachable") {
        let id = connection.id;
        let good = app.store().read(move |conn| runs::latest_completed(conn, id)).await?;
        let told = match good.and_then(|run| run.ended_ms) {
            Some(ms) => silent_since(ms),
            None => String::new(),
        };
        return Ok(Some(format!("{told} {}", sentence(&error.message)).trim().to_owned()));
    }
    let interval_ms = i64::from(document_of(connection)?.interval_seconds) * 1000;
    let begun_ms = last.ended_ms.unwrap_or(last.started_ms).max(app.opened_ms());
    if !running && app.now_ms() - begun_ms > STALLED_INTERVALS * interval_ms {
        return Ok(Some(silent_since(last.ended_ms.unwrap_or(last.started_ms))));
    }
    Ok(None)
}

/// The account of a connection that an error names.
async fn refusing(app: &App, connection: &Connection, message: &str) -> Result<Option<String>, ApiError> {
    let document = document_of(connection)?;
    for side in Side::BOTH {
        let account = app.account(document.account(side)).await?;
        if message.contains(&format!("({})", account.draft.name)) {
            return Ok(Some(account.draft.name));
        }
    }
    Ok(None)
}

/// What keeps a connection from its first run, as far as this computer knows without asking the platforms.
async fn unfinished(app: &App, connection: &Connection) -> Result<Option<String>, ApiError> {
    let document = document_of(connection)?;
    if document.types.iter().all(|mapping| mapping.fields.is_empty()) {
        return Ok(Some("Its mapping has no rows yet.".to_owned()));
    }
    let checked = crate::editor::check(app, connection.id.0, &document).await?;
    let errors = checked.problems.iter().filter(|found| found.problem.level == Level::Error).count();
    Ok(match errors {
        0 => None,
        1 => Some("Its mapping has 1 error.".to_owned()),
        n => Some(format!("Its mapping has {n} errors.")),
    })
}

fn sentence(message: &str) -> String {
    let mut text = message.trim_end_matches('.').to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text + "."
}

fn tickets(count: u32) -> String {
    if count == 1 { "1 ticket".to_owned() } else { format!("{count} tickets") }
}

fn fields(count: u32) -> String {
    if count == 1 { "1 field was".to_owned() } else { format!("{count} fields were") }
}

/// The first account of a connection whose secret is certainly missing.
async fn without_secret(app: &App, connection: &Connection) -> Result<Option<String>, ApiError> {
    let ids = connection.accounts;
    let accounts = app
        .store()
        .read(move |conn| {
            let get =
                |side: Side| ids[side].map_or(Ok(None), |id| lockstep_store::tables::accounts::get(conn, id));
            Ok([get(Side::Source)?, get(Side::Target)?])
        })
        .await?;
    for account in accounts.into_iter().flatten() {
        if accounts::has_secret(app, &account)? == Some(false) {
            return Ok(Some(account.draft.name));
        }
    }
    Ok(None)
}

/// Holds all mappings of a connection against both live systems, and against the other connections.
pub async fn check(app: &App, name: &str) -> Result<Vec<ProblemView>, ApiError> {
    let looking = look::look(app, name, true).await?;
    let mut problems = looking.problems();
    problems.extend(across(app, name).await?);
    if looking.document.types.is_empty() {
        return Ok(vec![ProblemView {
            level: "error".to_owned(),
            code: "no_types".to_owned(),
            place: name.to_owned(),
            message: "The connection has no type mapping, so nothing would be synced.".to_owned(),
            fix: "Add a ticket type.".to_owned(),
        }]);
    }
    Ok(problems.iter().map(problem_view).collect())
}

fn problem_view(problem: &check::Problem) -> ProblemView {
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    ProblemView {
        level: word(serde_json::to_value(problem.level)),
        code: word(serde_json::to_value(problem.code)),
        place: problem.place.to_string(),
        message: problem.message.clone(),
        fix: problem.fix.clone(),
    }
}

/// What the connections do to each other, as far as it concerns `name`.
async fn across(app: &App, name: &str) -> Result<Vec<check::Problem>, ApiError> {
    let (all, accounts) = app
        .store()
        .read(|conn| Ok((connections::list(conn)?, lockstep_store::tables::accounts::list(conn)?)))
        .await?;
    let fingerprints: BTreeMap<_, _> =
        accounts.iter().filter_map(|account| Some((account.id, account.fingerprint.clone()?))).collect();
    let mut known: Vec<(String, Pair<Fingerprint>, crate::config::ConnectionDoc)> = Vec::new();
    for connection in &all {
        let of = |side: Side| connection.accounts[side].and_then(|id| fingerprints.get(&id).cloned());
        if let (Some(source), Some(target)) = (of(Side::Source), of(Side::Target)) {
            known.push((connection.name.clone(), Pair { source, target }, document_of(connection)?));
        }
    }
    let views: Vec<check::ConnectionView<'_>> = known
        .iter()
        .map(|(name, fingerprints, document)| check::ConnectionView {
            name,
            fingerprints: fingerprints.as_ref(),
            types: &document.types,
            route: None,
        })
        .collect();
    let mut problems = check::check_connections(&views);
    problems.retain(|problem| {
        problem.place.connection.as_deref() == Some(name) || problem.message.contains(name)
    });
    Ok(problems)
}

/// Makes a connection over two accounts, with one type mapping that has no rows yet: nothing is synced before somebody
/// draws one. Refused where the name is taken or empty, or where both ends are one place.
pub async fn add(
    app: &App,
    name: &str,
    ticket_type: &str,
    ends: Pair<(String, Scope)>,
) -> Result<(), ApiError> {
    plain_name("connection", name)?;
    plain_name("ticket type", ticket_type)?;
    if ends.source == ends.target {
        return Err(ApiError::new("invalid", "both sides are the same place")
            .hint("Choose another account or another ticket type on one side."));
    }
    free_name(app, name).await?;
    let mapping = TypeMapping {
        name: ticket_type.to_owned(),
        source: ends.source.1,
        target: ends.target.1,
        filter: Pair::default(),
        target_tickets: false,
        include_private: false,
        fields: Vec::new(),
        templates: vec![Template {
            name: ticket_type.to_owned(),
            conditions: Filter::default(),
            set: BTreeMap::new(),
            container: None,
        }],
        source_templates: Vec::new(),
        no_match: NoMatch::default(),
        match_rule: None,
        comments: CommentRules::default(),
        attachments: AttachmentRules::default(),
    };
    let document = ConnectionDoc {
        name: name.to_owned(),
        source: ends.source.0,
        target: ends.target.0,
        interval_seconds: crate::config::document::INTERVAL_SECONDS,
        limits: Limits::default(),
        people: Vec::new(),
        types: vec![mapping],
    };
    let whole = Document { accounts: Vec::new(), connections: vec![document] };
    crate::config::import(app, whole).await?;
    Ok(())
}

/// What automatic runs need, tried against the live systems.
pub async fn prerequisites(app: &App, name: &str) -> Result<Vec<Prerequisite>, ApiError> {
    let (connection, _) = app.connection(name).await?;
    let id = connection.id;
    let completed = app.store().read(move |conn| runs::latest_completed(conn, id)).await?.is_some();
    let mut all = vec![prerequisite(
        "First run finished",
        completed,
        "No run of this connection has finished yet.",
        "Preview the first run, and apply it.",
    )];
    match look::look(app, name, false).await {
        Ok(looking) => {
            let errors: Vec<String> = looking
                .problems()
                .iter()
                .filter(|problem| problem.level == Level::Error)
                .map(|problem| format!("{}: {}", problem.place, problem.message))
                .collect();
            all.push(prerequisite("Sign-in works on both sides", true, "", ""));
            let reason = match errors.as_slice() {
                [] => String::new(),
                [one] => one.clone(),
                [first, rest @ ..] => format!("{first} And {} more.", rest.len()),
            };
            all.push(prerequisite("Mapping has no errors", errors.is_empty(), &reason, "Mend the mapping."));
        }
        Err(error) => {
            let fix = error.hint.clone().unwrap_or_else(|| "Test the account.".to_owned());
            all.push(prerequisite("Sign-in works on both sides", false, &sentence(&error.message), &fix));
        }
    }
    Ok(all)
}

fn prerequisite(name: &str, holds: bool, reason: &str, fix: &str) -> Prerequisite {
    let unless = |text: &str| (!holds).then(|| text.to_owned());
    Prerequisite { name: name.to_owned(), holds, reason: unless(reason), fix: unless(fix) }
}

/// Switches automatic runs. They are switched on only when their prerequisites hold.
pub async fn set_automatic(app: &App, name: &str, on: bool) -> Result<ConnectionView, ApiError> {
    let (connection, _) = app.connection(name).await?;
    if on {
        let missing: Vec<Prerequisite> =
            prerequisites(app, name).await?.into_iter().filter(|one| !one.holds).collect();
        if let Some(first) = missing.first() {
            let reasons: Vec<String> = missing.iter().filter_map(|one| one.reason.clone()).collect();
            let message = format!("automatic runs of {name:?} stay off. {}", reasons.join(" "));
            let error = ApiError::new("prerequisites", message);
            return Err(match &first.fix {
                Some(fix) => error.hint(fix.clone()),
                None => error,
            });
        }
    }
    let (id, now_ms) = (connection.id, app.now_ms());
    let what = format!("turned automatic runs of {name} {}", if on { "on" } else { "off" });
    app.store()
        .write(move |tx| {
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
            connections::set_automatic(tx, id, on)
        })
        .await?;
    show(app, name).await
}

/// Removes a connection from sight and from runs; its links stay known, so that nothing is created twice.
pub async fn remove(app: &App, name: &str) -> Result<(), ApiError> {
    let (connection, _) = app.connection(name).await?;
    // Not while a run of it is at work.
    let _running = app.begin_run(connection.id.0, name)?;
    let (id, now_ms, what) = (connection.id, app.now_ms(), format!("removed the connection {name}"));
    app.store()
        .write(move |tx| {
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
            connections::remove(tx, id, now_ms)
        })
        .await?;
    Ok(())
}

/// Gives a connection another name.
pub async fn rename(app: &App, id: i64, name: &str) -> Result<(), ApiError> {
    let (connection, mut document) = app.connection_by_id(id).await?;
    plain_name("connection", name)?;
    if connection.name == name {
        return Ok(());
    }
    let what = format!("renamed the connection {} to {name}", connection.name);
    // Not while a run of it is at work: its events and answers name it.
    let _running = app.begin_run(id, &connection.name)?;
    name.clone_into(&mut document.name);
    let json = serde_json::to_value(&document).expect("documents are plain data");
    let (name, now_ms) = (name.to_owned(), app.now_ms());
    app.store()
        .write(move |tx| {
            let accounts =
                Pair { source: kept(connection.accounts.source)?, target: kept(connection.accounts.target)? };
            let renamed = connections::update(tx, connection.id, &name, accounts, &json, now_ms)?;
            crate::editor::rename_draft(tx, connection.id, &name, (connection.revision, renamed), now_ms)?;
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)
        })
        .await?;
    Ok(())
}

fn kept(account: Option<lockstep_store::AccountId>) -> lockstep_store::Result<lockstep_store::AccountId> {
    account.ok_or_else(|| StoreError::new(StoreErrorKind::NotFound, "the connection's account is gone"))
}

/// Makes a second connection with the same configuration. It has no links and no runs, and automatic sync is off.
pub async fn duplicate(app: &App, id: i64, name: &str) -> Result<(), ApiError> {
    let (_, mut document) = app.connection_by_id(id).await?;
    plain_name("connection", name)?;
    free_name(app, name).await?;
    name.clone_into(&mut document.name);
    crate::config::import(app, Document { accounts: Vec::new(), connections: vec![document] }).await?;
    Ok(())
}

/// How long a deleted connection can be brought back, milliseconds (ux.md §5).
const KEPT_MS: i64 = 30 * 24 * 3_600_000;

/// A connection that was deleted and can be brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RemovedConnection {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    #[ts(type = "number")]
    pub removed_ms: i64,
    #[ts(type = "number")]
    pub kept_until_ms: i64,
}

/// Connections deleted in the last 30 days whose accounts are still there, newest first.
pub async fn removed(app: &App) -> Result<Vec<RemovedConnection>, ApiError> {
    let since_ms = app.now_ms() - KEPT_MS;
    let all = app.store().read(move |conn| connections::removed_since(conn, since_ms)).await?;
    let whole = all.into_iter().filter(|one| Side::BOTH.iter().all(|side| one.accounts[*side].is_some()));
    Ok(whole
        .filter_map(|connection| {
            let removed_ms = connection.removed_ms?;
            let (id, name) = (connection.id.0, connection.name);
            Some(RemovedConnection { id, name, removed_ms, kept_until_ms: removed_ms + KEPT_MS })
        })
        .collect())
}

/// Brings a deleted connection back, with its links; automatic sync stays off until a person switches it on.
pub async fn restore(app: &App, id: i64) -> Result<(), ApiError> {
    let known = removed(app).await?.into_iter().find(|one| one.id == id);
    let Some(known) = known else {
        return Err(ApiError::new("not_found", "this connection cannot be brought back any more"));
    };
    free_name(app, &known.name).await?;
    let (now_ms, what) = (app.now_ms(), format!("brought the connection {} back", known.name));
    app.store()
        .write(move |tx| {
            connections::restore(tx, ConnectionId(id))?;
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)
        })
        .await?;
    Ok(())
}

fn plain_name(what: &str, text: &str) -> Result<(), ApiError> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        let message = format!("the name of the {what} is empty or holds control characters");
        return Err(ApiError::new("invalid", message).hint("Write a name of plain text."));
    }
    Ok(())
}

async fn free_name(app: &App, name: &str) -> Result<(), ApiError> {
    if app.store().read(connections::list).await?.iter().any(|known| known.name == name) {
        return Err(ApiError::new("invalid", format!("there is a connection called {name:?} already"))
            .hint("Choose another name."));
    }
    Ok(())
}

/// Whether a connection may run automatically now, without asking the platforms: the run itself signs in and checks.
pub(crate) async fn may_run(app: &App, connection: &Connection) -> Result<Result<(), String>, ApiError> {
    let id = connection.id;
    if app.store().read(move |conn| runs::latest_completed(conn, id)).await?.is_none() {
        return Ok(Err("Initial sync required: no run has finished yet".to_owned()));
    }
    Ok(match without_secret(app, connection).await? {
        Some(account) => Err(format!("Sign-in needed: the keychain holds no secret for {account}")),
        None => Ok(()),
    })
}

/// The names of accounts a connection joins, with their platforms' labels.
pub async fn platforms(app: &App, name: &str) -> Result<Pair<String>, ApiError> {
    let (_, document) = app.connection(name).await?;
    let source = account_doc(&app.account(&document.source).await?)?.platform.label().to_owned();
    let target = account_doc(&app.account(&document.target).await?)?.platform.label().to_owned();
    Ok(Pair { source, target })
}

/// Whether a finished run counts as completed; used by tests of the state machine.
pub fn completes(result: RunResult) -> bool {
    matches!(result, RunResult::Success | RunResult::Partial | RunResult::NothingToDo)
}
