//! How many tickets hold which value now, on both sides: counted by the platforms when somebody asks, kept for the checker.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::FieldId;
use lockstep_core::check::HeldValues;
use lockstep_core::mapping::{Rule, Rules, TypeMapping};
use lockstep_core::side::{Pair, Side};
use lockstep_store::tables::settings;
use serde::{Deserialize, Serialize};

use super::offers;
use crate::api_error::ApiError;
use crate::app::App;
use crate::look;

/// Counts as they were when they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Counted {
    /// By field, then by the platform's id of the value. A field that cannot be counted is not here.
    #[ts(as = "Pair<BTreeMap<FieldId, BTreeMap<String, u32>>>")]
    pub counts: Pair<BTreeMap<FieldId, BTreeMap<String, u64>>>,
    #[ts(type = "number")]
    pub counted_ms: i64,
}

fn key(connection: i64, type_mapping: &str) -> String {
    format!("values held by connection {connection} type {type_mapping}")
}

/// What was counted last.
pub(super) async fn held(app: &App, connection: i64, rules: &Rules) -> Result<Option<HeldValues>, ApiError> {
    let key = key(connection, &rules.mapping.name);
    let kept: Option<Counted> = app.store().read(move |conn| settings::get(conn, &key)).await?;
    Ok(kept.map(|kept| HeldValues { counts: kept.counts }))
}

/// Counts the values of all picklists that `mapping` pairs, a few calls a side, and keeps the answer.
pub async fn count(app: &App, connection: i64, mapping: &TypeMapping) -> Result<Counted, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    let mut counted = Counted { counts: Pair::default(), counted_ms: app.now_ms() };
    for side in Side::BOTH {
        let account = app.account(document.account(side)).await?;
        let scope = mapping.scope(side);
        let Some(kept) = offers::kept(app, &account, scope).await? else { continue };
        let connector = look::side(app, document.account(side)).await?.connector;
        for field in paired(mapping, side) {
            let values: Vec<String> =
                kept.schema.values_of(&field).into_iter().map(|(value, _)| value.to_owned()).collect();
            if values.is_empty() {
                continue;
            }
            if let Some(counts) = connector.count_values(scope, &field, &values).await? {
                counted.counts[side].insert(field, counts);
            }
        }
    }
    let (key, kept, now_ms) = (key(connection, &mapping.name), counted.clone(), app.now_ms());
    app.store().write(move |tx| settings::put(tx, &key, &kept, now_ms)).await?;
    Ok(counted)
}

fn paired(mapping: &TypeMapping, side: Side) -> BTreeSet<FieldId> {
    let rows = mapping.fields.iter().filter(|row| matches!(row.rule, Rule::Values { .. }));
    rows.filter_map(|row| row.fields(side).first().cloned()).collect()
}
