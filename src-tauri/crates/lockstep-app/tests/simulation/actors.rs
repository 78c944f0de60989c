//! What people do on both platforms. What they cannot do (a closed ticket, a step that is not offered) they leave.

use bytes::Bytes;
use http::Method;
use lockstep_connectors::testing::{Sandbox, VirtualClock};
use lockstep_core::side::{Pair, Side};
use lockstep_sandbox::Facts;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::bench::PERSON_MAIL;
use crate::files;
use crate::scenario::Act;

/// Persons whom both platforms know, for assignments.
pub const MAILS: [&str; 3] =
    ["bruno.keller@corvane.example", "farid.haddad@corvane.example", "greta.vogel@corvane.example"];

/// Everybody who is not Lockstep.
pub struct People {
    pub sandboxes: Pair<Sandbox>,
    pub clock: Arc<VirtualClock>,
    token: String,
    /// `sys_id` and account id of [`MAILS`].
    ids: Pair<Vec<String>>,
    /// Tickets made by people so far.
    pub cases: usize,
    words: usize,
    /// The title before the last edit, by case and side.
    titles_before: std::collections::BTreeMap<(usize, Side), String>,
}

/// What a person wrote, for the referee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Comment {
        case: usize,
        side: Side,
        word: String,
    },
    File {
        case: usize,
        side: Side,
        name: String,
    },
    /// A person took the ticket out of the sync: deleted, moved, hidden.
    Gone {
        case: usize,
    },
    MarkerWiped {
        case: usize,
    },
    /// A comment has another text now.
    Edited {
        word: String,
        with: String,
    },
}

/// The birthmark by which the referee knows a ticket and its copy.
pub fn birthmark(case: usize) -> String {
    format!("case-{case}.")
}

/// The case of a ticket, by its birthmark.
pub fn case_of(facts: &Facts) -> Option<usize> {
    let text = &facts.fields["description"];
    let digits = &text[text.find("case-")? + 5..];
    digits[..digits.find('.')?].parse().ok()
}

impl People {
    pub fn new(
        now: &Sandbox,
        jira: &Sandbox,
        clock: &Arc<VirtualClock>,
        token: &str,
        ids: Pair<Vec<String>>,
    ) -> People {
        People {
            sandboxes: Pair { source: now.clone(), target: jira.clone() },
            clock: clock.clone(),
            token: token.to_owned(),
            ids,
            cases: 0,
            words: 0,
            titles_before: std::collections::BTreeMap::new(),
        }
    }

    fn call(&self, side: Side, method: Method, target: &str, body: Option<Value>) -> Option<Value> {
        let admin = lockstep_sandbox::servicenow::password_of("admin");
        let who = match side {
            Side::Source => ("admin", admin.as_str()),
            Side::Target => (PERSON_MAIL, self.token.as_str()),
        };
        let (status, answer) = self.sandboxes[side].act(who, method, target, body);
        (status < 300).then_some(answer)
    }

    fn switch(&self, side: Side, switches: &Value) {
        // Switches act at the time of the request before.
        self.call(side, Method::GET, "/rest/api/3/myself", None);
        let mut practice = self.sandboxes[side].practice();
        if let Err(error) = practice.platform.configure(switches) {
            panic!("{error}");
        }
        practice.revision += 1;
    }

    pub fn facts(&self, side: Side) -> Vec<Facts> {
        self.sandboxes[side].practice().platform.facts()
    }

    /// The ticket of a case on a side: a person's own before a copy.
    fn ticket(&self, case: usize, side: Side) -> Option<Facts> {
        let case = case % self.cases.max(1);
        self.facts(side).into_iter().find(|facts| case_of(facts) == Some(case))
    }

    fn word(&mut self) -> String {
        self.words += 1;
        format!("word{}.", self.words)
    }

    fn edit(&self, side: Side, facts: &Facts, now: Value, jira: Value) -> bool {
        let done = match side {
            Side::Source => {
                self.call(side, Method::PATCH, &format!("/api/now/table/incident/{}", facts.id), Some(now))
            }
            Side::Target => {
                let body = json!({ "fields": jira });
                self.call(side, Method::PUT, &format!("/rest/api/3/issue/{}", facts.id), Some(body))
            }
        };
        done.is_some()
    }

    fn set_title(&mut self, case: usize, side: Side, title: &str) {
        let Some(facts) = self.ticket(case, side) else { return };
        let before = title_of(&facts, side).to_owned();
        if self.edit(side, &facts, json!({ "short_description": title }), json!({ "summary": title })) {
            self.titles_before.insert((case % self.cases.max(1), side), before);
        }
    }

    /// Carries out an act; says what the referee has to know besides what it sees.
    pub fn carry_out(&mut self, act: &Act) -> Vec<Said> {
        let mut said = Vec::new();
        match *act {
            Act::New { side, urgency, state, comment, file } => {
                let case = self.cases;
                self.cases += 1;
                self.create(case, side, urgency, state);
                if comment {
                    said.extend(self.comment(case, side, false));
                }
                if file {
                    said.extend(self.file(case, side, false));
                }
            }
            Act::Title { case, side, word } => self.set_title(case, side, &format!("Title {word}")),
            Act::TitleBack { case, side } => {
                let before = self.titles_before.get(&(case % self.cases.max(1), side)).cloned();
                if let Some(before) = before {
                    self.set_title(case, side, &before);
                }
            }
            Act::TitleBoth { case, word, same } => {
                self.set_title(case, Side::Source, &format!("Title {word}"));
                let word = if same { word } else { word + 10 };
                self.set_title(case, Side::Target, &format!("Title {word}"));
            }
            Act::Status { case, side, pick } => self.status(case, side, pick),
            Act::StatusBoth { case } => self.status_both(case),
            Act::Assign { case, side, pick } => self.assign(case, side, pick as usize),
            Act::Urgency { case, pick } => {
                if let Some(facts) = self.ticket(case, Side::Source) {
                    self.edit(Side::Source, &facts, json!({ "urgency": pick.to_string() }), Value::Null);
                }
            }
            Act::Describe { case, side, word } => self.describe(case, side, word),
            Act::Comment { case, side, internal } => said.extend(self.comment(case, side, internal)),
            Act::EditComment { case } => said.extend(self.edit_comment(case)),
            Act::Narrow { case } => self.narrow(case),
            Act::File { case, side, twin } => said.extend(self.file(case, side, twin)),
            Act::Clone { case, side } => self.clone_ticket(case, side),
            Act::WipeMarker { case, side } => {
                if let Some(facts) = self.ticket(case, side) {
                    self.wipe_marker(side, &facts);
                    said.push(Said::MarkerWiped { case: case % self.cases.max(1) });
                }
            }
            Act::Delete { case, side } => {
                if let Some(facts) = self.ticket(case, side) {
                    let target = match side {
                        Side::Source => format!("/api/now/table/incident/{}", facts.id),
                        Side::Target => format!("/rest/api/3/issue/{}", facts.id),
                    };
                    self.call(side, Method::DELETE, &target, None);
                    said.push(Said::Gone { case: case % self.cases.max(1) });
                }
            }
            Act::Move { case } => {
                if let Some(facts) = self.ticket(case, Side::Target) {
                    let to = if facts.place == "CSD" { "OPS" } else { "CSD" };
                    self.switch(Side::Target, &json!({ "move": { "issue": facts.key, "to": to } }));
                    said.push(Said::Gone { case: case % self.cases.max(1) });
                }
            }
            Act::Hide { case, side } => {
                if let Some(facts) = self.ticket(case, side) {
                    self.hide(side, &facts);
                }
            }
            Act::ShowAll => self.show_all(),
            Act::OmitTitles { on } => {
                let names = if on { json!(["short_description", "assigned_to"]) } else { json!([]) };
                self.switch(Side::Source, &json!({ "omitted_fields": { "incident": names } }));
            }
            Act::TitlesReadOnly { on } => self.titles_read_only(on),
        }
        said
    }

    pub fn titles_read_only(&self, on: bool) {
        let names = if on { json!(["short_description"]) } else { json!([]) };
        self.switch(Side::Source, &json!({ "read_only_fields": { "incident": names } }));
    }

    /// Ends what people did to permissions.
    pub fn show_all(&self) {
        self.switch(Side::Source, &json!({ "hidden_rows": [], "omitted_fields": {} }));
        self.switch(Side::Target, &json!({ "hide_issues": [] }));
    }

    fn hide(&self, side: Side, facts: &Facts) {
        match side {
            Side::Source => {
                let rule = json!([{ "table": "incident", "query": format!("sys_id={}", facts.id) }]);
                self.switch(side, &json!({ "hidden_rows": rule }));
            }
            Side::Target => self.switch(side, &json!({ "hide_issues": [facts.key] })),
        }
    }

    fn create(&self, case: usize, side: Side, urgency: u8, state: u8) {
        let title = format!("Ticket {case}");
        let mark = birthmark(case);
        match side {
            Side::Source => {
                let mut body = json!({ "short_description": title, "description": mark, "impact": "2", "urgency": urgency.to_string() });
                merge(&mut body, &state_body(u64::from(state)));
                self.call(side, Method::POST, "/api/now/table/incident", Some(body));
            }
            Side::Target => {
                let fields = json!({ "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": title,
                    "description": document(&mark), "priority": { "id": urgency.to_string() } });
                self.call(side, Method::POST, "/rest/api/3/issue", Some(json!({ "fields": fields })));
                if state > 0 {
                    self.status(case, side, u64::from(state));
                }
            }
        }
    }

    fn status(&self, case: usize, side: Side, pick: u64) {
        let Some(facts) = self.ticket(case, side) else { return };
        match side {
            Side::Source => {
                self.edit(side, &facts, state_body(pick), Value::Null);
            }
            Side::Target => {
                let target = format!("/rest/api/3/issue/{}/transitions?expand=transitions.fields", facts.id);
                let Some(answer) = self.call(side, Method::GET, &target, None) else { return };
                let Some(steps) = answer["transitions"].as_array().filter(|steps| !steps.is_empty()) else {
                    return;
                };
                let step = &steps[pick as usize % steps.len()];
                let mut body = json!({ "transition": { "id": step["id"] } });
                if step["fields"].get("resolution").is_some() {
                    body["fields"] = json!({ "resolution": { "id": "10000" } });
                }
                self.call(
                    side,
                    Method::POST,
                    &format!("/rest/api/3/issue/{}/transitions", facts.id),
                    Some(body),
                );
            }
        }
    }

    /// Both are put on hold: the source in its only way, the target in the one that no source's status leads to.
    fn status_both(&self, case: usize) {
        let Some(facts) = self.ticket(case, Side::Target) else { return };
        let target = format!("/rest/api/3/issue/{}/transitions", facts.id);
        let Some(answer) = self.call(Side::Target, Method::GET, &target, None) else { return };
        let steps = answer["transitions"].as_array().cloned().unwrap_or_default();
        let Some(step) = steps.iter().find(|step| step["to"]["id"] == "10010") else { return };
        self.call(Side::Target, Method::POST, &target, Some(json!({ "transition": { "id": step["id"] } })));
        self.status(case, Side::Source, 3);
    }

    fn assign(&self, case: usize, side: Side, pick: usize) {
        let Some(facts) = self.ticket(case, side) else { return };
        let person = self.ids[side].get(pick);
        let now = json!({ "assigned_to": person.map_or("", String::as_str) });
        let jira = json!({ "assignee": person.map(|id| json!({ "accountId": id })) });
        self.edit(side, &facts, now, jira);
    }

    fn describe(&self, case: usize, side: Side, word: u64) {
        let Some(facts) = self.ticket(case, side) else { return };
        let Some(own) = case_of(&facts) else { return };
        let text = format!("{} described {word}", birthmark(own));
        self.edit(side, &facts, json!({ "description": text }), json!({ "description": document(&text) }));
    }

    fn comment(&mut self, case: usize, side: Side, internal: bool) -> Option<Said> {
        let facts = self.ticket(case, side)?;
        let word = self.word();
        match side {
            Side::Source => {
                let column = if internal { "work_notes" } else { "comments" };
                self.edit(side, &facts, json!({ column: word }), Value::Null).then_some(())?;
            }
            Side::Target => {
                let mut body = json!({ "body": document(&word) });
                if internal {
                    body["properties"] =
                        json!([{ "key": "sd.public.comment", "value": { "internal": true } }]);
                }
                self.call(
                    side,
                    Method::POST,
                    &format!("/rest/api/3/issue/{}/comment", facts.id),
                    Some(body),
                )?;
            }
        }
        Some(Said::Comment { case: case_of(&facts)?, side, word })
    }

    /// The newest comment of a person on an issue.
    fn own_comment(&self, case: usize) -> Option<(Facts, lockstep_sandbox::facts::Remark)> {
        let facts = self.ticket(case, Side::Target)?;
        let remark = facts.comments.iter().rev().find(|remark| remark.by == PERSON_MAIL)?.clone();
        Some((facts, remark))
    }

    fn edit_comment(&mut self, case: usize) -> Option<Said> {
        let (facts, remark) = self.own_comment(case)?;
        let with = self.word();
        let mut body = json!({ "body": document(&with) });
        if remark.internal {
            body["properties"] = json!([{ "key": "sd.public.comment", "value": { "internal": true } }]);
        }
        let target = format!("/rest/api/3/issue/{}/comment/{}", facts.id, remark.id);
        self.call(Side::Target, Method::PUT, &target, Some(body))?;
        let word = remark.text.find("word").map(|at| {
            let rest = &remark.text[at..];
            rest[..rest.find('.').map_or(rest.len(), |end| end + 1)].to_owned()
        })?;
        Some(Said::Edited { word, with })
    }

    fn narrow(&self, case: usize) {
        let Some((facts, remark)) = self.own_comment(case) else { return };
        let Ok(body) = serde_json::from_str::<Value>(&remark.text) else { return };
        let body = json!({ "body": body, "properties": [{ "key": "sd.public.comment", "value": { "internal": true } }] });
        let target = format!("/rest/api/3/issue/{}/comment/{}", facts.id, remark.id);
        self.call(Side::Target, Method::PUT, &target, Some(body));
    }

    fn file(&mut self, case: usize, side: Side, twin: bool) -> Option<Said> {
        let facts = self.ticket(case, side)?;
        let own = facts.files.iter().rev().find(|file| !file.by.to_lowercase().starts_with("lockstep"));
        let (name, content) = match own.filter(|_| twin) {
            Some(file) => (file.name.clone(), file.content.clone()),
            None => {
                let word = self.word();
                (format!("{word}txt"), Bytes::from(format!("content of {word}")))
            }
        };
        self.upload(side, &facts.id, &name, &content)?;
        Some(Said::File { case: case_of(&facts)?, side, name })
    }

    fn upload(&self, side: Side, id: &str, name: &str, content: &Bytes) -> Option<()> {
        match side {
            Side::Source => {
                let target = format!(
                    "/api/now/attachment/file?table_name=incident&table_sys_id={id}&file_name={name}"
                );
                let text = String::from_utf8_lossy(content);
                // What people upload here is JSON text, so that a call like any other will do.
                let text = text.trim_matches('"');
                self.call(side, Method::POST, &target, Some(json!(text))).map(|_| ())
            }
            Side::Target => {
                let jira = &self.sandboxes.target;
                files::file_on_issue(jira, &self.clock, &self.token, id, name, content).then_some(())
            }
        }
    }

    fn clone_ticket(&mut self, case: usize, side: Side) {
        let fresh = self.cases;
        self.cases += 1;
        let Some(facts) = (0..fresh)
            .contains(&(case % fresh.max(1)))
            .then(|| self.ticket(case % fresh.max(1), side))
            .flatten()
        else {
            return;
        };
        let mark = birthmark(fresh);
        match side {
            Side::Source => {
                let target = format!("/api/now/table/incident/{}", facts.id);
                let Some(answer) = self.call(side, Method::GET, &target, None) else { return };
                let copied =
                    ["short_description", "impact", "urgency", "correlation_id", "correlation_display"];
                let mut body = json!({ "description": mark });
                for name in copied {
                    body[name] = answer["result"][name].clone();
                }
                self.call(side, Method::POST, "/api/now/table/incident", Some(body));
            }
            Side::Target => {
                let known: Vec<String> = self.facts(side).into_iter().map(|facts| facts.id).collect();
                self.switch(side, &json!({ "clone": facts.key }));
                if let Some(clone) = self.facts(side).into_iter().find(|facts| !known.contains(&facts.id)) {
                    self.edit(side, &clone, Value::Null, json!({ "description": document(&mark) }));
                }
            }
        }
    }

    fn wipe_marker(&self, side: Side, facts: &Facts) {
        match side {
            Side::Source => {
                let empty = json!({ "correlation_id": "", "correlation_display": "" });
                self.edit(side, facts, empty, Value::Null);
            }
            Side::Target => {
                let target = format!("/rest/api/3/issue/{}/properties/lockstep.link", facts.id);
                self.call(side, Method::DELETE, &target, None);
            }
        }
    }
}

/// The title of a ticket of a side.
pub fn title_of(facts: &Facts, side: Side) -> &str {
    match side {
        Side::Source => &facts.fields["short_description"],
        Side::Target => &facts.fields["summary"],
    }
}

fn state_body(pick: u64) -> Value {
    match pick % 6 {
        0 => json!({ "state": "1" }),
        1 | 2 => json!({ "state": "2" }),
        3 => json!({ "state": "3", "hold_reason": "4" }),
        4 => json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Done" }),
        _ => json!({ "state": "7", "close_code": "Solution provided", "close_notes": "Done" }),
    }
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_object().into_iter().flatten() {
        into[name] = value.clone();
    }
}

fn document(text: &str) -> Value {
    json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": text }] }] })
}
