//! Tags and multi-choices merge by element over the base, never as one value (hazards.md H26).

use std::collections::BTreeSet;

use crate::mapping::ValuePair;
use crate::mapping::values::pair_for;
use crate::side::{Pair, Side};
use crate::ticket::Value;

/// What one side gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    pub add: Vec<String>,
    pub remove: Vec<String>,
}

impl Delta {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// The set after the delta.
    pub fn apply(&self, to: &BTreeSet<String>) -> BTreeSet<String> {
        let mut set = to.clone();
        set.extend(self.add.iter().cloned());
        for gone in &self.remove {
            set.remove(gone);
        }
        set
    }
}

/// The members of a set value; an empty field has none, anything else is no set.
pub fn members(value: &Value) -> Option<BTreeSet<String>> {
    match value {
        Value::Empty => Some(BTreeSet::new()),
        Value::Set(members) => Some(members.clone()),
        _ => None,
    }
}

/// Merges both sides' changes since the base. `pairs` empty: members are the same words on both sides.
///
/// `writes` says which sides may be written. A member goes from a side only when no mapped member of the other side
/// still stands for it.
pub fn merge(
    pairs: &[ValuePair],
    base: &Pair<BTreeSet<String>>,
    now: &Pair<BTreeSet<String>>,
    writes: Pair<bool>,
) -> Pair<Delta> {
    Pair::from_fn(|to| if writes[to] { delta_to(pairs, base, now, to) } else { Delta::default() })
}

fn delta_to(
    pairs: &[ValuePair],
    base: &Pair<BTreeSet<String>>,
    now: &Pair<BTreeSet<String>>,
    to: Side,
) -> Delta {
    let from = to.opposite();
    let carried = |member: &str| -> Option<String> {
        if pairs.is_empty() {
            return Some(member.to_owned());
        }
        pair_for(pairs, from, member).map(|pair| pair.value(to).to_owned())
    };
    let mut add: BTreeSet<String> =
        now[from].difference(&base[from]).filter_map(|member| carried(member)).collect();
    let gone: BTreeSet<&String> = base[from].difference(&now[from]).collect();
    let mut remove: BTreeSet<String> = gone.iter().filter_map(|member| carried(member)).collect();
    // Several members may stand for the one that went: all that were there at the last agreement go with it.
    let stands_for = |member: &str| pair_for(pairs, to, member).map(|pair| pair.value(from).to_owned());
    let others =
        base[to].iter().filter(|member| stands_for(member).is_some_and(|image| gone.contains(&image)));
    remove.extend(others.cloned());
    let standing: BTreeSet<String> = now[from].iter().filter_map(|member| carried(member)).collect();
    remove.retain(|member| {
        let stays =
            standing.contains(member) || stands_for(member).is_some_and(|image| now[from].contains(&image));
        // What came here since the agreement was added by somebody: an addition outlives the other side's removal.
        !stays && now[to].contains(member) && base[to].contains(member)
    });
    // A member that this side took away since the base is not put back by the other side's older wish.
    add.retain(|member| !now[to].contains(member));
    Delta { add: add.into_iter().collect(), remove: remove.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    const BOTH: Pair<bool> = Pair { source: true, target: true };

    #[test]
    fn both_sides_add_and_nobody_loses() {
        let base = Pair { source: set(&["x"]), target: set(&["x"]) };
        let now = Pair { source: set(&["x", "a"]), target: set(&["x", "b"]) };
        let delta = merge(&[], &base, &now, BOTH);
        assert_eq!(delta.target.add, ["a"]);
        assert_eq!(delta.source.add, ["b"]);
        assert!(delta.source.remove.is_empty() && delta.target.remove.is_empty());
    }

    proptest! {
        #[test]
        fn merging_converges_and_keeps_every_addition(
            base in proptest::collection::btree_set("[a-e]", 0..4),
            s in proptest::collection::btree_set("[a-e]", 0..4),
            t in proptest::collection::btree_set("[a-e]", 0..4),
        ) {
            let bases = Pair { source: base.clone(), target: base.clone() };
            let now = Pair { source: s.clone(), target: t.clone() };
            let delta = merge(&[], &bases, &now, BOTH);
            let after = Pair { source: delta.source.apply(&s), target: delta.target.apply(&t) };
            for added in s.difference(&base) {
                prop_assert!(after.target.contains(added));
            }
            for added in t.difference(&base) {
                prop_assert!(after.source.contains(added));
            }
            prop_assert_eq!(&after.source, &after.target);
            let again = merge(&[], &after.clone(), &after, BOTH);
            prop_assert!(again.source.is_empty() && again.target.is_empty());
        }
    }
}
