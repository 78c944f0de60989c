//! What a side offers to a mapping: fields, options, statuses and steps, as last read or read anew.

use lockstep_core::connector::Scope;
use lockstep_core::mapping::TypeMapping;
use lockstep_core::schema::{FieldSchema, Schema, StatusSchema, Step, StepField};
use lockstep_core::side::{Pair, Side};
use lockstep_core::suggest::{self, Suggestion};
use lockstep_store::tables::accounts::Account;
use lockstep_store::tables::schemas::{self, Snapshot};
use serde::Serialize;

use crate::api_error::ApiError;
use crate::app::App;
use crate::drifting::{self, Drifted};
use crate::look;

/// One side of a type mapping.
#[derive(Debug, Clone, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfferedSide {
    /// `None` where it was never read and cannot be read now.
    pub schema: Option<SchemaView>,
    /// When it was read.
    #[ts(type = "number | null")]
    pub taken_ms: Option<i64>,
    /// What changed since a person last looked at it.
    pub changed: Option<Drifted>,
    /// Why it could not be read anew; what was read before is shown then.
    pub trouble: Option<ApiError>,
}

/// What a side offers.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SchemaView {
    pub ticket_type: String,
    pub type_label: String,
    /// By label.
    pub fields: Vec<FieldSchema>,
    pub status_field: Option<String>,
    /// In the order of the workflow.
    pub statuses: Vec<StatusSchema>,
    pub steps: Vec<StepView>,
    /// Any status may follow any other.
    pub free: bool,
    pub customers_read: bool,
    pub internal_comments: bool,
    /// What discovery could not read, in sentences.
    pub not_confirmed: Vec<String>,
}

/// One step of the workflow.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct StepView {
    pub from: String,
    pub to: String,
    /// Its name for people.
    pub label: String,
    /// What its screen asks for.
    pub fields: Vec<StepField>,
}

/// What both sides of a type mapping offer; `anew` reads even where what is kept is fresh. A side that does not answer
/// shows what was read before, with the reason.
pub async fn offers(
    app: &App,
    connection: i64,
    scopes: Pair<Scope>,
    anew: bool,
) -> Result<Pair<OfferedSide>, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    let source = offered(app, document.account(Side::Source), &scopes.source, anew).await?;
    let target = offered(app, document.account(Side::Target), &scopes.target, anew).await?;
    Ok(Pair { source, target })
}

async fn offered(app: &App, name: &str, scope: &Scope, anew: bool) -> Result<OfferedSide, ApiError> {
    let account = app.account(name).await?;
    let kept = kept(app, &account, scope).await?;
    let fresh = |kept: &Snapshot| kept.taken_ms + look::SCHEMA_GOOD_MS > app.now_ms();
    if let Some(kept) = kept.as_ref().filter(|kept| !anew && fresh(kept)) {
        return Ok(side(Some(kept), changed(app, &account, scope).await?, None));
    }
    match read(app, name, scope).await {
        Ok(read) => Ok(side(Some(&read), changed(app, &account, scope).await?, None)),
        Err(error) => Ok(side(kept.as_ref(), changed(app, &account, scope).await?, Some(error))),
    }
}

async fn changed(app: &App, account: &Account, scope: &Scope) -> Result<Option<Drifted>, ApiError> {
    let (id, scope) = (account.id, scope.clone());
    Ok(app.store().read(move |conn| drifting::of(conn, id, &scope)).await?)
}

/// A person has looked at what changed on both sides.
pub async fn review(app: &App, connection: i64, scopes: Pair<Scope>) -> Result<Pair<OfferedSide>, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    for side in Side::BOTH {
        let account = app.account(document.account(side)).await?.id;
        let scope = scopes[side].clone();
        app.store().write(move |tx| drifting::reviewed(tx, account, &scope)).await?;
    }
    offers(app, connection, scopes, false).await
}

fn side(snapshot: Option<&Snapshot>, changed: Option<Drifted>, trouble: Option<ApiError>) -> OfferedSide {
    OfferedSide {
        changed,
        schema: snapshot.map(|snapshot| view(&snapshot.schema)),
        taken_ms: snapshot.map(|snapshot| snapshot.taken_ms),
        trouble,
    }
}

/// What is kept of a scope.
pub(super) async fn kept(app: &App, account: &Account, scope: &Scope) -> Result<Option<Snapshot>, ApiError> {
    let (id, scope) = (account.id, scope.clone());
    Ok(app.store().read(move |conn| schemas::get(conn, id, &scope)).await?)
}

async fn read(app: &App, name: &str, scope: &Scope) -> Result<Snapshot, ApiError> {
    look::discover(app, &look::side(app, name).await?, scope).await
}

fn view(schema: &Schema) -> SchemaView {
    let mut fields: Vec<FieldSchema> = schema.fields.values().cloned().collect();
    fields.sort_by(|one, other| {
        (one.label.to_lowercase(), &one.id).cmp(&(other.label.to_lowercase(), &other.id))
    });
    let step = |step: &Step| StepView {
        from: step.from.clone(),
        to: step.to.clone(),
        label: step.label.clone(),
        fields: step.fields.clone(),
    };
    SchemaView {
        ticket_type: schema.ticket_type.clone(),
        type_label: schema.type_label.clone(),
        fields,
        status_field: schema.status_field.as_ref().map(|id| id.0.clone()),
        statuses: schema.workflow.statuses.clone(),
        steps: schema.workflow.steps.iter().map(step).collect(),
        free: schema.workflow.free,
        customers_read: schema.customers_read,
        internal_comments: schema.internal_comments,
        not_confirmed: schema.not_confirmed.clone(),
    }
}

/// Rows that could be drawn for fields that are not mapped yet, from what is kept of both platforms.
pub async fn suggest(app: &App, connection: i64, mapping: &TypeMapping) -> Result<Vec<Suggestion>, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    let mut schemas = Pair { source: Schema::default(), target: Schema::default() };
    for side in Side::BOTH {
        let account = app.account(document.account(side)).await?;
        let kept = kept(app, &account, mapping.scope(side)).await?;
        let kept = kept.ok_or_else(|| {
            ApiError::new("not_found", "the fields of one side were not read yet").hint("Read them first.")
        })?;
        schemas[side] = kept.schema;
    }
    Ok(suggest::rows(schemas.as_ref(), &mapping.fields))
}
