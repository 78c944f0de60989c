//! Looks at a connection without the right to run on the store: both sides signed in, schemas, bound mappings. Writes
//! to no platform, so it works beside a process that runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_connectors::http::NobodyWatches;
use lockstep_core::check;
use lockstep_core::connector::{Connector, ErrorKind, Fetched, Identity, Scope, Want};
use lockstep_core::mapping::{Rules, TypeMapping};
use lockstep_core::marker::Fingerprint;
use lockstep_core::schema::Schema;
use lockstep_core::side::{Pair, Side};
use lockstep_core::ticket::Ticket;
use lockstep_core::{FieldId, PersonId, TicketId};
use lockstep_store::tables::accounts::{self as table, Account};
use lockstep_store::tables::connections::Connection;
use lockstep_store::tables::schemas::Snapshot;
use lockstep_store::tables::{people, schemas};

use crate::accounts;
use crate::api_error::ApiError;
use crate::app::{App, account_doc};
use crate::config::{AccountDoc, ConnectionDoc};
use crate::drifting;

/// A schema of the store is good for a day (servicenow.md §2.1).
pub(crate) const SCHEMA_GOOD_MS: i64 = 24 * 3_600_000;

/// One side, signed in.
#[derive(Clone)]
pub(crate) struct LookSide {
    pub account: Account,
    pub doc: AccountDoc,
    pub connector: Arc<dyn Connector>,
    pub identity: Identity,
    pub fingerprint: Fingerprint,
}

/// A connection looked at.
pub(crate) struct Looking {
    pub connection: Connection,
    pub document: ConnectionDoc,
    pub sides: Pair<LookSide>,
    /// One for each type mapping, in the document's order.
    pub rules: Vec<Rules>,
}

/// Signs in on both sides and binds the mappings; `anew` reads the schemas even where fresh ones are kept.
pub(crate) async fn look(app: &App, name: &str, anew: bool) -> Result<Looking, ApiError> {
    let (connection, document) = app.connection(name).await?;
    let source = side(app, document.account(Side::Source)).await?;
    let target = side(app, document.account(Side::Target)).await?;
    let sides = Pair { source, target };
    let mut rules = Vec::new();
    for mapping in &document.types {
        let source = schema(app, &sides.source, &mapping.source, anew).await?;
        let target = schema(app, &sides.target, &mapping.target, anew).await?;
        let labels = Pair::from_fn(|side| sides[side].connector.describe().label.to_owned());
        rules.push(Rules::compile(mapping, Pair { source, target }, labels));
    }
    Ok(Looking { connection, document, sides, rules })
}

/// Signs in with an account, by its name.
pub(crate) async fn side(app: &App, name: &str) -> Result<LookSide, ApiError> {
    let account = app.account(name).await?;
    let doc = account_doc(&account)?;
    let (http, _) = app.http(Arc::new(NobodyWatches));
    let connector = app.connector(&account, http)?;
    let identity = accounts::prove(app, &account, &connector).await?;
    let fingerprint = Fingerprint::of(doc.platform.word(), &identity.instance);
    Ok(LookSide { account, doc, connector, identity, fingerprint })
}

async fn schema(app: &App, side: &LookSide, scope: &Scope, anew: bool) -> Result<Schema, ApiError> {
    if !anew {
        let (id, wanted, now_ms) = (side.account.id, scope.clone(), app.now_ms());
        let kept = app.store().read(move |conn| schemas::get(conn, id, &wanted)).await?;
        if let Some(kept) = kept.filter(|kept| kept.taken_ms + SCHEMA_GOOD_MS > now_ms) {
            return Ok(kept.schema);
        }
    }
    Ok(discover(app, side, scope).await?.schema)
}

/// Reads a schema from the platform and keeps it.
pub(crate) async fn discover(app: &App, side: &LookSide, scope: &Scope) -> Result<Snapshot, ApiError> {
    let schema = side.connector.discover(scope).await.map_err(|error| {
        let mut error = ApiError::from(error);
        error.message =
            format!("{}, reading fields and workflow: {}", side.doc.platform.label(), error.message);
        error
    })?;
    let (id, scope, taken_ms) = (side.account.id, scope.clone(), app.now_ms());
    let schema = app
        .store()
        .write(move |tx| {
            let mut schema = schema;
            if let Some(before) = schemas::get(tx, id, &scope)? {
                schema.workflow.remember(&before.schema.workflow);
            }
            drifting::keep(tx, id, &scope, &schema, taken_ms)?;
            Ok(schema)
        })
        .await?;
    Ok(Snapshot { schema, taken_ms })
}

impl Looking {
    /// What the checker finds in all type mappings.
    pub fn problems(&self) -> Vec<check::Problem> {
        let capabilities = Pair::from_fn(|side| self.sides[side].connector.describe());
        let of = |(mapping, rules): (&TypeMapping, &Rules)| check::check(mapping, rules, capabilities, None);
        self.document.types.iter().zip(&self.rules).flat_map(of).collect()
    }
}

/// Names of people on each side, as far as look-ups have shown them.
pub(crate) type Names = Pair<BTreeMap<PersonId, String>>;

/// The names that earlier look-ups brought.
pub(crate) async fn names(app: &App, connection: &Connection) -> Result<Names, ApiError> {
    let ids = connection.accounts;
    let names = app
        .store()
        .read(move |conn| {
            let fingerprint = |side: Side| -> lockstep_store::Result<Option<Fingerprint>> {
                let account = ids[side].map_or(Ok(None), |id| table::get(conn, id))?;
                Ok(account.and_then(|account| account.fingerprint))
            };
            let mut names = Names::default();
            let (Some(source), Some(target)) = (fingerprint(Side::Source)?, fingerprint(Side::Target)?)
            else {
                return Ok(names);
            };
            for (from, to, side) in [(&source, &target, Side::Target), (&target, &source, Side::Source)] {
                for (_, found, _) in people::found_all(conn, from, to)? {
                    if let people::Counterpart::One(person) = found
                        && !person.name.is_empty()
                    {
                        names[side].insert(person.id, person.name);
                    }
                }
            }
            Ok(names)
        })
        .await?;
    Ok(names)
}

/// The name of a person whose id stands where a value is shown.
pub(crate) fn named(names: &Names, side: Side, shown: String) -> String {
    names[side].get(&PersonId(shown.clone())).cloned().unwrap_or(shown)
}

/// Schemas as last read, for words; empty where none was read yet.
pub(crate) async fn kept_schemas(
    app: &App,
    connection: &Connection,
    mapping: &TypeMapping,
) -> Result<Pair<Schema>, ApiError> {
    let accounts = connection.accounts;
    let scopes = Pair { source: mapping.source.clone(), target: mapping.target.clone() };
    let kept = app
        .store()
        .read(move |conn| {
            let get = |side: Side| match accounts[side] {
                Some(account) => schemas::get(conn, account, &scopes[side]),
                None => Ok(None),
            };
            Ok(Pair { source: get(Side::Source)?, target: get(Side::Target)? })
        })
        .await?;
    Ok(kept.map(|kept| kept.map(|kept| kept.schema).unwrap_or_default()))
}

/// A ticket by its key, fresh; none where there is none or it is hidden.
pub(crate) async fn find(
    looking: &Looking,
    rules: &Rules,
    side: Side,
    key: &str,
    want: Want,
) -> Result<Option<Ticket>, ApiError> {
    let connector = &looking.sides[side].connector;
    let scope = rules.mapping.scope(side);
    let id = connector.find_by_key(scope, key).await?.unwrap_or_else(|| TicketId::from(key));
    fetch(connector.as_ref(), scope, &id, &rules.fields_on(side), want).await
}

/// A ticket by its id, fresh; none where there is none, where it is hidden, or where the id has not even the form of one.
pub(crate) async fn fetch(
    connector: &dyn Connector,
    scope: &Scope,
    id: &TicketId,
    fields: &[FieldId],
    want: Want,
) -> Result<Option<Ticket>, ApiError> {
    let fetched = match connector.fetch(scope, std::slice::from_ref(id), fields, want).await {
        Ok(fetched) => fetched,
        Err(error) if !error.stops_account() && matches!(error.kind, ErrorKind::Stopped) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    Ok(fetched.into_iter().next().and_then(|fetched| match fetched {
        Fetched::Found(ticket) => Some(*ticket),
        Fetched::NotVisible(_) | Fetched::Deleted(_) => None,
    }))
}
