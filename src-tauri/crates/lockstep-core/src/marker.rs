//! The marker: what Lockstep writes on a ticket it made, so that a lost answer or a lost store never makes a second one.
//!
//! It holds the pair key in clear (hazards.md H1) and, since linking or the first later update, the id of the very
//! ticket it sits on, which tells a copied marker from a real one (H6).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{CommentId, TicketId};

/// First characters of the hash of a platform's own instance id; never from a connection's name or a local id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// `platform` in lower case, `instance` as the platform itself names it (cloud id, origin of the instance).
    pub fn of(platform: &str, instance: &str) -> Fingerprint {
        Fingerprint(hex(&Sha256::digest(format!("{platform}\n{instance}")))[..8].to_owned())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the one copy that a ticket may have on another account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PairKey {
    /// The account of the original.
    pub origin: Fingerprint,
    /// The original ticket.
    pub ticket: TicketId,
    /// The account that receives the copy.
    pub destination: Fingerprint,
    /// 0, and one more each time a person orders *create again* or a ticket is handed over (hazards.md H13, H55).
    pub generation: u32,
}

impl std::fmt::Display for PairKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}:{}", self.origin, self.ticket, self.destination, self.generation)
    }
}

impl PairKey {
    /// Reads what `Display` writes; `None` for anything else.
    pub fn parse(text: &str) -> Option<PairKey> {
        let mut parts = text.split(':');
        let key = PairKey {
            origin: fingerprint(parts.next()?)?,
            ticket: parts.next().filter(|t| !t.is_empty())?.into(),
            destination: fingerprint(parts.next()?)?,
            generation: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(key)
    }
}

fn fingerprint(text: &str) -> Option<Fingerprint> {
    (text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Fingerprint(text.to_owned()))
}

/// What stands in the platform's place for a marker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    pub pair: PairKey,
    /// The store that wrote it, eight hex characters (hazards.md H3).
    pub store: String,
    /// The operation that wrote it; information only, never looked up.
    pub op: Option<String>,
    /// The ticket it sits on, once known (hazards.md H6).
    pub own: Option<TicketId>,
    /// Accounts the ticket came through before the origin (hazards.md H32).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Fingerprint>,
    /// The link has ended: never adopt, never create again by itself (hazards.md H13).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

/// A ten-character ref of a comment or file: what makes copying it repeatable on platforms that hold only text
/// (hazards.md H34).
pub fn content_ref(origin: &Fingerprint, ticket: &TicketId, comment: &CommentId) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(format!("{origin}\n{ticket}\n{comment}"));
    digest.iter().take(10).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// The spelling of a ref in text.
pub fn ref_tag(content_ref: &str) -> String {
    format!("[ls:{content_ref}]")
}

/// Finds a ref at the end of the first line of `text`; a ref anywhere else is a quote and counts for nothing
/// (hazards.md H35). The caller checks that the author is us.
pub fn ref_in_first_line(text: &str) -> Option<&str> {
    let line = text.trim_start().lines().next()?.trim_end().trim_end_matches(['\\', '*', '_', ' ']);
    let inner = line.strip_suffix("\\]").or_else(|| line.strip_suffix(']'))?;
    let start = inner.rfind("[ls:")?;
    let found = &inner[start + 4..];
    let good =
        found.len() == 10 && found.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
    good.then_some(found)
}

/// Lower-case hex of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_key_reads_back() {
        let key = PairKey {
            origin: Fingerprint::of("servicenow", "https://corvane.example"),
            ticket: "5f0c2d8e1b3a4f00aa11bb22cc33dd44".into(),
            destination: Fingerprint::of("jira", "c1"),
            generation: 2,
        };
        assert_eq!(PairKey::parse(&key.to_string()), Some(key.clone()));
        assert!(key.to_string().len() <= 80, "must fit ServiceNow's correlation_id with its prefix");
        assert_eq!(PairKey::parse("x:1:y:0"), None);
        assert_eq!(PairKey::parse(&format!("{key}:7")), None);
    }

    #[test]
    fn a_ref_counts_in_the_first_line_alone() {
        let content_ref = content_ref(&Fingerprint::of("jira", "c1"), &"1".into(), &"2".into());
        let copy = format!("Mia (Jira) {}\n\nbody", ref_tag(&content_ref));
        assert_eq!(ref_in_first_line(&copy), Some(content_ref.as_str()));
        assert_eq!(ref_in_first_line(&format!("thanks\n> {copy}")), None);
        assert!(ref_in_first_line(&format!("> {copy}")).is_some(), "a quote in line one: the author decides");
        assert_eq!(ref_in_first_line(&format!("Mia \\[ls:{content_ref}\\]\nx")), Some(content_ref.as_str()));
    }
}
