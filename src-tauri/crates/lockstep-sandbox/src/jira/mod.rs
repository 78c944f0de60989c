//! The practice Jira Cloud: software and service management, with the traps of the fact sheet.
//!
//! # Sign-in
//! Basic, e-mail address and API token ([`Jira::token_of`]). The service account is `lockstep@corvane.example`; the
//! people of [`crate::people::PEOPLE`] have tokens of their own, so that a test edits "as a person" through the same API.
//! The first of them administers the site, the tenth hides the e-mail address, the eleventh has left. One more account,
//! `pia.lindqvist@harborline.example`, is a customer of the portal.
//!
//! # Switches
//! See [`switches::Switches`]: `index_lag_ms`, `index_unsteady`, `bulk_shuffled`, `epoch_to_minute`, `per_issue_limit`, `validator_rule`,
//! `require_field`, `deny_permissions`, `hide_projects`, `hide_issues`, `agent`, `token_expired`,
//! `comment_property_delay_ms`, `comment_edit_moves_updated`, `comment_put_resets_internal`, `sla_tick_ms`,
//! `upload_limit`, `site_zone`. Acts of people without a call of their own: `move` (`{"issue":"CSD-3","to":"OPS"}`),
//! `clone` (a key), `touch` (a key), `user_zone` (`{"user":"…","zone":"…"}`). They happen at the time of the request
//! before.

pub mod adf;
mod answer;
mod attachments;
mod auth;
mod bulk;
mod changelog;
mod clock;
mod comments;
mod desk_requests;
mod diff;
mod draw;
mod edit;
mod facts;
mod fields;
mod issues;
mod jql;
mod jql_fits;
mod jql_values;
mod jsm;
mod json;
mod limits;
mod meta;
mod model;
mod multipart;
mod properties;
mod query;
mod remote_links;
mod render;
mod routes;
mod search;
mod seed;
mod shapes;
mod site;
mod state;
mod store;
pub mod switches;
mod users;
mod wiki;
mod workflow;

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use http::{Request, Response};

use crate::facts::Facts;
use crate::platform::{Platform, Seed, SignIn};

use clock::SiteClock;
use limits::WriteLimits;
use model::{Attachment, LOCKSTEP, User};
use shapes::Shapes;
use store::Store;
use switches::Switches;

/// The whole site.
#[derive(Clone)]
pub struct Jira {
    seed: u64,
    origin: String,
    users: Vec<User>,
    store: Store,
    files: BTreeMap<u64, Attachment>,
    /// Files uploaded for requests, not yet attached.
    temporary_files: BTreeMap<String, Attachment>,
    /// Ticket of each comment.
    comment_homes: HashMap<u64, u64>,
    /// Sub-tasks by parent; entries may be out of date, so readers check.
    children: HashMap<u64, Vec<u64>>,
    switches: Switches,
    clock: SiteClock,
    limits: WriteLimits,
    shapes: [Shapes; 2],
    /// Last number given to a comment, file, link or changelog entry.
    counter: u64,
    /// Searches answered so far; an unsteady index draws from it.
    searches: u64,
    /// Time of the last request.
    now_ms: i64,
}

impl std::fmt::Debug for Jira {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jira").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Jira {
    /// A site made up from `seed`, holding what `start` says, as of `now_ms`.
    pub fn new(seed: u64, now_ms: i64, start: Seed) -> Self {
        let mut jira = Self::empty(seed, now_ms);
        match start {
            Seed::Empty => {}
            Seed::Small | Seed::Plain(_) => jira.seed_small(now_ms),
            Seed::Bulk(count) => {
                jira.seed_small(now_ms);
                jira.seed_bulk(count, now_ms);
            }
        }
        jira
    }

    fn empty(seed: u64, now_ms: i64) -> Self {
        let switches = Switches::default();
        let mut jira = Self {
            seed,
            origin: "http://jira.practice.invalid".to_owned(),
            users: auth::users(seed),
            store: Store::new(10_000 + draw::mix(seed, 1) % 90 * 1_000),
            files: BTreeMap::new(),
            temporary_files: BTreeMap::new(),
            comment_homes: HashMap::new(),
            children: HashMap::new(),
            clock: SiteClock::named(&switches.site_zone).expect("the default zone is known"),
            switches,
            limits: WriteLimits::default(),
            shapes: [Shapes::default(), Shapes::default()],
            counter: 20_000,
            searches: 0,
            now_ms,
        };
        jira.render_shapes();
        jira
    }

    /// The site's own id, as `_edge/tenant_info` tells it.
    pub fn cloud_id(&self) -> String {
        draw::uuid(self.seed, "cloud", "site")
    }
}

impl Platform for Jira {
    fn name(&self) -> &'static str {
        "jira"
    }

    fn set_origin(&mut self, origin: &str) {
        origin.trim_end_matches('/').clone_into(&mut self.origin);
        self.render_shapes();
    }

    fn sign_in(&self) -> SignIn {
        let user = &self.users[usize::from(LOCKSTEP)];
        SignIn { user: user.email.clone(), secret: user.token.clone() }
    }

    fn credentials(&self) -> serde_json::Value {
        let people =
            self.users.iter().map(|user| serde_json::json!({ "user": user.email, "secret": user.token }));
        let sign_in = self.sign_in();
        serde_json::json!({
            "lockstep": { "user": sign_in.user, "secret": sign_in.secret },
            "people": people.collect::<Vec<_>>(),
        })
    }

    fn handle(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        self.tick_slas(now_ms);
        self.now_ms = now_ms;
        self.answer(request, now_ms).into_response()
    }

    fn configure(&mut self, switches: &serde_json::Value) -> Result<(), String> {
        self.apply_switches(switches)
    }

    fn seed_bulk(&mut self, count: usize, now_ms: i64) {
        self.seed_many(count, now_ms);
    }

    fn facts(&self) -> Vec<Facts> {
        self.issue_facts()
    }

    fn people_count(&self) -> usize {
        Self::people_count(self)
    }

    fn save(&self) -> serde_json::Value {
        self.saved()
    }

    fn load(&mut self, state: &serde_json::Value) -> Result<(), String> {
        self.restore(state)
    }
}
