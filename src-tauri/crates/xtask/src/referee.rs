//! Judges by what both practice platforms say over their own APIs. Lockstep's store is not asked.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use crate::lab::Practice;
use crate::people::{CONTACTS, People, Place, Wrote, token_of};

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    pub tickets: usize,
    pub comments: usize,
    pub files: usize,
    /// Anything of ours that stands there twice.
    pub duplicates: Vec<String>,
    /// Anything of people's that is not on both sides.
    pub missing: Vec<String>,
    /// Values, counts and places that differ.
    pub differing: Vec<String>,
}

impl Verdict {
    /// An error that names everything wrong.
    pub fn must_be_clean(&self) -> Result<()> {
        let wrong = self.duplicates.len() + self.missing.len() + self.differing.len();
        ensure!(
            wrong == 0,
            "{} duplicates: {:#?}\n{} missing: {:#?}\n{} differ: {:#?}",
            self.duplicates.len(),
            self.duplicates,
            self.missing.len(),
            self.missing,
            self.differing.len(),
            self.differing
        );
        Ok(())
    }
}

/// The statuses of Jira that stand for a state of ServiceNow's.
pub fn statuses_of(state: &str) -> &'static [&'static str] {
    match state {
        "1" => &["10000"],
        "2" => &["3"],
        "3" => &["10011", "10010"],
        "6" => &["5", "6"],
        "7" => &["5"],
        "8" => &["10012"],
        _ => &[],
    }
}

/// Jira's priority for impact and urgency.
pub fn priority_of(impact: &str, urgency: &str) -> &'static str {
    match (impact, urgency) {
        ("1", "1") => "1",
        ("1", "2") | ("2", "1") => "2",
        ("1", "3") | ("2", "2") | ("3", "1") => "3",
        ("2", "3") | ("3", "2") => "4",
        _ => "5",
    }
}

/// Everything there is on one side, by token.
#[derive(Default)]
struct Side {
    tickets: BTreeMap<String, Vec<Value>>,
    /// Pair keys on tickets that Lockstep made.
    markers: BTreeMap<String, Vec<String>>,
    /// Token and text.
    comments: Vec<(String, String)>,
    /// Token, name, size.
    files: Vec<(String, String, u64)>,
}

/// Reads both platforms and compares them with each other and with what people wrote.
pub fn judge(practice: &Practice, people: &People) -> Result<Verdict> {
    let (now, jira) = (servicenow(practice)?, jira(practice)?);
    let written = &people.written;
    let mut verdict = Verdict { tickets: written.tickets.len(), ..Verdict::default() };
    (verdict.comments, verdict.files) = (written.comments.len(), written.files.len());
    for (name, side) in [("ServiceNow", &now), ("Jira", &jira)] {
        for (pair, keys) in side.markers.iter().filter(|(_, keys)| keys.len() > 1) {
            verdict.duplicates.push(format!("{name}: {keys:?} carry the marker {pair}"));
        }
        for token in written.tickets.keys() {
            match side.tickets.get(token).map_or(0, Vec::len) {
                0 => verdict.missing.push(format!("{name}: {token}")),
                1 => {}
                many => verdict.duplicates.push(format!("{name}: {token} stands there {many} times")),
            }
        }
        for token in side.tickets.keys().filter(|token| !written.tickets.contains_key(*token)) {
            verdict.differing.push(format!("{name}: nobody filed {token:?}"));
        }
        for said in &written.comments {
            let places =
                side.comments.iter().filter(|(_, text)| text.contains(&said.word)).map(|(token, _)| token);
            once(&mut verdict, name, said, &places.collect::<Vec<_>>());
        }
        for file in &written.files {
            let found: Vec<_> = side.files.iter().filter(|(_, name, _)| *name == file.word).collect();
            once(&mut verdict, name, file, &found.iter().map(|(token, ..)| token).collect::<Vec<_>>());
            for (_, _, bytes) in found.iter().filter(|(_, _, bytes)| *bytes != file.bytes) {
                verdict
                    .differing
                    .push(format!("{name}: {} has {bytes} bytes, not {}", file.word, file.bytes));
            }
        }
    }
    for (token, born) in &written.tickets {
        if let (Some([incident]), Some([issue])) =
            (now.tickets.get(token).map(Vec::as_slice), jira.tickets.get(token).map(Vec::as_slice))
        {
            verdict.differing.extend(differences(token, *born, incident, issue, people));
        }
        let count = |side: &Side| side.comments.iter().filter(|(at, _)| at == token).count();
        if count(&now) != count(&jira) {
            verdict.differing.push(format!(
                "{token} has {} comments in ServiceNow and {} in Jira",
                count(&now),
                count(&jira)
            ));
        }
    }
    Ok(verdict)
}

fn once(verdict: &mut Verdict, name: &str, wrote: &Wrote, places: &[&String]) {
    match places {
        [] => verdict.missing.push(format!("{name}: {} of {}", wrote.word, wrote.token)),
        [one] if **one == wrote.token => {}
        [one] => verdict.differing.push(format!("{name}: {} of {} is on {one}", wrote.word, wrote.token)),
        many => verdict.duplicates.push(format!("{name}: {} of {} is on {many:?}", wrote.word, wrote.token)),
    }
}

/// What a pair does not agree on.
fn differences(token: &str, born: Place, incident: &Value, issue: &Value, people: &People) -> Vec<String> {
    let is = |name: &str| incident[name].as_str().unwrap_or_default();
    let fields = &issue["fields"];
    let id = |name: &str| fields[name]["id"].as_str().unwrap_or_default();
    let mut found = Vec::new();
    let mut differ = |what: &str, now: &str, jira: &str| {
        found.push(format!("{token}: {what} is {now:?} in ServiceNow and {jira:?} in Jira"));
    };
    let summary = fields["summary"].as_str().unwrap_or_default();
    if is("short_description") != summary {
        differ("the title", is("short_description"), summary);
    }
    if !statuses_of(is("state")).contains(&id("status")) {
        differ("the status", is("state"), id("status"));
    }
    if priority_of(is("impact"), is("urgency")) != id("priority") {
        differ("impact and urgency", &format!("{} {}", is("impact"), is("urgency")), id("priority"));
    }
    let contact = CONTACTS.iter().find(|(now, _)| *now == is("contact_type")).map_or("", |(_, jira)| jira);
    if contact != id("customfield_10041") {
        differ("the contact type", is("contact_type"), id("customfield_10041"));
    }
    let account = fields["assignee"]["accountId"].as_str().unwrap_or_default();
    let agent = people.agents.iter().find(|agent| agent.sys_id == is("assigned_to"));
    if agent.map_or("", |agent| agent.account.as_str()) != account {
        differ("the assignee", is("assigned_to"), account);
    }
    // A copy's own number is not carried back to the original.
    if born == Place::ServiceNow && is("number") != fields["customfield_10040"].as_str().unwrap_or_default() {
        differ("the number", is("number"), fields["customfield_10040"].as_str().unwrap_or_default());
    }
    found
}

fn list(mut answer: Value, name: &str) -> Result<Vec<Value>> {
    match answer[name].take() {
        Value::Array(rows) => Ok(rows),
        _ => bail!("the answer has no {name}"),
    }
}

fn servicenow(practice: &Practice) -> Result<Side> {
    let mut side = Side::default();
    let mut by_id = BTreeMap::new();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    for incident in practice.incidents()? {
        let token = token_of(incident["short_description"].as_str().unwrap_or_default()).to_owned();
        let marker = text(&incident, "correlation_id");
        if incident["sys_created_by"] == "lockstep.sync" && marker.starts_with("lockstep:") {
            side.markers.entry(marker).or_default().push(text(&incident, "number"));
        }
        by_id.insert(text(&incident, "sys_id"), token.clone());
        side.tickets.entry(token).or_default().push(incident);
    }
    let token = |id: &str| by_id.get(id).cloned().unwrap_or_default();
    let path =
        "/api/now/table/sys_journal_field?sysparm_limit=10000&sysparm_query=elementINcomments,work_notes";
    for row in list(practice.at_servicenow("GET", path, None)?, "result")? {
        side.comments.push((token(&text(&row, "element_id")), text(&row, "value")));
    }
    let path = "/api/now/attachment?sysparm_limit=10000&sysparm_query=table_name=incident";
    for row in list(practice.at_servicenow("GET", path, None)?, "result")? {
        let bytes = text(&row, "size_bytes").parse().unwrap_or(0);
        side.files.push((token(&text(&row, "table_sys_id")), text(&row, "file_name"), bytes));
    }
    Ok(side)
}

fn jira(practice: &Practice) -> Result<Side> {
    const FIELDS: [&str; 8] = [
        "summary",
        "status",
        "priority",
        "assignee",
        "creator",
        "attachment",
        "customfield_10040",
        "customfield_10041",
    ];
    let mut side = Side::default();
    for issue in practice.issues_read(&FIELDS, &["lockstep.link"])? {
        let fields = &issue["fields"];
        let token = token_of(fields["summary"].as_str().unwrap_or_default()).to_owned();
        let ours = fields["creator"]["displayName"].as_str().is_some_and(|name| name.starts_with("Lockstep"));
        if let Some(pair) = issue["properties"]["lockstep.link"]["pair"].as_str().filter(|_| ours) {
            side.markers.entry(pair.to_owned()).or_default().push(issue["key"].to_string());
        }
        for file in fields["attachment"].as_array().into_iter().flatten() {
            let name = file["filename"].as_str().unwrap_or_default().to_owned();
            side.files.push((token.clone(), name, file["size"].as_u64().unwrap_or(0)));
        }
        let path =
            format!("/rest/api/3/issue/{}/comment?maxResults=5000", issue["id"].as_str().unwrap_or_default());
        for comment in list(practice.at_jira("GET", &path, None)?, "comments")? {
            side.comments.push((token.clone(), comment["body"].to_string()));
        }
        side.tickets.entry(token).or_default().push(issue);
    }
    Ok(side)
}
