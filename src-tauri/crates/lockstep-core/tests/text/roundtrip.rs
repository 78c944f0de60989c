//! The properties that keep a sync from drifting (V7): canonical forms are fixed points, a tree survives being
//! written, plain text survives every way.

use lockstep_core::text::doc::{parse, to_markdown};
use lockstep_core::text::{adf, html, journal, markdown, plain};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::gen_text;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn by_adf(markdown: &str) -> String {
    adf::from_adf(&adf::to_adf(markdown, &adf::AdfOptions::default()).value).text
}

/// What the strategies found once.
#[test]
fn found_before() {
    for text in [
        "- > - a\n  >\n  >   b\n  > -\n\n  c",
        "> # [`\\[a]: b`](https://x.yz)",
        "> [!NOTE]\n>\n> 0. a",
        "# \\<===@mia>",
        "a\\_*b*",
        "a&#122;**1&#49;_\\*_**",
        "x~~(a)~~y **(a)**b *c*",
    ] {
        let once = markdown::canonical(text);
        assert_eq!(markdown::canonical(&once), once);
        let by = by_adf(text);
        assert_eq!(by_adf(&by), by);
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn canonical_is_a_fixed_point(text in gen_text::text()) {
        let once = markdown::canonical(&text);
        prop_assert_eq!(markdown::canonical(&once), once);
    }

    #[test]
    fn a_written_tree_reads_the_same(doc in gen_text::doc()) {
        let doc = doc.normalise();
        let text = to_markdown(&doc);
        prop_assert_eq!(parse(&text), doc.clone(), "{}", text);
        prop_assert_eq!(doc.clone().normalise(), doc);
    }

    #[test]
    fn a_parsed_text_reads_the_same(text in gen_text::text()) {
        let doc = parse(&text);
        let written = to_markdown(&doc);
        prop_assert_eq!(parse(&written), doc, "{}", written);
    }

    #[test]
    fn markdown_by_way_of_adf_settles_in_one_step(doc in gen_text::doc()) {
        let once = by_adf(&to_markdown(&doc.normalise()));
        prop_assert_eq!(by_adf(&once), once.clone());
        prop_assert_eq!(markdown::canonical(&once), once);
    }

    #[test]
    fn plain_text_survives_markdown_and_adf(text in gen_text::text()) {
        let markdown = plain::from_plain(&text);
        let plain = plain::canonical(&text);
        prop_assert_eq!(&plain::to_plain(&markdown).text, &plain);
        prop_assert_eq!(&plain::to_plain(&by_adf(&markdown)).text, &plain);
        prop_assert_eq!(plain::to_plain(&markdown::canonical(&markdown)).text, plain);
    }

    #[test]
    fn plain_text_needs_no_flattening(text in gen_text::text()) {
        let markdown = plain::from_plain(&text);
        prop_assert!(plain::to_plain(&markdown).flattened.is_empty());
        prop_assert!(adf::to_adf(&markdown, &adf::AdfOptions::default()).flattened.is_empty());
    }

    #[test]
    fn journal_text_survives(text in gen_text::text()) {
        let first = journal::from_journal(&text).text;
        let written = journal::to_journal(&first).text;
        prop_assert!(!written.to_lowercase().contains("[code]"));
        // What we wrote reads back to the same text for ever.
        prop_assert_eq!(&journal::to_journal(&journal::from_journal(&written).text).text, &written);
        prop_assert_eq!(&journal::to_journal(&by_adf(&journal::from_journal(&written).text)).text, &written);
        let tags = ["[code]", "[/code]", "[\u{200b}code]", "[\u{200b}/code]"];
        if !tags.iter().any(|t| text.to_lowercase().contains(t)) {
            prop_assert_eq!(written, plain::canonical(&text));
        }
    }

    #[test]
    fn html_settles(text in gen_text::text()) {
        let once = html::from_html(&text).text;
        prop_assert_eq!(markdown::canonical(&once), once.clone());
        let by_html = |t: &str| html::from_html(&html::to_html(t).text).text;
        let twice = by_html(&once);
        prop_assert_eq!(by_html(&twice), twice);
    }
}
