//! Statuses and what their steps ask for.

use super::*;
use crate::mapping::{Need, Supply};

const DONE: &str = "Incident › State ↔ Status › pair 3";

fn steps(all: &[(&str, &str)]) -> Scene {
    good().tweak(|scene| {
        scene.schemas.target.workflow.steps = all.iter().map(|(from, to)| step(from, to, &[])).collect();
    })
}

const AROUND: [(&str, &str); 4] = [("todo", "doing"), ("doing", "todo"), ("done", "todo"), ("done", "doing")];

#[test]
fn a_status_that_no_step_leads_to() {
    steps(&AROUND).one(Level::Error, Code::StatusUnreachable, DONE);
}

#[test]
fn a_status_that_no_step_read_so_far_leads_to() {
    let scene = steps(&AROUND).tweak(|scene| {
        scene.schemas.target.workflow.explored.remove("doing");
    });
    scene.one(Level::Warning, Code::StatusUnreachable, DONE);
}

#[test]
fn a_status_that_cannot_be_reached_from_everywhere() {
    let mut all = AROUND.to_vec();
    all.extend([("todo", "done"), ("doing", "done")]);
    all.retain(|step| *step != ("done", "todo") && *step != ("done", "doing"));
    let scene = steps(&all);
    let found = scene.found();
    assert_eq!(found.len(), 2, "{found:?}");
    let problem = &scene.check()[0];
    assert_eq!((problem.level, problem.code), (Level::Warning, Code::StatusUnreachable));
    assert!(problem.message.contains("no way from Done to To Do"), "{}", problem.message);
}

#[test]
fn a_status_several_steps_away_names_the_path() {
    let mut all = AROUND.to_vec();
    all.push(("doing", "done"));
    let problem = steps(&all).one(Level::Warning, Code::StatusSeveralSteps, DONE);
    assert!(problem.message.contains("To Do → In Progress → Done"), "{}", problem.message);
}

#[test]
fn a_free_workflow_needs_no_steps() {
    let scene = steps(&[]).tweak(|scene| scene.schemas.target.workflow.free = true);
    assert_eq!(scene.found(), []);
}

fn asking(asked: &[&str]) -> Scene {
    good().tweak(|scene| {
        for known in scene.schemas.target.workflow.steps.iter_mut().filter(|step| step.to == "done") {
            *known = step(&known.from, &known.to, asked);
        }
    })
}

fn needing(scene: Scene, supply: Supply) -> Scene {
    scene.tweak(|scene| {
        let Rule::Values { pairs, .. } = &mut scene.mapping.fields[1].rule else { return };
        pairs[2].target_needs = vec![Need { field: "resolution".into(), supply }];
    })
}

#[test]
fn a_field_that_a_step_asks_for_must_be_supplied() {
    let found = asking(&["resolution"]).found();
    assert_eq!(found.len(), 2, "on the way from each status: {found:?}");
    assert!(found.iter().all(|found| *found == (Level::Error, Code::NeedMissing, DONE.into())));
    assert_eq!(needing(asking(&["resolution"]), Supply::Fixed("10000".into())).found(), []);
}

#[test]
fn a_need_takes_what_its_screen_offers() {
    let offering = asking(&["resolution"]).tweak(|scene| {
        for field in scene.schemas.target.workflow.steps.iter_mut().flat_map(|step| &mut step.fields) {
            field.options = options(&[("10000", "Done")]);
        }
    });
    assert_eq!(
        needing(asking(&["resolution"]), Supply::Fixed(String::new())).check()[0].code,
        Code::NeedMissing
    );
    needing(offering, Supply::Fixed("7".into())).one(Level::Error, Code::ValueGone, DONE);
}

#[test]
fn a_need_is_filled_from_fields_that_exist() {
    let from = |id: &str| Supply::From { field: id.into(), or: Some("x".into()) };
    assert_eq!(needing(asking(&["resolution"]), from("close_notes")).found(), []);
    needing(asking(&["resolution"]), from("u_gone")).one(Level::Error, Code::FieldMissing, DONE);
    needing(asking(&["resolution"]), Supply::Text("see {u_gone}".into())).one(
        Level::Error,
        Code::FieldMissing,
        DONE,
    );
}

#[test]
fn the_last_public_comment_needs_a_stand_in() {
    let scene = needing(asking(&["resolution"]), Supply::LastPublicComment(String::new()));
    scene.one(Level::Warning, Code::NeedMissing, DONE);
}

#[test]
fn a_need_on_no_screen_is_not_sent() {
    let scene = needing(good(), Supply::Fixed("x".into())).tweak(|scene| {
        scene
            .schemas
            .target
            .fields
            .insert("resolution".into(), field("resolution", "Resolution", FieldKind::Text));
    });
    scene.one(Level::Warning, Code::NeedNotOnScreen, DONE);
}
