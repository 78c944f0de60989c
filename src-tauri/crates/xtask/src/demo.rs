//! `make demo`: the main job before a newcomer's eyes, on the practice pair, in a data folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;

use xtask::lab::{Lockstep, Practice};

/// What the demo is told.
#[derive(Args)]
pub struct Demo {
    /// Where its data folder goes
    #[arg(long)]
    data: PathBuf,
    /// Where the built programs lie
    #[arg(long)]
    programs: PathBuf,
    /// Opens the window at the end
    #[arg(long)]
    window: bool,
}

const CONNECTION: &str = "Incidents";

/// Shows plan, first run, edits on both sides, second run, and a third one that finds nothing.
pub fn demo(told: &Demo) -> Result<()> {
    let lockstep = Lockstep { program: told.programs.join("lockstep"), data: told.data.clone() };
    title("1. Two practice platforms start on this computer");
    let practice = Practice::start(&lockstep.program, "small")?;
    println!("ServiceNow at {}\nJira at {}", practice.servicenow.url, practice.jira.url);
    title(
        "2. A connection is set up: 12 fields, status both ways, impact x urgency, description builder, people, comments",
    );
    lockstep.set_up(&practice)?;
    show(&lockstep, &["connection", "check", CONNECTION])?;
    title("3. The plan: every write, before it happens");
    show(&lockstep, &["plan", CONNECTION, "--since", "all"])?;
    title("4. The run");
    show(&lockstep, &["run", CONNECTION, "--since", "all", "--yes"])?;
    let first = issue_count(&practice)?;
    title("5. People edit tickets on both sides");
    edit(&practice)?;
    wait_for_index();
    title("6. The second run carries the edits over");
    show(&lockstep, &["run", CONNECTION])?;
    wait_for_index();
    title("7. A third run finds nothing to do");
    let third = lockstep.must(&["--json", "run", CONNECTION], None)?;
    show_history(&lockstep)?;
    ensure!(third.contains("nothing_to_do"), "the third run still found something:\n{third}");
    let (incidents, issues) = (practice.incidents()?.len(), issue_count(&practice)?);
    ensure!(
        issues == first + 1,
        "Jira holds {issues} issues: {first} after the first run, and one that a person created"
    );
    println!(
        "\nThe third run found nothing, and nothing was made twice: {incidents} incidents, {issues} issues in Jira, one of them a person's."
    );
    title("8. Where it looked");
    show(&lockstep, &["doctor"])?;
    if told.window {
        title("9. The window");
        open_window(&told.programs, &told.data)?;
    }
    Ok(())
}

fn title(text: &str) {
    println!("\n\u{1b}[1m{text}\u{1b}[0m");
}

fn show(lockstep: &Lockstep, arguments: &[&str]) -> Result<()> {
    println!("$ lockstep {}", arguments.join(" "));
    let ended = lockstep.call(arguments, None)?;
    print!("{}{}", ended.out, ended.err);
    ensure!(ended.code == 0, "lockstep {} ended with {}", arguments.join(" "), ended.code);
    Ok(())
}

fn show_history(lockstep: &Lockstep) -> Result<()> {
    show(lockstep, &["runs"])
}

fn issue_count(practice: &Practice) -> Result<usize> {
    wait_for_index();
    Ok(practice.issues(&["summary"])?.len())
}

/// The practice Jira's search index lags behind its writes, as the real one's does.
fn wait_for_index() {
    std::thread::sleep(Duration::from_millis(2_500));
}

fn edit(practice: &Practice) -> Result<()> {
    let incidents = practice.incidents()?;
    let open =
        incidents.iter().find(|incident| incident["state"] == "2").context("an incident in progress")?;
    let (id, number) =
        (open["sys_id"].as_str().context("sys_id")?, open["number"].as_str().context("number")?);
    let body = json!({ "urgency": "1", "impact": "1", "comments": "The whole floor is affected now." });
    practice.at_servicenow("PATCH", &format!("/api/now/table/incident/{id}"), Some(&body))?;
    println!("ServiceNow: {number} becomes critical, with a comment the customer sees");
    let issues = practice.issues(&["summary", "status"])?;
    let new =
        issues.iter().find(|issue| issue["fields"]["status"]["id"] == "10000").context("an issue to do")?;
    let (id, key) = (new["id"].as_str().context("id")?, new["key"].as_str().context("key")?);
    practice.at_jira(
        "POST",
        &format!("/rest/api/3/issue/{id}/transitions"),
        Some(&json!({ "transition": { "id": "11" } })),
    )?;
    let summary = json!({ "fields": { "summary": format!("{} (seen by the desk)", new["fields"]["summary"].as_str().unwrap_or_default()) } });
    practice.at_jira("PUT", &format!("/rest/api/3/issue/{id}"), Some(&summary))?;
    println!("Jira: {key} goes to In Progress, with a new title");
    let fields = json!({ "fields": { "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": "Badge reader at the north door is dark", "priority": { "id": "2" } } });
    let made = practice.at_jira("POST", "/rest/api/3/issue", Some(&fields))?;
    println!("Jira: somebody creates {}", made["key"].as_str().unwrap_or("an issue"));
    Ok(())
}

fn open_window(programs: &Path, data: &Path) -> Result<()> {
    let program = programs.join("lockstep-desktop");
    println!("Opening {} on the same data folder; close it to end the demo.", program.display());
    let status = Command::new(&program)
        .env("LOCKSTEP_DATA_DIR", data)
        .status()
        .context("could not open the window")?;
    ensure!(status.success(), "the window ended with {status}");
    Ok(())
}
