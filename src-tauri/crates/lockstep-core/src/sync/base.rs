//! The base: per link and mapped field, the values both sides last agreed on.

use serde::{Deserialize, Serialize};

use crate::omission::{Omission, left_out};
use crate::side::{Pair, Side};
use crate::ticket::Value;

/// What one mapped field of one link last agreed on, each side in its own canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldBase {
    /// Revision of the mapping and of the canonical form; a base of another revision is renewed without writing
    /// (hazards.md H22).
    pub revision: String,
    pub values: Pair<Value>,
    /// A side whose value was sent without seeing it in an answer: the first later reading settles it (H14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled: Option<Side>,
    /// How often our writes went back and forth between the same two values (H25).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flips: u32,
    /// What the last write of ours replaced, and on which side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<(Side, Value)>,
    /// The answer to a write still showed the old value: not written again until a new change (H15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_applied: Option<(Side, Value)>,
    /// What a person set on a side in the last moment and our write replaced: asked about until somebody decides (H19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<(Side, Value)>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if wants a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Flips after which a field is stopped on its ticket (engine.md §3.1).
pub const FLIPS_MAX: u32 = 3;

impl FieldBase {
    /// Settles a base whose write had no answer, by the first later reading `now` (hazards.md H14): equal to what was
    /// sent, or provably nobody but us changed the ticket since. Otherwise the reading counts as a change.
    #[must_use]
    pub fn settle(&self, now: Pair<Option<&Value>>, ours_alone: Pair<bool>) -> FieldBase {
        let mut settled = self.clone();
        let Some(side) = self.unsettled else {
            return settled;
        };
        let Some(read) = now[side] else {
            // Somebody else changed the ticket while this could not be read: whatever is read later may be theirs.
            settled.unsettled = self.unsettled.filter(|_| ours_alone[side]);
            return settled;
        };
        settled.unsettled = None;
        if *read != self.values[side] && (ours_alone[side] || left_out(Omission::ReadingIsTheBase)) {
            settled.values[side] = read.clone();
        }
        settled
    }

    /// Whether writing `sent` to `side`, with `read` on the other side, undoes what our last write did: it puts back
    /// what that write replaced, or carries on what came back in its place (hazards.md H25).
    pub fn goes_back(&self, side: Side, sent: &Value, read: &Value) -> bool {
        match &self.replaced {
            Some((at, replaced)) if *at == side => replaced == sent,
            Some((_, replaced)) => replaced == read,
            None => false,
        }
    }

    /// A settled base.
    pub fn agreed(revision: &str, source: Value, target: Value) -> FieldBase {
        FieldBase {
            revision: revision.to_owned(),
            values: Pair { source, target },
            unsettled: None,
            flips: 0,
            replaced: None,
            not_applied: None,
            lost: None,
        }
    }

    /// The base after our write of `sent` to `side`, where the plan read `read` on the other side.
    ///
    /// `answered` is the value in the write's own answer; `None` leaves the base unsettled (H14). The caller has
    /// already dealt with an answer that still shows the old value.
    #[must_use]
    pub fn after_write(
        old: Option<&FieldBase>,
        revision: &str,
        side: Side,
        read: Value,
        sent: Value,
        answered: Option<Value>,
    ) -> FieldBase {
        let unsettled = answered.is_none().then_some(side);
        let now = answered.unwrap_or_else(|| sent.clone());
        let mut values = Pair { source: read.clone(), target: read };
        values[side] = now;
        let before = old.map(|base| base.values[side].clone());
        let flips = old
            .filter(|base| base.goes_back(side, &sent, &values[side.opposite()]))
            .map_or(0, |base| base.flips + 1);
        FieldBase {
            revision: revision.to_owned(),
            values,
            unsettled,
            flips,
            replaced: before.map(|before| (side, before)),
            not_applied: None,
            lost: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(id: &str) -> Value {
        Value::choice(id)
    }

    #[test]
    fn going_back_and_forth_between_two_values_is_counted() {
        let mut base = FieldBase::agreed("r", choice("1"), choice("a"));
        for (round, value) in ["b", "a", "b", "a"].iter().enumerate() {
            base = FieldBase::after_write(
                Some(&base),
                "r",
                Side::Target,
                choice("1"),
                choice(value),
                Some(choice(value)),
            );
            assert_eq!(base.flips as usize, round, "round {round}");
        }
        assert_eq!(base.flips, FLIPS_MAX);
        let moved = FieldBase::after_write(
            Some(&base),
            "r",
            Side::Target,
            choice("1"),
            choice("c"),
            Some(choice("c")),
        );
        assert_eq!(moved.flips, 0, "a value never seen before starts anew");
    }

    #[test]
    fn without_an_answer_the_base_is_unsettled() {
        let base = FieldBase::after_write(None, "r", Side::Target, choice("1"), choice("a"), None);
        assert_eq!((base.unsettled, &base.values.target), (Some(Side::Target), &choice("a")));
    }
}
