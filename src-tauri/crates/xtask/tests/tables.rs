//! The tables in `docs/` that say which test shows what: every row is there, and every test they name exists.
//!
//! In such a table the first column holds the id, the last one the tests as code spans. A row without a test says so in
//! words: `not shown` or `later`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each table, the ids it must have in this order, and how many rows may be without a test.
const TABLES: [(&str, &str, std::ops::RangeInclusive<u32>); 1] = [("docs/threats.md", "T", 1..=16)];

struct Row {
    id: String,
    tests: Vec<String>,
    says_so: bool,
}

#[test]
fn every_row_is_there_and_names_tests_that_exist() {
    let known = tests_of_the_workspace();
    for (file, letter, numbers) in TABLES {
        let rows = rows_of(&fs::read_to_string(root().join(file)).expect("the table can be read"), letter);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let wanted: Vec<String> = numbers.map(|number| format!("{letter}{number}")).collect();
        assert_eq!(ids, wanted, "{file}: each once and in order");
        for row in &rows {
            assert!(
                !row.tests.is_empty() || row.says_so,
                "{file}: {} names no test and does not say so",
                row.id
            );
            let missing: Vec<&String> = row.tests.iter().filter(|test| !known.contains(*test)).collect();
            assert!(missing.is_empty(), "{file}: {} names tests that do not exist: {missing:?}", row.id);
        }
    }
}

/// A test that carries a threat's number is in that threat's row, so that the table is never behind the code.
#[test]
fn every_test_of_a_threat_stands_in_its_row() {
    let rows =
        rows_of(&fs::read_to_string(root().join("docs/threats.md")).expect("the table can be read"), "T");
    let missing: Vec<String> = tests_of_the_workspace()
        .into_iter()
        .filter(|test| !test.contains("_child_"))
        .filter(|test| {
            let Some((id, _)) = test.split_once('_') else { return false };
            let number =
                id.strip_prefix('t').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            number.is_some_and(|number| {
                rows.iter().any(|row| row.id == format!("T{number}") && !row.tests.contains(test))
            })
        })
        .collect();
    assert!(missing.is_empty(), "not in docs/threats.md: {missing:#?}");
}

fn rows_of(text: &str, letter: &str) -> Vec<Row> {
    let is_id = |cell: &str| {
        cell.strip_prefix(letter).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    text.lines()
        .filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| is_id(cells[0]))
        .map(|cells| {
            let last = cells.last().copied().unwrap_or_default();
            Row {
                id: cells[0].to_owned(),
                tests: last.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
                says_so: last.contains("not shown") || last.contains("later"),
            }
        })
        .collect()
}

/// The names of all functions that carry a test's attribute, and of the laws of parsers, which a macro makes tests of.
fn tests_of_the_workspace() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src-tauri", "tests"] {
        for file in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&file).expect("a source file can be read");
            let mut awaited = false;
            for line in text.lines().map(str::trim_start) {
                if let Some(law) = line.strip_prefix("Law { name: \"").and_then(|rest| rest.split('"').next())
                {
                    names.insert(law.to_owned());
                }
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    awaited = true;
                } else if let Some(name) = function_of(line) {
                    if awaited {
                        names.insert(name);
                    }
                    awaited = false;
                }
            }
        }
    }
    assert!(names.len() > 500, "the tests are found: {}", names.len());
    names
}

fn function_of(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    Some(name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
