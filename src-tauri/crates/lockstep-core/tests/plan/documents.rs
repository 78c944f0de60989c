//! `SYNC.md` and the code name the same rows and the same tests.

const SYNC: &str = include_str!("../../SYNC.md");
const ROWS: &str = include_str!("../../src/sync/decide_tests.rs");
const TESTS: [&str; 7] = [
    include_str!("comments.rs"),
    include_str!("creating.rs"),
    include_str!("fields.rs"),
    include_str!("laws.rs"),
    include_str!("sets.rs"),
    include_str!("status.rs"),
    include_str!("values.rs"),
];

fn row_names(text: &str) -> Vec<&str> {
    let starts =
        text.match_indices("row_").filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric()));
    let name =
        |at: usize| text[at..].split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    starts
        .map(|(at, _)| name(at))
        .filter(|name| name.as_bytes().get(4).is_some_and(u8::is_ascii_digit))
        .collect()
}

#[test]
fn every_row_of_the_table_is_a_test_and_the_other_way_round() {
    assert_eq!(row_names(SYNC), row_names(ROWS));
    assert!(row_names(ROWS).len() > 30);
}

#[test]
fn every_test_that_sync_md_names_exists() {
    let named = SYNC.split('`').skip(1).step_by(2).filter(|name| {
        let words = name.bytes().filter(|byte| *byte == b'_').count();
        words >= 3 && !name.starts_with("row_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    });
    for name in named {
        let there = TESTS.iter().chain(&[ROWS]).any(|text| text.contains(&format!("fn {name}(")));
        assert!(there, "SYNC.md names {name}");
    }
}
