//! The seeds: a new instance, the small seed of believable tickets, and tickets in bulk.

use std::sync::Arc;

use super::ServiceNow;
use super::journal;
use super::records::Row;
use super::rules::priority;
use super::tickets::{TICKETS, Ticket};
use super::users::{self, GROUPS};
use super::value::{SysId, id_text, parse_id};
use super::{catalog, meta};
use crate::people::PEOPLE;
use crate::platform::Seed;
use crate::stamps;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// A picture of 2 × 2 points.
const PICTURE: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02\x00\x00\x00\x02\x08\
    \x02\x00\x00\x00\xfd\xd4\x9a\x73\x00\x00\x00\x11\x49\x44\x41\x54\x78\x9c\x63\xf8\xef\xe0\x00\x44\x0c\
    \x60\xf2\x3f\x00\x29\xf2\x05\xfd\x54\xd0\x4c\x10\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";
const LOG_FILE: &[u8] =
    b"06:00:02 worker 3 started\n06:00:04 order 99120: postcode is empty\n06:00:04 worker 3 stopped\n";

impl ServiceNow {
    /// Fills a new instance.
    pub(super) fn sow(&mut self, seed: Seed, now_ms: i64) {
        meta::seed(&mut self.tables, &mut self.ids, now_ms);
        users::seed(&mut self.tables, &mut self.ids, now_ms);
        catalog::seed(&mut self.tables, &mut self.ids, now_ms);
        self.sow_services(now_ms);
        self.accounts.refresh(&self.tables);
        if seed == Seed::Empty {
            return;
        }
        if let Seed::Plain(count) = seed {
            self.sow_many(count, now_ms, &["1", "2"], 0);
            // Somewhere on every instance somebody said something: else an empty journal looks like a closed one.
            let (elsewhere, by) = (self.ids.bytes16(), Arc::from("admin"));
            let entry = ("work_notes", "Done.");
            journal::add(&mut self.tables, &mut self.ids, ("sc_req_item", &elsewhere), entry, &by, now_ms);
            return;
        }
        self.sow_tickets(now_ms);
        if let Seed::Bulk(count) = seed {
            self.sow_bulk(count, now_ms);
        }
    }

    fn sow_services(&mut self, now_ms: i64) {
        let (made, by) = (now_ms - 300 * DAY_MS, Arc::from("admin"));
        for name in ["Web Shop", "Warehouse System", "E-mail", "Remote Access"] {
            users::add(&mut self.tables, &mut self.ids, "cmdb_ci_service", made, &by, &[("name", name)]);
        }
        for (name, city, country) in [("Dublin", "Dublin", "Ireland"), ("Gdynia Depot", "Gdynia", "Poland")] {
            let values = [("name", name), ("city", city), ("country", country)];
            users::add(&mut self.tables, &mut self.ids, "cmn_location", made, &by, &values);
        }
        let values = [("name", "Resolution within 8 hours"), ("duration", "1970-01-01 08:00:00")];
        users::add(&mut self.tables, &mut self.ids, "contract_sla", made, &by, &values);
    }

    /// `sys_id`s of the people and groups, in the order of their lists.
    fn known(&self) -> (Vec<String>, Vec<String>) {
        let of =
            |login: &str| self.accounts.get(login).map(|caller| caller.id_text.clone()).unwrap_or_default();
        let people = PEOPLE.iter().map(|(login, _, _)| of(login)).collect();
        let groups = self.tables.table("sys_user_group").rows().map(|(_, row)| id_text(&row.id)).collect();
        (people, groups)
    }

    fn sow_tickets(&mut self, now_ms: i64) {
        let (people, groups) = self.known();
        let count = TICKETS.len() as i64;
        for (at, ticket) in TICKETS.iter().enumerate() {
            // The oldest is three weeks old, the youngest an hour.
            let opened_ms = now_ms - HOUR_MS - (count - 1 - at as i64) * 16 * HOUR_MS;
            self.sow_ticket(ticket, opened_ms, now_ms, &people, &groups);
        }
        self.sow_files(now_ms);
        self.sow_requests(now_ms, &people, &groups);
    }

    fn sow_ticket(
        &mut self,
        ticket: &Ticket,
        opened_ms: i64,
        now_ms: i64,
        people: &[String],
        groups: &[String],
    ) {
        let name_of = |person: usize| -> Arc<str> { Arc::from(PEOPLE[person].0) };
        let (impact, urgency) = (ticket.levels.0.to_string(), ticket.levels.1.to_string());
        let opened = stamps::plain_text(opened_ms.div_euclid(1000));
        // Work takes a few hours and never ends in the future.
        let step_ms = (now_ms - opened_ms).min(6 * HOUR_MS) / (ticket.said.len() as i64 + 2);
        let ended_ms = opened_ms + step_ms * (ticket.said.len() as i64 + 1);
        let ended = stamps::plain_text(ended_ms.div_euclid(1000));
        let worker = ticket.assigned.1.map_or("", |person| people[person].as_str());
        let is_done = matches!(ticket.state, "6" | "7");
        let is_closed = matches!(ticket.state, "7" | "8");
        let only_if = |condition: bool, text: &'static str| if condition { text } else { "" };
        let vendor = worker.is_empty() || ticket.said.iter().all(|(_, is_note, _)| *is_note);
        let number = self.tables.table_mut("incident").next_number();
        let values = [
            ("number", number.as_str()),
            ("short_description", ticket.title),
            ("description", ticket.text),
            ("category", ticket.category.0),
            ("subcategory", ticket.category.1),
            ("impact", &impact),
            ("urgency", &urgency),
            ("priority", priority(&impact, &urgency).unwrap_or("5")),
            ("state", ticket.state),
            ("incident_state", ticket.state),
            (
                "hold_reason",
                if ticket.state != "3" {
                    ""
                } else if vendor {
                    "4"
                } else {
                    "1"
                },
            ),
            ("caller_id", &people[ticket.caller]),
            ("opened_by", &people[ticket.caller]),
            ("opened_at", &opened),
            ("assignment_group", &groups[ticket.assigned.0]),
            ("assigned_to", worker),
            ("contact_type", "self-service"),
            ("active", if is_closed { "false" } else { "true" }),
            ("close_code", only_if(is_done, "Solution provided")),
            ("close_notes", only_if(is_done, "Cause found and removed, confirmed with the caller.")),
            ("resolved_at", if is_done { &ended } else { "" }),
            ("resolved_by", if is_done { worker } else { "" }),
            ("closed_at", if is_closed { &ended } else { "" }),
            ("closed_by", if is_closed { worker } else { "" }),
        ];
        let by = name_of(ticket.caller);
        let id = users::add(&mut self.tables, &mut self.ids, "incident", opened_ms, &by, &values);
        let id = parse_id(&id).expect("made just now");
        for (at, (person, is_note, text)) in ticket.said.iter().enumerate() {
            let at_ms = opened_ms + step_ms * (at as i64 + 1);
            let element = if *is_note { "work_notes" } else { "comments" };
            let record = ("incident", &id);
            journal::add(&mut self.tables, &mut self.ids, record, (element, text), &name_of(*person), at_ms);
        }
        let last = ticket.assigned.1.map_or(by, name_of);
        let changes = ticket.said.len() as u32 + u32::from(ticket.state != "1");
        self.settle("incident", &id, ended_ms, changes, &last);
        if !is_closed {
            self.sow_sla(&id, opened_ms, ticket.state);
        }
    }

    /// Gives a seeded record the stamps of its last change.
    fn settle(&mut self, table: &str, id: &SysId, ended_ms: i64, changes: u32, by: &Arc<str>) {
        let table = self.tables.table_mut(table);
        let Some(slot) = table.find(id).filter(|_| changes > 0) else { return };
        table.touch(slot, ended_ms, by);
        table.restamp(slot, None, None, Some(changes));
    }

    fn sow_sla(&mut self, task: &SysId, opened_ms: i64, state: &str) {
        let sla = self
            .tables
            .table("contract_sla")
            .rows()
            .next()
            .map(|(_, row)| id_text(&row.id))
            .unwrap_or_default();
        let stage = match state {
            "3" => "paused",
            "6" => "completed",
            _ => "in_progress",
        };
        let start = stamps::plain_text(opened_ms.div_euclid(1000));
        let end = stamps::plain_text((opened_ms + 8 * HOUR_MS).div_euclid(1000));
        let values = [
            ("task", id_text(task)),
            ("sla", sla),
            ("stage", stage.to_owned()),
            ("start_time", start),
            ("planned_end_time", end),
        ];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
        users::add(&mut self.tables, &mut self.ids, "task_sla", opened_ms, &Arc::from("system"), &values);
    }

    fn sow_files(&mut self, now_ms: i64) {
        let ids: Vec<String> =
            self.tables.table("incident").rows().map(|(_, row)| id_text(&row.id)).collect();
        let (picture_on, log_on) = (&ids[4], &ids[8]);
        let (one, two): (Arc<str>, Arc<str>) = (Arc::from(PEOPLE[7].0), Arc::from(PEOPLE[5].0));
        let at_ms = now_ms - 2 * HOUR_MS;
        self.seed_file(at_ms, &one, "incident", picture_on, "left screen.png", "image/png", PICTURE);
        self.seed_file(at_ms, &two, "incident", log_on, "import.txt", "text/plain", LOG_FILE);
    }

    /// Two requests with their items and tasks, and two problems.
    fn sow_requests(&mut self, now_ms: i64, people: &[String], groups: &[String]) {
        let by: Arc<str> = Arc::from(PEOPLE[9].0);
        let item = self
            .tables
            .table("sc_cat_item")
            .rows()
            .next()
            .map(|(_, row)| id_text(&row.id))
            .unwrap_or_default();
        for (days, person, title) in
            [(6, 9, "Laptop for the new sales assistant"), (2, 10, "Laptop for interviews")]
        {
            let at_ms = now_ms - days * DAY_MS;
            let opened = stamps::plain_text(at_ms.div_euclid(1000));
            let common = [("opened_by", people[person].as_str()), ("opened_at", opened.as_str())];
            let request =
                self.sow_task("sc_request", at_ms, &by, &common, &[("requested_for", &people[person])]);
            let own = [
                ("request", request.as_str()),
                ("parent", &request),
                ("cat_item", &item),
                ("requested_for", &people[person]),
                ("short_description", title),
                ("assignment_group", &groups[3]),
            ];
            let requested = self.sow_task("sc_req_item", at_ms, &by, &common, &own);
            for task in ["Choose and order the laptop", "Install and hand over"] {
                let own = [
                    ("request", request.as_str()),
                    ("request_item", &requested),
                    ("parent", &requested),
                    ("short_description", task),
                    ("assignment_group", &groups[3]),
                ];
                self.sow_task("sc_task", at_ms, &by, &common, &own);
            }
        }
        let by: Arc<str> = Arc::from(PEOPLE[5].0);
        for (state, title) in
            [("103", "Order import stops on odd addresses"), ("101", "Handhelds lose their sign-in")]
        {
            let at_ms = now_ms - 4 * DAY_MS;
            let opened = stamps::plain_text(at_ms.div_euclid(1000));
            let common = [("opened_by", people[5].as_str()), ("opened_at", opened.as_str())];
            let own = [
                ("state", state),
                ("problem_state", state),
                ("short_description", title),
                ("impact", "2"),
                ("urgency", "2"),
                ("priority", "3"),
                ("assignment_group", &groups[4]),
            ];
            self.sow_task("problem", at_ms, &by, &common, &own);
        }
    }

    fn sow_task(
        &mut self,
        table: &str,
        at_ms: i64,
        by: &Arc<str>,
        common: &[(&str, &str)],
        own: &[(&str, &str)],
    ) -> String {
        let number = self.tables.table_mut(table).next_number();
        let mut values = vec![("number", number.as_str())];
        values.extend_from_slice(common);
        values.extend_from_slice(own);
        users::add(&mut self.tables, &mut self.ids, table, at_ms, by, &values)
    }

    /// Adds that many incidents, spread over the 90 days before `now_ms`; about every fifth has a comment.
    pub(super) fn sow_bulk(&mut self, count: usize, now_ms: i64) {
        self.sow_many(count, now_ms, &["1", "2", "2", "3", "6", "7", "7"], 200);
    }

    /// So many incidents in one of these states; of a thousand, so many with a comment.
    fn sow_many(&mut self, count: usize, now_ms: i64, states: &[&str], talked_of_1000: u16) {
        let (people, groups) = self.known();
        let logins: Vec<Arc<str>> = PEOPLE.iter().map(|(login, _, _)| Arc::from(*login)).collect();
        let mut draw = self.ids.branch("bulk");
        let incidents = self.tables.table_mut("incident");
        incidents.reserve(count);
        let column = |name: &str| incidents.schema.column(name).expect("a column of incident");
        let columns = BULK_COLUMNS.map(column);
        let mut talked: Vec<(SysId, usize, i64)> = Vec::new();
        for at in 0..count {
            let opened_ms = now_ms - 90 * DAY_MS + 90 * DAY_MS * at as i64 / count.max(1) as i64;
            let subject = &TICKETS[draw.below(TICKETS.len() as u64) as usize];
            let caller = draw.below(people.len() as u64) as usize;
            let group = draw.below(GROUPS.len() as u64) as usize;
            let worker = *draw.pick(GROUPS[group].3);
            let state = *draw.pick(states);
            let (impact, urgency) = (*draw.pick(&["1", "2", "3", "3"]), *draw.pick(&["1", "2", "2", "3"]));
            let is_done = matches!(state, "6" | "7");
            let incidents = self.tables.table_mut("incident");
            let number = incidents.next_number();
            let title = format!("{} (case {})", subject.title.trim(), &number[3..]);
            let opened = stamps::plain_text(opened_ms.div_euclid(1000));
            let only_if = |condition: bool, text| if condition { text } else { "" };
            let texts: [&str; BULK_COLUMNS.len()] = [
                &number,
                &title,
                subject.text,
                subject.category.0,
                impact,
                urgency,
                priority(impact, urgency).unwrap_or("5"),
                state,
                state,
                only_if(state == "3", "4"),
                &people[caller],
                &people[caller],
                &opened,
                &groups[group],
                only_if(state != "1", people[worker].as_str()),
                if state == "7" { "false" } else { "true" },
                only_if(is_done, "Solution provided"),
                only_if(is_done, "Done."),
                only_if(is_done, opened.as_str()),
                only_if(state == "7", opened.as_str()),
            ];
            let values: Vec<(u16, &str)> = columns.iter().copied().zip(texts).collect();
            let id = self.ids.bytes16();
            let stored = texts.iter().filter(|text| !text.is_empty()).count();
            let row = Row::new(id, opened_ms, &logins[caller]).with_room_for(stored);
            incidents.insert(row, &values);
            if draw.chance(talked_of_1000) {
                talked.push((id, caller, opened_ms));
            }
        }
        for (id, caller, at_ms) in talked {
            let entry = ("comments", "Is there any news on this?");
            journal::add(&mut self.tables, &mut self.ids, ("incident", &id), entry, &logins[caller], at_ms);
        }
    }
}

const BULK_COLUMNS: [&str; 20] = [
    "number",
    "short_description",
    "description",
    "category",
    "impact",
    "urgency",
    "priority",
    "state",
    "incident_state",
    "hold_reason",
    "caller_id",
    "opened_by",
    "opened_at",
    "assignment_group",
    "assigned_to",
    "active",
    "close_code",
    "close_notes",
    "resolved_at",
    "closed_at",
];
