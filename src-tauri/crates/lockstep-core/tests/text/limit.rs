//! Cutting: never longer than the limit, never within a character, never an open fence.

use lockstep_core::text::limit::{cut_at_chars, cut_markdown};
use lockstep_core::text::markdown;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::gen_text;

#[test]
fn short_texts_stay_and_long_ones_end_in_the_mark() {
    assert_eq!(cut_at_chars("äöü", 3, "…"), ("äöü".to_owned(), false));
    assert_eq!(cut_at_chars("äöüß", 3, "…"), ("äö…".to_owned(), true));
    assert_eq!(cut_at_chars("abcd", 1, "[cut]"), ("a".to_owned(), true));
    let code = format!("x\n\n```\n{}\n```", "line\n".repeat(50));
    let (cut, was_cut) = cut_markdown(&code, 60, "*cut*");
    assert!(was_cut && cut.ends_with("```\n\n*cut*") && cut.chars().count() <= 60, "{cut}");
}

proptest! {
    #![proptest_config(Config { cases: 150, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_cut_text_is_short_and_canonical(doc in gen_text::doc(), limit in 0..80usize) {
        let text = lockstep_core::text::doc::to_markdown(&doc.normalise());
        let (cut, was_cut) = cut_markdown(&text, limit, "(cut)");
        prop_assert!(cut.chars().count() <= limit);
        prop_assert_eq!(was_cut, text.chars().count() > limit);
        prop_assert_eq!(markdown::canonical(&cut), cut);
        prop_assert!(cut_at_chars(&text, limit, "…").0.chars().count() <= limit);
    }
}
