//! HTML in, as mail and web editors make it; HTML out, escaped.

use lockstep_core::text::html::{from_html, to_html};
use lockstep_core::text::{Loss, markdown};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::gen_text;

#[test]
fn html_reads_as_markdown() {
    for (html, markdown) in [
        ("<p>a <b>b</b> <i>c</i></p><p>d</p>", "a **b** _c_\n\nd"),
        ("<div>a<div>b</div></div>c", "a\n\nb\n\nc"),
        ("a<br>b<br/>\n c", "a\\\nb\\\nc"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</ul>", "- a\n  - b\n- c"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<h2>T</h2>x", "## T\n\nx"),
        ("<a href=\"https://x.yz?a=1&amp;b=2\">go</a>", "[go](https://x.yz?a=1&b=2)"),
        ("<a href='javascript:alert(1)'>go</a>", "go"),
        ("<pre><code class=\"language-sh\">a\n  b\n</code></pre>", "```sh\na\n  b\n```"),
        ("x <code>a  b</code> y", "x `a b` y"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<table><tbody><tr><td><p>1</p><p>2</p></td></tr></tbody></table>", "|  |\n| --- |\n| 1<br>2 |"),
        ("<style>p{}</style><script>x()</script><!-- c -->a&nbsp;b &lt;c&gt;", "a\u{a0}b \\<c>"),
        ("<head><title>T</title></head><body>a</body>", "a"),
        ("<img src='https://x.yz/p.png' alt='p'>", "![p](https://x.yz/p.png)"),
        ("<img src='cid:1' alt='p'>", "p"),
        ("<b>a</p>b</b> <", "**a**\n\n**b** \\<"),
        ("<svg><text>no</text></svg>a", "a"),
    ] {
        let read = from_html(html).text;
        assert_eq!(read, markdown, "{html}");
        assert_eq!(markdown::canonical(&read), read);
    }
    assert_eq!(from_html("<u>a</u><img alt=p>").flattened.count(Loss::Style), 1);
}

#[test]
fn code_that_begins_with_empty_lines_keeps_them() {
    for lines in ["\n", "\n\n\n"] {
        let text = format!("```\n{lines}a\n```");
        assert_eq!(from_html(&to_html(&text).text).text, text);
    }
}

#[test]
fn written_html_lets_no_html_through() {
    assert_eq!(to_html("<script>alert(1)</script>").text, "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    assert_eq!(
        to_html("[a](<https://x.yz/\"onclick=1>)").text,
        "<p><a href=\"https://x.yz/&quot;onclick=1\">a</a></p>"
    );
    assert_eq!(
        to_html("[a](javascript:1) https://x.yz").text,
        "<p>a <a href=\"https://x.yz\">https://x.yz</a></p>"
    );
    assert_eq!(
        to_html("- a\n- **b**\n\n1. c\n\n> d\n\n`e`").text,
        "<ul><li>a</li><li><strong>b</strong></li></ul><ol><li>c</li></ol><blockquote><p>d</p></blockquote><p><code>e</code></p>"
    );
}

proptest! {
    #![proptest_config(Config { cases: 700, failure_persistence: None, ..Config::default() })]

    #[test]
    fn only_our_own_tags_are_written(text in gen_text::text()) {
        let html = to_html(&text).text;
        for tag in html.split('<').skip(1) {
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            let ours = ["p", "a", "strong", "em", "s", "code", "pre", "br", "hr", "ul", "ol", "li", "blockquote", "table", "tr",
                "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"];
            prop_assert!(ours.contains(&name.as_str()), "{}", html);
        }
    }

    #[test]
    fn any_tag_soup_reads_as_canonical_markdown(parts in prop::collection::vec(prop::sample::select(&[
        "<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<i>", "</i>", "<a href='https://x.yz'>", "</a>", "<ul>", "</ul>", "<ol>",
        "<li>", "</li>", "<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "<pre>", "</pre>", "<code>", "</code>", "<br>",
        "<hr>", "<h1>", "</h1>", "<blockquote>", "</blockquote>", "<script>", "</script>", "<img alt=x src='https://x.yz'>", " ", "\n",
        "a", "*", "1. ", "- ", "&nbsp;", "&amp;", "<", "<input type=checkbox checked>", "<svg>", "</svg>", "<title>", "</title>",
    ][..]), 0..24)) {
        let read = from_html(&parts.concat()).text;
        prop_assert_eq!(markdown::canonical(&read), read);
    }
}
