//! People at work on both sides while anything goes wrong, drawn from a seed. In the end nothing is lost, nothing stands
//! there twice, and it comes to rest (V1, V2, V3, V5, V13).

use lockstep_app::run::Start;
use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::{Fault, FaultKind, Seed};
use lockstep_store::tables::conflicts;
use serde_json::json;

use crate::bench::Bench;
use crate::desk;
use crate::referee;
use crate::wire::Crash;

/// A small generator: equal seeds, equal runs.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn fault(&mut self) -> FaultKind {
        match self.below(10) {
            0 | 1 => FaultKind::CutAfter,
            2 => FaultKind::CutBefore,
            3 => FaultKind::StatusAfterApply { status: 502 },
            4 => FaultKind::Status { status: 503 },
            5 => FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(2) },
            6 => FaultKind::TruncatedBody { keep_bytes: None },
            7 => FaultKind::Html200,
            8 => FaultKind::ApplyLater { after_ms: 2_500 },
            _ => FaultKind::Latency { ms: 900 },
        }
    }
}

/// What people wrote: every word of it has to be on both sides in the end.
#[derive(Default)]
struct Said {
    tickets: Vec<String>,
    comments: Vec<String>,
    files: Vec<String>,
}

fn people_act(bench: &Bench, draw: &mut Draw, said: &mut Said, round: u64) {
    let nth = said.comments.len() + said.files.len();
    let pick = draw.below(said.tickets.len() as u64) as usize;
    let issues = bench.issues();
    let incident = said.tickets[pick].clone();
    let copy =
        issues.iter().find(|issue| issue["properties"]["lockstep.link"].to_string().contains(&incident));
    match draw.below(7) {
        0 => {
            let id = bench.new_incident(&format!("Ticket of round {round}"));
            said.tickets.push(id);
        }
        1 => {
            bench.edit_incident(&incident, json!({ "short_description": format!("Edited in round {round}") }))
        }
        2 => {
            said.comments.push(format!("word {nth}."));
            bench.edit_incident(&incident, json!({ "comments": format!("word {nth}.") }));
        }
        3 => {
            said.files.push(format!("file{nth}.txt"));
            bench.file_on_incident(&incident, &format!("file{nth}.txt"), "content");
            // A file alone does not move the record.
            bench.edit_incident(&incident, json!({ "description": format!("with file {nth}") }));
        }
        4 => bench.edit_incident(&incident, json!({ "state": "2" })),
        _ => {
            let Some(copy) = copy else { return };
            said.comments.push(format!("word {nth}."));
            bench.comment_issue(copy["id"].as_str().unwrap(), &format!("word {nth}."));
        }
    }
}

async fn one_run(bench: &mut Bench, draw: &mut Draw) {
    for sandbox in [&bench.now, &bench.jira] {
        let (kind, odds) = (draw.fault(), 30 + draw.below(120) as u16);
        sandbox.practice().faults.add(Fault::new(kind).odds(odds));
    }
    if draw.below(3) == 0 {
        let how = if draw.below(2) == 0 { Crash::Before } else { Crash::After };
        bench.gate().crash_at(draw.below(60), how);
    }
    tokio::select! {
        biased;
        () = bench.gate().died() => {}
        _ = bench.try_run(Start::LastRun) => {}
    }
    bench.now.practice().faults.clear();
    bench.jira.practice().faults.clear();
    bench.gate().open();
    bench.restart();
    bench.clock.pass_ms(draw.below(20_000));
}

fn judge(bench: &Bench, said: &Said, seed: u64) {
    let (mut now, mut jira) = (Vec::new(), Vec::new());
    let (mut now_files, mut jira_files) = (Vec::new(), Vec::new());
    for incident in bench.incidents() {
        let id = incident["sys_id"].as_str().unwrap();
        now.extend(bench.journal(id).into_iter().map(|(_, text)| text));
        now_files.extend(bench.files_of_incident(id));
    }
    for issue in bench.issues() {
        let id = issue["id"].as_str().unwrap();
        jira.extend(bench.comments(id));
        jira_files.extend(bench.files_of_issue(id));
    }
    for word in &said.comments {
        let count = |texts: &[String]| texts.iter().filter(|text| text.contains(word.as_str())).count();
        assert_eq!((count(&now), count(&jira)), (1, 1), "seed {seed}, {word:?}: {:#?}", bench.troubles());
    }
    for name in &said.files {
        let count = |names: &[String]| names.iter().filter(|file| *file == name).count();
        assert_eq!(
            (count(&now_files), count(&jira_files)),
            (1, 1),
            "seed {seed}, {name}: {:#?}",
            bench.troubles()
        );
    }
    let connection = bench.connection;
    let open = bench.store.read(move |conn| conflicts::count_open(conn, connection)).wait().unwrap();
    if open == 0 {
        referee::same_titles(bench);
    }
}

async fn soak(seed: u64) {
    let mut draw = Draw(seed.wrapping_mul(7_919) + 1);
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let mut said = Said::default();
    for title in ["One", "Two", "Three"] {
        said.tickets.push(bench.new_incident(title));
    }
    bench.clock.pass_ms(5_000);
    bench.first().await;
    for round in 0..10 {
        for _ in 0..=draw.below(3) {
            people_act(&bench, &mut draw, &mut said, round);
        }
        one_run(&mut bench, &mut draw).await;
    }
    bench.clock.pass_ms(60_000);
    referee::quiet(&bench).await;
    desk::retry_all(&bench);
    bench.clock.pass_ms(60_000);
    referee::quiet(&bench).await;
    referee::no_duplicates(&bench);
    judge(&bench, &said, seed);
}

#[tokio::test]
async fn whatever_goes_wrong_nothing_is_lost_or_doubled() {
    let seeds = std::env::var("LOCKSTEP_SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(20);
    let first = std::env::var("LOCKSTEP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    for seed in first..first + seeds {
        soak(seed).await;
    }
}
