//! What could be synced: the readable tables, whole or by assignment group (servicenow.md §2.1, §2.4).

use lockstep_core::connector::{ConnectorError, Scope, ScopeOffer};
use serde::Deserialize;

use super::ServiceNow;
use super::fetch::is_closed;
use super::meta;
use super::query::{Query, is_sys_id};
use super::table::Rows;
use crate::http::Call;

/// Groups read at most.
const GROUPS_MAX: usize = 1000;

#[derive(Deserialize)]
struct Tables {
    result: Vec<TableName>,
}

#[derive(Deserialize)]
struct TableName {
    #[serde(default)]
    label: String,
    #[serde(default)]
    value: String,
}

impl ServiceNow {
    /// Each readable table whole, then by group.
    pub(super) async fn scope_offers(&self) -> Result<Vec<ScopeOffer>, ConnectorError> {
        let tables = self.readable_tables().await?;
        let groups = self.groups().await?;
        let offer = |table: &(String, String), container: &str, label: String| ScopeOffer {
            scope: Scope {
                container: container.to_owned(),
                ticket_type: table.0.clone(),
                request_type: None,
            },
            label,
            customers_read: meta::table(&table.0).customers_read,
        };
        let whole = tables.iter().map(|table| offer(table, "", table.1.clone()));
        let by_group = tables
            .iter()
            .flat_map(|table| {
                groups.iter().map(move |(id, name)| (table, id, format!("{name} · {}", table.1)))
            })
            .map(|(table, id, label)| offer(table, id, label));
        Ok(whole.chain(by_group).collect())
    }

    /// Names and labels of the task tables that our user may read.
    async fn readable_tables(&self) -> Result<Vec<(String, String)>, ConnectorError> {
        let listed = Call::get("/api/now/doc/table/schema", "list tables");
        let named = match self.client.get_json::<Tables>(listed).await {
            Ok(tables) => Some(tables.result),
            Err(error) if error.stops_account() => return Err(error),
            Err(_) => None,
        };
        let mut readable = Vec::new();
        for table in &meta::TABLES {
            let label = match &named {
                Some(tables) => match tables.iter().find(|listed| listed.value == table.name) {
                    Some(listed) if listed.label.is_empty() => table.label,
                    Some(listed) => listed.label.as_str(),
                    None => continue,
                },
                None if self.is_readable(table.name).await? => table.label,
                None => continue,
            };
            readable.push((table.name.to_owned(), label.to_owned()));
        }
        Ok(readable)
    }

    async fn is_readable(&self, table: &str) -> Result<bool, ConnectorError> {
        let query = Query::new();
        let what = "see which tables can be read";
        let rows =
            Rows { table, query: &query, columns: "sys_id", limit: 1, offset: 0, counted: false, what };
        match self.rows(&rows).await {
            Ok(_) => Ok(true),
            Err(error) if is_closed(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ids and names of active groups; none where they cannot be read.
    async fn groups(&self) -> Result<Vec<(String, String)>, ConnectorError> {
        let what = "list assignment groups";
        let query = Query::new().active().order_by("name");
        let (table, columns) = ("sys_user_group", "sys_id,name,active");
        let rows = Rows { table, query: &query, columns, limit: GROUPS_MAX, offset: 0, counted: false, what };
        let found = match self.rows(&rows).await {
            Ok(found) => found,
            Err(error) if is_closed(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let groups = self.list(&found, what)?;
        let usable =
            groups.iter().filter(|row| is_sys_id(row.text("sys_id")) && row.get("active") != Some("false"));
        Ok(usable.map(|row| (row.text("sys_id").to_owned(), row.text("name").to_owned())).collect())
    }
}
