//! Pairs and cells.

use super::*;
use crate::mapping::MatrixCell;

const STATE: &str = "Incident › State ↔ Status";

fn priority(direction: Direction, all: &[(&str, Direction, &str)]) -> Scene {
    good().field(mapped("impact", direction, "priority", pairs(all)))
}

#[test]
fn a_value_without_a_pair_is_a_warning() {
    let scene = good().status(pairs(&[("1", Both, "todo"), ("2", Both, "doing")]));
    let found = scene.found();
    assert_eq!(found.len(), 2, "one for each way: {found:?}");
    assert!(found.iter().all(|found| *found == (Level::Warning, Code::ValueWithoutPair, STATE.into())));
}

#[test]
fn a_value_without_a_pair_that_tickets_hold_is_named_with_their_number() {
    let mut held = HeldValues::default();
    held.counts.target.insert("status".into(), [("done".to_owned(), 41)].into());
    let scene = good()
        .status(pairs(&[("1", Both, "todo"), ("2", Both, "doing")]))
        .tweak(|scene| scene.held = Some(held));
    let problems = scene.check();
    assert_eq!(problems[0].level, Level::Warning);
    assert!(problems[0].message.contains("Done") && problems[0].message.contains("41"), "{problems:?}");
    assert_eq!(problems[1].level, Level::Note, "nobody holds Resolved");
}

#[test]
fn everything_else_leaves_no_value_without_a_rule() {
    let rule = |otherwise: Otherwise| Rule::Values {
        pairs: match pairs(&[("1", ToTarget, "h")]) {
            Rule::Values { pairs, .. } => pairs,
            _ => vec![],
        },
        otherwise,
        otherwise_back: Otherwise::Ask,
    };
    let check = |otherwise| good().field(mapped("impact", ToTarget, "priority", rule(otherwise)));
    assert_eq!(check(Otherwise::Leave).found(), []);
    assert_eq!(check(Otherwise::Use("m".into())).found(), []);
    check(Otherwise::Use("gone".into())).one(Level::Error, Code::ValueGone, "Incident › Impact → Priority");
}

#[test]
fn a_pair_to_a_value_that_is_gone() {
    let scene = priority(ToTarget, &[("1", ToTarget, "h"), ("2", ToTarget, "gone")]);
    scene.one(Level::Error, Code::ValueGone, "Incident › Impact → Priority › pair 2");
    let scene = priority(ToTarget, &[("1", ToTarget, "h"), ("2", ToTarget, "l"), ("9", ToTarget, "l")]);
    scene.one(Level::Warning, Code::ValueGone, "Incident › Impact → Priority › pair 3");
}

#[test]
fn values_that_could_not_be_read_are_not_judged() {
    let scene = priority(ToTarget, &[("1", ToTarget, "h")]).source("impact", |field| field.options.clear());
    scene.one(Level::Note, Code::NotConfirmed, "Incident › Impact → Priority");
}

#[test]
fn several_values_paired_both_ways_with_one() {
    let scene = good().status(pairs(&[("1", Both, "todo"), ("2", Both, "todo"), ("6", Both, "done")]));
    let problem =
        scene.check().into_iter().find(|problem| problem.code == Code::WayBackUndecided).expect("found");
    assert_eq!(
        (problem.level, problem.place.to_string().as_str()),
        (Level::Error, "Incident › State ↔ Status › pair 2")
    );
    assert!(problem.fix.contains("In Progress → only"), "{}", problem.fix);
}

#[test]
fn a_chosen_way_back_is_accepted_with_a_note() {
    let scene = good()
        .status(pairs(&[("1", ToTarget, "doing"), ("2", Both, "doing"), ("6", Both, "done")]))
        .tweak(|scene| {
            scene.schemas.target.workflow.statuses.retain(|status| status.id != "todo");
            scene.schemas.target.workflow.initial = Some("doing".into());
        });
    let problem = scene.one(Level::Note, Code::ReturnsAsAnother, STATE);
    assert!(problem.message.contains("New as In Progress"), "{}", problem.message);
}

#[test]
fn a_pair_that_does_not_return_drifts() {
    let scene = good().status(pairs(&[
        ("1", ToTarget, "todo"),
        ("2", ToSource, "todo"),
        ("2", Both, "doing"),
        ("6", Both, "done"),
    ]));
    let problem =
        scene.check().into_iter().find(|problem| problem.code == Code::DoesNotReturn).expect("found");
    assert_eq!(problem.level, Level::Error);
    assert!(
        problem.message.contains("New goes over as To Do, comes back as In Progress"),
        "{}",
        problem.message
    );
}

#[test]
fn one_way_many_to_one_is_fine() {
    assert_eq!(priority(ToTarget, &[("1", Both, "h"), ("2", Both, "h")]).found(), []);
}

#[test]
fn a_pair_that_never_acts() {
    let scene = priority(ToTarget, &[("1", ToTarget, "h"), ("2", ToTarget, "l"), ("1", ToTarget, "m")]);
    scene.one(Level::Warning, Code::PairNeverUsed, "Incident › Impact → Priority › pair 3");
    let scene = priority(ToTarget, &[("1", ToTarget, "h"), ("2", ToTarget, "l"), ("2", ToSource, "m")]);
    scene.one(Level::Warning, Code::PairNeverUsed, "Incident › Impact → Priority › pair 3");
}

#[test]
fn pairs_of_what_is_no_list() {
    let scene = good().field(mapped("due_date", ToTarget, "priority", pairs(&[])));
    scene.one(Level::Error, Code::TypesDoNotFit, "Incident › Due date → Priority");
    let scene = good().field(mapped("tags", ToTarget, "priority", pairs(&[("a", ToTarget, "h")])));
    scene.one(Level::Error, Code::TypesDoNotFit, "Incident › Tags → Priority");
}

#[test]
fn members_of_sets_need_no_pair() {
    let scene = good()
        .field(mapped("tags", Both, "labels", pairs(&[("vip", Both, "vip"), ("VIP", ToTarget, "vip")])))
        .source("tags", |field| field.options = options(&[("vip", "vip"), ("other", "other")]));
    assert_eq!(scene.found(), []);
}

#[test]
fn a_boolean_has_two_values() {
    let scene = good().field(mapped("active", ToTarget, "priority", pairs(&[("true", ToTarget, "h")])));
    let problem = scene.one(Level::Warning, Code::ValueWithoutPair, "Incident › Active → Priority");
    assert!(problem.message.contains("false"));
}

fn matrix(cells: &[(&str, &str, &str)]) -> Scene {
    let cell = |(impact, urgency, then): &(&str, &str, &str)| MatrixCell {
        when: vec![(*impact).to_owned(), (*urgency).to_owned()],
        then: (*then).to_owned(),
    };
    let rule = Rule::Matrix { cells: cells.iter().map(cell).collect(), otherwise: Otherwise::Ask };
    good().field(mapped("impact+urgency", ToTarget, "priority", rule))
}

const MATRIX: &str = "Incident › Impact and Urgency → Priority";
const FULL: [(&str, &str, &str); 4] = [("1", "1", "h"), ("1", "2", "m"), ("2", "1", "m"), ("2", "2", "l")];

#[test]
fn a_matrix_lacks_cells() {
    assert_eq!(matrix(&FULL).found(), []);
    let problem = matrix(&FULL[..3]).one(Level::Warning, Code::MatrixIncomplete, MATRIX);
    assert!(problem.message.contains("Low × Low"), "{}", problem.message);
}

#[test]
fn a_matrix_names_values_that_exist() {
    let mut cells = FULL.to_vec();
    cells[3].2 = "gone";
    matrix(&cells).one(Level::Error, Code::ValueGone, "Incident › Impact and Urgency → Priority › cell 4");
    let mut cells = FULL.to_vec();
    cells.push(("9", "1", "h"));
    matrix(&cells).one(Level::Warning, Code::ValueGone, "Incident › Impact and Urgency → Priority › cell 5");
}

#[test]
fn a_matrix_cannot_be_read_back() {
    let mut scene = matrix(&FULL);
    scene.mapping.fields[2].direction = Both;
    assert!(
        scene.check().iter().any(|problem| problem.code == Code::DirectionNotPossible),
        "{:?}",
        scene.found()
    );
}
