//! The Table API's reading half: lists with the limit before the ACLs, single records, and deletion (sheet 3, 9).

use http::{HeaderValue, Method, StatusCode};

use super::ServiceNow;
use super::query::Filter;
use super::records::{Row, Table};
use super::script::Asking;
use super::select::{Found, Stretch, select};
use super::switches::{JournalReading, Rows, Switches};
use super::users::{self, Caller};
use super::value::parse_id;
use super::view::View;
use super::wire::{Call, Outcome, Problem, json, no_content};

/// `sysparm_limit` when none is given.
const LIMIT_DEFAULT: usize = 10_000;

impl ServiceNow {
    /// `/table/{name}` and `/table/{name}/{sys_id}`.
    pub(super) fn table_api(&mut self, call: &Call<'_>) -> Outcome {
        let name = call.parts.get(1).copied().unwrap_or_default();
        let position = self.tables.position(name).ok_or_else(|| Problem::invalid_table(name))?;
        self.may_read(name, &call.caller)?;
        match (&call.method, call.parts.get(2).copied()) {
            (&Method::GET | &Method::HEAD, None) => self.list(call, position),
            (&Method::GET | &Method::HEAD, Some(id)) => self.one(call, position, id),
            (&Method::POST, None) => self.create(call, position),
            (&Method::PUT | &Method::PATCH, Some(id)) => self.update(call, position, id),
            (&Method::DELETE, Some(id)) => self.delete(call, position, id),
            _ => Err(Problem { status: 405, message: "Method not supported".to_owned(), detail: None }),
        }
    }

    /// What the caller's question may use: their id, name and zone, and the time.
    pub(super) fn asking<'a>(&self, caller: &'a Caller, now_ms: i64) -> Asking<'a> {
        Asking {
            user_id: &caller.id_text,
            user_name: &caller.name,
            now: now_ms.div_euclid(1000),
            zone: caller.zone.clone(),
            blocked: self.switches.javascript_blocked,
        }
    }

    /// Tables that an ACL shuts altogether.
    pub(super) fn may_read(&self, name: &str, caller: &Caller) -> Result<(), Problem> {
        let shut = caller.is_service
            && (self.switches.unreadable_tables.iter().any(|table| table == name)
                || (name == "sys_journal_field"
                    && self.switches.journal_readable == JournalReading::Forbidden));
        let staff_only =
            matches!(name, "sys_audit_delete" | "sys_dictionary" | "sys_db_object" | "sys_journal_field");
        if shut || (staff_only && !caller.roles.itil) { Err(Problem::forbidden()) } else { Ok(()) }
    }

    /// The filter of a list call: `sysparm_query`, or the pairs that name a column.
    pub(super) fn filter_of(&self, call: &Call<'_>, position: usize) -> Filter {
        let asking = self.asking(&call.caller, call.now_ms);
        if let Some(query) = call.params.get("sysparm_query") {
            return Filter::parse(&self.tables, position, query, &asking);
        }
        let schema = &self.tables.list[position].schema;
        let mut query = String::new();
        for (name, value) in call.params.pairs().filter(|(name, _)| !name.starts_with("sysparm_")) {
            if !query.is_empty() {
                query.push('^');
            }
            let stored = self.stored_for_label(position, schema.column(name), value);
            query.push_str(&format!("{name}={}", stored.as_deref().unwrap_or(value)));
        }
        Filter::parse(&self.tables, position, &query, &asking)
    }

    /// The `field=value` shortcut also takes the label of a choice.
    fn stored_for_label(&self, position: usize, column: Option<u16>, label: &str) -> Option<String> {
        let table = &self.tables.list[position];
        let column = table.schema.at(column?);
        if !column.kind.is_choice() {
            return None;
        }
        let choices = super::view::choices(&self.tables, table, column.name);
        choices.into_iter().find(|(_, of)| of.eq_ignore_ascii_case(label)).map(|(value, _)| value)
    }

    /// 403 where a query ACL guards a column that the query ranges over or sorts by (sheet 3.6).
    pub(super) fn check_query_acl(
        &self,
        filter: &Filter,
        position: usize,
        caller: &Caller,
    ) -> Result<(), Problem> {
        if !caller.is_service || self.switches.query_acl.is_empty() {
            return Ok(());
        }
        let schema = &self.tables.list[position].schema;
        let guarded = |column: Option<u16>| {
            column.is_some_and(|column| {
                let name = schema.at(column).name;
                Switches::lists(&self.switches.query_acl, schema.name, schema.extends, name)
            })
        };
        let ranges = filter.conditions().filter(|condition| condition.operator.is_range());
        let refused = ranges.map(|condition| condition.path.column()).any(guarded)
            || filter.order.iter().any(|(path, _)| guarded(path.column()));
        if !refused {
            return Ok(());
        }
        let detail = "Field(s) present in the query do not have permission to be read";
        Err(Problem::new(403, "Insufficient rights to query records", detail))
    }

    /// Runs a query as this caller: strict instances, before-query rules and replica lag taken in.
    pub(super) fn run(&self, call: &Call<'_>, position: usize, filter: &Filter, stretch: Stretch) -> Found {
        if self.switches.strict_queries && !filter.dropped.is_empty() {
            return Found { hits: Vec::new(), total: stretch.count.then_some(0) };
        }
        let caller = &call.caller;
        let rules = self.parsed(&self.switches.before_query, position, caller, call.now_ms);
        let own_only = !caller.roles.itil && self.tables.list[position].schema.is_task();
        let lag = if caller.is_service { self.switches.list_lag_ms } else { 0 };
        let empty_journal = caller.is_service
            && self.switches.journal_readable == JournalReading::Empty
            && self.tables.list[position].schema.name == "sys_journal_field";
        let also = |table: &Table, row: &Row| {
            !empty_journal
                && (lag == 0 || row.created_ms <= call.now_ms - lag)
                && (!own_only || is_own(table, row, caller))
                && rules.iter().all(|rule| rule.holds(&self.tables, table, row))
        };
        select(&self.tables, position, filter, stretch, &also)
    }

    /// Encoded queries of switches that are about this table (or its class) and the service account.
    fn parsed(&self, rows: &[Rows], position: usize, caller: &Caller, now_ms: i64) -> Vec<Filter> {
        if !caller.is_service {
            return Vec::new();
        }
        let schema = &self.tables.list[position].schema;
        let asking = self.asking(caller, now_ms);
        rows.iter()
            .filter(|rows| rows.table == schema.name || rows.table == schema.extends)
            .map(|rows| Filter::parse(&self.tables, position, &rows.query, &asking))
            .collect()
    }

    /// Whether row ACLs and before-query rules let the caller see a record.
    pub(super) fn is_visible(&self, call: &Call<'_>, position: usize, row: &Row) -> bool {
        let table = &self.tables.list[position];
        if !call.caller.roles.itil && table.schema.is_task() {
            return is_own(table, row, &call.caller);
        }
        let hidden = self.parsed(&self.switches.hidden_rows, position, &call.caller, call.now_ms);
        let rules = self.parsed(&self.switches.before_query, position, &call.caller, call.now_ms);
        let holds = |filter: &Filter| filter.holds(&self.tables, table, row);
        !hidden.iter().any(holds) && rules.iter().all(holds)
    }

    fn list(&self, call: &Call<'_>, position: usize) -> Outcome {
        let filter = self.filter_of(call, position);
        self.check_query_acl(&filter, position, &call.caller)?;
        let limit = call.params.number("sysparm_limit", LIMIT_DEFAULT);
        let asked = call.params.number("sysparm_offset", 0);
        let count = !call.params.flag("sysparm_no_count");
        // A row moved between two pages: the window slides by one against what the client believes.
        let slid = call.hints.shifted_page && asked > 0;
        let back = call.hints.duplicate_page && asked > 0;
        let offset = asked + usize::from(slid) - usize::from(back);
        let mut found = self.run(call, position, &filter, Stretch { offset, limit, count });
        if asked == 0 && found.hits.len() > 1 {
            if call.hints.duplicate_page {
                found.hits.push(found.hits[0]);
            }
            if call.hints.shifted_page {
                found.hits.remove(found.hits.len() / 2);
            }
        }
        if call.version_1 && found.hits.is_empty() {
            return Err(Problem::no_record());
        }
        let mut response = json(StatusCode::OK, self.write_list(call, position, &found));
        let headers = response.headers_mut();
        if let Some(total) = found.total {
            headers.insert("x-total-count", HeaderValue::from(total));
        }
        if !call.params.flag("sysparm_suppress_pagination_header")
            && let Some(links) = self.page_links(call, asked, limit, &found)
        {
            headers.insert("link", links);
        }
        Ok(response)
    }

    fn write_list(&self, call: &Call<'_>, position: usize, found: &Found) -> Vec<u8> {
        let view =
            View::new(&self.tables, position, &call.params, &self.switches, &call.caller, &self.origin);
        let schema = &self.tables.list[position].schema;
        let guarded = schema.is_task() && !call.caller.roles.itil;
        let checked = guarded || (call.caller.is_service && !self.switches.hidden_rows.is_empty());
        let mut out = Vec::with_capacity(64 + found.hits.len() * 512);
        out.extend_from_slice(b"{\"result\":[");
        let hidden = self.parsed(&self.switches.hidden_rows, position, &call.caller, call.now_ms);
        for (member, slot) in &found.hits {
            let table = &self.tables.list[*member];
            let Some(row) = table.row(*slot) else { continue };
            // Row ACLs come after the limit, so a page may be short or empty though more follow (sheet 3.1).
            let kept_from = checked
                && ((guarded && !is_own(table, row, &call.caller))
                    || hidden.iter().any(|filter| filter.holds(&self.tables, table, row)));
            if kept_from {
                continue;
            }
            if out.last() == Some(&b'}') {
                out.push(b',');
            }
            view.write(&mut out, &self.tables, table, row);
        }
        out.extend_from_slice(b"]}");
        out
    }

    fn page_links(&self, call: &Call<'_>, offset: usize, limit: usize, found: &Found) -> Option<HeaderValue> {
        let mut base = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.params.pairs().filter(|(name, _)| *name != "sysparm_offset") {
            base.append_pair(name, value);
        }
        let base = base.finish();
        let link = |offset: usize, rel: &str| {
            let joint = if base.is_empty() { "" } else { "&" };
            format!("<{}{}?{base}{joint}sysparm_offset={offset}>;rel=\"{rel}\"", self.origin, call.path)
        };
        let mut links = vec![link(0, "first")];
        if offset > 0 {
            links.push(link(offset.saturating_sub(limit), "prev"));
        }
        let more = found.total.map_or(found.hits.len() == limit, |total| offset + limit < total);
        if more && limit > 0 {
            links.push(link(offset + limit, "next"));
        }
        if let Some(total) = found.total.filter(|_| limit > 0) {
            links.push(link(total.saturating_sub(1) / limit * limit, "last"));
        }
        HeaderValue::from_str(&links.join(",")).ok()
    }

    fn one(&self, call: &Call<'_>, position: usize, id: &str) -> Outcome {
        let (member, slot) = self.visible_record(call, position, id)?;
        self.show(call, StatusCode::OK, position, member, slot)
    }

    /// Where a record is, if it is there and the caller may see it; both failures look the same.
    pub(super) fn visible_record(
        &self,
        call: &Call<'_>,
        position: usize,
        id: &str,
    ) -> Result<(usize, u32), Problem> {
        let id = parse_id(id).ok_or_else(Problem::no_record)?;
        let (member, slot) = self.tables.find(position, &id).ok_or_else(Problem::no_record)?;
        let row = self.tables.list[member].row(slot).ok_or_else(Problem::no_record)?;
        let journal = self.tables.list[member].schema.name == "sys_journal_field"
            && call.caller.is_service
            && self.switches.journal_readable != JournalReading::Yes;
        if journal || !self.is_visible(call, member, row) {
            Err(Problem::no_record())
        } else {
            Ok((member, slot))
        }
    }

    /// One record as `{"result":{…}}`.
    pub(super) fn show(
        &self,
        call: &Call<'_>,
        status: StatusCode,
        position: usize,
        member: usize,
        slot: u32,
    ) -> Outcome {
        let view =
            View::new(&self.tables, position, &call.params, &self.switches, &call.caller, &self.origin);
        let table = &self.tables.list[member];
        let row = table.row(slot).ok_or_else(Problem::no_record)?;
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(b"{\"result\":");
        view.write(&mut out, &self.tables, table, row);
        out.push(b'}');
        Ok(json(status, out))
    }

    /// Deleting is for administrators; it leaves a row in `sys_audit_delete` (sheet 9).
    fn delete(&mut self, call: &Call<'_>, position: usize, id: &str) -> Outcome {
        let (member, slot) = self.visible_record(call, position, id)?;
        if !call.caller.roles.admin && !call.caller.roles.itil_admin {
            return Err(Problem::acl("Delete"));
        }
        let table = self.tables.at_mut(member);
        let (name, display) = (table.schema.name, table.schema.display);
        let Some(row) = table.remove(slot) else { return Err(Problem::no_record()) };
        let label = row.text(&table.schema, display, &mut [0; 32]).to_owned();
        let values = [("tablename", name), ("documentkey", id), ("display_value", label.as_str())];
        users::add(
            &mut self.tables,
            &mut self.ids,
            "sys_audit_delete",
            call.now_ms,
            &call.caller.name,
            &values,
        );
        self.deleted.insert(row.id, (name, row));
        if name == "sys_user" {
            self.accounts.refresh(&self.tables);
        }
        Ok(no_content())
    }
}

/// Whether a ticket is the caller's own, which is all that users without roles see (sheet 3.6).
fn is_own(table: &Table, row: &Row, caller: &Caller) -> bool {
    ["caller_id", "opened_by", "requested_for"]
        .iter()
        .filter_map(|name| table.schema.column(name))
        .any(|column| row.reference(column) == Some(caller.id))
}
