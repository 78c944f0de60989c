//! The marker on an issue: the property `lockstep.link`, version 1 (sheet §5), and for requests made through
//! the service management API, which takes no properties, a ref line at the end of the description
//! (hazards.md table G).

use std::borrow::Cow;

use lockstep_core::ids::TicketId;
use lockstep_core::marker::{Fingerprint, Marker, PairKey};
use lockstep_core::ticket::MarkerRead;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The key of the property on issues and comments.
pub const PROPERTY: &str = "lockstep.link";
const VERSION: u32 = 1;
/// A foreign marker is shown to people, not kept whole.
const FOREIGN_CHARS_MAX: usize = 120;

#[derive(Serialize, Deserialize)]
struct Link<'a> {
    v: u32,
    #[serde(borrow)]
    pair: Cow<'a, str>,
    #[serde(borrow, default)]
    store: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    op: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<TicketId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    passed: Vec<Fingerprint>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
}

/// The property's value for `marker`.
pub fn to_json(marker: &Marker) -> serde_json::Value {
    let link = Link {
        v: VERSION,
        pair: marker.pair.to_string().into(),
        store: marker.store.as_str().into(),
        op: marker.op.clone(),
        own: marker.own.clone(),
        passed: marker.passed.clone(),
        ended: marker.ended,
    };
    serde_json::to_value(link).expect("a marker holds text and flags alone")
}

/// What the property's raw value says. Another version is another Lockstep's and never overwritten (H7).
pub fn from_json(raw: &str) -> MarkerRead {
    let foreign = || MarkerRead::Foreign(raw.chars().take(FOREIGN_CHARS_MAX).collect());
    let Ok(link) = serde_json::from_str::<Link<'_>>(raw) else {
        return if raw.trim() == "null" { MarkerRead::Absent } else { foreign() };
    };
    match PairKey::parse(&link.pair) {
        Some(pair) if link.v == VERSION => MarkerRead::Ours(Marker {
            pair,
            store: link.store.into_owned(),
            op: link.op,
            own: link.own,
            passed: link.passed,
            ended: link.ended,
        }),
        _ => foreign(),
    }
}

/// The marker of a row: the property where it is, else the ref line of a request's description.
///
/// `properties` is `None` when the answer does not speak of them; then nothing is known (H18).
pub fn read(properties: Option<Option<&RawValue>>, description_ref: Option<Marker>) -> MarkerRead {
    match (properties, description_ref) {
        (Some(Some(raw)), _) => from_json(raw.get()),
        (_, Some(marker)) => MarkerRead::Ours(marker),
        (Some(None), None) => MarkerRead::Absent,
        (None, None) => MarkerRead::Unknown,
    }
}

/// How a ref line begins. No brackets: in wiki markup, which requests are written in, they would make a link.
const REF_WORD: &str = "lockstep-ref ";

/// The ref line of a request: `lockstep-ref <pair key>/<store>`, a paragraph of its own at the very end.
pub fn ref_line(marker: &Marker) -> String {
    format!("{REF_WORD}{}/{}", marker.pair, marker.store)
}

/// Splits a text that ends in a ref line into the text before it and the marker.
pub fn split_ref_line(text: &str) -> Option<(&str, Marker)> {
    let trimmed = text.trim_end();
    let start = trimmed.rfind('\n').map_or(0, |at| at + 1);
    // A Markdown writer may have escaped characters; no id or key holds a backslash.
    let plain: String = trimmed[start..].chars().filter(|c| *c != '\\').collect();
    let (pair, store) = plain.trim().strip_prefix(REF_WORD)?.rsplit_once('/')?;
    let pair = PairKey::parse(pair)?;
    let marker =
        Marker { pair, store: store.to_owned(), op: None, own: None, passed: Vec::new(), ended: false };
    Some((trimmed[..start].trim_end_matches(['\n', ' ', '\\']), marker))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn marker() -> Marker {
        Marker {
            pair: PairKey {
                origin: Fingerprint::of("servicenow", "https://corvane.example"),
                ticket: "5f0c2d8e1b3a4f00aa11bb22cc33dd44".into(),
                destination: Fingerprint::of("jira", "c1"),
                generation: 0,
            },
            store: "0a1b2c3d".into(),
            op: Some("01JDCY9N3Q".into()),
            own: None,
            passed: Vec::new(),
            ended: false,
        }
    }

    #[test]
    fn a_marker_reads_back() {
        let mut sent = marker();
        assert_eq!(from_json(&to_json(&sent).to_string()), MarkerRead::Ours(sent.clone()));
        sent.own = Some("10055".into());
        sent.ended = true;
        sent.passed = vec![Fingerprint::of("jira", "c2")];
        assert_eq!(from_json(&to_json(&sent).to_string()), MarkerRead::Ours(sent));
        assert_eq!(to_json(&marker())["v"], 1);
    }

    #[test]
    fn anything_else_is_foreign_and_nothing_read_is_unknown() {
        for raw in ["{\"v\":1,\"pair\":\"p-1\"}", "{\"v\":2,\"pair\":\"x\"}", "\"x\"", "17", "{}"] {
            assert!(matches!(from_json(raw), MarkerRead::Foreign(_)), "{raw}");
        }
        let newer = to_json(&marker()).to_string().replace("\"v\":1", "\"v\":2");
        assert!(matches!(from_json(&newer), MarkerRead::Foreign(_)));
        assert_eq!(read(None, None), MarkerRead::Unknown);
        assert_eq!(read(Some(None), None), MarkerRead::Absent);
    }

    #[test]
    fn a_ref_line_counts_at_the_end_alone() {
        let line = ref_line(&marker());
        let text = format!("VPN fails\n\n{line}");
        let (rest, found) = split_ref_line(&text).unwrap();
        assert_eq!(rest, "VPN fails");
        assert_eq!(found.pair, marker().pair);
        assert_eq!(found.store, "0a1b2c3d");
        assert!(split_ref_line(&format!("{line}\n\nquoted by a person")).is_none());
        let escaped = text.replace('-', "\\-").replace(':', "\\:");
        assert_eq!(split_ref_line(&escaped).unwrap().0, "VPN fails");
        assert_eq!(split_ref_line(&line).unwrap().0, "");
    }
}
