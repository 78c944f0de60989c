//! Tables: one spelling per look; plain and journal text.

use lockstep_core::text::{Loss, journal, markdown, plain};

#[test]
fn one_spelling_per_look() {
    for (text, canonical) in [
        ("  a  \r\n", "a"),
        ("a\nb", "a b"),
        ("a  \nb", "a\\\nb"),
        ("Title\n=====", "# Title"),
        ("## Title ##", "## Title"),
        ("* a\n* b", "- a\n- b"),
        ("- a\n\n- b", "- a\n- b"),
        ("- a\n    - b", "- a\n  - b"),
        ("3) a\n4) b", "3. a\n4. b"),
        ("__a__ *b*", "**a** _b_"),
        ("_b_", "*b*"),
        ("~a~", "~~a~~"),
        ("    code", "```\ncode\n```"),
        ("~~~rust\nx\n~~~", "```rust\nx\n```"),
        ("***", "___"),
        ("a|b\n-|-\n1|2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("[a][1]\n\n[1]: https://x.yz", "[a](https://x.yz)"),
        ("a<br/>b", "a\\\nb"),
        ("a <b>c</b>", "a \\<b>c\\</b>"),
        ("<!-- note -->", ""),
        ("** a **b", "\\*\\* a \\*\\*b"),
        ("5 * 6 snake_case [Prod] a & b < c", "5 * 6 snake_case [Prod] a & b < c"),
        ("* [x] a\n* [ ] b", "- [x] a\n- [ ] b"),
        ("> a\nb", "> a b"),
        ("[go](javascript:alert)", "go"),
        ("**a***b*", "**a**_b_"),
    ] {
        assert_eq!(markdown::canonical(text), canonical, "{text:?}");
    }
}

#[test]
fn plain_text_stays_literal() {
    for (text, markdown) in [
        ("a\nb", "a\\\nb"),
        ("a\n\nb", "a\n\nb"),
        ("a\n\n\nb", "a\n\n\\\nb"),
        ("# no\n- list\n1. item", "\\# no\\\n\\- list\\\n1\\. item"),
        ("2*3*4 <b> &amp;", "2\\*3\\*4 \\<b> \\&amp;"),
        ("x:\n    indented", "x:\\\n&#32;   indented"),
        ("C:\\temp\\new", "C:\\temp\\new"),
    ] {
        assert_eq!(plain::from_plain(text), markdown);
        assert_eq!(plain::to_plain(markdown).text, text);
    }
}

#[test]
fn rich_text_reads_well_as_plain() {
    let rich = "# Title\n\nSee [the runbook](https://x.yz) and https://a.b\n\n- one\n  - two\n- [x] three\n\n> quoted\\\n> more\n\n\
                > [!NOTE]\n> mind\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\nx\n\ny\n```\n\n3. c\n4. d";
    let plain = "Title\n\nSee the runbook (https://x.yz) and https://a.b\n\n- one\n  - two\n- [x] three\n\n> quoted\n> more\n\n\
                 > Note: mind\n\na | b\n1 | 2\n\nx\n\ny\n\n3. c\n4. d";
    let converted = plain::to_plain(rich);
    assert_eq!(converted.text, plain);
    assert_eq!(converted.flattened.count(Loss::List), 3);
    assert_eq!(converted.flattened.count(Loss::Link), 1);
}

#[test]
fn code_tags_of_a_journal_are_html() {
    for (text, markdown) in [
        ("plain *text*", "plain \\*text\\*"),
        ("[code]<b>hi</b>[/code]", "**hi**"),
        ("See [CODE]<a href='https://x.yz'>this</a>[/Code] now", "See [this](https://x.yz) now"),
        ("a\n[code]<ul><li>x</li></ul>[/code]\nb", "a\n\n- x\n\nb"),
        ("[code]open", "[code]open"),
        ("[code]<script>alert(1)</script>x[/code]", "x"),
    ] {
        assert_eq!(journal::from_journal(text).text, markdown, "{text:?}");
    }
}

#[test]
fn foreign_code_tags_are_broken_and_mended() {
    let written = journal::to_journal("[code]\\<b>x\\</b>[/CODE]").text;
    assert_eq!(written, "[\u{200b}code]<b>x</b>[\u{200b}/CODE]");
    assert_eq!(journal::to_journal(&journal::from_journal(&written).text).text, written);
    assert_eq!(journal::from_journal(&written).text, "[code]\\<b>x\\</b>[/CODE]");
}
