//! Across connections.

use super::*;
use crate::mapping::{Condition, Filter, Operator};
use crate::marker::Fingerprint;

/// A connection between two accounts, each with one table.
struct Made {
    name: &'static str,
    accounts: (&'static str, &'static str),
    types: Vec<TypeMapping>,
    route: Option<&'static str>,
}

fn connection(
    name: &'static str,
    source: &'static str,
    target: &'static str,
    fields: Vec<FieldMapping>,
) -> Made {
    let mut mapping = good().mapping;
    mapping.source = Scope { container: String::new(), ticket_type: source.to_owned(), request_type: None };
    mapping.target = Scope { container: String::new(), ticket_type: target.to_owned(), request_type: None };
    mapping.fields = fields;
    Made { name, accounts: (source, target), types: vec![mapping], route: None }
}

fn check_all(made: &[Made]) -> Vec<Problem> {
    let prints: Vec<Pair<Fingerprint>> = made
        .iter()
        .map(|made| Pair {
            source: Fingerprint(made.accounts.0.into()),
            target: Fingerprint(made.accounts.1.into()),
        })
        .collect();
    let views: Vec<ConnectionView<'_>> = made
        .iter()
        .zip(&prints)
        .map(|(made, prints)| ConnectionView {
            name: made.name,
            fingerprints: prints.as_ref(),
            types: &made.types,
            route: made.route,
        })
        .collect();
    check_connections(&views)
}

fn codes(made: &[Made]) -> Vec<(Code, String)> {
    check_all(made).into_iter().map(|problem| (problem.code, problem.place.to_string())).collect()
}

fn copied(source: &str, direction: Direction, target: &str) -> FieldMapping {
    mapped(source, direction, target, Rule::Copy)
}

#[test]
fn two_connections_write_one_field_of_the_same_tickets() {
    let made = [
        connection("One", "a", "b", vec![copied("state", ToSource, "status")]),
        connection("Two", "a", "c", vec![copied("state", Both, "phase")]),
    ];
    assert_eq!(codes(&made), [(Code::WrittenTwice, "Two › Incident › state ↔ phase".into())]);
}

#[test]
fn a_route_or_a_filter_tells_tickets_apart() {
    let fields = || vec![copied("state", ToSource, "status")];
    let mut made = [connection("One", "a", "b", fields()), connection("Two", "a", "c", fields())];
    (made[0].route, made[1].route) = (Some("r"), Some("r"));
    assert_eq!(codes(&made), []);
    let mut made = [connection("One", "a", "b", fields()), connection("Two", "a", "c", fields())];
    for (made, group) in made.iter_mut().zip(["g1", "g2"]) {
        let condition =
            Condition { field: "group".into(), operator: Operator::Is, values: vec![group.into()] };
        made.types[0].filter.source = Filter { all: vec![condition], any: vec![] };
    }
    assert_eq!(codes(&made), []);
}

#[test]
fn two_connections_take_the_same_tickets_to_the_same_account() {
    let made = [connection("One", "a", "b", vec![]), connection("Two", "a", "b", vec![])];
    assert_eq!(codes(&made), [(Code::ConnectionsOverlap, "Two › Incident".into())]);
}

#[test]
pub fn two_one_way_connections_are_no_two_way_one() {
    let made = [
        connection("There", "a", "b", vec![copied("x", ToTarget, "y")]),
        connection("Back", "b", "a", vec![copied("y", ToTarget, "x")]),
    ];
    assert_eq!(codes(&made), [(Code::ConnectionsOverlap, "Back › Incident".into())]);
}

#[test]
fn different_groups_of_one_table_may_share_a_project() {
    let mut made = [connection("One", "a", "b", vec![]), connection("Two", "a", "b", vec![])];
    made[0].types[0].source.container = "g1".into();
    made[1].types[0].source.container = "g2".into();
    assert_eq!(codes(&made), []);
}

#[test]
pub fn a_ring_of_two_way_mappings() {
    let leg = |name, from, to| connection(name, from, to, vec![copied("text", Both, "text")]);
    let made = [leg("AB", "a", "b"), leg("BC", "b", "c"), leg("CA", "c", "a")];
    let found = codes(&made);
    let rings: Vec<_> = found.iter().filter(|(code, _)| *code == Code::RingOfConnections).collect();
    assert_eq!(rings, [&(Code::RingOfConnections, "CA › Incident › text ↔ text".to_owned())]);
    let one_way = connection("CA", "c", "a", vec![copied("text", ToTarget, "text")]);
    let found = codes(&[leg("AB", "a", "b"), leg("BC", "b", "c"), one_way]);
    assert!(!found.iter().any(|(code, _)| *code == Code::RingOfConnections), "{found:?}");
}

#[test]
fn a_built_description_comes_home_by_another_connection() {
    let builder = mapped("description", ToTarget, "body", built("description", "impact"));
    let made = [
        connection("AB", "a", "b", vec![builder.clone()]),
        connection("BC", "b", "c", vec![copied("body", ToTarget, "notes")]),
        connection("CA", "c", "a", vec![copied("notes", ToTarget, "description")]),
    ];
    assert!(
        codes(&made).contains(&(Code::DescriptionReadBack, "CA › Incident › notes → description".into()))
    );
    let made = [
        connection("AB", "a", "b", vec![builder]),
        connection("BC", "b", "c", vec![copied("other", ToTarget, "notes")]),
        connection("CA", "c", "a", vec![copied("notes", ToTarget, "description")]),
    ];
    assert!(!codes(&made).iter().any(|(code, _)| *code == Code::DescriptionReadBack));
}

#[test]
fn two_connections_that_build_on_each_others_copy() {
    let build = |from: &str, to: &str| mapped(from, ToTarget, to, built(from, "impact"));
    let made = [
        connection("There", "a", "b", vec![build("description", "body")]),
        connection("Back", "b", "a", vec![build("body", "description")]),
    ];
    assert!(codes(&made).iter().any(|(code, _)| *code == Code::DescriptionReadBack), "{:?}", codes(&made));
}

#[test]
fn connections_that_have_nothing_in_common() {
    let made = [
        connection("One", "a", "b", vec![copied("x", Both, "y")]),
        connection("Two", "c", "d", vec![copied("x", Both, "y")]),
    ];
    assert_eq!(codes(&made), []);
}
