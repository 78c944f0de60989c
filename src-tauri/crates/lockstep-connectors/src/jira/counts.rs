//! How many tickets hold which value: an approximate count for each (jira.md §3.3), read from the index.

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, Scope};
use lockstep_core::ids::FieldId;
use serde::{Deserialize, Serialize};

use super::Jira;
use super::jql::Jql;
use super::session::{API, parse, post_read};

/// Values of one field that are counted; a longer list is not worth its calls.
const VALUES_MAX: usize = 60;

#[derive(Serialize)]
struct Body {
    jql: String,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

impl Jira {
    /// Tickets of the scope by value; `None` for fields that JQL does not count by id.
    pub(super) async fn counted(
        &self,
        scope: &Scope,
        field: &FieldId,
        values: &[String],
    ) -> Result<Option<BTreeMap<String, u64>>, ConnectorError> {
        const WHAT: &str = "count tickets by value";
        if values.len() > VALUES_MAX {
            return Ok(None);
        }
        let mut counts = BTreeMap::new();
        for value in values {
            let Some(jql) = Jql::scope(&scope.container, &scope.ticket_type).holds(field.as_str(), value)
            else {
                return Ok(None);
            };
            let body = Body { jql: jql.to_string() };
            let answer =
                self.read(post_read(format!("{API}/search/approximate-count"), WHAT, &body), WHAT).await?;
            counts.insert(value.clone(), parse::<Count>(&answer, WHAT)?.count);
        }
        Ok(Some(counts))
    }
}
