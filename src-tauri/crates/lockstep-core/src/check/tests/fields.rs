//! Fields: there, writable, of types that meet, long enough.

use super::*;
use crate::mapping::transform::{Context, carry};
use crate::mapping::{Mapped, PeopleTable};
use crate::ticket::{MarkerRead, Ticket, Value, Version};

const ENVIRONMENT: &str = "Incident › Description → Environment";

#[test]
fn a_field_that_is_gone() {
    let scene = good().field(mapped("u_gone", ToTarget, "environment", Rule::Copy));
    let problem = scene.one(Level::Error, Code::FieldMissing, "Incident › u_gone → Environment");
    assert!(problem.message.contains("u_gone"));
}

#[test]
fn the_fields_of_a_built_description_must_be_there() {
    let scene =
        good().field(mapped("description", ToTarget, "description", built("description", "u_region")));
    let found = scene.found();
    assert!(found.contains(&(
        Level::Error,
        Code::FieldMissing,
        "Incident › Description → Description".into()
    )));
}

#[test]
fn a_read_only_field_is_no_target_but_may_be_read() {
    let locked = |scene: Scene| {
        scene.target("environment", |field| field.read_only = Some("it is on no screen".into()))
    };
    let scene = locked(good().field(mapped("description", ToTarget, "environment", Rule::Copy)));
    scene.one(Level::Error, Code::FieldReadOnly, ENVIRONMENT);
    let scene = locked(good().field(mapped("close_notes", ToSource, "environment", Rule::Copy)));
    assert_eq!(errors(&scene.check()), 0);
}

#[test]
fn servicenow_priority_is_calculated() {
    let rule = pairs(&[("1", ToSource, "h"), ("2", ToSource, "m"), ("3", ToSource, "l")]);
    let scene = good().field(mapped("priority", ToSource, "priority", rule));
    let problem = scene.one(Level::Error, Code::FieldCalculated, "Incident › Priority ← Priority");
    assert!(problem.fix.contains("Impact and Urgency"));
}

#[test]
fn what_a_create_cannot_take_is_not_written_on_create_only() {
    let mut mapping = mapped("close_notes", ToTarget, "environment", Rule::Copy);
    mapping.write = Write::OnCreate;
    let scene = good().field(mapping).target("environment", |field| field.on_create = false);
    scene.one(Level::Error, Code::NotOnCreate, "Incident › Close notes → Environment");
}

#[test]
fn each_side_needs_one_field() {
    let scene = good().field(mapped("description", ToTarget, "environment+description", Rule::Copy));
    scene.one(Level::Error, Code::FieldCount, "Incident › Description → Environment and Description");
    let scene = good().field(mapped("", ToTarget, "environment", Rule::Copy));
    scene.one(Level::Error, Code::FieldCount, "Incident › fixed value → Environment");
}

#[test]
fn types_that_cannot_meet() {
    let scene = good().field(mapped("description", ToTarget, "points", Rule::Copy));
    scene.one(Level::Error, Code::TypesDoNotFit, "Incident › Description → Points");
}

#[test]
fn a_person_is_never_copied_by_id() {
    let scene = good().field(mapped("assigned_to", Both, "assignee", Rule::Copy));
    assert!(scene.check().iter().all(|problem| problem.fix.contains("Match by email")));
    let by_email = Rule::Person { fallback: None };
    let scene = good().field(mapped("assigned_to", Both, "assignee", by_email.clone()));
    assert_eq!(scene.found(), []);
    let scene = good().field(mapped("assigned_to", ToTarget, "environment", by_email));
    scene.one(Level::Error, Code::NotAPerson, "Incident › Assigned to → Environment");
}

#[test]
fn a_group_needs_a_table() {
    let scene = good().field(mapped("assignment_group", ToTarget, "team", Rule::Copy));
    scene.one(Level::Error, Code::GroupWithoutTable, "Incident › Assignment group → Team");
    let scene = good().field(mapped("assignment_group", ToTarget, "team", pairs(&[("g1", ToTarget, "t1")])));
    assert_eq!(scene.found(), []);
}

#[test]
pub fn date_and_date_time_need_a_zone() {
    let scene = good().field(mapped("due_date", ToTarget, "duedate", Rule::Copy));
    scene.one(Level::Error, Code::DateNeedsZone, "Incident › Due date → Due date");
}

#[test]
fn a_built_description_flows_one_way() {
    let scene = good().field(mapped("description", Both, "environment", built("description", "impact")));
    let codes: Vec<Code> = scene.check().iter().map(|problem| problem.code).collect();
    assert!(codes.contains(&Code::DirectionNotPossible), "{codes:?}");
}

#[test]
fn a_fixed_value_flows_one_way_and_must_be_possible() {
    let fixed = |value: &str| Rule::Constant { value: value.to_owned() };
    let scene = good().field(mapped("", ToTarget, "points", fixed("3.5")));
    assert_eq!(scene.found(), []);
    let scene = good().field(mapped("", ToTarget, "points", fixed("three")));
    scene.one(Level::Error, Code::ValueNotPossible, "Incident › fixed value → Points");
    let scene = good().field(mapped("", ToTarget, "priority", fixed("x")));
    scene.one(Level::Error, Code::ValueGone, "Incident › fixed value → Priority");
    let scene = good().field(mapped("close_notes", Both, "environment", fixed("x")));
    assert_eq!(scene.check()[0].code, Code::DirectionNotPossible);
}

#[test]
fn composed_text_needs_its_placeholders_and_a_text_field() {
    let text = |template: &str| Rule::Text { template: template.to_owned() };
    let scene = good().field(mapped("", ToTarget, "environment", text("{key}: {impact} {url}")));
    assert_eq!(scene.found(), []);
    let scene = good().field(mapped("", ToTarget, "environment", text("{nothing}")));
    scene.one(Level::Error, Code::FieldMissing, "Incident › fixed value → Environment");
    let scene = good().field(mapped("", ToTarget, "points", text("{impact}")));
    scene.one(Level::Error, Code::TypesDoNotFit, "Incident › fixed value → Points");
}

#[test]
fn text_longer_than_the_target_allows() {
    let short = |scene: Scene| scene.target("environment", |field| field.chars_max = Some(100));
    let scene = short(good().field(mapped("description", ToTarget, "environment", Rule::Copy)));
    scene.one(Level::Warning, Code::TextTooLong, ENVIRONMENT);
    let scene = short(good().field(mapped("close_notes", ToTarget, "environment", Rule::Copy)));
    scene.one(Level::Warning, Code::TextTooLong, "Incident › Close notes → Environment");
    let scene = good().field(mapped("description", ToTarget, "environment", Rule::Copy));
    assert_eq!(scene.found(), [], "no limit there");
}

#[test]
fn rich_text_is_flattened_in_a_plain_field() {
    let scene = good().field(mapped("close_notes", ToSource, "environment", Rule::Copy));
    scene.one(Level::Note, Code::RichTextFlattened, "Incident › Close notes ← Environment");
}

#[test]
fn newest_wins_is_said_to_ask() {
    let mut mapping = mapped("close_notes", ToTarget, "environment", Rule::Copy);
    mapping.on_conflict = OnConflict::NewestWins;
    good().field(mapping).one(Level::Note, Code::NewestAsks, "Incident › Close notes → Environment");
}

#[test]
fn a_status_restriction_that_never_holds() {
    let restricted = |statuses: &[&str]| {
        let mut mapping = mapped("close_notes", ToTarget, "environment", Rule::Copy);
        mapping.write = Write::WhileStatus(statuses.iter().map(|id| (*id).to_owned()).collect());
        good().field(mapping)
    };
    restricted(&["77"]).one(Level::Warning, Code::NeverHolds, "Incident › Close notes → Environment");
    restricted(&["6", "77"]).one(Level::Warning, Code::ValueGone, "Incident › Close notes → Environment");
    assert_eq!(restricted(&["6"]).found(), []);
}

#[test]
fn two_mappings_write_one_field() {
    let scene = good().field(mapped("close_notes", ToTarget, "summary", Rule::Copy));
    let found = scene.found();
    assert!(
        found.contains(&(Level::Error, Code::WrittenTwice, "Incident › Close notes → Summary".into())),
        "{found:?}"
    );
    let while_in =
        |statuses: &[&str]| Write::WhileStatus(statuses.iter().map(|id| (*id).to_owned()).collect());
    let mut first = mapped("description", ToTarget, "environment", Rule::Copy);
    let mut second = mapped("close_notes", ToTarget, "environment", Rule::Copy);
    (first.write, second.write) = (while_in(&["1"]), while_in(&["6"]));
    assert_eq!(good().field(first).field(second).found(), [], "they never act at once");
}

#[test]
fn two_directions_of_one_field_are_no_overlap() {
    let scene = good().field(mapped("description", ToTarget, "environment", Rule::Copy)).field(mapped(
        "close_notes",
        ToSource,
        "environment",
        Rule::Copy,
    ));
    assert_eq!(errors(&scene.check()), 0);
}

#[test]
fn a_built_description_is_not_read_back() {
    let scene = good()
        .field(mapped("description", ToTarget, "environment", built("description", "impact")))
        .field(mapped("description", ToSource, "environment", Rule::Copy));
    let place = "Incident › Description ← Environment".to_owned();
    assert!(scene.found().contains(&(Level::Error, Code::DescriptionReadBack, place)), "{:?}", scene.found());
}

#[test]
fn a_picklist_copied_as_it_is_needs_the_same_ids() {
    let scene = good().field(mapped("impact", ToTarget, "priority", Rule::Copy));
    scene.one(Level::Error, Code::ValueGone, "Incident › Impact → Priority");
    let scene = good()
        .field(mapped("impact", ToTarget, "priority", Rule::Copy))
        .target("priority", |field| field.options.extend(options(&[("1", "One")])));
    scene.one(Level::Warning, Code::ValueGone, "Incident › Impact → Priority");
}

/// The checker's table of types says what `transform::copy` does.
#[test]
fn copy_fits_as_the_transform_copies() {
    use FieldKind as K;
    let all = [
        (K::Line, Value::text("a")),
        (K::Text, Value::text("a\nb")),
        (K::Rich, Value::rich("**a**")),
        (K::Choice, Value::choice("1")),
        (K::Status, Value::choice("1")),
        (K::Set, Value::set(["a"])),
        (K::Number, Value::Number("1".into())),
        (K::Boolean, Value::Boolean(true)),
        (K::Date, Value::Date("2026-05-04".into())),
        (K::DateTime, Value::DateTime(0)),
        (K::Person, Value::Person("p".into())),
        (K::Group, Value::Group("g".into())),
        (K::Reference, Value::Reference("r".into())),
    ];
    for (sent, value) in &all {
        for (received, _) in &all {
            let scene = good().field(mapped("from", ToTarget, "to", Rule::Copy)).tweak(|scene| {
                scene.schemas.source.fields.insert("from".into(), field("from", "From", *sent));
                scene.schemas.target.fields.insert("to".into(), field("to", "To", *received));
            });
            let labels = Pair { source: "S".to_owned(), target: "T".to_owned() };
            let rules = Rules::compile(&scene.mapping, scene.schemas.clone(), labels);
            let people = PeopleTable::default();
            let mut ticket = ticket();
            ticket.fields.insert("from".into(), value.clone());
            let person =
                crate::ticket::Person { id: "p".into(), name: "P".into(), email: None, active: true };
            ticket.people.insert("p".into(), person);
            let context = Context { rules: &rules, people: &people };
            let carried = carry(rules.fields.last().expect("added"), Side::Source, &ticket, context);
            let fits = matches!(carried, Mapped::Value(_));
            assert_eq!(
                super::super::fields::copy_fits(*sent, *received),
                fits,
                "{sent:?} into {received:?}: {carried:?}"
            );
            let errors = scene.check().iter().filter(|problem| problem.level == Level::Error).count();
            assert_eq!(errors == 0, fits, "{sent:?} into {received:?}: {:?}", scene.check());
        }
    }
}

fn ticket() -> Ticket {
    Ticket {
        id: "1".into(),
        key: "K-1".into(),
        ticket_type: "t".into(),
        container: "c".into(),
        version: Version::default(),
        created_ms: 0,
        created_by: None,
        updated_by: None,
        fields: Default::default(),
        marker: MarkerRead::Absent,
        people: Default::default(),
        private: false,
        immutable: None,
        comments: None,
        attachments: None,
        url: String::new(),
    }
}
