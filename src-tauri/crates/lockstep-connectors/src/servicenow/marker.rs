//! The marker on a ServiceNow task: `correlation_id` holds the pair key behind `lockstep:`, `correlation_display` the
//! rest, compactly (servicenow.md §4.5; hazards.md H1, H3, H6, H13). Both columns hold 100 characters.

use lockstep_core::ids::TicketId;
use lockstep_core::marker::{Fingerprint, Marker, PairKey};
use lockstep_core::ticket::MarkerRead;

/// In front of a pair key.
const PREFIX: &str = "lockstep:";
/// In front of the rest.
const NOTE_PREFIX: &str = "lockstep";
/// What each column holds, characters.
const COLUMN_CHARS_MAX: usize = 100;

/// What `correlation_id` holds for a pair.
pub(super) fn key(pair: &PairKey) -> String {
    format!("{PREFIX}{pair}")
}

/// What `correlation_display` holds: `lockstep;s=<store>;o=<own id>;e;p=<passed>;op=<operation>`, as far as there is
/// room; the operation, mere information, goes first.
pub(super) fn note(marker: &Marker) -> String {
    let mut text = NOTE_PREFIX.to_owned();
    let mut add = |part: String| {
        if text.len() + 1 + part.len() <= COLUMN_CHARS_MAX {
            text.push(';');
            text.push_str(&part);
        }
    };
    add(format!("s={}", marker.store));
    if let Some(own) = &marker.own {
        add(format!("o={own}"));
    }
    if marker.ended {
        add("e".to_owned());
    }
    if !marker.passed.is_empty() {
        let passed: Vec<&str> = marker.passed.iter().map(|account| account.0.as_str()).collect();
        add(format!("p={}", passed.join(",")));
    }
    if let Some(op) = &marker.op {
        add(format!("op={}", op.replace('-', "")));
    }
    text
}

/// Whether a note may be replaced: it is empty or one of ours.
pub(super) fn is_note_free(note: &str) -> bool {
    note.is_empty() || note == NOTE_PREFIX || note.starts_with("lockstep;")
}

/// What both columns say; a missing column decides nothing.
pub(super) fn read(key: Option<&str>, note: Option<&str>) -> MarkerRead {
    let Some(key) = key else { return MarkerRead::Unknown };
    if key.is_empty() {
        return MarkerRead::Absent;
    }
    let Some(pair) = key.strip_prefix(PREFIX).and_then(PairKey::parse) else {
        return MarkerRead::Foreign(key.to_owned());
    };
    let mut marker =
        Marker { pair, store: String::new(), op: None, own: None, passed: Vec::new(), ended: false };
    for part in note.unwrap_or_default().strip_prefix("lockstep;").unwrap_or_default().split(';') {
        match part.split_once('=') {
            Some(("s", store)) => marker.store = store.to_owned(),
            Some(("o", own)) if !own.is_empty() => marker.own = Some(TicketId::from(own)),
            Some(("p", passed)) => {
                marker.passed = passed.split(',').map(|account| Fingerprint(account.to_owned())).collect();
            }
            Some(("op", op)) => marker.op = Some(with_dashes(op)),
            None if part == "e" => marker.ended = true,
            _ => {}
        }
    }
    MarkerRead::Ours(marker)
}

/// A UUID's usual spelling.
fn with_dashes(op: &str) -> String {
    if op.len() != 32 || !op.bytes().all(|b| b.is_ascii_hexdigit()) {
        return op.to_owned();
    }
    format!("{}-{}-{}-{}-{}", &op[..8], &op[8..12], &op[12..16], &op[16..20], &op[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker() -> Marker {
        Marker {
            pair: PairKey {
                origin: Fingerprint::of("jira", "c1"),
                ticket: "5f0c2d8e1b3a4f00aa11bb22cc33dd44".into(),
                destination: Fingerprint::of("servicenow", "https://acme.example"),
                generation: 12,
            },
            store: "0a1b2c3d".into(),
            op: Some("019a9e2c-7c1e-7f00-8000-0123456789ab".into()),
            own: Some("0123456789abcdef0123456789abcdef".into()),
            passed: Vec::new(),
            ended: true,
        }
    }

    #[test]
    fn a_marker_reads_back_and_fits() {
        let marker = marker();
        let (key, note) = (key(&marker.pair), note(&marker));
        assert!(key.len() <= COLUMN_CHARS_MAX && note.len() <= COLUMN_CHARS_MAX, "{key} {note}");
        assert_eq!(read(Some(&key), Some(&note)), MarkerRead::Ours(marker));
    }

    #[test]
    fn the_operation_gives_way_to_the_accounts_passed() {
        let marker = Marker {
            passed: vec![Fingerprint("00000001".into()), Fingerprint("00000002".into())],
            ..marker()
        };
        let note = note(&marker);
        assert!(note.len() <= COLUMN_CHARS_MAX);
        assert_eq!(
            read(Some(&key(&marker.pair)), Some(&note)),
            MarkerRead::Ours(Marker { op: None, ..marker })
        );
    }

    #[test]
    fn what_is_not_ours_is_foreign_and_what_is_missing_is_unknown() {
        assert_eq!(read(None, Some("x")), MarkerRead::Unknown);
        assert_eq!(read(Some(""), None), MarkerRead::Absent);
        for foreign in ["PROJ-1", "lockstep:nonsense", "lockstep"] {
            assert_eq!(read(Some(foreign), None), MarkerRead::Foreign(foreign.to_owned()));
        }
        let bare = read(Some(&key(&marker().pair)), Some("another tool's"));
        assert!(matches!(bare, MarkerRead::Ours(Marker { own: None, ended: false, .. })));
        assert!(is_note_free("") && is_note_free("lockstep;s=1") && !is_note_free("lockstepper"));
    }
}
