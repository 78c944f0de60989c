//! `docs/hazards.md` names every hazard once, tests that exist, and rules whose absence is really found out.

use std::fs;
use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("../../../../../docs/hazards.md");
const RULES: &str = include_str!("../../../lockstep-core/src/omission.rs");
const BROKEN: [&str; 2] =
    [include_str!("broken.rs"), include_str!("../../../lockstep-core/src/check/tests/broken.rs")];

/// The cells of each hazard's row.
fn rows() -> Vec<[&'static str; 4]> {
    let cells = |line: &'static str| -> [&str; 4] {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        cells.try_into().unwrap_or_else(|odd| panic!("four cells: {odd:?}"))
    };
    TABLE.lines().filter(|line| line.starts_with("| H")).map(cells).collect()
}

/// What stands in backticks.
fn named(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('`').skip(1).step_by(2)
}

/// Every Rust file of the crates.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let journeys = crates.join("../../tests");
    let (mut found, mut open) = (Vec::new(), vec![crates, journeys]);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The rules that can be left out.
fn rules() -> Vec<&'static str> {
    let body = RULES.split("pub enum Omission {").nth(1).unwrap().split('}').next().unwrap();
    body.lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|line| !line.starts_with("//"))
        .collect()
}

#[test]
fn every_hazard_has_one_row() {
    let wanted: Vec<String> = (1..=55).map(|n| format!("H{n}")).collect();
    assert_eq!(rows().iter().map(|row| row[0]).collect::<Vec<_>>(), wanted);
}

#[test]
fn every_test_that_the_table_names_exists() {
    let sources = sources();
    for [hazard, _, shown, _] in rows() {
        let tests: Vec<&str> = named(shown).collect();
        assert!(
            shown.starts_with("cannot arise here: ") || !tests.is_empty(),
            "{hazard} is shown by nothing"
        );
        for test in tests {
            let (file, name) = test.split_once("::").unwrap();
            let function = format!("fn {name}()");
            let there = |(path, text): &(PathBuf, String)| {
                path.ends_with(format!("{file}.rs")) && text.contains(&function)
            };
            assert!(sources.iter().any(there), "{hazard} names {test}, which does not exist");
        }
    }
}

#[test]
fn every_rule_that_the_table_leaves_out_is_found_out_by_that_row() {
    let known = rules();
    for [hazard, _, shown, left_out] in rows() {
        let rules: Vec<&str> = named(left_out).collect();
        let cannot = shown.starts_with("cannot arise here: ");
        assert_eq!(
            cannot,
            rules.is_empty(),
            "{hazard}: what can arise has a broken engine, what cannot has none"
        );
        for rule in rules {
            assert!(known.contains(&rule), "{hazard} leaves out {rule}, which is no rule");
            let found_out = named(shown).any(|test| {
                let line = format!(": {rule}, {test}, ");
                BROKEN.iter().any(|broken| broken.contains(&line))
                    || alone(test).contains(&format!("Broken::without(Omission::{rule})"))
            });
            assert!(found_out, "{hazard}: no test of its row runs without {rule}");
        }
    }
}

/// The body of a scenario that leaves a rule out by itself.
fn alone(test: &str) -> &'static str {
    let name = test.split_once("::").map_or(test, |(_, name)| name);
    let after = include_str!("creates.rs").split(&format!("fn {name}()")).nth(1);
    after.and_then(|rest| rest.split("\n}\n").next()).unwrap_or_default()
}

#[test]
fn no_rule_is_left_out_nowhere() {
    let tests: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .filter(|(path, _)| {
            path.components().any(|part| part.as_os_str() == "tests") && !path.ends_with("table.rs")
        })
        .collect();
    for rule in rules() {
        let used = |(_, text): &(PathBuf, String)| text.contains(rule);
        assert!(tests.iter().any(used), "nothing tries what happens without {rule}");
    }
}
