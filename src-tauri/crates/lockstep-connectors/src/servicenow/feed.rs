//! The feed of changed tickets: keyset paging over (`sys_updated_on`, `sys_id`), an overlap behind the cursor, hidden
//! rows told from the end, every row checked against what was asked (servicenow.md §3.3, §3.5, §3.6).
//!
//! One call gives one page. A page may be empty with more to come: rows that an ACL hides take up its whole width.

use std::collections::BTreeSet;

use lockstep_core::connector::{ChangesPage, ChangesQuery, ConnectorError, Cursor, ErrorKind, Scope};
use lockstep_core::ids::TicketId;
use lockstep_core::ticket::Version;
use serde::{Deserialize, Serialize};

use super::ServiceNow;
use super::query::{Literal, Operator, Query, is_sys_id};
use super::stamps;
use super::table::{Rows, not_as_asked};
use super::ticket::hidden;
use super::wire::Row;

/// Rows of one page at most (servicenow.md §3.3).
const PAGE_ROWS_MAX: usize = 1000;
/// Rows of a page when the instance cannot manage a large one in time (servicenow.md §8.2).
const PAGE_ROWS_SMALL: usize = 50;
/// Hidden rows skipped in one stretch at most; more is an instance that counts without end (reliability.md T9).
const SKIPPED_ROWS_MAX: usize = 5_000_000;
/// The cursor stays that far behind the server's clock, milliseconds.
const EDGE_MS: i64 = 2000;

/// Where a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct RunCursor {
    /// Stamp of the newest row dealt with.
    t: i64,
}

/// Where a read stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PageCursor {
    /// First moment of the read, inclusive.
    from: i64,
    /// The last row seen; none as long as all were hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<(i64, String)>,
    /// Rows to skip behind `last`, all hidden.
    #[serde(default)]
    skip: usize,
    /// Where the run before ended.
    before: i64,
}

impl ServiceNow {
    /// One page of the feed.
    pub(super) async fn feed_page(&self, query: &ChangesQuery<'_>) -> Result<ChangesPage, ConnectorError> {
        let us = self.us().await?;
        let reading = self.reading(query.scope, query.fields).await?;
        let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
        let at = self.position(query)?;
        let encoded = keyset(query.scope, &at)?;
        // A run that goes on from a cursor mostly ends on its first page: the count saves the second question.
        let counted = query.cursor.is_some() || at.skip > 0;
        let what = format!("read changed records of {}", query.scope.ticket_type);
        let mut rows = Rows {
            table: &query.scope.ticket_type,
            query: &encoded,
            columns: &reading.columns,
            limit,
            offset: at.skip,
            counted,
            what: &what,
        };
        let found = match self.rows(&rows).await {
            Err(error) if error.kind == ErrorKind::Unreachable && limit > PAGE_ROWS_SMALL => {
                rows.limit = PAGE_ROWS_SMALL;
                self.rows(&rows).await.map_err(|_| error)?
            }
            outcome => outcome?,
        };
        let mut list = self.list(&found, &what)?;
        let shown = list.len();
        let last = check(query.scope, &at, &mut list)?;
        let mut tickets = Vec::with_capacity(list.len());
        for row in &list {
            tickets.push(self.ticket(us, &reading, row)?);
        }
        let more = shown >= rows.limit || self.more_behind(&rows, found.total, shown).await?;
        if more {
            if last.is_none() && at.skip >= SKIPPED_ROWS_MAX {
                return Err(endless(query.scope));
            }
            let next = match last {
                Some(last) => PageCursor { last: Some(last), skip: 0, ..at },
                None => PageCursor { skip: at.skip + rows.limit, ..at },
            };
            return Ok(ChangesPage { tickets, next: Some(cursor(&next)?), cursor: None });
        }
        let newest = last.or(at.last).map_or(at.before, |(stamp, _)| stamp.max(at.before));
        let edge = found.date_ms.unwrap_or_else(|| self.client.server_now_ms()) - EDGE_MS;
        let end = RunCursor { t: newest.min(edge.max(at.from)) };
        Ok(ChangesPage { tickets, next: None, cursor: Some(cursor(&end)?) })
    }

    /// Records of the whole table that changed at or after `since_ms`, with their counters; `None` when there are too many
    /// of them, or some are hidden. The scope's own condition is left out: a record that has left it has moved as well.
    pub(super) async fn moved(
        &self,
        scope: &Scope,
        since_ms: i64,
    ) -> Result<Option<Vec<(TicketId, Version)>>, ConnectorError> {
        let table = &scope.ticket_type;
        // A change may be stamped with the second before the reading began.
        let since = Literal::stamp(since_ms - EDGE_MS);
        let query = Query::new().and("sys_updated_on", Operator::AtOrAfter, &since);
        let what = format!("look for records of {table} that moved");
        let columns = "sys_id,sys_updated_on,sys_mod_count";
        let limit = PAGE_ROWS_MAX;
        let rows = Rows { table, query: &query, columns, limit, offset: 0, counted: true, what: &what };
        let found = self.rows(&rows).await?;
        let list = self.list(&found, &what)?;
        if found.total.is_none_or(|total| total > list.len()) {
            return Ok(None);
        }
        let mut moved = Vec::with_capacity(list.len());
        for row in &list {
            let stamp = row.get("sys_updated_on").and_then(stamps::read);
            let counter = row.get("sys_mod_count").and_then(|count| count.parse().ok());
            let (Some(stamp_ms), Some(counter)) = (stamp, counter) else { return Ok(None) };
            if stamp_ms < (since_ms - EDGE_MS).div_euclid(1000) * 1000 {
                return Err(not_as_asked(table, "the range of changes"));
            }
            moved.push((TicketId::from(row.text("sys_id")), Version { stamp_ms, counter: Some(counter) }));
        }
        Ok(Some(moved))
    }

    /// The first moment that a read from `cursor` looks at.
    pub(super) fn read_from(&self, cursor: &Cursor) -> Result<i64, ConnectorError> {
        let RunCursor { t } = read_cursor(cursor)?;
        Ok(t.saturating_sub(self.settings.overlap_ms))
    }

    /// Where this page begins.
    fn position(&self, query: &ChangesQuery<'_>) -> Result<PageCursor, ConnectorError> {
        if let Some(page) = query.page {
            return read_cursor(page);
        }
        Ok(match query.cursor {
            Some(cursor) => {
                let RunCursor { t } = read_cursor(cursor)?;
                PageCursor {
                    from: t.saturating_sub(self.settings.overlap_ms),
                    last: None,
                    skip: 0,
                    before: t,
                }
            }
            None => PageCursor { from: query.since_ms, last: None, skip: 0, before: query.since_ms },
        })
    }

    /// After a short page: whether more rows match than the ACLs let through so far.
    async fn more_behind(
        &self,
        rows: &Rows<'_>,
        total: Option<usize>,
        shown: usize,
    ) -> Result<bool, ConnectorError> {
        let total = match total {
            None if !rows.counted => {
                let probe = Rows { columns: "sys_id", limit: 1, offset: 0, counted: true, ..*rows };
                self.rows(&probe).await?.total
            }
            total => total,
        };
        // Without any count, a short page is the end only when something was seen on it.
        Ok(total.map_or(shown == 0 && rows.offset > 0, |total| total > rows.offset + rows.limit))
    }
}

fn endless(scope: &Scope) -> ConnectorError {
    let table = &scope.ticket_type;
    let message =
        format!("ServiceNow counts ever more records of {table} and shows none; the read was given up");
    ConnectorError::new(ErrorKind::Unexpected, message)
        .remedy("Let Lockstep's user read the records, or name the assignment group in the connection")
}

/// `<scope>^updated>=from`, or behind the last row in both groups of the keyset.
fn keyset(scope: &Scope, at: &PageCursor) -> Result<Query, ConnectorError> {
    let base = || scope_query(scope);
    let query = match &at.last {
        None => base()?.and("sys_updated_on", Operator::AtOrAfter, &Literal::stamp(at.from)),
        Some((stamp, id)) => {
            let stamp = Literal::stamp(*stamp);
            let later = base()?.and("sys_updated_on", Operator::After, &stamp);
            let same = base()?.and("sys_updated_on", Operator::Is, &stamp).and(
                "sys_id",
                Operator::After,
                &Literal::sys_id(id)?,
            );
            later.or_group(&same)
        }
    };
    Ok(query.order_by("sys_updated_on").order_by("sys_id"))
}

/// The scope's own condition.
pub(super) fn scope_query(scope: &Scope) -> Result<Query, ConnectorError> {
    if scope.container.is_empty() {
        return Ok(Query::new());
    }
    Ok(Query::new().and("assignment_group", Operator::Is, &Literal::sys_id(&scope.container)?))
}

/// Checks scope, range and order of every row; gives the last one's key. A row that came before on this page comes
/// once.
fn check(
    scope: &Scope,
    at: &PageCursor,
    rows: &mut Vec<Row<'_>>,
) -> Result<Option<(i64, String)>, ConnectorError> {
    let table = &scope.ticket_type;
    let mut last = at.last.clone();
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert((row.text("sys_id").to_owned(), row.text("sys_updated_on").to_owned())));
    for row in rows.iter() {
        let (Some(stamp), id) = (row.get("sys_updated_on").and_then(stamps::read), row.text("sys_id")) else {
            return Err(hidden(table, "sys_updated_on"));
        };
        if !is_sys_id(id) {
            return Err(hidden(table, "sys_id"));
        }
        if !scope.container.is_empty() {
            match row.get("assignment_group") {
                Some(group) if group == scope.container => {}
                Some(_) => return Err(not_as_asked(table, "the assignment group")),
                None => return Err(hidden(table, "assignment_group")),
            }
        }
        // Milliseconds of `from` are cut off by the stamp in the query.
        let in_range = stamp >= at.from.div_euclid(1000) * 1000;
        let in_order = last.as_ref().is_none_or(|(before, other)| (*before, other.as_str()) < (stamp, id));
        if !in_range || !in_order {
            return Err(not_as_asked(table, "the range or the order of changes"));
        }
        last = Some((stamp, id.to_owned()));
    }
    Ok(if rows.is_empty() { None } else { last })
}

fn cursor<T: Serialize>(position: &T) -> Result<Cursor, ConnectorError> {
    let value = serde_json::to_value(position);
    value
        .map(Cursor)
        .map_err(|_| ConnectorError::new(ErrorKind::Unexpected, "A ServiceNow cursor cannot be written"))
}

fn read_cursor<T: serde::de::DeserializeOwned>(cursor: &Cursor) -> Result<T, ConnectorError> {
    T::deserialize(&cursor.0).map_err(|_| {
        ConnectorError::new(ErrorKind::Stopped, "The stored ServiceNow cursor cannot be read")
            .remedy("Start a manual run with a start date")
    })
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
