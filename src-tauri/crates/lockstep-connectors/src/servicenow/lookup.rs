//! Looking for what is ours: by marker, by author, by number (servicenow.md §4.5; hazards.md H5, H7).

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, ErrorKind, Lookup, LookupQuery, OthersChange, Scope};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::ticket::Ticket;

use super::ServiceNow;
use super::fetch::distinct;
use super::marker;
use super::query::{Literal, Operator, Query, is_sys_id};
use super::stamps;
use super::table::{IDS_MAX, Rows, not_as_asked};

/// Tickets that one look-up for a marker may bring, copies by people included.
const MARKED_MAX: usize = 50;
/// Rows of one page when own tickets are listed.
const PAGE_ROWS: usize = 500;
/// Pages of own tickets at most.
const PAGES_MAX: usize = 200;
/// A look-up's window opens that much wider, for clocks that stepped (hazards.md H49), milliseconds.
const WINDOW_MS: i64 = 600_000;

impl ServiceNow {
    /// Tickets with the pair's marker, in the whole table, and whether the same question sees the control.
    pub(super) async fn look_up(&self, query: &LookupQuery<'_>) -> Result<Lookup, ConnectorError> {
        let us = self.us().await?;
        let table = query.scope.ticket_type.as_str();
        let reading = self.reading(query.scope, &[]).await?;
        let column = self.settings.marker_column.as_str();
        let wanted = Literal::marker(&marker::key(query.pair))?;
        let control = match query.control {
            Some((id, pair)) => Some((id, Literal::marker(&marker::key(pair))?)),
            None => None,
        };
        let since = query.since_ms.saturating_sub(WINDOW_MS).max(0);
        let mut encoded = Query::new().and(column, Operator::Is, &wanted).and(
            "sys_created_on",
            Operator::AtOrAfter,
            &Literal::stamp(since),
        );
        if let Some((id, literal)) = &control {
            let other = Query::new().and(column, Operator::Is, literal).and(
                "sys_id",
                Operator::Is,
                &Literal::sys_id(id.as_str())?,
            );
            encoded = encoded.or_group(&other);
        }
        let what = format!("look for a marker in {table}");
        let rows = Rows {
            table,
            query: &encoded.order_by("sys_created_on"),
            columns: &reading.columns,
            limit: MARKED_MAX,
            offset: 0,
            counted: false,
            what: &what,
        };
        let answer = self.rows(&rows).await?;
        let mut lookup =
            Lookup { found: Vec::new(), control_seen: false, server_ms: self.client.server_now_ms() };
        for row in self.list(&answer, &what)? {
            let Some(key) = row.get(column) else { return Err(super::ticket::hidden(table, column)) };
            let is_control = control
                .as_ref()
                .is_some_and(|(id, literal)| row.text("sys_id") == id.as_str() && key == literal.as_str());
            lookup.control_seen |= is_control;
            if key == wanted.as_str() {
                lookup.found.push(self.ticket(us, &reading, &row)?);
            } else if !is_control {
                return Err(not_as_asked(table, column));
            }
        }
        Ok(lookup)
    }

    /// The tickets of the table that our user created since then. Fails when some of them are hidden from us: then
    /// nothing can be accounted for.
    pub(super) async fn own_tickets(
        &self,
        scope: &Scope,
        since_ms: i64,
    ) -> Result<Vec<Ticket>, ConnectorError> {
        let us = self.us().await?;
        let table = scope.ticket_type.as_str();
        let reading = self.reading(scope, &[]).await?;
        let since = since_ms.div_euclid(1000) * 1000;
        let query = Query::new()
            .and("sys_created_by", Operator::Is, &Literal::name(&us.user_name)?)
            .and("sys_created_on", Operator::AtOrAfter, &Literal::stamp(since))
            .order_by("sys_created_on")
            .order_by("sys_id");
        let what = format!("list Lockstep's own records of {table}");
        let mut own = Vec::new();
        for page in 0..PAGES_MAX {
            let rows = Rows {
                table,
                query: &query,
                columns: &reading.columns,
                limit: PAGE_ROWS,
                offset: page * PAGE_ROWS,
                counted: true,
                what: &what,
            };
            let answer = self.rows(&rows).await?;
            let list = self.list(&answer, &what)?;
            for row in &list {
                let created = row.get("sys_created_on").and_then(stamps::read);
                let (Some(created), Some(author)) = (created, row.get("sys_created_by")) else {
                    return Err(super::ticket::hidden(table, "sys_created_on and sys_created_by"));
                };
                if created < since || !author.eq_ignore_ascii_case(&us.user_name) {
                    return Err(not_as_asked(table, "author and time of creation"));
                }
                own.push(self.ticket(us, &reading, row)?);
            }
            let seen_to = (page + 1) * PAGE_ROWS;
            if answer.total.map_or(list.len() < PAGE_ROWS, |total| total <= seen_to) {
                if answer.total.is_some_and(|total| total > own.len()) {
                    return Err(ConnectorError::new(
                        ErrorKind::Forbidden,
                        format!("ServiceNow hides some of Lockstep's own records of {table}, so they cannot be accounted for"),
                    )
                    .remedy("Let Lockstep's user read every record that it creates, wherever rules assign it"));
                }
                return Ok(own);
            }
        }
        Err(ConnectorError::new(
            ErrorKind::Stopped,
            format!("There are too many own records of {table} to account for"),
        ))
    }

    /// Those that somebody else wrote to last; `None` when a later write of ours may cover somebody's.
    pub(super) async fn others_changes(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        since_ms: i64,
    ) -> Result<Option<Vec<OthersChange>>, ConnectorError> {
        let us = self.us().await?;
        let table = scope.ticket_type.as_str();
        let what = format!("read who changed records of {table}");
        let columns = "sys_id,sys_updated_on,sys_updated_by,sys_created_on,sys_created_by,sys_mod_count";
        let mut changed = Vec::new();
        let literals = distinct(ids);
        let mut seen = 0;
        for chunk in literals.chunks(IDS_MAX) {
            let query = Query::new().among("sys_id", chunk);
            let rows = Rows {
                table,
                query: &query,
                columns,
                limit: chunk.len() + 1,
                offset: 0,
                counted: false,
                what: &what,
            };
            let answer = self.rows(&rows).await?;
            for row in self.list(&answer, &what)? {
                let id = row.text("sys_id");
                if !chunk.iter().any(|literal| literal.as_str() == id) {
                    return Err(not_as_asked(table, "the ids"));
                }
                let (Some(updated), Some(by)) =
                    (row.get("sys_updated_on").and_then(stamps::read), row.get("sys_updated_by"))
                else {
                    return Ok(None);
                };
                seen += 1;
                if updated < since_ms.div_euclid(1000) * 1000 {
                    continue;
                }
                if !us.is(by) {
                    // What stood there before is not kept for us to read (servicenow.md §4.5).
                    changed.push(OthersChange { ticket: TicketId::from(id), replaced: BTreeMap::new() });
                } else if !(us.is(row.text("sys_created_by")) && row.get("sys_mod_count") == Some("0")) {
                    // We wrote last; whoever wrote between cannot be seen. Only our own unchanged creation is certain.
                    return Ok(None);
                }
            }
        }
        Ok((seen == literals.len() && seen > 0 || ids.is_empty()).then_some(changed))
    }

    /// The record with a number, or with the id itself.
    pub(super) async fn id_of_key(
        &self,
        scope: &Scope,
        key: &str,
    ) -> Result<Option<TicketId>, ConnectorError> {
        let key = key.trim();
        let table = scope.ticket_type.as_str();
        let (column, literal) = match is_sys_id(key) {
            true => ("sys_id", Literal::sys_id(key)?),
            false => match Literal::name(key) {
                Ok(literal) => ("number", literal),
                Err(_) => return Ok(None),
            },
        };
        let what = format!("find a record of {table} by its number");
        let query = Query::new().and(column, Operator::Is, &literal);
        let rows = Rows {
            table,
            query: &query,
            columns: "sys_id,number",
            limit: 3,
            offset: 0,
            counted: false,
            what: &what,
        };
        let answer = self.rows(&rows).await?;
        let mut hits = Vec::new();
        for row in self.list(&answer, &what)? {
            if !row.text(column).eq_ignore_ascii_case(key) {
                return Err(not_as_asked(table, column));
            }
            hits.push(TicketId::from(row.text("sys_id")));
        }
        match hits.len() {
            0 => Ok(None),
            1 => Ok(hits.pop()),
            _ => Err(ConnectorError::new(
                ErrorKind::Refused,
                format!("Several records of {table} have the number {literal}", literal = literal.as_str()),
            )
            .remedy("Use the record's sys_id instead of its number")),
        }
    }

    /// The fields that the marker takes.
    pub(super) fn marker_fields(&self) -> [&FieldId; 2] {
        [&self.settings.marker_column, &self.settings.marker_note_column]
    }
}
