//! Reading rows of a table, and never trusting the result set: an invalid condition is dropped by the instance and the
//! rest runs, so every caller checks each row against what it asked for (servicenow.md §3.1, §3.5).

use lockstep_core::connector::{ConnectorError, ErrorKind};

use super::ServiceNow;
use super::query::{Query, is_column};
use super::wire::{List, Row};
use crate::http::{Answer, Call};

/// Ids in one query, so that addresses stay short (servicenow.md §3.7).
pub(super) const IDS_MAX: usize = 40;
/// Longest address, characters.
const ADDRESS_CHARS_MAX: usize = 1900;
/// What the parts of an address that do not depend on ids and columns take, characters.
const ADDRESS_CHARS_FIXED: usize = 330;
/// An id with its comma, characters.
const ID_CHARS: usize = 33;

/// Which rows to read.
pub(super) struct Rows<'a> {
    pub(super) table: &'a str,
    pub(super) query: &'a Query,
    /// Columns, comma-separated.
    pub(super) columns: &'a str,
    pub(super) limit: usize,
    pub(super) offset: usize,
    /// Whether the answer shall say how many rows match before the ACLs.
    pub(super) counted: bool,
    pub(super) what: &'a str,
}

/// An answer with rows.
pub(super) struct Found {
    answer: Answer,
    /// Rows that match before the ACLs hide some.
    pub(super) total: Option<usize>,
    /// The server's `Date`.
    pub(super) date_ms: Option<i64>,
}

impl ServiceNow {
    /// One page of rows.
    pub(super) async fn rows(&self, rows: &Rows<'_>) -> Result<Found, ConnectorError> {
        let mut call = Call::get(table_path(rows.table)?, rows.what)
            .query("sysparm_query", rows.query.as_str())
            .query("sysparm_fields", rows.columns)
            .query("sysparm_exclude_reference_link", "true")
            .query("sysparm_limit", &rows.limit.to_string());
        if rows.offset > 0 {
            call = call.query("sysparm_offset", &rows.offset.to_string());
        }
        if !rows.counted {
            call = call.query("sysparm_no_count", "true");
        }
        call = call.query("sysparm_suppress_pagination_header", "true");
        self.found(call).await
    }

    /// Sends a list call. An older version of the API says 404 for an empty list (servicenow.md §3.1).
    pub(super) async fn found(&self, call: Call) -> Result<Found, ConnectorError> {
        match self.client.read(call).await {
            Ok(answer) => {
                let total = answer.header("x-total-count").and_then(|text| text.trim().parse().ok());
                Ok(Found { total, date_ms: answer.date_ms(), answer })
            }
            Err(error) if error.kind == ErrorKind::NotFound && error.message.contains("No Record found") => {
                let answer = Answer {
                    status: http::StatusCode::OK,
                    headers: http::HeaderMap::new(),
                    body: bytes::Bytes::from_static(b"{\"result\":[]}"),
                };
                Ok(Found { answer, total: Some(0), date_ms: None })
            }
            Err(error) => Err(error),
        }
    }

    /// The rows of an answer.
    pub(super) fn list<'a>(&self, found: &'a Found, what: &str) -> Result<Vec<Row<'a>>, ConnectorError> {
        self.client.parse::<List<'a>>(what, &found.answer.body).map(|list| list.result)
    }
}

/// The path of a table's rows.
pub(super) fn table_path(table: &str) -> Result<String, ConnectorError> {
    if !is_column(table) || table.contains('.') {
        return Err(ConnectorError::new(
            ErrorKind::Stopped,
            "A ServiceNow table's name has letters, digits and _ alone",
        ));
    }
    Ok(format!("/api/now/table/{table}"))
}

/// How many ids go into one query beside `columns`.
pub(super) fn ids_at_once(columns: &str) -> usize {
    (ADDRESS_CHARS_MAX.saturating_sub(ADDRESS_CHARS_FIXED + columns.len()) / ID_CHARS).clamp(1, IDS_MAX)
}

/// The instance gave rows that were not asked for: its answer cannot be used.
pub(super) fn not_as_asked(table: &str, what: &str) -> ConnectorError {
    ConnectorError::new(
        ErrorKind::Unexpected,
        format!("ServiceNow ignored a part of the query on {table} ({what}); nothing of the answer was used"),
    )
    .remedy(
        "Set the system property glide.invalid_query.returns_no_rows, and check that Lockstep's user may read the \
         columns that the connection filters by",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_short() {
        assert_eq!(ids_at_once("sys_id,number"), 40);
        let columns = "x".repeat(900);
        let ids = ids_at_once(&columns);
        assert!(
            (5..40).contains(&ids)
                && ids * ID_CHARS + columns.len() + ADDRESS_CHARS_FIXED <= ADDRESS_CHARS_MAX
        );
        assert_eq!(ids_at_once(&"x".repeat(9000)), 1);
        assert!(table_path("incident").is_ok());
        for bad in ["", "../x", "a b", "Incident", "a.b", "a?b"] {
            assert!(table_path(bad).is_err(), "{bad}");
        }
    }
}
