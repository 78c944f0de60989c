//! The practice pair and the `lockstep` program, as demo and replay use them: real processes, real HTTP.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

/// What `lockstep practice` prints of one platform.
#[derive(Debug, Clone, Deserialize)]
pub struct Running {
    pub platform: String,
    pub url: String,
    pub secret: String,
}

/// The practice pair; ends with this value.
pub struct Practice {
    child: Child,
    pub servicenow: Running,
    pub jira: Running,
    /// The API token of a person of the practice Jira, the administrator.
    person_token: String,
    /// Calls that people made.
    calls: AtomicU64,
}

/// A person of the practice Jira.
const JIRA_PERSON: &str = "amara.osei@corvane.example";

impl Practice {
    /// Starts the pair with a seed (`small`, `empty` or a number of tickets).
    pub fn start(program: &Path, seed: &str) -> Result<Practice> {
        let mut child = Command::new(program)
            .args(["practice", "servicenow", "jira", "--json", "--seed", seed])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .context("could not start `lockstep practice`")?;
        let lines = BufReader::new(child.stdout.take().context("the practice pair prints")?);
        let mut found: Vec<Running> = Vec::new();
        for line in lines.lines().take(2) {
            found.push(
                serde_json::from_str(&line?).context("`lockstep practice --json` printed something else")?,
            );
        }
        let of = |platform: &str| found.iter().find(|running| running.platform == platform).cloned();
        let (Some(servicenow), Some(jira)) = (of("servicenow"), of("jira")) else {
            let _ = child.kill();
            bail!("the practice pair did not start");
        };
        let mut practice =
            Practice { child, servicenow, jira, person_token: String::new(), calls: AtomicU64::new(0) };
        practice.person_token = practice.token_of(JIRA_PERSON)?;
        if recordings().is_some() {
            for running in [&practice.servicenow, &practice.jira] {
                let on = json!({ "on": true });
                practice.call("PUT", &format!("{}/_practice/recording", running.url), None, Some(&on))?;
            }
        }
        Ok(practice)
    }

    /// Puts what was recorded so far into the folder that wants it, for the contract checks; nothing where none does.
    pub fn keep_recorded(&self) -> Result<()> {
        let Some(folder) = recordings() else { return Ok(()) };
        std::fs::create_dir_all(&folder)?;
        for running in [&self.servicenow, &self.jira] {
            let log = self.log(running)?;
            self.call("DELETE", &format!("{}/_practice/log", running.url), None, None)?;
            let first = &log["entries"][0]["seq"];
            let name = format!("{}-{}-{first}.json", running.platform, self.child.id());
            std::fs::write(folder.join(name), log["entries"].to_string())?;
        }
        Ok(())
    }

    /// All sign-ins that one platform knows.
    pub fn sign_ins(&self, running: &Running) -> Result<Value> {
        self.call("GET", &format!("{}/_practice/sign-in", running.url), None, None)
    }

    fn token_of(&self, email: &str) -> Result<String> {
        let answer = self.sign_ins(&self.jira)?;
        find_secret(&answer, email).with_context(|| format!("the practice Jira names no token for {email}"))
    }

    /// Something an administrator does on the practice ServiceNow.
    pub fn at_servicenow(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let sign_in = ("admin", "practice-admin");
        self.call(method, &format!("{}{path}", self.servicenow.url), Some(sign_in), body)
    }

    /// Something a person does on the practice Jira.
    pub fn at_jira(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let sign_in = (JIRA_PERSON, self.person_token.as_str());
        self.call(method, &format!("{}{path}", self.jira.url), Some(sign_in), body)
    }

    /// Sets switches of one platform's traps.
    pub fn switch(&self, running: &Running, switches: &Value) -> Result<()> {
        self.call("PUT", &format!("{}/_practice/switches", running.url), None, Some(switches)).map(drop)
    }

    /// Sets how far one platform's clock is ahead, milliseconds.
    pub fn set_clock(&self, running: &Running, skew_ms: i64) -> Result<()> {
        let body = json!({ "skew_ms": skew_ms });
        self.call("PUT", &format!("{}/_practice/clock", running.url), None, Some(&body)).map(drop)
    }

    /// Puts a fault on one platform (`lockstep_sandbox::faults::Fault` as JSON).
    pub fn fault(&self, running: &Running, fault: &Value) -> Result<()> {
        self.call("POST", &format!("{}/_practice/faults", running.url), None, Some(fault)).map(drop)
    }

    /// Takes all faults off one platform.
    pub fn clear_faults(&self, running: &Running) -> Result<()> {
        self.call("DELETE", &format!("{}/_practice/faults", running.url), None, None).map(drop)
    }

    /// Puts a file on a record of the practice ServiceNow.
    pub fn upload_to_servicenow(&self, path: &str, mime: &str, bytes: &[u8]) -> Result<()> {
        let request = ureq::http::Request::builder()
            .method("POST")
            .uri(format!("{}{path}", self.servicenow.url))
            .header("authorization", basic("admin", "practice-admin"))
            .header("accept", "application/json")
            .header("content-type", mime)
            .body(bytes.to_vec())?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        ureq::Agent::new_with_defaults().run(request)?;
        Ok(())
    }

    /// Puts a file on an issue of the practice Jira.
    pub fn upload_to_jira(&self, issue: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let mut body = format!(
            "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--part--\r\n");
        let request = ureq::http::Request::builder()
            .method("POST")
            .uri(format!("{}/rest/api/3/issue/{issue}/attachments", self.jira.url))
            .header("authorization", basic(JIRA_PERSON, &self.person_token))
            .header("accept", "application/json")
            .header("x-atlassian-token", "no-check")
            .header("content-type", "multipart/form-data; boundary=part")
            .body(body)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        ureq::Agent::new_with_defaults().run(request)?;
        Ok(())
    }

    /// Sets one platform's rate limits (`PUT /_practice/limits`).
    pub fn limit(&self, running: &Running, limits: &Value) -> Result<()> {
        self.call("PUT", &format!("{}/_practice/limits", running.url), None, Some(limits)).map(drop)
    }

    /// Everything that both platforms hold, to be put back later.
    pub fn states(&self) -> Result<[Value; 2]> {
        let of =
            |running: &Running| self.call("GET", &format!("{}/_practice/state", running.url), None, None);
        Ok([of(&self.servicenow)?, of(&self.jira)?])
    }

    /// Puts back what [`Practice::states`] gave.
    pub fn put_states(&self, states: &[Value; 2]) -> Result<()> {
        for (running, state) in [&self.servicenow, &self.jira].into_iter().zip(states) {
            self.call("PUT", &format!("{}/_practice/state", running.url), None, Some(state))?;
        }
        Ok(())
    }

    /// Calls that others than people made on both platforms so far, killed runs included.
    pub fn calls_of_lockstep(&self) -> Result<u64> {
        let mut all = 0;
        for running in [&self.servicenow, &self.jira] {
            let url = format!("{}/_practice/log?since={}", running.url, i64::MAX);
            let next =
                self.call("GET", &url, None, None)?["next"].as_u64().context("the log has a number")?;
            all += next - 1;
        }
        Ok(all - self.calls.load(Ordering::Relaxed))
    }

    /// Empties the request log of one platform.
    pub fn forget_log(&self, running: &Running) -> Result<()> {
        self.call("DELETE", &format!("{}/_practice/log", running.url), None, None).map(drop)
    }

    /// The request log of one platform.
    pub fn log(&self, running: &Running) -> Result<Value> {
        self.call("GET", &format!("{}/_practice/log", running.url), None, None)
    }

    fn call(
        &self,
        method: &str,
        url: &str,
        sign_in: Option<(&str, &str)>,
        body: Option<&Value>,
    ) -> Result<Value> {
        self.calls.fetch_add(u64::from(sign_in.is_some()), Ordering::Relaxed);
        let request =
            ureq::http::Request::builder().method(method).uri(url).header("accept", "application/json");
        let request = match sign_in {
            Some((user, password)) => request.header("authorization", basic(user, password)),
            None => request,
        };
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = match body {
            Some(body) => {
                agent.run(request.header("content-type", "application/json").body(body.to_string())?)?
            }
            None => agent.run(request.body(())?)?,
        };
        let status = answer.status();
        let text = answer.body_mut().read_to_string()?;
        ensure!(status.is_success(), "{method} {url} answered {status}: {text}");
        if text.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_str(&text).with_context(|| format!("{url}: {text}"))
        }
    }

    /// Every incident, by number.
    pub fn incidents(&self) -> Result<Vec<Value>> {
        let path = "/api/now/table/incident?sysparm_exclude_reference_link=true&sysparm_limit=10000&sysparm_query=ORDERBYnumber";
        rows(self.at_servicenow("GET", path, None)?, "result")
    }

    /// Every issue of the practice service desk, read directly: nothing of an index that lags.
    pub fn issues_read(&self, fields: &[&str], properties: &[&str]) -> Result<Vec<Value>> {
        /// More ids than that in one call are refused.
        const IDS_MAX: usize = 100;
        let ids: Vec<Value> = self.issues(&["summary"])?.iter().map(|issue| issue["id"].clone()).collect();
        let mut read = Vec::new();
        for ids in ids.chunks(IDS_MAX) {
            let body = json!({ "issueIdsOrKeys": ids, "fields": fields, "properties": properties });
            read.extend(rows(self.at_jira("POST", "/rest/api/3/issue/bulkfetch", Some(&body))?, "issues")?);
        }
        Ok(read)
    }

    /// Every issue of the practice service desk with these fields, as a search shows it.
    pub fn issues(&self, fields: &[&str]) -> Result<Vec<Value>> {
        let mut issues = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut body =
                json!({ "jql": "project = CSD ORDER BY key ASC", "maxResults": 1000, "fields": fields });
            if let Some(token) = &token {
                body["nextPageToken"] = json!(token);
            }
            let answer = self.at_jira("POST", "/rest/api/3/search/jql", Some(&body))?;
            token = answer["nextPageToken"].as_str().map(str::to_owned);
            issues.extend(rows(answer, "issues")?);
            if token.is_none() {
                return Ok(issues);
            }
        }
    }
}

/// Where the contract checks want every request and answer of the journeys.
fn recordings() -> Option<PathBuf> {
    std::env::var_os("LOCKSTEP_RECORDINGS").map(PathBuf::from)
}

impl Drop for Practice {
    fn drop(&mut self) {
        if let Err(error) = self.keep_recorded() {
            eprintln!("what was recorded is lost: {error:#}");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rows(mut answer: Value, name: &str) -> Result<Vec<Value>> {
    match answer[name].take() {
        Value::Array(rows) => Ok(rows),
        _ => bail!("the answer has no {name}"),
    }
}

/// Finds the secret that stands beside `user` anywhere in the practice sign-ins.
fn find_secret(value: &Value, user: &str) -> Option<String> {
    match value {
        Value::Object(map) => {
            let named = ["user", "email", "login"]
                .iter()
                .any(|key| map.get(*key).and_then(Value::as_str) == Some(user));
            let secret = ["secret", "token", "password"].iter().find_map(|key| map.get(*key)?.as_str());
            match (named, secret) {
                (true, Some(secret)) => Some(secret.to_owned()),
                _ => map.values().find_map(|value| find_secret(value, user)),
            }
        }
        Value::Array(list) => list.iter().find_map(|value| find_secret(value, user)),
        _ => None,
    }
}

fn basic(user: &str, password: &str) -> String {
    basic_of(format!("{user}:{password}").as_bytes())
}

/// The header of a Basic sign-in that holds these bytes.
pub fn basic_of(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("Basic ");
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// The `lockstep` program over one data folder.
pub struct Lockstep {
    pub program: PathBuf,
    pub data: PathBuf,
}

/// How a call of the program ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Lockstep {
    /// Calls it with arguments, and a secret on its standard input where it asks for one.
    pub fn call(&self, arguments: &[&str], input: Option<&str>) -> Result<Ended> {
        let mut child = Command::new(&self.program)
            .arg("--data-dir")
            .arg(&self.data)
            .args(arguments)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {}", self.program.display()))?;
        if let Some(input) = input {
            let mut stdin = child.stdin.take().context("standard input is piped")?;
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        Ok(Ended {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// As `call`, and it must end well.
    pub fn must(&self, arguments: &[&str], input: Option<&str>) -> Result<String> {
        let ended = self.call(arguments, input)?;
        ensure!(
            ended.code == 0,
            "lockstep {} ended with {}:\n{}{}",
            arguments.join(" "),
            ended.code,
            ended.out,
            ended.err
        );
        Ok(ended.out)
    }

    /// A run with `--json`, which may leave single tickets behind; its report.
    pub fn report(&self, arguments: &[&str]) -> Result<Value> {
        let ended = self.call(arguments, None)?;
        ensure!(
            ended.code == 0 || ended.code == 6,
            "lockstep {} ended with {}:\n{}{}",
            arguments.join(" "),
            ended.code,
            ended.out,
            ended.err
        );
        let mut lines = ended.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut report = lines
            .rfind(|line| line["event"] == "report")
            .with_context(|| format!("a run printed no report:\n{}", ended.out))?;
        Ok(report["report"].take())
    }

    /// Sets up the example connection between the practice pair, its addresses put in place.
    pub fn set_up(&self, practice: &Practice) -> Result<()> {
        std::fs::create_dir_all(&self.data)?;
        let example = include_str!("../../../../docs/example.toml");
        let configuration = example
            .replace("http://127.0.0.1:8091", &practice.servicenow.url)
            .replace("http://127.0.0.1:8092", &practice.jira.url)
            .replace("creates_max = 200, closes_max = 200", "creates_max = 1000000, closes_max = 1000000");
        let file = self.data.join("demo.toml");
        std::fs::write(&file, configuration)?;
        let file = file.to_string_lossy().into_owned();
        self.must(&["config", "check", &file], None)?;
        self.must(&["config", "import", &file], None)?;
        self.must(&["account", "sign-in", "Practice ServiceNow"], Some(&practice.servicenow.secret))?;
        self.must(&["account", "sign-in", "Practice Jira"], Some(&practice.jira.secret))?;
        Ok(())
    }
}
