//! The window's editors over a practice pair: drafts and versions, checks of unsaved documents, counts, trying an edit on a
//! real ticket, the built description, and which template catches what. Real keychain, real sockets.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/pair.rs"]
mod pair;

use std::sync::Arc;

use lockstep_app::config::ConnectionDoc;
use lockstep_app::editor::{self, TrialState, Verdict};
use lockstep_app::events::Silent;
use lockstep_app::places::Keychain;
use lockstep_app::syncing::RunOrder;
use lockstep_app::{App, planned, retrying};
use lockstep_core::check::{Change, Level, ProblemCode};
use lockstep_core::mapping::{
    Condition, DescriptionLine, Direction, NoMatch, Operator, Otherwise, Rule, Template, ValuePair, WhenEmpty,
};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::Outcome;
use lockstep_sandbox::Seed;
use lockstep_sandbox::faults::{Fault, FaultKind};
use lockstep_store::Entry;
use lockstep_store::tables::outcomes;
use lockstep_store::tables::runs::{self, RunKind};

use pair::{JIRA, keychain, practice_pair, ready, tidy};

struct Desk {
    app: App,
    connection: i64,
    keychain: Keychain,
    pair: pair::Pair,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// The example between practice platforms with their small seeds, its fields read.
    async fn new(name: &str) -> Option<Desk> {
        let keychain = keychain(name)?;
        let pair = practice_pair(Seed::Small).await;
        let folder = tempfile::tempdir().unwrap();
        let app = ready(&folder.path().join("data"), &keychain, &pair).await;
        let connection = app.connection("Incidents").await.unwrap().0.id.0;
        let desk = Desk { app, connection, keychain, pair, _folder: folder };
        desk.offers(false).await;
        Some(desk)
    }

    async fn document(&self) -> ConnectionDoc {
        editor::open(&self.app, self.connection).await.unwrap().document
    }

    async fn offers(&self, anew: bool) -> Pair<editor::OfferedSide> {
        let mapping = &self.document().await.types[0];
        let scopes = Pair { source: mapping.source.clone(), target: mapping.target.clone() };
        editor::offers(&self.app, self.connection, scopes, anew).await.unwrap()
    }

    async fn errors(&self, document: &ConnectionDoc) -> Vec<editor::FoundProblem> {
        let checked = editor::check(&self.app, self.connection, document).await.unwrap();
        checked.problems.into_iter().filter(|found| found.problem.level == Level::Error).collect()
    }

    async fn run(&self) {
        let order = RunOrder {
            connection: "Incidents".into(),
            kind: RunKind::Manual,
            since_ms: Some(0),
            confirmed: true,
            take_over: false,
            plan: None,
            trigger: "a test".into(),
        };
        self.app.run(order, Arc::new(Silent)).await.unwrap();
    }

    async fn end(self) {
        tidy(&self.app, &self.keychain, &self.pair).await;
    }
}

/// The row that pairs State with Status, and its pairs.
fn status_row(document: &mut ConnectionDoc) -> (usize, &mut Vec<ValuePair>) {
    let rows = &mut document.types[0].fields;
    let at = rows.iter().position(|row| row.source == ["state".into()]).unwrap();
    match &mut rows[at].rule {
        Rule::Values { pairs, .. } => (at, pairs),
        other => panic!("State and Status are paired: {other:?}"),
    }
}

/// Two statuses that come back from one state: an error with a button that mends it.
fn spoiled(mut document: ConnectionDoc) -> ConnectionDoc {
    let (_, pairs) = status_row(&mut document);
    let open = pairs.iter().position(|pair| pair.source == "1").unwrap();
    let twice = ValuePair { source: "2".into(), direction: Direction::Both, ..pairs[open].clone() };
    pairs.push(twice);
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_leaves_the_live_document_in_use_until_it_has_no_error() {
    let Some(desk) = Desk::new("drafts").await else { return };
    let live = desk.document().await;
    assert_eq!(desk.errors(&live).await, []);
    let spoiled = spoiled(live.clone());

    let picture = editor::save_draft(&desk.app, desk.connection, spoiled.clone(), 1).await.unwrap();
    assert_eq!((&picture.document, picture.revision), (&live, 1));
    assert_eq!(picture.draft.as_ref().map(|draft| &draft.document), Some(&spoiled));
    let refused = editor::save(&desk.app, desk.connection, spoiled.clone(), 1).await.unwrap();
    assert!(!refused.live && refused.errors > 0 && refused.picture.document == live);

    let found = desk.errors(&spoiled).await;
    let undecided = found.iter().find(|found| found.problem.code == ProblemCode::WayBackUndecided).unwrap();
    let (row, _) = status_row(&mut live.clone());
    let mut mended = spoiled;
    let [Change::TurnPair { field, pair, direction }] = undecided.remedies[0].changes[..] else {
        panic!("one pair is turned: {:?}", undecided.remedies)
    };
    assert!(field == row && undecided.remedies[0].label.starts_with("Make "), "{:?}", undecided.remedies);
    status_row(&mut mended).1[pair].direction = direction;
    assert_eq!(desk.errors(&mended).await, []);

    let saved = editor::save(&desk.app, desk.connection, mended.clone(), 1).await.unwrap();
    assert!(saved.live && saved.picture.draft.is_none() && saved.picture.revision == 2);
    assert_eq!(desk.document().await, mended);
    let late = editor::save(&desk.app, desk.connection, live.clone(), 1).await.unwrap_err();
    assert_eq!(late.code, "changed_meanwhile");
    let versions = editor::versions(&desk.app, desk.connection).await.unwrap();
    assert_eq!(
        versions.iter().map(|one| (one.revision, one.live)).collect::<Vec<_>>(),
        [(2, true), (1, false)]
    );
    assert_eq!(editor::version(&desk.app, desk.connection, 1).await.unwrap(), live);

    let old = editor::save_draft(&desk.app, desk.connection, live, 1).await.unwrap();
    assert_eq!(old.draft.map(|draft| draft.based_on), Some(1), "what it was made from, not what is live now");
    let discarded = editor::discard(&desk.app, desk.connection).await.unwrap();
    assert!(discarded.draft.is_none() && discarded.document == mended);
    let mut foreign = mended;
    foreign.source = JIRA.to_owned();
    let error = editor::save_draft(&desk.app, desk.connection, foreign, 2).await.unwrap_err();
    assert_eq!(error.code, "invalid");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_outlive_a_platform_that_is_gone_and_say_so() {
    let Some(mut desk) = Desk::new("offers").await else { return };
    let offers = desk.offers(true).await;
    let schema = offers.source.schema.unwrap();
    assert!(schema.fields.iter().any(|field| field.label == "Short description"));
    assert!(schema.fields.is_sorted_by_key(|field| field.label.to_lowercase()));
    assert!(offers.target.schema.unwrap().steps.len() > 2, "the workflow was read");
    let elsewhere = practice_pair(Seed::Empty).await.jira;
    let gone = std::mem::replace(&mut desk.pair.jira, elsewhere);
    let account = desk.app.account(JIRA).await.unwrap().id;
    let entry = Entry::Account { store: desk.app.store().id().to_owned(), account, origin: gone.url.clone() };
    gone.shutdown().await;
    let without = desk.offers(true).await;
    assert!(without.source.trouble.is_none());
    let trouble = without.target.trouble.unwrap();
    assert!(trouble.message.contains("Jira") && without.target.schema.is_some(), "{trouble:?}");
    assert_eq!(without.target.taken_ms, offers.target.taken_ms);
    // Checking goes on from what is kept.
    assert_eq!(desk.errors(&desk.document().await).await, []);
    desk.keychain.delete(&entry).unwrap();
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_counted_on_both_sides_and_sharpen_the_check() {
    let Some(desk) = Desk::new("counts").await else { return };
    let mut document = desk.document().await;
    let counted = editor::count(&desk.app, desk.connection, &document.types[0]).await.unwrap();
    let states = &counted.counts.source[&"state".into()];
    let statuses = &counted.counts.target[&"status".into()];
    assert!(states.values().sum::<u64>() >= 20 && statuses.values().sum::<u64>() >= 5, "{counted:?}");
    assert!(states.len() >= 6, "values that no ticket holds are zero, not missing: {states:?}");

    let (at, pairs) = status_row(&mut document);
    let held = states.iter().filter(|(value, _)| pairs.iter().any(|pair| pair.source == **value));
    let most = held.max_by_key(|(_, tickets)| **tickets).unwrap();
    let gone = most.0.clone();
    pairs.retain(|pair| pair.source != gone);
    if let Rule::Values { otherwise, .. } = &mut document.types[0].fields[at].rule {
        *otherwise = Otherwise::Ask;
    }
    let checked = editor::check(&desk.app, desk.connection, &document).await.unwrap();
    let told = checked.problems.iter().find(|found| {
        found.problem.code == ProblemCode::ValueWithoutPair
            && found.problem.message.contains(&format!(" {} ", most.1))
    });
    assert!(told.is_some(), "{:?}", checked.problems);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_tried_on_a_real_ticket_and_nothing_is_written() {
    let Some(desk) = Desk::new("trials").await else { return };
    let document = desk.document().await;
    let mapping = &document.types[0];
    let none = editor::trial(&desk.app, desk.connection, mapping).await.unwrap_err();
    assert_eq!(none.code, "no_sample");
    let offered = editor::recent(&desk.app, desk.connection, mapping, Side::Source).await.unwrap();
    let key = &offered[0].key;
    let missing =
        editor::pick(&desk.app, desk.connection, mapping, Side::Source, "INC9999999").await.unwrap_err();
    assert!(missing.code == "not_found" && missing.message.contains("INC9999999"), "{missing:?}");

    let sample = editor::pick(&desk.app, desk.connection, mapping, Side::Source, key).await.unwrap();
    assert_eq!((&sample.key, &sample.partner), (key, &None));
    assert_eq!(sample.values.source[&"short_description".into()], offered[0].title);
    let trial = editor::trial(&desk.app, desk.connection, mapping).await.unwrap();
    assert!(trial.sentence.contains("a new ticket"), "{}", trial.sentence);
    let summary = trial.rows.iter().find(|row| row.label == "Summary").unwrap();
    assert_eq!((summary.after.as_ref(), summary.state), (Some(&offered[0].title), TrialState::Changes));

    // An edit shows at once: without its pair the status is undecided.
    let mut edited = document.clone();
    let (at, pairs) = status_row(&mut edited);
    let state = &sample.values.source[&"state".into()];
    pairs.clear();
    if let Rule::Values { otherwise, .. } = &mut edited.types[0].fields[at].rule {
        *otherwise = Otherwise::Ask;
    }
    let trial = editor::trial(&desk.app, desk.connection, &edited.types[0]).await.unwrap();
    let status = trial.rows.iter().find(|row| row.field as usize == at).unwrap();
    assert_eq!(status.state, TrialState::Undecided);
    assert!(status.reason.contains(state.as_str()), "{status:?}");

    // Once linked, both sides agree and nothing would be sent.
    desk.run().await;
    let sample = editor::pick(&desk.app, desk.connection, mapping, Side::Source, key).await.unwrap();
    assert!(sample.partner.is_some() && !sample.values.target.is_empty());
    let trial = editor::trial(&desk.app, desk.connection, mapping).await.unwrap();
    assert_eq!(trial.sentence, "Would send nothing.", "{:?}", trial.rows);
    assert!(trial.rows.iter().all(|row| row.state != TrialState::Undecided), "{:?}", trial.rows);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_built_for_the_ticket_at_hand() {
    let Some(desk) = Desk::new("descriptions").await else { return };
    let mut document = desk.document().await;
    let offered = editor::recent(&desk.app, desk.connection, &document.types[0], Side::Source).await.unwrap();
    let mapping = &mut document.types[0];
    editor::pick(&desk.app, desk.connection, mapping, Side::Source, &offered[0].key).await.unwrap();
    let at = mapping.fields.iter().position(|row| matches!(row.rule, Rule::Description(_))).unwrap();
    let field = u32::try_from(at).unwrap();
    let Rule::Description(layout) = &mut mapping.fields[at].rule else { panic!("a builder") };
    let line = |label: &str, field: Option<&str>, when_empty| DescriptionLine {
        label: label.into(),
        field: field.map(Into::into),
        when_empty,
    };
    layout.lines = vec![
        line("Customer *ticket*", Some("number"), WhenEmpty::LeaveOut),
        line("Parent", Some("parent_incident"), WhenEmpty::LeaveOut),
        line("Problem", Some("problem_id"), WhenEmpty::Show("none".into())),
        line("Sent by Corvane", None, WhenEmpty::LeaveOut),
    ];
    let preview = editor::description(&desk.app, desk.connection, mapping, field).await.unwrap();
    assert_eq!(preview.lines, [0, 2, 3]);
    assert!(
        preview.exact.contains(&offered[0].key) && preview.exact.contains("Sent by Corvane"),
        "{preview:?}"
    );
    assert!(preview.exact.contains(r"\*ticket\*"), "a label is text, never markup: {}", preview.exact);
    assert_eq!((preview.cut_at, preview.chars_max), (None, Some(30_000)));
    let error = editor::description(&desk.app, desk.connection, mapping, 0).await.unwrap_err();
    assert_eq!(error.code, "invalid");

    let Rule::Description(layout) = &mut mapping.fields[at].rule else { panic!("a builder") };
    layout.lines = vec![line(&"x".repeat(40_000), None, WhenEmpty::LeaveOut)];
    let long = editor::description(&desk.app, desk.connection, mapping, field).await.unwrap();
    assert!(long.chars > 40_000 && long.cut_at == Some(30_000), "{} {:?}", long.chars, long.cut_at);
    assert!(long.exact.chars().count() <= 30_000);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_say_which_ticket_they_catch_and_why_not() {
    let Some(desk) = Desk::new("templates").await else { return };
    let mut document = desk.document().await;
    let mapping = &mut document.types[0];
    let template = |name: &str, value: &str| Template {
        name: name.into(),
        conditions: lockstep_core::mapping::Filter {
            all: vec![Condition {
                field: "impact".into(),
                operator: Operator::Is,
                values: vec![value.into()],
            }],
            any: vec![],
        },
        set: std::collections::BTreeMap::default(),
        container: None,
    };
    mapping.templates = vec![template("High", "1"), template("Medium", "2")];
    mapping.no_match = NoMatch::DoNotCreate;
    let caught = editor::catches(&desk.app, desk.connection, mapping, Side::Target, None).await.unwrap();
    let counted: u32 = caught.counts.iter().map(|one| one.tickets).sum::<u32>() + caught.uncaught;
    assert_eq!(counted as usize, caught.tickets.len());
    assert!(caught.counts.iter().all(|one| one.tickets > 0) && caught.uncaught > 0, "{:?}", caught.counts);
    let high = caught.tickets.iter().find(|one| one.template.as_deref() == Some("High")).unwrap();
    assert_eq!(high.verdicts, [Verdict::Caught, Verdict::NotReached]);
    let low = caught.tickets.iter().find(|one| one.template.is_none()).unwrap();
    let [Verdict::NotCaught { why }, _] = &low.verdicts[..] else { panic!("{low:?}") };
    assert!(why.starts_with("Impact is ") && why.contains(", not "), "{why}");
    let one =
        editor::catches(&desk.app, desk.connection, mapping, Side::Target, Some(&high.key)).await.unwrap();
    assert_eq!(one.tickets.len(), 1);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_suggested_for_what_is_not_mapped() {
    let Some(desk) = Desk::new("suggestions").await else { return };
    let mut mapping = desk.document().await.types.swap_remove(0);
    let before = mapping.fields.len();
    mapping.fields.retain(|row| row.source != ["short_description".into()] && row.source != ["state".into()]);
    assert_eq!(mapping.fields.len(), before - 2);
    let suggested = editor::suggest(&desk.app, desk.connection, &mapping).await.unwrap();
    let keys: Vec<String> = suggested.iter().map(|row| row.mapping.key()).collect();
    assert!(keys.contains(&"short_description=summary".to_owned()), "{keys:?}");
    assert!(keys.contains(&"state=status".to_owned()), "{keys:?}");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_counted_by_the_platform_itself() {
    let Some(desk) = Desk::new("filters").await else { return };
    let mut document = desk.document().await;
    let mapping = &mut document.types[0];
    mapping.filter = Pair::default();
    let all = editor::matching(&desk.app, desk.connection, mapping, Side::Source).await.unwrap();
    assert!(all.count.is_some_and(|count| count > 10) && !all.approximate && all.newest.is_some(), "{all:?}");
    let condition = |operator, value: &str| Condition {
        field: "impact".into(),
        operator,
        values: vec![value.to_owned()],
    };
    let mut counted = async |operator| {
        mapping.filter.source.all = vec![condition(operator, "1")];
        editor::matching(&desk.app, desk.connection, mapping, Side::Source).await.unwrap().count.unwrap()
    };
    let (high, other) = (counted(Operator::Is).await, counted(Operator::IsNot).await);
    assert!(high > 0 && other > 0, "{high} and {other}");
    assert_eq!(Some(high + other), all.count, "one half and the other make the whole");
    mapping.filter.source.all = vec![condition(Operator::Is, "1^ORactive=true")];
    let unsafe_one = editor::matching(&desk.app, desk.connection, mapping, Side::Source).await.unwrap();
    assert_eq!(unsafe_one.count, None, "never a wider question");

    desk.run().await;
    mapping.filter.target.all =
        vec![Condition { field: "assignee".into(), operator: Operator::Empty, values: vec![] }];
    let there = editor::matching(&desk.app, desk.connection, mapping, Side::Target).await.unwrap();
    assert!(there.count.is_some() && there.approximate, "Jira counts from its index: {there:?}");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_tickets_of_a_run_are_planned_anew_alone() {
    let Some(desk) = Desk::new("retry").await else { return };
    // Without a comment that is refused the ticket stands; a create that is refused waits until it can be looked for.
    let refuse =
        Fault { path_ends: Some("/comment".to_owned()), ..Fault::new(FaultKind::Status { status: 400 }) };
    desk.pair.jira.practice.lock().unwrap().faults.add(refuse.on("POST"));
    desk.run().await;
    let run = desk.app.store().read(|conn| runs::list(conn, None, None, 1)).await.unwrap().remove(0);
    let failed = desk
        .app
        .store()
        .read(move |conn| outcomes::page(conn, run.id, Some(Outcome::Failed), 0, 500))
        .await
        .unwrap();
    assert!(failed.len() > 1, "comments were refused: {}", failed.len());
    desk.pair.jira.practice.lock().unwrap().faults.clear();

    let one = failed[0].ordinal;
    let plan = retrying::retry(&desk.app, run.id.0, Some([one].into()), Arc::new(Silent)).await.unwrap();
    let rows = planned::rows(&desk.app, plan, 0, 500).await.unwrap();
    let included: Vec<_> = rows.iter().filter(|row| row.included).collect();
    assert_eq!(included.len(), 1, "that ticket alone: {:?} {rows:?}", failed[0]);
    assert_eq!(included[0].source, failed[0].keys.source);
    let order = RunOrder {
        connection: "Incidents".into(),
        kind: RunKind::Manual,
        since_ms: None,
        confirmed: true,
        take_over: false,
        plan: Some(plan),
        trigger: "a test".into(),
    };
    let report = desk.app.run(order, Arc::new(Silent)).await.unwrap();
    assert_eq!((report.counts.comments > 0, report.counts.failed), (true, 0), "{report:?}");
    let again = retrying::retry(&desk.app, run.id.0, Some([one].into()), Arc::new(Silent)).await.unwrap_err();
    assert_eq!(again.code, "not_found", "it does not wait any more: {again:?}");
    let plan = retrying::retry(&desk.app, run.id.0, None, Arc::new(Silent)).await.unwrap();
    let rows = planned::rows(&desk.app, plan, 0, 500).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.included).count(), failed.len() - 1, "all the others");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_the_whole_address_alone() {
    let Some(desk) = Desk::new("people").await else { return };
    let document = desk.document().await;
    let mapping = &document.types[0];
    let find =
        async |email: &str| editor::person(&desk.app, desk.connection, mapping, Side::Source, email).await;
    assert_eq!(find("nobody@corvane.example").await.unwrap(), None);
    assert_eq!(find("no address").await.unwrap_err().code, "invalid");
    let us = find("lockstep@corvane.example").await.unwrap();
    assert!(us.is_none_or(|person| !person.id.is_empty()));
    desk.end().await;
}
