//! The practice ServiceNow: the Table API and its neighbours, traps included.
//!
//! Each file names the section of the fact sheet (`platforms/servicenow.md`) that it follows. What every instance does
//! is always on: string values, one-second UTC stamps, invalid query parts dropped, the limit applied before the row
//! ACLs, journal fields that read as nothing, calculated priority, mandatory closing fields, the same 404 for deleted
//! and for hidden. What differs between instances is a switch, set by [`Platform::configure`] (over HTTP:
//! `PUT /_practice/switches`). Switches about reading and ACLs concern the service account only, so that a test can
//! still look and edit as a person.
//!
//! | switch | default | meaning |
//! |---|---|---|
//! | `strict_queries` | false | a query with an invalid part finds nothing, instead of the part being dropped (3.5) |
//! | `javascript_blocked` | false | scripts in queries find nothing (1.1) |
//! | `hidden_rows` | [] | `{table, query}`: row ACL; rows vanish after the limit, `GET` gives 404 (3.6) |
//! | `before_query` | [] | `{table, query}`: a before-query rule; rows are filtered before limit and count (3.6) |
//! | `omitted_fields` | {} | `{table: [field]}`: field ACL; the key is missing from answers (3.6) |
//! | `read_only_fields` | {} | `{table: [field]}`: writes to it are ignored without a word (4.1) |
//! | `query_acl` | {} | `{table: [field]}`: 403 when a query ranges over or sorts by it (3.6) |
//! | `journal_readable` | `yes` | `yes`, `empty` or `forbidden`: reading `sys_journal_field` (5.1) |
//! | `unreadable_tables` | [] | tables that give 403, such as `sys_choice` or `sys_audit_delete` (1.2) |
//! | `meta_readable` | true | false: `ui/meta` gives 403 (2.1) |
//! | `sleeping` | false | everything answers 200 with HTML (1.1) |
//! | `mfa` | false | basic sign-in gives 401 with `X-MFA_TOKEN: invalid` (1) |
//! | `password_grant`, `client_credentials` | true | false: the OAuth grant is off (1) |
//! | `api_key_apis` | all | `table`, `attachment`, `catalog`, `batch`, `stats`, `meta`: where `x-sn-apikey` works (1) |
//! | `data_policies` | true | false: closing fields and hold reason are not mandatory (4.2) |
//! | `mandatory_fields` | {} | `{table: [field]}`: more data policies, on every write (4.2) |
//! | `itil_can_close` | false | true: `itil` may set state 7 and change closed incidents (1.2) |
//! | `children_follow` | true | resolving a parent incident resolves its children (4.2) |
//! | `workflow` | true | the last closed task closes its item, the last closed item its request (4.2) |
//! | `async_rule_ms` | null | so long after a write of the service account, `system` saves the ticket again (4.3) |
//! | `saved_twice` | false | an after-rule saves each ticket once more, in the same write and as the same user (4.3) |
//! | `auto_close_after_ms` | null | so long after being resolved, an incident is closed by `system` (4.2) |
//! | `rewrites` | [] | `{table, field, value, after_ms?, query?}`: a rule sets the field, at once or later (4.3) |
//! | `aborts` | [] | `{table, field, rule?}`: a rule refuses writes that change the field (4.3) |
//! | `doubled_journal` | false | every entry is written twice by a customer's rule (5.1) |
//! | `journal_crlf` | false | entries are stored with `\r\n` (5.1) |
//! | `list_lag_ms` | 0 | lists do not show records younger than this; a direct `GET` does (4.5) |
//! | `attachments_touch_parent` | false | an upload counts as a change of the record (6) |
//! | `attachment_bytes_max` | 1 GiB | larger files give 413 (6) |
//! | `attachment_state` | `available` | state of new files; another one makes the download 403 (6) |
//! | `attachments_readable` | true | false: the Attachment API gives 403 (1.1) |
//!
//! Two more keys act once: `silent_edit` `{table, sys_id, fields}` changes a record without touching its stamps, or
//! sets `sys_updated_on` and `sys_created_on` back (3.7), and `undelete` `"<sys_id>"` brings a deleted record back (9).

mod attachments;
mod auth;
mod batch;
mod catalog;
mod choices;
mod columns;
mod facts;
mod journal;
mod meta;
mod query;
mod records;
mod rules;
mod save;
mod schema;
mod script;
mod seed;
mod select;
mod switches;
mod table;
mod tickets;
mod timers;
mod users;
mod value;
mod view;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use self::auth::Tokens;
use self::records::{ById, Row, Tables};
use self::switches::Switches;
use self::timers::Due;
use self::users::{Accounts, Caller};
use self::wire::{Call, Outcome, Params, Problem};
use crate::facts::Facts;
use crate::faults::Hints;
use crate::ids::Ids;
use crate::log::Who;
use crate::platform::{Platform, Seed, SignIn};
use crate::stand_in::html_page;

/// How every session's cookie begins: a mark by which a search finds one that got out.
pub const SESSION: &str = "5E551017C0FFEE";

pub use self::users::{SERVICE_ACCOUNT, password_of};

/// A practice ServiceNow instance.
#[derive(Clone)]
pub struct ServiceNow {
    tables: Tables,
    /// Contents of attachments.
    files: ById<Bytes>,
    /// Deleted records, for `undelete`.
    deleted: ById<(&'static str, Row)>,
    ids: Ids,
    seed: u64,
    origin: String,
    accounts: Accounts,
    tokens: Tokens,
    switches: Switches,
    due: BTreeMap<(i64, u64), Due>,
    due_count: u64,
    sessions: u64,
}

impl std::fmt::Debug for ServiceNow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceNow").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl ServiceNow {
    /// A new instance. Equal seeds and times give equal instances, down to the `sys_id`s and passwords.
    pub fn new(seed: u64, now_ms: i64, content: Seed) -> Self {
        let mut instance = Self {
            tables: Tables::default(),
            files: ById::default(),
            deleted: ById::default(),
            ids: Ids::new(seed).branch("servicenow"),
            seed,
            origin: "http://127.0.0.1".to_owned(),
            accounts: Accounts::new(seed),
            tokens: Tokens::default(),
            switches: Switches::default(),
            due: BTreeMap::new(),
            due_count: 0,
            sessions: 0,
        };
        instance.sow(content, now_ms);
        instance
    }

    /// Client id and secret for the token endpoint.
    pub fn oauth_client(&self) -> (String, String) {
        (self.accounts.client_id.clone(), self.accounts.client_secret.clone())
    }

    /// The key for the header `x-sn-apikey`.
    pub fn api_key(&self) -> String {
        self.accounts.api_key.clone()
    }

    /// How many records a table holds; 0 for a table that does not exist.
    pub fn count(&self, table: &str) -> usize {
        self.tables.position(table).map_or(0, |position| self.tables.list[position].count())
    }

    fn answer(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        let path = request.uri().path();
        if path == "/oauth_token.do" && request.method() == Method::POST {
            return self.token_endpoint(request, now_ms);
        }
        let Some(api) = path.strip_prefix("/api/") else { return self.page(path) };
        let caller = match self.sign_in_of(request, api_name(api), now_ms) {
            Ok(caller) => caller,
            Err(refused) => return *refused,
        };
        let mut response = self.serve_as(request, &caller, now_ms);
        response.extensions_mut().insert(Who(Arc::clone(&caller.name)));
        if !request.headers().contains_key(COOKIE) {
            self.sessions += 1;
            let cookie = format!("JSESSIONID={SESSION}{:018X}; Path=/; HttpOnly", self.sessions);
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
        }
        response
    }

    /// What a browser would see: the sign-on page, and the way there.
    fn page(&self, path: &str) -> Response<Bytes> {
        if path == "/login.do" {
            return html_page();
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::FOUND;
        if let Ok(location) = HeaderValue::from_str(&format!("{}/login.do", self.origin)) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }

    /// Answers an API request as this user.
    fn serve_as(&mut self, request: &Request<Bytes>, caller: &Arc<Caller>, now_ms: i64) -> Response<Bytes> {
        match self.route(request, caller, now_ms) {
            Ok(response) => response,
            Err(problem) => problem.response(),
        }
    }

    fn route(&mut self, request: &Request<Bytes>, caller: &Arc<Caller>, now_ms: i64) -> Outcome {
        let path = request.uri().path();
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.len() < 3 || parts[0] != "api" {
            return Err(Problem::no_resource());
        }
        let space = parts[1];
        parts.drain(..2);
        let version_1 = parts[0] == "v1";
        if parts[0].strip_prefix('v').is_some_and(|number| number.parse::<u8>().is_ok()) {
            parts.remove(0);
        }
        let is_file = parts.last() == Some(&"file");
        if !is_file && !accepts_json(request) {
            return Err(Problem::new(406, "Not Acceptable", "Send Accept: application/json"));
        }
        let call = Call {
            method: method_of(request),
            path,
            version_1,
            params: Params::parse(request.uri().query().unwrap_or_default().as_bytes()),
            headers: request.headers(),
            body: request.body(),
            caller: Arc::clone(caller),
            now_ms,
            hints: request.extensions().get::<Hints>().copied().unwrap_or_default(),
            parts,
        };
        match (space, call.parts.first().copied(), call.parts.get(1).copied()) {
            ("now", Some("table"), Some(_)) => self.table_api(&call),
            ("now", Some("attachment"), _) => self.attachment_api(&call),
            ("now", Some("batch"), None) => self.batch(&call),
            ("now", Some("stats"), Some(_)) => self.stats(&call),
            ("now", Some("ui"), Some("meta")) => self.ui_meta(&call),
            ("now", Some("doc"), Some("table")) => self.table_list(&call),
            ("sn_sc", Some("servicecatalog"), _) => self.catalog_api(&call),
            _ => Err(Problem::no_resource()),
        }
    }

    /// Changes a record behind the back of its stamps, as a script with `autoSysFields(false)` does (sheet 3.7).
    fn silent_edit(&mut self, edit: &Value) -> Result<(), String> {
        let name = edit["table"].as_str().ok_or("silent_edit needs a table")?;
        let id = edit["sys_id"].as_str().and_then(value::parse_id).ok_or("silent_edit needs a sys_id")?;
        let fields = edit["fields"].as_object().ok_or("silent_edit needs fields")?;
        let position = self.tables.position(name).ok_or_else(|| format!("there is no table {name}"))?;
        let (member, slot) = self.tables.find(position, &id).ok_or("silent_edit finds no such record")?;
        let table = self.tables.at_mut(member);
        for (name, value) in fields {
            let text = value.as_str().ok_or_else(|| format!("{name} must be a text"))?;
            match name.as_str() {
                "sys_updated_on" => table.restamp(slot, crate::stamps::parse_plain(text), None, None),
                "sys_created_on" => {
                    let created = crate::stamps::parse_plain(text).map(|seconds| seconds * 1000);
                    table.restamp(slot, None, created, None);
                }
                _ => {
                    let column = table.schema.column(name).ok_or_else(|| format!("{name} is no column"))?;
                    table.set(slot, &[(column, text.to_owned())]);
                }
            }
        }
        Ok(())
    }

    fn undelete(&mut self, id: &Value) -> Result<(), String> {
        let id = id.as_str().and_then(value::parse_id).ok_or("undelete needs a sys_id")?;
        let (table, row) = self.deleted.remove(&id).ok_or("undelete finds no such deleted record")?;
        self.tables.table_mut(table).insert_row(row);
        self.accounts.refresh(&self.tables);
        Ok(())
    }
}

/// The name under which an API is allowed for a key.
fn api_name(path: &str) -> &'static str {
    let mut parts = path.split('/').skip(1).skip_while(|part| part.starts_with('v') && part.len() == 2);
    match parts.next() {
        Some("attachment") => "attachment",
        Some("batch") => "batch",
        Some("stats") => "stats",
        Some("ui" | "doc") => "meta",
        Some("servicecatalog") => "catalog",
        _ => "table",
    }
}

/// The method, or the one that `X-HTTP-Method-Override` names.
fn method_of(request: &Request<Bytes>) -> Method {
    let named = request.headers().get("x-http-method-override").and_then(|value| value.to_str().ok());
    named.and_then(|name| name.to_ascii_uppercase().parse().ok()).unwrap_or_else(|| request.method().clone())
}

fn accepts_json(request: &Request<Bytes>) -> bool {
    let Some(accept) = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()) else {
        return true;
    };
    ["application/json", "*/*", "application/*", "text/json"].iter().any(|media| accept.contains(media))
}

impl Platform for ServiceNow {
    fn name(&self) -> &'static str {
        "servicenow"
    }

    fn set_origin(&mut self, origin: &str) {
        origin.trim_end_matches('/').clone_into(&mut self.origin);
    }

    fn sign_in(&self) -> SignIn {
        SignIn { user: SERVICE_ACCOUNT.to_owned(), secret: self.accounts.service_secret.clone() }
    }

    fn credentials(&self) -> Value {
        self.accounts.list()
    }

    fn handle(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        self.catch_up(now_ms);
        if self.switches.sleeping {
            return html_page();
        }
        self.answer(request, now_ms)
    }

    fn configure(&mut self, switches: &Value) -> Result<(), String> {
        let mut named = switches.as_object().cloned().ok_or("the switches must be an object")?;
        if let Some(edit) = named.remove("silent_edit") {
            self.silent_edit(&edit)?;
        }
        if let Some(id) = named.remove("undelete") {
            self.undelete(&id)?;
        }
        let before = self.switches.auto_close_after_ms;
        self.switches = self.switches.overlay(&named)?;
        if self.switches.auto_close_after_ms != before {
            self.plan_auto_close();
        }
        Ok(())
    }

    fn seed_bulk(&mut self, count: usize, now_ms: i64) {
        self.sow_bulk(count, now_ms);
    }

    fn facts(&self) -> Vec<Facts> {
        self.incident_facts()
    }

    fn people_count(&self) -> usize {
        Self::people_count(self)
    }

    fn save(&self) -> Value {
        self.to_json()
    }

    fn load(&mut self, state: &Value) -> Result<(), String> {
        self.take_json(state)
    }
}
