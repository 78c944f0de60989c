//! Value pairs, the matrix, and what a status change must also send.

use serde::{Deserialize, Serialize};

use super::field::Direction;
use crate::ids::FieldId;
use crate::side::Side;

/// Pairs one value of each side's picklist, by the platforms' ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ValuePair {
    pub source: String,
    pub target: String,
    #[serde(default = "both", skip_serializing_if = "is_both")]
    #[ts(optional, as = "Option<_>")]
    pub direction: Direction,
    /// What reaching the target value must also send.
    #[serde(default, rename = "target_needs", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub target_needs: Vec<Need>,
    /// What reaching the source value must also send.
    #[serde(default, rename = "source_needs", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub source_needs: Vec<Need>,
}

fn both() -> Direction {
    Direction::Both
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if wants a reference")]
fn is_both(direction: &Direction) -> bool {
    *direction == Direction::Both
}

impl ValuePair {
    /// The value on `side`.
    pub fn value(&self, side: Side) -> &str {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// What reaching this pair's value on `side` must also send.
    pub fn needs(&self, side: Side) -> &[Need] {
        match side {
            Side::Source => &self.source_needs,
            Side::Target => &self.target_needs,
        }
    }
}

/// A field that a status change must also send, and where its value comes from. Nothing is ever invented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Need {
    pub field: FieldId,
    #[serde(flatten)]
    pub supply: Supply,
}

/// Where a needed value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Supply {
    /// A fixed value.
    Fixed(String),
    /// A field of the other side; `or` stands in when it is empty.
    From {
        field: FieldId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        or: Option<String>,
    },
    /// Text with placeholders, as in a text rule.
    Text(String),
    /// The last public comment on the other side; the text stands in when there is none.
    LastPublicComment(String),
}

/// What happens to a value without a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Otherwise {
    /// Stop this field and report.
    #[default]
    Ask,
    /// Leave the other side as it is.
    Leave,
    /// Use this value.
    Use(String),
}

/// One cell of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct MatrixCell {
    /// Values of the mapping's source fields, in their order.
    pub when: Vec<String>,
    /// The value for the target field.
    pub then: String,
}

/// Finds the pair that carries `value` from `from` to the other side: first match in the order written.
pub fn pair_for<'a>(pairs: &'a [ValuePair], from: Side, value: &str) -> Option<&'a ValuePair> {
    pairs.iter().find(|pair| pair.direction.writes(from.opposite()) && pair.value(from) == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(source: &str, target: &str, direction: Direction) -> ValuePair {
        ValuePair {
            source: source.into(),
            target: target.into(),
            direction,
            target_needs: vec![],
            source_needs: vec![],
        }
    }

    #[test]
    fn a_one_way_pair_does_not_lead_back() {
        let pairs = [pair("1", "open", Direction::ToTarget), pair("2", "open", Direction::Both)];
        assert_eq!(pair_for(&pairs, Side::Source, "1").map(|p| p.target.as_str()), Some("open"));
        assert_eq!(pair_for(&pairs, Side::Target, "open").map(|p| p.source.as_str()), Some("2"));
        assert_eq!(pair_for(&pairs, Side::Source, "3"), None);
    }
}
