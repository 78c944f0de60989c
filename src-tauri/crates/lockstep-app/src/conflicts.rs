//! Conflicts: fields changed on both sides, with the three values, and a person's choice.

use lockstep_core::mapping::{FieldMapping, OnConflict, TypeMapping};
use lockstep_core::schema::Schema;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::plan::Decided;
use lockstep_core::{FieldId, Value};
use lockstep_store::tables::conflicts::{self, Conflict, ConflictId, ConflictState};
use lockstep_store::tables::links::{self, ShownLink, StoredLink};
use lockstep_store::tables::pending::{self, NewPending, PendingReason};
use lockstep_store::tables::{audit, connections, people};
use lockstep_store::{Feed, StoreError};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::{App, document_of};
use crate::{look, shown};

/// Conflicts shown of one connection at most.
const SHOWN_MAX: u32 = 1000;

/// Whose value stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Choice {
    Source,
    Target,
    /// Both stay as they are.
    Leave,
}

/// A conflict as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConflictView {
    #[ts(type = "number")]
    pub id: i64,
    pub connection: String,
    pub source_ticket: String,
    pub target_ticket: String,
    /// Both titles as last seen; empty where none was.
    pub source_title: String,
    pub target_title: String,
    pub type_mapping: String,
    /// The field mapping's key: its source fields, `=`, its target fields, several of a side joined by `+`.
    pub mapping: String,
    /// The field's label.
    pub field: String,
    /// What the mapping says of the next one; none where the field mapping is gone.
    pub on_conflict: Option<OnConflict>,
    /// When each ticket last changed, as far as it was read. Platforms do not tell it of one field without asking more.
    #[ts(type = "number | null")]
    pub source_changed_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub target_changed_ms: Option<i64>,
    /// What both sides last agreed on, in the source's words and in the target's.
    pub agreed_source: String,
    pub agreed_target: String,
    pub source: String,
    pub target: String,
    /// What the source's value would be on the target, and the other way round, where it can be carried.
    pub target_would_be: Option<String>,
    pub source_would_be: Option<String>,
    #[ts(type = "number")]
    pub found_ms: i64,
    /// What was chosen and waits for the next run.
    pub decided: Option<Choice>,
    /// Stands for exactly these values: a choice that names it is refused once they have changed (hazards.md H23).
    pub mark: String,
}

/// Open and decided conflicts, oldest first, of one connection or of all.
pub async fn list(app: &App, connection: Option<&str>) -> Result<Vec<ConflictView>, ApiError> {
    let mut views = Vec::new();
    for connection in in_question(app, connection).await? {
        let id = connection.id;
        let found = app
            .store()
            .read(move |conn| {
                let mut found = Vec::new();
                for conflict in conflicts::list(conn, id, None, SHOWN_MAX)? {
                    if let Some(link) = links::shown(conn, conflict.link)? {
                        found.push((conflict, link));
                    }
                }
                Ok(found)
            })
            .await?;
        let words = Words::of(app, &connection).await?;
        for (conflict, link) in &found {
            views.push(view(app, &connection.name, &words, conflict, link).await?);
        }
    }
    Ok(views)
}

/// The connection of that name, or all.
pub(crate) async fn in_question(
    app: &App,
    name: Option<&str>,
) -> Result<Vec<connections::Connection>, ApiError> {
    match name {
        Some(name) => Ok(vec![app.connection(name).await?.0]),
        None => Ok(app.store().read(connections::list).await?),
    }
}

/// Schemas of a connection's types, for labels.
struct Words {
    types: Vec<(TypeMapping, Pair<Schema>)>,
    names: look::Names,
}

impl Words {
    async fn of(app: &App, connection: &connections::Connection) -> Result<Words, ApiError> {
        let mut types = Vec::new();
        for mapping in document_of(connection)?.types {
            let schemas = look::kept_schemas(app, connection, &mapping).await?;
            types.push((mapping, schemas));
        }
        Ok(Words { types, names: look::names(app, connection).await? })
    }

    fn of_type(&self, type_mapping: &str) -> Option<&(TypeMapping, Pair<Schema>)> {
        self.types.iter().find(|(mapping, _)| mapping.name == type_mapping)
    }

    /// A field mapping by its key.
    fn row(&self, type_mapping: &str, key: &str) -> Option<&FieldMapping> {
        self.of_type(type_mapping)?.0.fields.iter().find(|field| field.key() == key)
    }

    /// The field that a mapping writes or reads on `side`, with its schema.
    fn field(&self, type_mapping: &str, key: &str, side: Side) -> Option<(&FieldId, &Schema)> {
        let (_, schemas) = self.of_type(type_mapping)?;
        Some((self.row(type_mapping, key)?.fields(side).first()?, &schemas[side]))
    }
}

async fn view(
    app: &App,
    connection: &str,
    words: &Words,
    conflict: &Conflict,
    shown: &ShownLink,
) -> Result<ConflictView, ApiError> {
    let (ShownLink { stored: link, titles, .. }, found) = (shown, &conflict.found);
    let changed = |side: Side| Some(link.link.versions[side].stamp_ms).filter(|stamp_ms| *stamp_ms > 0);
    let mut told = Vec::new();
    for (side, value) in [
        (Side::Source, Some(&found.base.source)),
        (Side::Target, Some(&found.base.target)),
        (Side::Source, Some(&found.now.source)),
        (Side::Target, Some(&found.now.target)),
        (Side::Target, found.carried.source.as_ref()),
        (Side::Source, found.carried.target.as_ref()),
    ] {
        told.push(match value {
            Some(value) => Some(in_words(app, words, link, &found.mapping, side, value).await?),
            None => None,
        });
    }
    let mut told = told.into_iter();
    let mut next = || told.next().flatten();
    let decided =
        conflict.decision.as_ref().and_then(|json| serde_json::from_value::<Decided>(json.clone()).ok());
    Ok(ConflictView {
        id: conflict.id.0,
        connection: connection.to_owned(),
        source_ticket: link.link.keys.source.clone(),
        target_ticket: link.link.keys.target.clone(),
        source_title: titles.source.clone(),
        target_title: titles.target.clone(),
        type_mapping: link.link.type_mapping.clone(),
        mapping: found.mapping.clone(),
        on_conflict: words.row(&link.link.type_mapping, &found.mapping).map(|row| row.on_conflict),
        source_changed_ms: changed(Side::Source),
        target_changed_ms: changed(Side::Target),
        field: found.label.clone(),
        agreed_source: next().unwrap_or_default(),
        agreed_target: next().unwrap_or_default(),
        source: next().unwrap_or_default(),
        target: next().unwrap_or_default(),
        target_would_be: next(),
        source_would_be: next(),
        found_ms: conflict.found_ms,
        decided: decided.filter(|_| conflict.state == ConflictState::Decided).map(|decided| {
            match decided.winner {
                Some(Side::Source) => Choice::Source,
                Some(Side::Target) => Choice::Target,
                None => Choice::Leave,
            }
        }),
        mark: mark(conflict),
    })
}

async fn in_words(
    app: &App,
    words: &Words,
    link: &StoredLink,
    key: &str,
    side: Side,
    value: &Value,
) -> Result<String, ApiError> {
    if let Value::Person(id) = value {
        let (account, person) = (link.accounts[side].clone(), id.clone());
        let known = app.store().read(move |conn| people::get(conn, &account, &person)).await?;
        let name = known.map(|(person, _)| person.name).filter(|name| !name.is_empty());
        return Ok(name.unwrap_or_else(|| look::named(&words.names, side, id.0.clone())));
    }
    let unknown = (FieldId::default(), Schema::default());
    let (field, schema) = words.field(&link.link.type_mapping, key, side).unwrap_or((&unknown.0, &unknown.1));
    Ok(shown::value(schema, field, value))
}

/// A short stand-in for the very values of a conflict.
fn mark(conflict: &Conflict) -> String {
    use sha2::{Digest, Sha256};
    let json = serde_json::to_string(&conflict.found).expect("values are plain data");
    lockstep_core::marker::hex(&Sha256::digest(json))[..8].to_owned()
}

/// A person's choice for one conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub conflict: i64,
    pub choice: Choice,
    /// The mark of the conflict as it was shown; `None` takes it as it is now.
    pub shown: Option<String>,
}

/// Writes a person's choice down; the next run carries it out.
pub async fn decide(
    app: &App,
    id: i64,
    choice: Choice,
    shown: Option<&str>,
) -> Result<ConflictView, ApiError> {
    let order = Order { conflict: id, choice, shown: shown.map(str::to_owned) };
    let gone = || ApiError::new("not_found", format!("conflict {id} is gone"));
    decide_all(app, vec![order]).await?.pop().ok_or_else(gone)
}

/// Writes choices down, all of them or none; the next runs carry them out. Each is bound to the values it was made for:
/// one that has changed since it was shown refuses all.
pub async fn decide_all(app: &App, orders: Vec<Order>) -> Result<Vec<ConflictView>, ApiError> {
    let now_ms = app.now_ms();
    let decided: Vec<(Conflict, ShownLink)> = app
        .store()
        .write(move |tx| orders.iter().map(|order| decide_one(tx, order, now_ms)).collect())
        .await?;
    let mut views = Vec::new();
    let mut known: Vec<(connections::Connection, Words)> = Vec::new();
    for (conflict, link) in &decided {
        if !known.iter().any(|(connection, _)| connection.id == conflict.connection) {
            let (connection, _) = app.connection_by_id(conflict.connection.0).await?;
            let words = Words::of(app, &connection).await?;
            known.push((connection, words));
        }
        if let Some((connection, words)) = known.iter().find(|(one, _)| one.id == conflict.connection) {
            views.push(view(app, &connection.name, words, conflict, link).await?);
        }
    }
    Ok(views)
}

fn decide_one(
    tx: &lockstep_store::Tx<'_>,
    order: &Order,
    now_ms: i64,
) -> lockstep_store::Result<(Conflict, ShownLink)> {
    let gone = || StoreError::not_found(format!("conflict {}", order.conflict));
    let id = ConflictId(order.conflict);
    let conflict = conflicts::get(tx, id)?.ok_or_else(gone)?;
    let shown = links::shown(tx, conflict.link)?.ok_or_else(gone)?;
    let link = &shown.stored;
    if order.shown.as_ref().is_some_and(|shown| *shown != mark(&conflict)) {
        return Err(conflicts::moved());
    }
    let found = &conflict.found;
    let winner = match order.choice {
        Choice::Source => Some(Side::Source),
        Choice::Target => Some(Side::Target),
        Choice::Leave => None,
    };
    let decided = Decided { base: found.base.clone(), now: found.now.clone(), winner };
    let json = serde_json::to_value(&decided).expect("values are plain data");
    conflicts::decide(tx, id, found, &json, now_ms)?;
    let what = format!("decided {} of {}: {:?}", found.label, link.link.keys.source, order.choice);
    audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)?;
    let why = "a person decided; the next run writes it";
    wait_for_run(tx, link, PendingReason::Decision, why, now_ms)?;
    Ok((conflicts::get(tx, id)?.ok_or_else(gone)?, shown))
}

/// Puts a linked pair on the pending list, due at once.
pub(crate) fn wait_for_run(
    tx: &lockstep_store::Tx<'_>,
    link: &StoredLink,
    reason: PendingReason,
    detail: &str,
    now_ms: i64,
) -> lockstep_store::Result<()> {
    let connection = lockstep_store::ConnectionId(link.link.connection);
    let feed = Feed::new(connection, link.link.type_mapping.clone(), Side::Source);
    let row = NewPending {
        feed: &feed,
        account: &link.accounts.source,
        ticket: &link.link.tickets.source,
        reason,
        detail,
        not_before_ms: 0,
        run: None,
    };
    pending::add(tx, row, now_ms)
}
