//! How many records hold which value, by one grouped call of the Aggregate API (servicenow.md §3.6).

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, Scope};
use lockstep_core::ids::FieldId;
use serde::Deserialize;

use super::ServiceNow;
use super::feed::scope_query;
use super::query::is_column;
use super::table::table_path;
use crate::http::Call;

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    result: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    stats: Stats,
    #[serde(default)]
    groupby_fields: Vec<GroupField>,
}

#[derive(Deserialize)]
struct Stats {
    count: String,
}

#[derive(Deserialize)]
struct GroupField {
    value: String,
}

impl ServiceNow {
    /// Records of the scope by the stored value of `column`; a value that no record holds is zero.
    pub(super) async fn counted(
        &self,
        scope: &Scope,
        column: &FieldId,
        values: &[String],
    ) -> Result<Option<BTreeMap<String, u64>>, ConnectorError> {
        const WHAT: &str = "count records by value";
        if !is_column(column.as_str()) {
            return Ok(None);
        }
        table_path(&scope.ticket_type)?;
        let call = Call::get(format!("/api/now/stats/{}", scope.ticket_type), WHAT)
            .query("sysparm_count", "true")
            .query("sysparm_query", scope_query(scope)?.as_str())
            .query("sysparm_group_by", column.as_str());
        let answer = self.client.read(call).await?;
        let groups: Groups = self.client.parse(WHAT, &answer.body)?;
        let mut counts: BTreeMap<String, u64> = values.iter().map(|value| (value.clone(), 0)).collect();
        for group in groups.result {
            let Some(field) = group.groupby_fields.first() else { continue };
            counts.insert(field.value.clone(), group.stats.count.parse().unwrap_or_default());
        }
        Ok(Some(counts))
    }
}
