//! A journey's world: its own practice pair, data folder and connection, and what people do there.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::lab::{Ended, Lockstep, Practice};

/// The connection of `docs/example.toml`.
pub const CONNECTION: &str = "Incidents";

/// Past the settle times of the example's accounts.
pub const SETTLE: Duration = Duration::from_millis(4_500);

/// Everything one journey has to itself.
pub struct World {
    pub practice: Practice,
    pub lockstep: Lockstep,
    pub folder: TempDir,
}

/// Whether a keychain answers; said loudly once when none does.
pub fn keychain_answers() -> bool {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    *ANSWERS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let ended = program(folder.path().join("probe")).call(&["account", "list"], None).unwrap();
        if ended.code == 0 {
            return true;
        }
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must run the journeys, and no keychain answers: {}",
            ended.err
        );
        eprintln!(
            "*** JOURNEYS SKIPPED: no keychain answers. Run them with `.ci/with-keychain cargo test`. ***"
        );
        false
    })
}

/// The built program over a data folder.
pub fn program(data: PathBuf) -> Lockstep {
    Lockstep { program: PathBuf::from(env!("CARGO_BIN_EXE_lockstep")), data }
}

impl World {
    /// A practice pair with this seed and the example's connection; `None` where no keychain answers.
    pub fn new(seed: &str) -> Option<World> {
        if !keychain_answers() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let lockstep = program(folder.path().join("data"));
        let practice = Practice::start(&lockstep.program, seed).unwrap();
        practice.switch(&practice.jira, &json!({ "index_lag_ms": 0 })).unwrap();
        lockstep.set_up(&practice).unwrap();
        Some(World { practice, lockstep, folder })
    }

    /// One run; how it ended and its report.
    pub fn run(&self, arguments: &[&str]) -> (Ended, Value) {
        let mut all = vec!["--json", "run", CONNECTION];
        all.extend(arguments);
        let ended = self.lockstep.call(&all, None).unwrap();
        let report = last_json(&ended.out);
        (ended, report)
    }

    /// The first run, which must end well.
    pub fn first_run(&self) -> Value {
        let (ended, report) = self.run(&["--since", "all", "--yes"]);
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
        report
    }

    /// A run that must end well.
    pub fn good_run(&self) -> Value {
        let (ended, report) = self.run(&[]);
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
        report
    }

    /// A run that must find nothing.
    pub fn quiet_run(&self) {
        let report = self.good_run();
        assert_eq!(report["result"], "nothing_to_do", "{report:#}");
    }

    /// Any other command with JSON output, which must end well.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        serde_json::from_str(&self.lockstep.must(&all, None).unwrap()).unwrap()
    }

    /// A new incident, as a person files it.
    pub fn file_incident(&self, title: &str) -> String {
        let body = json!({ "short_description": title, "description": "It stopped this morning.", "impact": "2", "urgency": "2", "contact_type": "phone" });
        let made = self.practice.at_servicenow("POST", "/api/now/table/incident", Some(&body)).unwrap();
        made["result"]["sys_id"].as_str().unwrap().to_owned()
    }

    /// Changes an incident as a person does.
    pub fn edit_incident(&self, id: &str, body: Value) {
        self.practice.at_servicenow("PATCH", &format!("/api/now/table/incident/{id}"), Some(&body)).unwrap();
    }

    /// An incident as a person reads it.
    pub fn incident(&self, id: &str) -> Value {
        let path = format!("/api/now/table/incident/{id}?sysparm_exclude_reference_link=true");
        self.practice.at_servicenow("GET", &path, None).unwrap()["result"].clone()
    }

    /// All issues with this exact title.
    pub fn issues_titled(&self, title: &str) -> Vec<Value> {
        let issues = self
            .practice
            .issues(&["summary", "status", "priority", "description", "comment", "attachment", "resolution"])
            .unwrap();
        issues.into_iter().filter(|issue| issue["fields"]["summary"] == title).collect()
    }

    /// The one issue with this exact title.
    pub fn issue_titled(&self, title: &str) -> Value {
        let mut found = self.issues_titled(title);
        assert_eq!(found.len(), 1, "issues titled {title:?}");
        found.remove(0)
    }

    /// Changes an issue's fields as a person does.
    pub fn edit_issue(&self, id: &str, fields: Value) {
        self.practice
            .at_jira("PUT", &format!("/rest/api/3/issue/{id}"), Some(&json!({ "fields": fields })))
            .unwrap();
    }

    /// Takes a transition as a person does.
    pub fn move_issue(&self, id: &str, transition: &str, fields: Value) {
        let body = json!({ "transition": { "id": transition }, "fields": fields });
        self.practice.at_jira("POST", &format!("/rest/api/3/issue/{id}/transitions"), Some(&body)).unwrap();
    }

    /// Comments on an issue as a person does.
    pub fn comment_issue(&self, id: &str, text: &str, internal: bool) {
        let body = json!({
            "body": { "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] },
            "properties": [{ "key": "sd.public.comment", "value": { "internal": internal } }],
        });
        self.practice.at_jira("POST", &format!("/rest/api/3/issue/{id}/comment"), Some(&body)).unwrap();
    }

    /// The plain texts of an issue's comments with whether customers see them.
    pub fn issue_comments(&self, id: &str) -> Vec<(String, bool)> {
        let answer = self.practice.at_jira("GET", &format!("/rest/api/3/issue/{id}/comment"), None).unwrap();
        let comments = answer["comments"].as_array().unwrap();
        comments.iter().map(|c| (plain(&c["body"]), c["jsdPublic"] != false)).collect()
    }

    /// An incident's journal: column and text, oldest first.
    pub fn journal(&self, id: &str) -> Vec<(String, String)> {
        let path =
            format!("/api/now/table/sys_journal_field?sysparm_query=element_id={id}^ORDERBYsys_created_on");
        let answer = self.practice.at_servicenow("GET", &path, None).unwrap();
        let rows = answer["result"].as_array().unwrap();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        rows.iter().map(|row| (text(row, "element"), text(row, "value"))).collect()
    }

    /// Past the practice account's settle time (four seconds in the example).
    pub fn settle(&self) {
        std::thread::sleep(SETTLE);
    }

    /// The program as a process of its own, for runs that are interrupted.
    pub fn spawn_run(&self) -> std::process::Child {
        Command::new(&self.lockstep.program)
            .arg("--data-dir")
            .arg(&self.lockstep.data)
            .args(["--json", "run", CONNECTION, "--since", "all", "--yes"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    }
}

/// The last JSON document or line of an output that holds a result or an error.
pub fn last_json(out: &str) -> Value {
    if let Ok(whole) = serde_json::from_str::<Value>(out) {
        return whole;
    }
    let mut lines = out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .rfind(|line| ["result", "error", "code"].iter().any(|name| line.get(name).is_some()))
        .unwrap_or(Value::Null)
}

/// The text of a document, paragraphs by lines.
pub fn plain(node: &Value) -> String {
    let mut text = node["text"].as_str().unwrap_or_default().to_owned();
    if node["type"] == "hardBreak" {
        text.push('\n');
    }
    for child in node["content"].as_array().into_iter().flatten() {
        text.push_str(&plain(child));
    }
    if node["type"] == "paragraph" {
        text.push('\n');
    }
    text
}
