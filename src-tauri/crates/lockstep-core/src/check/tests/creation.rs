//! New tickets, conditions, comments.

use super::*;
use crate::mapping::comments::CarryRow;
use crate::mapping::{Carry, Condition, Filter, MatchMode, MatchRule, NoMatch, Operator};

const ALL: &str = "Incident › template All";

fn condition(field: &str, operator: Operator, values: &[&str]) -> Condition {
    Condition {
        field: field.into(),
        operator,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    }
}

fn all(conditions: Vec<Condition>) -> Filter {
    Filter { all: conditions, any: vec![] }
}

#[test]
fn a_required_field_of_a_create_must_be_filled() {
    let scene = good().target("points", |field| field.required_on_create = true);
    scene.one(Level::Error, Code::RequiredOnCreate, ALL);
    let scene = scene.tweak(|scene| {
        scene.mapping.templates[0].set.insert("points".into(), "1".into());
    });
    assert_eq!(scene.found(), []);
}

#[test]
fn what_acts_in_a_status_alone_fills_no_required_field() {
    let scene = good().tweak(|scene| scene.mapping.fields[0].write = Write::WhileStatus(vec!["1".into()]));
    scene.one(Level::Error, Code::RequiredOnCreate, ALL);
}

#[test]
fn both_directions_of_creating_are_checked() {
    let scene = good().source("close_notes", |field| field.required_on_create = true);
    assert_eq!(scene.found(), [], "nothing is created there");
    let scene = scene.tweak(|scene| {
        scene.mapping.target_tickets = true;
        scene.mapping.source_templates = vec![template("Back")];
    });
    scene.one(Level::Error, Code::RequiredOnCreate, "Incident › template Back");
}

#[test]
fn without_a_template_nothing_is_created() {
    good().tweak(|scene| scene.mapping.templates.clear()).one(Level::Note, Code::NoTemplate, "Incident");
}

#[test]
fn the_fallback_template_must_exist() {
    let scene = good().tweak(|scene| scene.mapping.no_match = NoMatch::Use("Nobody".into()));
    scene.one(Level::Error, Code::FallbackMissing, "Incident");
}

#[test]
fn a_template_below_one_that_catches_all() {
    let scene = good().tweak(|scene| scene.mapping.templates.push(template("Late")));
    let problem = scene.one(Level::Warning, Code::TemplateNeverReached, "Incident › template Late");
    assert!(problem.message.contains("All"));
}

#[test]
fn a_template_sets_what_a_create_can_take() {
    let set = |id: &str, value: &str| {
        let (id, value) = (id.to_owned(), value.to_owned());
        good().tweak(move |scene| {
            scene.mapping.templates[0].set.insert(id.into(), value);
        })
    };
    assert_eq!(set("priority", "h").found(), []);
    set("priority", "gone").one(Level::Error, Code::ValueGone, ALL);
    set("nowhere", "x").one(Level::Error, Code::FieldMissing, ALL);
    set("status", "done").one(Level::Error, Code::NotOnCreate, ALL);
    let late = set("environment", "x").target("environment", |field| field.on_create = false);
    late.one(Level::Error, Code::NotOnCreate, ALL);
}

#[test]
fn a_match_rule_names_fields_that_exist() {
    let rule =
        |target: &str| MatchRule { mode: MatchMode::MatchOnly, source: "key".into(), target: target.into() };
    assert_eq!(good().tweak(|scene| scene.mapping.match_rule = Some(rule("summary"))).found(), []);
    good().tweak(|scene| scene.mapping.match_rule = Some(rule("gone"))).one(
        Level::Error,
        Code::FieldMissing,
        "Incident › matching",
    );
    let choice = good().tweak(|scene| scene.mapping.match_rule = Some(rule("priority")));
    choice.one(Level::Error, Code::TypesDoNotFit, "Incident › matching");
}

#[test]
fn a_filter_that_contradicts_itself() {
    let filtered = |filter: Filter| good().tweak(|scene| scene.mapping.filter.source = filter);
    let never = |filter: Filter| {
        filtered(filter).one(Level::Warning, Code::NeverHolds, "Incident › filter of the source");
    };
    never(all(vec![condition("impact", Operator::Is, &["1"]), condition("impact", Operator::Is, &["2"])]));
    never(all(vec![
        condition("impact", Operator::Is, &["1"]),
        condition("impact", Operator::IsNot, &["1", "2"]),
    ]));
    never(all(vec![condition("impact", Operator::Empty, &[]), condition("impact", Operator::NotEmpty, &[])]));
    never(all(vec![condition("impact", Operator::Is, &[])]));
    never(Filter {
        all: vec![condition("impact", Operator::Is, &["1"])],
        any: vec![condition("impact", Operator::Is, &["2"]), condition("impact", Operator::Empty, &[])],
    });
    let can = Filter {
        all: vec![condition("impact", Operator::Is, &["1", "2"])],
        any: vec![condition("impact", Operator::Is, &["2"]), condition("urgency", Operator::Is, &["1"])],
    };
    assert_eq!(filtered(can).found(), []);
}

#[test]
fn a_filter_on_what_is_not_there() {
    let filtered = |filter: Filter| good().tweak(|scene| scene.mapping.filter.source = filter);
    let place = "Incident › filter of the source";
    filtered(all(vec![condition("gone", Operator::Is, &["1"])])).one(Level::Error, Code::FieldMissing, place);
    filtered(all(vec![condition("impact", Operator::Is, &["9"])])).one(
        Level::Warning,
        Code::ValueGone,
        place,
    );
}

#[test]
fn internal_comments_need_a_place() {
    let scene = good().tweak(|scene| scene.schemas.target.internal_comments = false);
    scene.one(Level::Warning, Code::NoInternalComments, "Incident › comments of the source");
    let scene = scene.tweak(|scene| {
        scene.mapping.comments.source = CarryRow { public: Carry::Public, internal: Carry::No };
    });
    assert_eq!(scene.found(), []);
}

#[test]
fn customers_who_will_read_are_named() {
    let scene = good().tweak(|scene| {
        scene.schemas.target.customers_read = true;
        scene.mapping.comments.source = CarryRow { public: Carry::Public, internal: Carry::No };
    });
    scene.one(Level::Note, Code::CustomersRead, "Incident › comments of the source");
    let files = good().tweak(|scene| {
        scene.schemas.target.customers_read = true;
        scene.mapping.attachments.copy.source = true;
    });
    files.one(Level::Note, Code::CustomersRead, "Incident › attachments");
}

#[test]
fn internal_made_public_is_a_warning() {
    let scene = good().tweak(|scene| {
        scene.mapping.comments.source = CarryRow { public: Carry::Internal, internal: Carry::Public };
    });
    scene.one(Level::Warning, Code::InternalBecomesPublic, "Incident › comments of the source");
}
