//! Which comments and files are copied, and who may read the copy.

use serde::{Deserialize, Serialize};

use crate::side::{Pair, Side};
use crate::ticket::Visibility;

/// What a comment of one kind becomes on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Carry {
    Public,
    Internal,
    No,
}

/// One direction's row of the visibility matrix (engine.md §3.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct CarryRow {
    #[serde(default = "internal")]
    pub public: Carry,
    #[serde(default = "no")]
    pub internal: Carry,
}

fn internal() -> Carry {
    Carry::Internal
}

fn no() -> Carry {
    Carry::No
}

impl Default for CarryRow {
    fn default() -> Self {
        Self { public: Carry::Internal, internal: Carry::No }
    }
}

/// How comments travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct CommentRules {
    /// Written on the source.
    #[serde(default)]
    pub source: CarryRow,
    /// Written on the target.
    #[serde(default)]
    pub target: CarryRow,
    /// The first line of a copy: `{author}`, `{platform}`, `{time}`. Empty: no author line; then equal texts are
    /// counted instead of told apart (hazards.md H34).
    #[serde(default = "attribution")]
    pub author_line: String,
    #[serde(default)]
    pub edited: EditedComments,
}

fn attribution() -> String {
    "{author}, {platform}, {time}".to_owned()
}

impl Default for CommentRules {
    fn default() -> Self {
        Self {
            source: CarryRow::default(),
            target: CarryRow::default(),
            author_line: attribution(),
            edited: EditedComments::default(),
        }
    }
}

/// What happens when a copied comment is edited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum EditedComments {
    /// Update the copy where the platform can; else it is reported.
    #[default]
    Update,
    Ignore,
}

impl CommentRules {
    /// What a comment of `visibility` written on `side` becomes. Unknown never leaves (engine.md I6).
    pub fn carry(&self, side: Side, visibility: Visibility) -> Carry {
        let row = match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        };
        match visibility {
            Visibility::Public => row.public,
            Visibility::Internal => row.internal,
            Visibility::Unknown => Carry::No,
        }
    }

    /// Whether any comment leaves `side`.
    pub fn leaves(&self, side: Side) -> bool {
        let row = match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        };
        row.public != Carry::No || row.internal != Carry::No
    }
}

/// How files travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct AttachmentRules {
    /// Whether files leave each side.
    #[serde(default)]
    pub copy: Pair<bool>,
    /// Largest file, bytes.
    #[serde(default = "bytes_max")]
    #[ts(type = "number")]
    pub bytes_max: u64,
    /// Allowed beginnings of the media type (`image/`); none allows all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub types: Vec<String>,
}

fn bytes_max() -> u64 {
    25 * 1024 * 1024
}

impl Default for AttachmentRules {
    fn default() -> Self {
        Self { copy: Pair::default(), bytes_max: bytes_max(), types: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visibility_never_widens_by_default_and_unknown_never_leaves() {
        let rules = CommentRules::default();
        for side in Side::BOTH {
            assert_eq!(rules.carry(side, Visibility::Public), Carry::Internal);
            assert_eq!(rules.carry(side, Visibility::Internal), Carry::No);
            assert_eq!(rules.carry(side, Visibility::Unknown), Carry::No);
        }
        let open = CarryRow { public: Carry::Public, internal: Carry::Public };
        let rules = CommentRules { source: open.clone(), target: open, ..CommentRules::default() };
        assert_eq!(rules.carry(Side::Source, Visibility::Unknown), Carry::No);
    }
}
