//! Direct reads by id, and what is known of a record that does not come back (servicenow.md §3.7, §9).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use futures_util::future::try_join;
use lockstep_core::connector::{ConnectorError, ErrorKind, Fetched, Scope, Want};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::ticket::Ticket;

use super::ServiceNow;
use super::query::{Literal, Operator, Query};
use super::table::{IDS_MAX, Rows, ids_at_once, not_as_asked};

impl ServiceNow {
    /// One entry per id, in the order asked.
    pub(super) async fn fetch_tickets(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        fields: &[FieldId],
        want: Want,
    ) -> Result<Vec<Fetched>, ConnectorError> {
        let us = self.us().await?;
        let reading = self.reading(scope, fields).await?;
        let table = scope.ticket_type.as_str();
        // What cannot be an id is not visible and is not asked for.
        let literals = distinct(ids);
        let mut found: BTreeMap<TicketId, Ticket> = BTreeMap::new();
        for chunk in literals.chunks(ids_at_once(&reading.columns)) {
            let query = Query::new().among("sys_id", chunk);
            let what = format!("read records of {table}");
            let rows = Rows {
                table,
                query: &query,
                columns: &reading.columns,
                limit: chunk.len() + 1,
                offset: 0,
                counted: false,
                what: &what,
            };
            let answer = self.rows(&rows).await?;
            for row in self.list(&answer, &what)? {
                let ticket = self.ticket(us, &reading, &row)?;
                if !chunk.iter().any(|literal| literal.as_str() == ticket.id.as_str()) {
                    return Err(not_as_asked(table, "the ids"));
                }
                found.insert(ticket.id.clone(), ticket);
            }
        }
        let missing: Vec<Literal> =
            literals.into_iter().filter(|id| !found.contains_key(&TicketId::from(id.as_str()))).collect();
        let deleted = self.deleted(table, &missing).await?;
        let mut tickets: Vec<&mut Ticket> = found.values_mut().collect();
        self.complete_tickets(scope, &mut tickets, want).await?;
        let mut times: BTreeMap<&TicketId, usize> = BTreeMap::new();
        for id in ids {
            *times.entry(id).or_default() += 1;
        }
        let entry = |id: &TicketId| {
            let left = times.get_mut(id).map_or(0, |left| {
                *left -= 1;
                *left
            });
            let ticket = if left == 0 { found.remove(id) } else { found.get(id).cloned() };
            match ticket {
                Some(ticket) => Fetched::Found(Box::new(ticket)),
                None if deleted.contains(id.as_str()) => Fetched::Deleted(id.clone()),
                None => Fetched::NotVisible(id.clone()),
            }
        };
        Ok(ids.iter().map(entry).collect())
    }

    /// Fills in comments and files of tickets already read, both at once; `None` stays where a list is not whole.
    pub(super) async fn complete_tickets(
        &self,
        scope: &Scope,
        tickets: &mut [&mut Ticket],
        want: Want,
    ) -> Result<(), ConnectorError> {
        let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
        let comments =
            async { Ok(if want.comments { Some(self.comments_of_all(scope, &ids).await?) } else { None }) };
        let files = async {
            Ok(if want.attachments { Some(self.attachments_of_all(scope, &ids).await?) } else { None })
        };
        let (comments, files) = try_join(comments, files).await?;
        for ticket in tickets {
            if let Some(read) = &comments {
                ticket.comments = read.get(&ticket.id).cloned();
            }
            if let Some(read) = &files {
                ticket.attachments = read.get(&ticket.id).cloned();
            }
        }
        Ok(())
    }

    /// Those of `ids` that the instance's own audit says were deleted; empty where we may not read it.
    async fn deleted(&self, table: &str, ids: &[Literal]) -> Result<BTreeSet<String>, ConnectorError> {
        let mut deleted = BTreeSet::new();
        if ids.is_empty() || self.audit_closed.load(Ordering::Relaxed) {
            return Ok(deleted);
        }
        let what = "read which records were deleted";
        for chunk in ids.chunks(IDS_MAX) {
            let query = Query::new()
                .and("tablename", Operator::Is, &Literal::name(table)?)
                .among("documentkey", chunk);
            let columns = "sys_id,tablename,documentkey,sys_created_on";
            let rows = Rows {
                table: "sys_audit_delete",
                query: &query,
                columns,
                limit: 4 * IDS_MAX,
                offset: 0,
                counted: false,
                what,
            };
            let answer = match self.rows(&rows).await {
                Ok(answer) => answer,
                Err(error) if is_closed(&error) => {
                    self.audit_closed.store(true, Ordering::Relaxed);
                    return Ok(BTreeSet::new());
                }
                Err(error) => return Err(error),
            };
            for row in self.list(&answer, what)? {
                let (Some(key), Some(name)) = (row.get("documentkey"), row.get("tablename")) else {
                    continue;
                };
                if name != table || !chunk.iter().any(|literal| literal.as_str() == key) {
                    // The condition was dropped: this audit proves nothing.
                    return Ok(BTreeSet::new());
                }
                deleted.insert(key.to_owned());
            }
        }
        Ok(deleted)
    }
}

/// An area that our user may not read, or that this instance does not have.
pub(super) fn is_closed(error: &ConnectorError) -> bool {
    matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Refused)
}

/// Each id once; what is no id is left out.
pub(super) fn distinct(ids: &[TicketId]) -> Vec<Literal> {
    let distinct: BTreeSet<&str> = ids.iter().map(TicketId::as_str).collect();
    distinct.into_iter().filter_map(|id| Literal::sys_id(id).ok()).collect()
}
