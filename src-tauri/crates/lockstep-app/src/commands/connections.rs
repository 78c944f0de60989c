//! Connections as cards: their state, and what the window draws besides.

use lockstep_core::side::Side;
use lockstep_store::ConnectionId;
use lockstep_store::tables::runs::{self, Run};
use lockstep_store::tables::{connections as table, pending};

use super::{Desk, Nothing, SetAutomatic};
use crate::api_error::ApiError;
use crate::app::{App, account_doc};
use crate::config::ConnectionDoc;
use crate::connections::{self, ConnectionState, ConnectionView, Prerequisite};
use crate::events::Counts;
use crate::settings;
use crate::views::{ConnectionCard, ConnectionList, Flow, HourView, SideView};

const HOUR_MS: i64 = 3_600_000;
const HOURS: usize = 24;
/// Runs looked at for the bars of a day; one every 30 seconds would be 2,880.
const RUNS_MAX: u32 = 3_000;
/// Waiting tickets looked at for the oldest.
const WAITING_MAX: u32 = 1_000;

/// All connections, by name.
pub async fn list_connections(desk: &Desk, _: Nothing) -> Result<ConnectionList, ApiError> {
    let app = desk.app().await?;
    let mut cards = Vec::new();
    for view in connections::list(&app).await? {
        cards.push(card(desk, &app, view).await?);
    }
    let paused = settings::read(&app).await?.paused;
    Ok(ConnectionList { connections: cards, paused, keychain: desk.keychain_state().await })
}

/// Switches automatic sync; switching it on asks both platforms first.
pub async fn set_automatic(desk: &Desk, order: SetAutomatic) -> Result<ConnectionCard, ApiError> {
    let app = desk.app().await?;
    let (connection, _) = app.connection_by_id(order.connection).await?;
    let view = connections::set_automatic(&app, &connection.name, order.on).await?;
    card(desk, &app, view).await
}

/// One connection's card.
pub(super) async fn card_of(desk: &Desk, app: &App, name: &str) -> Result<ConnectionCard, ApiError> {
    card(desk, app, connections::show(app, name).await?).await
}

async fn card(desk: &Desk, app: &App, view: ConnectionView) -> Result<ConnectionCard, ApiError> {
    let (_, document) = app.connection_by_id(view.id).await?;
    let (id, now_ms) = (ConnectionId(view.id), app.now_ms());
    let from_ms = now_ms - HOURS as i64 * HOUR_MS;
    let (recent, completed, waiting_since_ms) = app
        .store()
        .read(move |conn| {
            let mut recent = runs::list(conn, Some(id), None, RUNS_MAX)?;
            recent.retain(|run| run.started_ms >= from_ms);
            let waiting = pending::list(conn, id, None, WAITING_MAX)?;
            let oldest = waiting.iter().map(|ticket| ticket.since_ms).min();
            Ok((recent, runs::latest_completed(conn, id)?.is_some(), oldest))
        })
        .await?;
    let due = view.automatic && !settings::read(app).await?.paused;
    let next_ms = due.then(|| desk.board().next_ms(&view.name).unwrap_or_else(|| next(&view, now_ms)));
    Ok(ConnectionCard {
        source_side: side(app, &document, Side::Source).await?,
        target_side: side(app, &document, Side::Target).await?,
        flow: flow(&document),
        first_run: !completed,
        prerequisites: prerequisites(&view, completed),
        next_ms,
        waiting_since_ms,
        hours: hours(&recent, from_ms),
        connection: view,
    })
}

/// Before the loop has said when: an interval after the last run.
fn next(view: &ConnectionView, now_ms: i64) -> i64 {
    view.last_run.as_ref().map_or(now_ms, |run| run.started_ms + i64::from(view.interval_seconds) * 1000)
}

/// The account of one side, as far as it is still there.
pub(super) async fn side(app: &App, document: &ConnectionDoc, side: Side) -> Result<SideView, ApiError> {
    let name = document.account(side);
    let (platform, label, address, (practice, sandbox)) = match app.account(name).await {
        Ok(account) => {
            let doc = account_doc(&account)?;
            (doc.platform.word(), doc.platform.label(), doc.address, (doc.practice, doc.sandbox))
        }
        Err(error) if error.code == "not_found" => ("", "", String::new(), (false, false)),
        Err(error) => return Err(error),
    };
    Ok(SideView {
        account: name.to_owned(),
        platform: platform.to_owned(),
        label: label.to_owned(),
        address,
        practice,
        sandbox,
    })
}

fn flow(document: &ConnectionDoc) -> Flow {
    let directions =
        || document.types.iter().flat_map(|mapping| mapping.fields.iter().map(|field| field.direction));
    let to = |side: Side| directions().any(|direction| direction.writes(side));
    match (to(Side::Target), to(Side::Source)) {
        (true, false) => Flow::ToTarget,
        (false, true) => Flow::ToSource,
        _ => Flow::Both,
    }
}

fn prerequisites(view: &ConnectionView, completed: bool) -> Vec<Prerequisite> {
    let failed = view.last_run.as_ref().and_then(|run| run.error.as_ref());
    let signed_in = view.state != ConnectionState::SignInNeeded;
    let mapped = view.state != ConnectionState::SetupNotFinished
        && !failed.is_some_and(|error| error.code == "guard" && error.message.contains("mapping"));
    [
        ("First run finished", completed, "No run of this connection has finished yet."),
        ("Sign-in works on both sides", signed_in, view.reason.as_str()),
        ("Mapping has no errors", mapped, "The last run found errors in the mapping."),
    ]
    .into_iter()
    .map(|(name, holds, reason)| Prerequisite {
        name: name.to_owned(),
        holds,
        reason: (!holds).then(|| reason.to_owned()),
        fix: None,
    })
    .collect()
}

fn hours(runs: &[Run], from_ms: i64) -> Vec<HourView> {
    let mut hours = vec![HourView::default(); HOURS];
    for run in runs {
        let at = usize::try_from((run.started_ms - from_ms) / HOUR_MS).unwrap_or(0).min(HOURS - 1);
        let counts: Counts = serde_json::from_value(run.counts.clone()).unwrap_or_default();
        hours[at].checked = true;
        hours[at].changed += counts.created + counts.updated + counts.closed;
        hours[at].failed += counts.failed;
    }
    hours
}

/// The name of a connection by its number.
pub(super) async fn name_of(app: &App, id: i64) -> Result<String, ApiError> {
    let found = app.store().read(move |conn| table::get(conn, ConnectionId(id))).await?;
    found
        .map(|connection| connection.name)
        .ok_or_else(|| ApiError::new("not_found", "this connection is not there any more"))
}

#[cfg(test)]
mod tests {
    use lockstep_core::mapping::Direction;

    use super::*;

    #[test]
    fn directions_make_the_flow() {
        let document = |directions: &[Direction]| -> ConnectionDoc {
            let fields: Vec<serde_json::Value> = directions
                .iter()
                .map(|direction| {
                    serde_json::json!({ "source": "a", "target": "b", "direction": direction, "rule": { "kind": "copy" } })
                })
                .collect();
            serde_json::from_value(serde_json::json!({
                "name": "x", "source": "s", "target": "t",
                "type": [{ "name": "Incident", "source": { "ticket_type": "incident" },
                           "target": { "ticket_type": "1" }, "field": fields }],
            }))
            .unwrap()
        };
        assert_eq!(flow(&document(&[Direction::ToTarget])), Flow::ToTarget);
        assert_eq!(flow(&document(&[Direction::ToSource])), Flow::ToSource);
        assert_eq!(flow(&document(&[Direction::ToTarget, Direction::ToSource])), Flow::Both);
        assert_eq!(flow(&document(&[Direction::Both])), Flow::Both);
    }
}
