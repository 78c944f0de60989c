//! Looking for a record by what one of its columns holds (engine.md §3.2, the match rule).

use lockstep_core::connector::{ConnectorError, ErrorKind, Scope};
use lockstep_core::ids::FieldId;
use lockstep_core::sync::matching::{KEY, folded};
use lockstep_core::ticket::{Ticket, Value};

use super::ServiceNow;
use super::feed::scope_query;
use super::query::{Literal, is_column};
use super::table::{Rows, not_as_asked};
use super::ticket::hidden;

/// The column that people call a record by.
const NUMBER: &str = "number";

impl ServiceNow {
    /// Records of the scope whose column holds the value, each row compared again here.
    pub(super) async fn holding(
        &self,
        scope: &Scope,
        field: &FieldId,
        value: &Value,
        fields: &[FieldId],
        limit: usize,
    ) -> Result<Vec<Ticket>, ConnectorError> {
        let column = if field.as_str() == KEY { NUMBER } else { field.as_str() };
        let wanted =
            folded(value).filter(|text| !text.is_empty() && is_column(column) && !column.contains('.'));
        let (Some(wanted), Value::Text(text) | Value::Number(text)) = (wanted, value) else {
            return Err(ConnectorError::new(
                ErrorKind::Stopped,
                format!("Records of ServiceNow cannot be looked up by {field} with this value"),
            ));
        };
        // Whether `=` regards case depends on the instance's database: the usual spellings are asked for as well.
        let spellings = [text.trim().to_owned(), text.trim().to_uppercase(), wanted.clone()];
        let mut literals = Vec::new();
        for spelling in &spellings {
            let literal = Literal::words(spelling).map_err(|error| {
                let message = format!(
                    "The value of {field} cannot be looked up safely in ServiceNow: its queries have no way to quote \
                     some of its characters"
                );
                ConnectorError { message, ..error }
            })?;
            if !literals.contains(&literal) {
                literals.push(literal);
            }
        }
        let us = self.us().await?;
        let table = scope.ticket_type.as_str();
        let mut read = fields.to_vec();
        if !read.iter().any(|known| known.as_str() == column) {
            read.push(column.into());
        }
        let reading = self.reading(scope, &read).await?;
        let query = scope_query(scope)?.among(column, &literals).order_by("sys_created_on");
        let what = format!("look for records of {table} by {column}");
        let rows = Rows {
            table,
            query: &query,
            columns: &reading.columns,
            limit: limit.max(1),
            offset: 0,
            counted: false,
            what: &what,
        };
        let answer = self.rows(&rows).await?;
        let mut found = Vec::new();
        for row in self.list(&answer, &what)? {
            if !scope.container.is_empty() && row.get("assignment_group") != Some(scope.container.as_str()) {
                return Err(not_as_asked(table, "the assignment group"));
            }
            let held = row.get(column).ok_or_else(|| hidden(table, column))?;
            if held.trim().to_lowercase() != wanted {
                return Err(not_as_asked(table, column));
            }
            found.push(self.ticket(us, &reading, &row)?);
        }
        Ok(found)
    }
}
