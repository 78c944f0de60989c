//! Strategies: text made of what is special somewhere, trees, ADF documents.

use std::sync::Arc;

use lockstep_core::text::doc::{Alert, Align, Block, Content, Doc, Inline, Item, Marks, Table};
use proptest::prelude::*;
use serde_json::{Value, json};

const BITS: &[&str] = &[
    "*",
    "**",
    "***",
    "_",
    "__",
    "`",
    "``",
    "```",
    "~",
    "~~",
    "~~~",
    "[",
    "]",
    "(",
    ")",
    "](",
    "[x](y)",
    "![",
    "!",
    "<",
    ">",
    "<br>",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "<https://x.yz>",
    "#",
    "##",
    "# ",
    "-",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "1) ",
    "2. ",
    "1.",
    "|",
    "| ",
    "---",
    "|-|",
    "| --- |",
    "===",
    "=",
    ":",
    ":-",
    "\\",
    "\\\\",
    "&",
    "&amp;",
    "&#32;",
    "&copy",
    ";",
    " ",
    " ",
    "  ",
    "    ",
    "\t",
    "a",
    "b",
    "foo",
    "x y",
    "é",
    "ß",
    "漢字",
    "—",
    "…",
    "😀",
    "Ⓐ",
    "\u{301}",
    "\u{a0}",
    "\u{200b}",
    "\u{2028}",
    "\u{85}",
    "\u{feff}",
    "https://x.yz",
    "http://a.b/c_d_e",
    "https://a.b/(c)",
    "www.x.yz",
    "[ ] ",
    "[x] ",
    "[!NOTE]",
    "> ",
    "[a]: b",
    "[^1]",
    "$",
    "{",
    "}",
    "'",
    "\"",
    "@mia",
    ".",
    ",",
    "1",
    "12",
    "/",
    "[code]",
    "[/code]",
    "[\u{200b}code]",
    "%20",
    "a@b.cd",
    "INC0010001",
    "C:\\temp\\x",
    "snake_case_name",
    "\u{c}",
    "\u{1}",
    "^",
];
const ENDS: &[&str] = &[
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\n    ",
    "\n> ",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "\n\n\n",
    "\r",
    "\\\n",
    "  \n",
    "\n```\n",
    "\n| a | b |\n| - | - |\n| ",
];

/// One line of special characters.
pub fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(BITS), 0..8).prop_map(|bits| bits.concat())
}

/// Lines of special characters, or of any.
pub fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![5 => prop::sample::select(BITS), 2 => prop::sample::select(ENDS)];
    prop_oneof![
        6 => prop::collection::vec(part, 0..24).prop_map(|bits| bits.concat()),
        1 => "\\PC{0,40}",
        1 => any::<String>(),
    ]
}

fn address() -> impl Strategy<Value = Arc<str>> {
    prop_oneof![
        3 => Just("https://x.yz".to_owned()),
        1 => Just("mailto:a@b.cd".to_owned()),
        1 => Just("javascript:alert(1)".to_owned()),
        2 => line(),
    ]
    .prop_map(Arc::from)
}

fn marks() -> impl Strategy<Value = Marks> {
    (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), prop::option::weighted(0.2, address()))
        .prop_map(|(strong, em, strike, link)| Marks { strong, em, strike, link })
}

fn inline() -> impl Strategy<Value = Inline> {
    let content = prop_oneof![
        8 => line().prop_map(Content::Text),
        1 => prop::sample::select(&["https://x.yz", "http://a.b/c_d_e"][..]).prop_map(|t| Content::Text(t.to_owned())),
        2 => line().prop_map(Content::Code),
        1 => (line(), address()).prop_map(|(alt, src)| Content::Image { alt, src: src.to_string() }),
        2 => Just(Content::Break),
    ];
    let marks = prop_oneof![1 => Just(Marks::default()), 2 => marks()];
    (content, marks).prop_map(|(content, marks)| Inline { content, marks })
}

fn inlines() -> impl Strategy<Value = Vec<Inline>> {
    prop::collection::vec(inline(), 0..6)
}

fn table() -> impl Strategy<Value = Table> {
    let row = || prop::collection::vec(inlines(), 0..3);
    (row(), prop::collection::vec(row(), 0..3)).prop_map(|(header, rows)| Table {
        align: vec![Align::Center],
        header,
        rows,
    })
}

fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        6 => inlines().prop_map(Block::Paragraph),
        1 => (1..7u8, inlines()).prop_map(|(level, content)| Block::Heading { level, content }),
        1 => (line(), text()).prop_map(|(language, text)| Block::Code { language, text }),
        1 => Just(Block::Rule),
        1 => table().prop_map(Block::Table),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let blocks = prop::collection::vec(inner, 0..4);
        let alert = prop::option::weighted(0.3, prop::sample::select(&[Alert::Note, Alert::Caution][..]));
        let item = (prop::option::weighted(0.3, any::<bool>()), blocks.clone())
            .prop_map(|(task, blocks)| Item { task, blocks });
        let start = prop::option::of(prop_oneof![Just(1), Just(0), Just(9), Just(u64::MAX)]);
        prop_oneof![
            (alert, blocks).prop_map(|(alert, blocks)| Block::Quote { alert, blocks }),
            (start, prop::collection::vec(item, 0..4))
                .prop_map(|(start, items)| Block::List { start, items }),
        ]
    })
}

/// Any tree, not yet normal.
pub fn doc() -> impl Strategy<Value = Doc> {
    prop::collection::vec(block(), 0..5).prop_map(|blocks| Doc { blocks })
}

/// Things like ADF, right and wrong.
pub fn adf() -> impl Strategy<Value = Value> {
    const KINDS: &[&str] = &[
        "doc",
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "codeBlock",
        "blockquote",
        "panel",
        "rule",
        "table",
        "tableRow",
        "tableHeader",
        "tableCell",
        "expand",
        "nestedExpand",
        "taskList",
        "taskItem",
        "decisionList",
        "decisionItem",
        "mediaSingle",
        "media",
        "mediaInline",
        "layoutSection",
        "layoutColumn",
        "extension",
        "bodiedExtension",
        "blockCard",
        "inlineCard",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "novelty",
        "text",
    ];
    let mark =
        prop::sample::select(&["strong", "em", "code", "strike", "link", "underline", "textColor"][..])
            .prop_map(
                |kind| json!({ "type": kind, "attrs": { "href": "https://x.yz", "color": "#112233" } }),
            );
    let leaf = (line(), prop::collection::vec(mark, 0..3))
        .prop_map(|(text, marks)| json!({ "type": "text", "text": text, "marks": marks }));
    let attrs = (line(), prop::sample::select(&["info", "custom", "DONE", "TODO"][..]), -2..12i64).prop_map(|(text, word, n)| {
        json!({
            "text": text, "title": text, "alt": text, "url": text, "language": text, "panelType": word, "state": word,
            "level": n, "order": n, "colspan": n, "timestamp": n.to_string(), "localId": "x",
        })
    });
    let attrs = attrs.boxed();
    let node = leaf.prop_recursive(6, 48, 5, move |inner| {
        (prop::sample::select(KINDS), prop::option::of(attrs.clone()), prop::collection::vec(inner, 0..5))
            .prop_map(|(kind, attrs, content)| json!({ "type": kind, "attrs": attrs, "content": content }))
    });
    prop::collection::vec(node, 0..4)
        .prop_map(|content| json!({ "type": "doc", "version": 1, "content": content }))
}
