//! What happens by itself: workflow after a closure, rules that run later, the auto-close job (sheet 4.2, 4.3).
//!
//! The platform has no clock of its own; what is due is done when the next request comes, dated when it was due.

use std::sync::Arc;

use super::ServiceNow;
use super::query::Filter;
use super::rules::{Effect, is_closed};
use super::users::Caller;
use super::value::{SysId, parse_id};
use crate::stamps;

/// Something to be done later.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Due {
    /// An asynchronous rule saves the record again.
    Bump {
        /// Table.
        table: String,
        /// Record.
        id: SysId,
    },
    /// The auto-close job closes a resolved incident.
    AutoClose {
        /// Record.
        id: SysId,
    },
    /// A rule sets a field.
    Rewrite {
        /// Table.
        table: String,
        /// Record.
        id: SysId,
        /// Column.
        field: String,
        /// Value.
        value: String,
    },
}

impl ServiceNow {
    /// Does what has come due by now.
    pub(super) fn catch_up(&mut self, now_ms: i64) {
        while let Some(entry) = self.due.first_entry() {
            if entry.key().0 > now_ms {
                return;
            }
            let ((at_ms, _), due) = entry.remove_entry();
            self.do_due(due, at_ms);
        }
    }

    fn put_off(&mut self, at_ms: i64, due: Due) {
        self.due_count += 1;
        self.due.insert((at_ms, self.due_count), due);
    }

    fn do_due(&mut self, due: Due, at_ms: i64) {
        let (table, id) = match &due {
            Due::Bump { table, id } | Due::Rewrite { table, id, .. } => (table.as_str(), id),
            Due::AutoClose { id } => ("incident", id),
        };
        let system: Arc<str> = Arc::from("system");
        let Some(position) = self.tables.position(table) else { return };
        let Some(slot) = self.tables.list[position].find(id) else { return };
        match &due {
            Due::Bump { .. } => self.tables.at_mut(position).touch(slot, at_ms, &system),
            Due::Rewrite { field, value, .. } => {
                self.set_as_system(position, slot, at_ms, &[(field.as_str(), value.as_str())]);
            }
            Due::AutoClose { .. } => {
                let is_resolved = self.text(position, slot, "state") == "6";
                let stamp = stamps::plain_text(at_ms.div_euclid(1000));
                let values =
                    [("state", "7"), ("incident_state", "7"), ("active", "false"), ("closed_at", &stamp)];
                if is_resolved {
                    self.set_as_system(position, slot, at_ms, &values);
                }
            }
        }
    }

    /// A value of a record, as text.
    pub(super) fn text(&self, position: usize, slot: u32, name: &str) -> String {
        let table = &self.tables.list[position];
        let (Some(row), Some(column)) = (table.row(slot), table.schema.column(name)) else {
            return String::new();
        };
        row.text(&table.schema, column, &mut [0; 32]).to_owned()
    }

    /// Sets values as the user `system`, without rules. Nothing happens when they stand already.
    fn set_as_system(&mut self, position: usize, slot: u32, now_ms: i64, values: &[(&str, &str)]) {
        let changed: Vec<(u16, String)> = values
            .iter()
            .filter(|(name, text)| self.text(position, slot, name) != *text)
            .filter_map(|(name, text)| {
                Some((self.tables.list[position].schema.column(name)?, (*text).to_owned()))
            })
            .collect();
        if changed.is_empty() {
            return;
        }
        let table = self.tables.at_mut(position);
        table.set(slot, &changed);
        table.touch(slot, now_ms, &Arc::from("system"));
    }

    pub(super) fn take_effect(
        &mut self,
        effect: Effect,
        position: usize,
        slot: u32,
        caller: &Arc<Caller>,
        now_ms: i64,
    ) {
        match effect {
            Effect::ResolveChildren { parent, code, notes } => {
                self.resolve_children(position, &parent, &code, &notes, caller, now_ms);
            }
            Effect::CloseUpwards if self.switches.workflow => self.close_upwards(position, slot, now_ms),
            Effect::CloseUpwards => {}
            Effect::Resolved => {
                let Some(row) = self.tables.list[position].row(slot) else { return };
                let id = row.id;
                if let Some(after) = self.switches.auto_close_after_ms {
                    self.put_off(now_ms + after, Due::AutoClose { id });
                }
            }
        }
    }

    /// Children are resolved as the user who resolved the parent (sheet 4.2).
    fn resolve_children(
        &mut self,
        position: usize,
        parent: &SysId,
        code: &str,
        notes: &str,
        caller: &Arc<Caller>,
        now_ms: i64,
    ) {
        let children = self.slots_of(position, "parent_incident", parent);
        let schema = &self.tables.list[position].schema;
        let column = |name: &str| schema.column(name).expect("a column of incident");
        let values = [(column("state"), "6"), (column("close_code"), code), (column("close_notes"), notes)];
        let set: Vec<(u16, String)> =
            values.iter().map(|(column, text)| (*column, (*text).to_owned())).collect();
        for child in children {
            let open = !matches!(self.text(position, child, "state").as_str(), "6" | "7" | "8");
            if open
                && let Err(problem) = self.change(position, child, set.clone(), Vec::new(), caller, now_ms)
            {
                tracing::debug!(?problem, "a child incident stays open");
            }
        }
    }

    /// Slots of records whose indexed reference leads to this one.
    pub(super) fn slots_of(&self, position: usize, reference: &str, id: &SysId) -> Vec<u32> {
        let table = &self.tables.list[position];
        let Some(column) = table.schema.column(reference) else { return Vec::new() };
        let text = super::value::id_text(id);
        let slots = table.lookup(column, &text).into_iter().flatten();
        slots.filter(|slot| table.row(*slot).is_some_and(|row| row.reference(column) == Some(*id))).collect()
    }

    /// The last closed task closes its item, the last closed item its request, as `system`.
    fn close_upwards(&mut self, position: usize, slot: u32, now_ms: i64) {
        let (link, parent_table) = match self.tables.list[position].schema.name {
            "sc_task" => ("request_item", "sc_req_item"),
            "sc_req_item" => ("request", "sc_request"),
            _ => return,
        };
        let Some(parent) = parse_id(&self.text(position, slot, link)) else { return };
        let siblings = self.slots_of(position, link, &parent);
        let all_closed = siblings.iter().all(|sibling| is_closed(&self.text(position, *sibling, "state")));
        let Some(above) = self.tables.position(parent_table) else { return };
        let Some(parent_slot) = self.tables.list[above].find(&parent) else { return };
        if !all_closed || is_closed(&self.text(above, parent_slot, "state")) {
            return;
        }
        let stamp = stamps::plain_text(now_ms.div_euclid(1000));
        let mut values = vec![("state", "3"), ("active", "false"), ("closed_at", stamp.as_str())];
        values.push(if parent_table == "sc_request" {
            ("request_state", "closed_complete")
        } else {
            ("stage", "complete")
        });
        self.set_as_system(above, parent_slot, now_ms, &values);
        self.close_upwards(above, parent_slot, now_ms);
    }

    /// Puts off the rules that run after a write of the service account.
    pub(super) fn plan_rules(&mut self, position: usize, slot: u32, caller: &Caller, now_ms: i64) {
        let Some(row) = self.tables.list[position].row(slot) else { return };
        let (id, schema) = (row.id, &self.tables.list[position].schema);
        let (table, is_task) = (schema.name, schema.is_task());
        if !is_task {
            return;
        }
        let bump = self.switches.async_rule_ms.filter(|_| caller.is_service);
        let asking = self.asking(caller, now_ms);
        let rewrites = self
            .switches
            .rewrites
            .iter()
            .filter(|rule| rule.table == table)
            .filter(|rule| {
                let filter = Filter::parse(&self.tables, position, &rule.query, &asking);
                filter.holds(&self.tables, &self.tables.list[position], row)
            })
            .filter_map(|rule| {
                let (field, value) = (rule.field.clone(), rule.value.clone());
                Some((rule.after_ms?, Due::Rewrite { table: table.to_owned(), id, field, value }))
            });
        let bump = bump.map(|after| (after, Due::Bump { table: table.to_owned(), id }));
        let later: Vec<(i64, Due)> = bump.into_iter().chain(rewrites).collect();
        for (after, due) in later {
            self.put_off(now_ms + after, due);
        }
    }

    /// Lets the auto-close job find the incidents that are resolved already.
    pub(super) fn plan_auto_close(&mut self) {
        let Some(after) = self.switches.auto_close_after_ms else { return };
        self.due.retain(|_, due| !matches!(due, Due::AutoClose { .. }));
        let table = self.tables.table("incident");
        let column = |name: &str| table.schema.column(name).expect("a column of incident");
        let (state, resolved) = (column("state"), column("resolved_at"));
        let found: Vec<(i64, SysId)> = table
            .rows()
            .filter(|(_, row)| row.text(&table.schema, state, &mut [0; 32]) == "6")
            .map(|(_, row)| {
                let at = stamps::parse_plain(row.text(&table.schema, resolved, &mut [0; 32]));
                (at.unwrap_or(row.updated) * 1000, row.id)
            })
            .collect();
        for (at_ms, id) in found {
            self.put_off(at_ms + after, Due::AutoClose { id });
        }
    }
}
