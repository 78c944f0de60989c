//! ADF: everything we write satisfies Atlassian's schema; everything we read gives a text and an honest report.

use std::sync::OnceLock;

use lockstep_core::text::adf::{AdfOptions, from_adf, to_adf, unreproducible};
use lockstep_core::text::{Loss, doc, markdown};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

use crate::gen_text;

fn check(value: &Value) -> Result<(), String> {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| {
        let schema: Value =
            serde_json::from_str(include_str!("../fixtures/adf/full.json")).expect("the fixture is JSON");
        jsonschema::validator_for(&schema).expect("the fixture is a schema")
    });
    if schema.is_valid(value) { Ok(()) } else { Err(format!("breaks the schema: {value:#}")) }
}

fn adf(markdown: &str) -> Value {
    let value = to_adf(markdown, &AdfOptions::default()).value;
    check(&value).expect("valid");
    value
}

#[test]
fn the_schema_refuses_what_jira_refuses() {
    let doc = |content: Value| json!({ "type": "doc", "version": 1, "content": content });
    assert!(check(&doc(json!([]))).is_ok());
    assert!(
        check(&doc(json!([{ "type": "paragraph", "content": [{ "type": "text", "text": "" }] }]))).is_err()
    );
    assert!(check(&doc(json!([{ "type": "bulletList", "content": [] }]))).is_err());
    assert!(check(&doc(json!([{ "type": "blockquote", "content": [{ "type": "rule" }] }]))).is_err());
}

#[test]
fn a_corpus_satisfies_the_schema_and_comes_back() {
    for text in CORPUS {
        let once = from_adf(&adf(text)).text;
        assert_eq!(from_adf(&adf(&once)).text, once, "{text}");
    }
}

/// Blocks in every place that may not hold them.
const CORPUS: &[&str] = &[
    "",
    "# One\n\nTwo *three* **four** ~~five~~ `six` [seven](https://x.yz)",
    "- # heading\n- > quote\n- ___\n- | a |\n  | - |\n  | b |\n- ```\n  code\n  ```\n- - nested\n- 1. one\n-",
    "> # heading\n>\n> > quote\n>\n> | a |\n> | - |\n> | b |\n>\n> - [ ] task\n>\n> ___",
    "> [!WARNING]\n> # heading\n>\n> > quote\n>\n> | a |\n> | - |\n>\n> ___\n>\n> - [x] done",
    "- [ ] one\n  - [x] two\n- [x] three",
    "- [ ] one\n- two",
    "1. [ ] one\n   ```\n   x\n   ```",
    "| a | b |\n| :-: | --- |\n| **x**<br>y | `p\\|q` |",
    "|  |  |\n| --- | --- |\n| a | b |",
    "**`bold code`** ![alt](https://x.yz/p.png) [![](https://x.yz/p.png)](https://x.yz)",
    "0. zero\n1. one",
];

#[test]
fn what_a_place_may_not_hold_is_flattened_and_reported() {
    let lost = |text: &str| to_adf(text, &AdfOptions::default()).flattened.to_string();
    assert_eq!(
        lost("- # a\n- > b\n- ___"),
        "1 heading became text, 1 quote lost their frame, 1 dividing line became dashes"
    );
    assert_eq!(lost("![a](https://x.yz) ![b](https://x.yz)"), "2 pictures became links or names");
    assert_eq!(lost("- [ ] a\n- b"), "1 task list became plain lists");
    assert_eq!(lost("- [ ] a\n- [x] b\n\n> [!TIP]\n> c"), "");
}

#[test]
fn common_nodes_have_the_sheets_shape() {
    assert_eq!(
        adf("## Summary\n\nSee [the runbook](https://example.com/rb)\\\nnow"),
        json!({ "type": "doc", "version": 1, "content": [
            { "type": "heading", "attrs": { "level": 2 }, "content": [{ "type": "text", "text": "Summary" }] },
            { "type": "paragraph", "content": [
                { "type": "text", "text": "See " },
                { "type": "text", "text": "the runbook",
                  "marks": [{ "type": "link", "attrs": { "href": "https://example.com/rb" } }] },
                { "type": "hardBreak" },
                { "type": "text", "text": "now" } ] } ] })
    );
}

#[test]
fn bare_addresses_become_links_and_come_back_bare() {
    for text in ["see https://x.yz/a_b.", "(https://x.yz)", "**https://x.yz**x", "https://a.b/https://c.d"] {
        let value = adf(text);
        assert!(value.to_string().contains("\"href\""), "{value}");
        assert_eq!(from_adf(&value).text, markdown::canonical(text));
    }
    assert_eq!(
        markdown::canonical("<https://x.yz/p>, [https://a.b](https://a.b)"),
        "https://x.yz/p, https://a.b"
    );
}

#[test]
fn nodes_without_a_markdown_form_become_text() {
    let inline = |node: Value| {
        let converted = from_adf(
            &json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [node] }] }),
        );
        (converted.text, converted.flattened.iter().map(|(loss, _)| loss).collect::<Vec<_>>())
    };
    assert_eq!(
        inline(json!({ "type": "mention", "attrs": { "id": "1", "text": "@Mia" } })),
        ("@Mia".into(), vec![Loss::Mention])
    );
    assert_eq!(
        inline(json!({ "type": "date", "attrs": { "timestamp": "1795167000000" } })),
        ("2026-11-20".into(), vec![Loss::Date])
    );
    assert_eq!(
        inline(json!({ "type": "status", "attrs": { "text": "BUSY", "color": "red" } })),
        ("BUSY".into(), vec![Loss::Status])
    );
    assert_eq!(
        inline(json!({ "type": "emoji", "attrs": { "shortName": ":ok:", "text": "👌" } })),
        ("👌".into(), vec![])
    );
    assert_eq!(
        inline(json!({ "type": "inlineCard", "attrs": { "url": "https://x.yz" } })),
        ("https://x.yz".into(), vec![Loss::Card])
    );
    assert_eq!(
        inline(json!({ "type": "media", "attrs": { "alt": "p.png" } })),
        ("[p.png]".into(), vec![Loss::Picture])
    );
}

#[test]
fn nodes_we_cannot_write_again_are_named() {
    let value = json!({ "type": "doc", "version": 1, "content": [
        { "type": "mediaSingle", "attrs": { "layout": "center" }, "content": [{ "type": "media", "attrs": {} }] },
        { "type": "table", "content": [{ "type": "tableRow", "content": [{ "type": "tableCell", "attrs": { "colspan": 2 } }] }] },
        { "type": "paragraph", "content": [{ "type": "mention", "attrs": { "id": "1" } }, { "type": "novelty" }] },
        { "type": "panel", "attrs": { "panelType": "custom" }, "content": [] },
    ] });
    assert_eq!(
        unreproducible(&value),
        ["customPanel", "media", "mediaSingle", "mention", "tableSpan", "unknown"]
    );
    assert!(CORPUS.iter().all(|text| unreproducible(&adf(text)).is_empty()));
}

#[test]
fn a_panel_survives() {
    for kind in ["info", "note", "warning", "error", "success"] {
        let value = json!({ "type": "doc", "version": 1, "content": [
            { "type": "panel", "attrs": { "panelType": kind }, "content": [
                { "type": "paragraph", "content": [{ "type": "text", "text": "a" }] } ] } ] });
        let read = from_adf(&value);
        assert!(read.flattened.is_empty());
        assert_eq!(adf(&read.text), value);
    }
}

/// Deeper than any document; built and taken apart without recursion, since `Value` itself would overflow.
#[test]
fn deep_nesting_is_flattened() {
    for kind in ["blockquote", "bulletList", "novelty", "taskList", "table"] {
        let mut value = json!({ "type": "text", "text": "deep" });
        for _ in 0..10_000 {
            let mut node = json!({ "type": kind });
            node["content"] = Value::Array(vec![value]);
            value = node;
        }
        let read = from_adf(&value);
        assert!(read.text.contains("deep"), "{kind}: {}", read.text);
        assert!(read.flattened.count(Loss::Depth) > 0);
        let _ = unreproducible(&value);
        assert_eq!(markdown::canonical(&read.text), read.text);
        adf(&read.text);
        while let Some(inner) = value.get_mut("content").and_then(|c| c.get_mut(0)).map(Value::take) {
            value = inner;
        }
    }
    for bit in ["> ", "- ", "1. ", "* > ", "**", "[", "![", "<div>", "`"] {
        let text = bit.repeat(5_000) + "x";
        let once = markdown::canonical(&text);
        assert_eq!(markdown::canonical(&once), once);
        adf(&once);
    }
}

proptest! {
    #![proptest_config(Config { cases: 700, failure_persistence: None, ..Config::default() })]

    #[test]
    fn written_trees_satisfy_the_schema(tree in gen_text::doc()) {
        let value = to_adf(&doc::to_markdown(&tree.normalise()), &AdfOptions::default()).value;
        prop_assert_eq!(check(&value), Ok(()));
    }

    #[test]
    fn any_markdown_satisfies_the_schema(text in gen_text::text()) {
        let value = to_adf(&text, &AdfOptions::default()).value;
        prop_assert_eq!(check(&value), Ok(()));
    }

    #[test]
    fn any_adf_reads_as_canonical_markdown(value in gen_text::adf()) {
        let read = from_adf(&value);
        prop_assert_eq!(markdown::canonical(&read.text), read.text.clone());
        let written = to_adf(&read.text, &AdfOptions::default()).value;
        prop_assert_eq!(check(&written), Ok(()));
        let _ = unreproducible(&value);
    }
}
