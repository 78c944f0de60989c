//! Failed tickets of a run, tried again: what waits is due at once, what is in quarantine is let go, and a plan shows what would be
//! written now, of these tickets alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use lockstep_core::TicketId;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::Outcome;
use lockstep_core::sync::Subject;
use lockstep_core::sync::link::{LinkId, LinkState};
use lockstep_store::tables::connections::Connection;
use lockstep_store::tables::outcomes::{self, OutcomeRow};
use lockstep_store::tables::pending::{self, NewPending, PendingReason};
use lockstep_store::tables::plans::{self, RowFilter, subject_key};
use lockstep_store::tables::{accounts, audit, links, quarantine, runs};
use lockstep_store::{AccountId, ConnectionId, Feed, PlanId, RunId};

use crate::api_error::ApiError;
use crate::app::{App, document_of};
use crate::conflicts::wait_for_run;
use crate::events::Listener;
use crate::quarantine as held;

/// Rows read at once.
const PAGE: u32 = 500;

/// The tickets of a run that failed, all of them or those with these numbers.
async fn failed(app: &App, run: RunId, wanted: Option<&BTreeSet<u32>>) -> Result<Vec<OutcomeRow>, ApiError> {
    let mut all = Vec::new();
    let mut from = 0;
    loop {
        let page = app
            .store()
            .read(move |conn| outcomes::page(conn, run, Some(Outcome::Failed), from, PAGE))
            .await?;
        let Some(last) = page.last().map(|row| row.ordinal) else { return Ok(all) };
        let whole = page.len() == PAGE as usize;
        all.extend(page.into_iter().filter(|row| wanted.is_none_or(|wanted| wanted.contains(&row.ordinal))));
        if !whole {
            return Ok(all);
        }
        from = last + 1;
    }
}

/// The connection of a run.
pub async fn connection_of(app: &App, run: i64) -> Result<Connection, ApiError> {
    let found = app.store().read(move |conn| runs::get(conn, RunId(run))).await?;
    let found = found.ok_or_else(|| ApiError::new("not_found", "this run is not kept any more"))?;
    Ok(app.connection_by_id(found.connection.0).await?.0)
}

/// Wakes failed tickets of a run and plans them anew, since the last run; answers with the plan. Refused where none of them waits any
/// more.
pub async fn retry(
    app: &App,
    run: i64,
    rows: Option<BTreeSet<u32>>,
    listener: Arc<dyn Listener>,
) -> Result<i64, ApiError> {
    let connection = connection_of(app, run).await?;
    let document = document_of(&connection)?;
    let run = RunId(run);
    let tickets = failed(app, run, rows.as_ref()).await?;
    let named: BTreeSet<String> = tickets.into_iter().map(|row| row.subject).collect();
    // Quarantine goes on calling a ticket as it was called when it failed.
    let mut wanted = named.clone();
    let (id, accounts) = (connection.id, connection.accounts);
    let subjects: BTreeSet<String> = app
        .store()
        .read(move |conn| named.iter().map(|subject| now(conn, accounts, id, subject)).collect())
        .await?;
    wanted.extend(subjects.iter().cloned());
    let quarantined: Vec<i64> = app
        .store()
        .read(move |conn| {
            let rows = wanted.iter().filter_map(|subject| quarantine::get(conn, id, subject).transpose());
            rows.map(|row| Ok(row?.id.0)).collect::<lockstep_store::Result<_>>()
        })
        .await?;
    let released = held::retry_these(app, quarantined).await?.len();
    let types: Vec<String> = document.types.iter().map(|mapping| mapping.name.clone()).collect();
    let (now_ms, wanted) = (app.now_ms(), subjects.clone());
    let woken = app
        .store()
        .write(move |tx| {
            let mut woken = 0_usize;
            for subject in &wanted {
                woken += usize::from(wake(tx, id, &types, subject, now_ms)?);
            }
            let what = format!("tried {} tickets of run {} again", wanted.len(), run.0);
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
            Ok(woken)
        })
        .await?;
    if released + woken == 0 {
        return Err(ApiError::new("not_found", "none of these tickets waits any more")
            .hint("A later run dealt with them; Explain says how each one ended."));
    }
    let made = app.plan(&connection.name, None, listener).await?;
    only(app, PlanId(made.plan), subjects).await?;
    Ok(made.plan)
}

/// A subject as it is called now: a ticket that was created and failed later is a link since.
fn now(
    conn: &lockstep_store::Connection,
    accounts: Pair<Option<AccountId>>,
    connection: ConnectionId,
    subject: &str,
) -> lockstep_store::Result<String> {
    let Some((side, ticket)) = new_ticket(subject) else { return Ok(subject.to_owned()) };
    let Some(account) = accounts[side] else { return Ok(subject.to_owned()) };
    let fingerprint = accounts::get(conn, account)?.and_then(|account| account.fingerprint);
    let Some(fingerprint) = fingerprint else { return Ok(subject.to_owned()) };
    let link = links::by_ticket(conn, &fingerprint, &ticket)?
        .into_iter()
        .find(|link| link.link.connection == connection.0 && !matches!(link.link.state, LinkState::Ended(_)));
    Ok(link.map_or(subject.to_owned(), |link| subject_key(&Subject::Link { link: link.link.id })))
}

fn new_ticket(subject: &str) -> Option<(Side, TicketId)> {
    let (side, ticket) = subject.strip_prefix("new:")?.split_once(':')?;
    let side = Side::BOTH.into_iter().find(|known| known.to_string() == side)?;
    Some((side, TicketId::from(ticket)))
}

/// Makes a ticket due at once; whether it still waits for anything.
fn wake(
    tx: &lockstep_store::Tx<'_>,
    connection: ConnectionId,
    types: &[String],
    subject: &str,
    now_ms: i64,
) -> lockstep_store::Result<bool> {
    if let Some(id) = subject.strip_prefix("link:").and_then(|id| id.parse().ok()) {
        let link = links::get(tx, LinkId(id))?;
        let Some(link) = link.filter(|link| !matches!(link.link.state, LinkState::Ended(_))) else {
            return Ok(false);
        };
        let waits = |side: Side| {
            let feed = Feed::new(connection, link.link.type_mapping.clone(), side);
            pending::get(tx, &feed, &link.link.tickets[side])
        };
        if waits(Side::Source)?.is_none() && waits(Side::Target)?.is_none() {
            return Ok(false);
        }
        wait_for_run(tx, &link, PendingReason::Failed, WHY, now_ms)?;
        return Ok(true);
    }
    let Some((side, ticket)) = new_ticket(subject) else { return Ok(false) };
    let mut woken = false;
    for name in types {
        let feed = Feed::new(connection, name.clone(), side);
        if let Some(waiting) = pending::get(tx, &feed, &ticket)? {
            let due = NewPending {
                feed: &feed,
                account: &waiting.account,
                ticket: &ticket,
                reason: waiting.reason,
                detail: &waiting.detail,
                not_before_ms: 0,
                run: waiting.run,
            };
            pending::add(tx, due, now_ms)?;
            woken = true;
        }
    }
    Ok(woken)
}

const WHY: &str = "a person tries it again: it is planned anew";

/// Leaves everything else out of a plan.
async fn only(app: &App, plan: PlanId, subjects: BTreeSet<String>) -> Result<(), ApiError> {
    app.store()
        .write(move |tx| {
            let mut from = 0;
            loop {
                let page = plans::page(tx, plan, RowFilter::default(), from, PAGE)?;
                let Some(last) = page.last().map(|row| row.ordinal) else { return Ok(()) };
                for row in page {
                    if !subjects.contains(&subject_key(&row.plan.subject)) {
                        plans::set_included(tx, plan, row.ordinal, false)?;
                    }
                }
                from = last + 1;
            }
        })
        .await?;
    Ok(())
}
