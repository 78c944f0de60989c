//! What people do on either side, and what they see there.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::bench::Bench;

impl Bench {
    /// A person's new incident; its id.
    pub fn new_incident(&self, title: &str) -> String {
        let body = json!({ "short_description": title, "impact": "2", "urgency": "2" });
        let answer = self.at_now(Method::POST, "/api/now/table/incident", Some(body));
        answer["result"]["sys_id"].as_str().unwrap().to_owned()
    }

    /// A person's edit of an incident.
    pub fn edit_incident(&self, id: &str, fields: Value) {
        self.at_now(Method::PATCH, &format!("/api/now/table/incident/{id}"), Some(fields));
    }

    /// A file on an incident.
    pub fn file_on_incident(&self, id: &str, name: &str, content: &str) {
        let target =
            format!("/api/now/attachment/file?table_name=incident&table_sys_id={id}&file_name={name}");
        self.at_now(Method::POST, &target, Some(json!(content)));
    }

    /// A person's new issue; its id.
    pub fn new_issue(&self, title: &str) -> String {
        let fields = json!({ "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": title, "priority": { "id": "3" } });
        let answer = self.at_jira(Method::POST, "/rest/api/3/issue", Some(json!({ "fields": fields })));
        answer["id"].as_str().unwrap().to_owned()
    }

    /// A person's edit of an issue.
    pub fn edit_issue(&self, id: &str, fields: Value) {
        self.at_jira(Method::PUT, &format!("/rest/api/3/issue/{id}"), Some(json!({ "fields": fields })));
    }

    /// A person's public comment on an issue; its id.
    pub fn comment_issue(&self, id: &str, text: &str) -> String {
        let body = json!({ "body": { "type": "doc", "version": 1, "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": text }] }] } });
        let answer = self.at_jira(Method::POST, &format!("/rest/api/3/issue/{id}/comment"), Some(body));
        answer["id"].as_str().unwrap().to_owned()
    }

    /// The incident with this title.
    pub fn incident(&self, title: &str) -> Value {
        let found = self.incidents().into_iter().find(|incident| incident["short_description"] == title);
        found.unwrap_or_else(|| panic!("no incident {title:?}: {:#?}", self.troubles()))
    }

    /// The issue with this title.
    pub fn issue(&self, title: &str) -> Value {
        let found = self.issues().into_iter().find(|issue| issue["fields"]["summary"] == title);
        found.unwrap_or_else(|| panic!("no issue {title:?}: {:#?}", self.troubles()))
    }

    /// The id of the issue with this title.
    pub fn issue_id(&self, title: &str) -> String {
        self.issue(title)["id"].as_str().unwrap().to_owned()
    }

    /// The id of the incident with this title.
    pub fn incident_id(&self, title: &str) -> String {
        self.incident(title)["sys_id"].as_str().unwrap().to_owned()
    }

    /// Journal entries of an incident: column and text.
    pub fn journal(&self, id: &str) -> Vec<(String, String)> {
        let target =
            format!("/api/now/table/sys_journal_field?sysparm_query=element_id={id}^ORDERBYsys_created_on");
        let answer = self.at_now(Method::GET, &target, None);
        let entry = |row: &Value| {
            (row["element"].as_str().unwrap().to_owned(), row["value"].as_str().unwrap().to_owned())
        };
        answer["result"].as_array().unwrap().iter().map(entry).collect()
    }

    /// Comments of an issue as plain text.
    pub fn comments(&self, id: &str) -> Vec<String> {
        let answer =
            self.at_jira(Method::GET, &format!("/rest/api/3/issue/{id}/comment?maxResults=100"), None);
        answer["comments"].as_array().unwrap().iter().map(|comment| plain(&comment["body"])).collect()
    }

    /// Names of the files on an incident.
    pub fn files_of_incident(&self, id: &str) -> Vec<String> {
        let answer =
            self.at_now(Method::GET, &format!("/api/now/attachment?sysparm_query=table_sys_id={id}"), None);
        names(&answer["result"], "file_name")
    }

    /// Names of the files on an issue.
    pub fn files_of_issue(&self, id: &str) -> Vec<String> {
        let answer = self.at_jira(Method::GET, &format!("/rest/api/3/issue/{id}?fields=attachment"), None);
        names(&answer["fields"]["attachment"], "filename")
    }

    /// Everything that people read on both sides, without ids and keys.
    pub fn shown(&self) -> BTreeMap<String, Vec<String>> {
        let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for incident in self.incidents() {
            let id = incident["sys_id"].as_str().unwrap();
            let title = incident["short_description"].as_str().unwrap();
            let entry = shown.entry(format!("now {title}")).or_default();
            entry.push(format!("incident in {}", incident["state"]));
            entry.extend(
                self.journal(id).iter().map(|(column, text)| format!("{column}: {}", last_line(text))),
            );
            entry.extend(self.files_of_incident(id).iter().map(|name| format!("file {name}")));
        }
        for issue in self.issues() {
            let id = issue["id"].as_str().unwrap();
            let title = issue["fields"]["summary"].as_str().unwrap();
            let entry = shown.entry(format!("jira {title}")).or_default();
            entry.push(format!("issue in {}", issue["fields"]["status"]["name"]));
            entry.extend(self.comments(id).iter().map(|text| format!("comment: {}", last_line(text))));
            entry.extend(self.files_of_issue(id).iter().map(|name| format!("file {name}")));
        }
        shown.values_mut().for_each(|lines| lines.sort());
        shown
    }
}

fn last_line(text: &str) -> &str {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}

fn names(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|file| file[member].as_str().unwrap().to_owned()).collect()
}

/// The text of an Atlassian document, a line per block.
fn plain(node: &Value) -> String {
    let own = node["text"].as_str().unwrap_or_default().to_owned();
    let inner: Vec<String> = node["content"].as_array().into_iter().flatten().map(plain).collect();
    let glue = if node["type"] == "doc" { "\n" } else { "" };
    own + &inner.join(glue)
}
