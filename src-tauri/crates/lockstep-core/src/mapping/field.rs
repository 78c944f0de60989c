//! Field mappings: which field goes where, in which direction, when, and by which rule.

use serde::{Deserialize, Serialize};

use super::values::{MatrixCell, Otherwise, ValuePair};
use crate::ids::FieldId;
use crate::side::Side;

/// Which way values flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Direction {
    /// Source to target.
    #[serde(rename = "->")]
    ToTarget,
    /// Target to source.
    #[serde(rename = "<-")]
    ToSource,
    /// Bidirectional.
    #[serde(rename = "<->")]
    Both,
}

impl Direction {
    /// Whether values flow to `side`.
    pub fn writes(self, side: Side) -> bool {
        match self {
            Direction::Both => true,
            Direction::ToTarget => side == Side::Target,
            Direction::ToSource => side == Side::Source,
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Direction::ToTarget => "→",
            Direction::ToSource => "←",
            Direction::Both => "↔",
        })
    }
}

/// When a mapping acts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Write {
    /// On create and on every change.
    #[default]
    Always,
    /// Only in the create.
    OnCreate,
    /// Only while the sending ticket is in one of these statuses.
    WhileStatus(Vec<String>),
}

/// What happens when both sides changed to different things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum OnConflict {
    #[default]
    Ask,
    SourceWins,
    TargetWins,
    /// Only where both platforms tell when this very field changed, else it asks (hazards.md H29).
    NewestWins,
}

/// One field mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct FieldMapping {
    /// Fields of the source; several for a matrix, none for what a constant writes to the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_many")]
    #[ts(optional, as = "Option<one_or_many::Spelled>")]
    pub source: Vec<FieldId>,
    /// Fields of the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_many")]
    #[ts(optional, as = "Option<one_or_many::Spelled>")]
    pub target: Vec<FieldId>,
    pub direction: Direction,
    #[serde(default, skip_serializing_if = "super::is_default")]
    #[ts(optional, as = "Option<_>")]
    pub write: Write,
    #[serde(default, skip_serializing_if = "super::is_default")]
    #[ts(optional, as = "Option<_>")]
    pub on_conflict: OnConflict,
    /// For one-way mappings: a change on the receiving side is written over.
    #[serde(default, skip_serializing_if = "super::is_default")]
    #[ts(optional, as = "Option<_>")]
    pub enforce: bool,
    pub rule: Rule,
}

impl FieldMapping {
    /// Its fields on `side`.
    pub fn fields(&self, side: Side) -> &[FieldId] {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// Whether replacing what a person set on `side` is nothing that this mapping's rules say.
    pub fn asks_about(&self, side: Side) -> bool {
        let wins = match self.on_conflict {
            OnConflict::SourceWins => Some(Side::Source),
            OnConflict::TargetWins => Some(Side::Target),
            OnConflict::Ask | OnConflict::NewestWins => None,
        };
        self.direction == Direction::Both && wins != Some(side.opposite())
    }

    /// The key its bases are kept under: stable as long as the mapping joins the same fields.
    pub fn key(&self) -> String {
        let join = |fields: &[FieldId]| fields.iter().map(FieldId::as_str).collect::<Vec<_>>().join("+");
        format!("{}={}", join(&self.source), join(&self.target))
    }
}

/// How a value becomes the other side's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Rule {
    /// The same value in the other side's form.
    Copy,
    /// Pairs of picklist values.
    Values {
        #[serde(default, rename = "pair")]
        pairs: Vec<ValuePair>,
        /// For values without a pair, on the way to the target.
        #[serde(default)]
        otherwise: Otherwise,
        /// For values without a pair, on the way back.
        #[serde(default)]
        otherwise_back: Otherwise,
    },
    /// Several picklists decide one value (impact × urgency).
    Matrix {
        #[serde(default, rename = "cell")]
        cells: Vec<MatrixCell>,
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// The same person, found by e-mail or by the hand-made table.
    Person {
        /// Used when nobody matches; none empties the field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        fallback: Option<String>,
    },
    /// A fixed value for the receiving field.
    Constant { value: String },
    /// Text with placeholders: `{field}` stands for the other side's value as people read it, `{key}` and `{url}` for
    /// its ticket.
    Text { template: String },
    /// Labelled lines above the original description.
    Description(DescriptionLayout),
}

/// What the description builder writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct DescriptionLayout {
    #[serde(default, rename = "line")]
    pub lines: Vec<DescriptionLine>,
    /// The field that holds the original description; always last.
    pub original: FieldId,
}

/// One labelled line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct DescriptionLine {
    pub label: String,
    /// The field shown; none for a line of fixed text (then `label` is the whole line).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub field: Option<FieldId>,
    #[serde(default, skip_serializing_if = "super::is_default")]
    #[ts(optional, as = "Option<_>")]
    pub when_empty: WhenEmpty,
}

/// What a line shows for an empty field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum WhenEmpty {
    #[default]
    LeaveOut,
    Show(String),
}

/// `"field"` or `["field", "field"]`.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::ids::FieldId;

    /// One name, or a list of names.
    #[derive(Deserialize, ts_rs::TS)]
    #[serde(untagged)]
    #[ts(export, export_to = "../../../../ui/src/api/generated/", rename = "FieldIds")]
    pub enum Spelled {
        One(FieldId),
        Many(Vec<FieldId>),
    }

    pub fn serialize<S: Serializer>(fields: &[FieldId], to: S) -> Result<S::Ok, S::Error> {
        match fields {
            [one] => one.serialize(to),
            many => many.serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<FieldId>, D::Error> {
        Ok(match Spelled::deserialize(from)? {
            Spelled::One(field) => vec![field],
            Spelled::Many(fields) => fields,
        })
    }
}
