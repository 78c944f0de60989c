//! New connections: what an account offers to sync, a connection over two accounts, and its end.

use lockstep_core::connector::Scope;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::connections::card_of;
use super::{Desk, Nothing, OfAccount, OfConnection};
use crate::accounts;
use crate::api_error::ApiError;
use crate::connections::{self, RemovedConnection};
use crate::views::{ConnectionCard, ConnectionList};

/// Something of an account that can be synced.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ScopeChoice {
    pub scope: Scope,
    /// `Incident`, `CSD · Incident`.
    pub label: String,
    /// Whether customers read tickets there.
    pub customers_read: bool,
}

/// What an account offers; asks the platform.
pub async fn list_scopes(desk: &Desk, of: OfAccount) -> Result<Vec<ScopeChoice>, ApiError> {
    let offers = accounts::scopes(&desk.app().await?, &of.account).await?;
    Ok(offers
        .into_iter()
        .map(|offer| ScopeChoice {
            scope: offer.scope,
            label: offer.label,
            customers_read: offer.customers_read,
        })
        .collect())
}

/// One end of a new connection.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct NewEnd {
    /// Name of the account.
    pub account: String,
    pub scope: Scope,
}

/// A new connection.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct NewConnection {
    pub name: String,
    /// Names the pair of ticket types: `Incident`.
    pub ticket_type: String,
    pub source: NewEnd,
    pub target: NewEnd,
}

/// Makes a connection without any row in its mapping: nothing is synced before somebody draws one.
pub async fn add_connection(desk: &Desk, order: NewConnection) -> Result<ConnectionCard, ApiError> {
    let app = desk.app().await?;
    let name = order.name.trim().to_owned();
    let ends = lockstep_core::side::Pair {
        source: (order.source.account, order.source.scope),
        target: (order.target.account, order.target.scope),
    };
    connections::add(&app, &name, order.ticket_type.trim(), ends).await?;
    desk.board().lists_changed();
    card_of(desk, &app, &name).await
}

/// A connection and a name for it, or for another one.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct NameOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub name: String,
}

/// Gives a connection another name.
pub async fn rename_connection(desk: &Desk, order: NameOrder) -> Result<ConnectionCard, ApiError> {
    let (app, name) = (desk.app().await?, order.name.trim());
    connections::rename(&app, order.connection, name).await?;
    desk.board().lists_changed();
    card_of(desk, &app, name).await
}

/// Makes a second connection with the same configuration.
pub async fn duplicate_connection(desk: &Desk, order: NameOrder) -> Result<ConnectionCard, ApiError> {
    let (app, name) = (desk.app().await?, order.name.trim());
    connections::duplicate(&app, order.connection, name).await?;
    desk.board().lists_changed();
    card_of(desk, &app, name).await
}

/// Connections that were deleted and can be brought back.
pub async fn removed_connections(desk: &Desk, _: Nothing) -> Result<Vec<RemovedConnection>, ApiError> {
    connections::removed(&desk.app().await?).await
}

/// Brings a deleted connection back; answers with those that are still deleted.
pub async fn restore_connection(desk: &Desk, of: OfConnection) -> Result<Vec<RemovedConnection>, ApiError> {
    let app = desk.app().await?;
    connections::restore(&app, of.connection).await?;
    desk.board().lists_changed();
    connections::removed(&app).await
}

/// Ends a connection; the tickets stay as they are on both sides, and its links still keep them from being copied twice.
pub async fn remove_connection(desk: &Desk, of: OfConnection) -> Result<ConnectionList, ApiError> {
    let app = desk.app().await?;
    let (connection, _) = app.connection_by_id(of.connection).await?;
    connections::remove(&app, &connection.name).await?;
    desk.board().lists_changed();
    super::connections::list_connections(desk, super::Nothing {}).await
}
