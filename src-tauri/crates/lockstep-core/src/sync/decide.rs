//! The decision table of `SYNC.md`: one mapped field of one link, as a total match. Tests carry the rows' names.

use super::base::{FLIPS_MAX, FieldBase};
use crate::mapping::{Direction, Mapped, OnConflict};
use crate::omission::{Omission, left_out};
use crate::side::{Pair, Side};
use crate::ticket::Value;

/// All that the decision on one field may know.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    pub direction: Direction,
    pub enforce: bool,
    pub on_conflict: OnConflict,
    /// A built text: written again only while the text there is still our own (hazards.md H28).
    pub built: bool,
    pub base: Option<&'a FieldBase>,
    /// The revision a base must carry to count.
    pub revision: &'a str,
    /// What the sides hold now; `None` is unknown.
    pub now: Pair<Option<&'a Value>>,
    /// What each side would get from the other: `carried.target` is m(s), `carried.source` is w(t).
    pub carried: Pair<&'a Mapped>,
    /// The side whose value is newer, where both platforms tell and the clocks allow (hazards.md H29).
    pub newer: Option<Side>,
    /// Sides whose last change a person made, where the platform tells: a person may go back and forth as often as
    /// they like (hazards.md H25).
    pub by_person: Pair<bool>,
}

/// What is decided for one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing changed.
    Nothing,
    /// Write this value to this side.
    Write { side: Side, value: Value },
    /// Both sides agree, or the rule leaves them as they are: the base moves, nothing is written.
    Agree,
    /// No base that counts: what both sides hold becomes the base, nothing is written (hazards.md H22).
    Renew,
    /// The receiving side of a one-way mapping was edited: not copied back, not overwritten.
    Left,
    /// A built text that somebody edited: left as it is, reported.
    EditedThere,
    /// Both sides changed to different things.
    Conflict,
    /// A value has no pair and the rule says stop and ask.
    Unmapped { from: Side, label: String },
    /// The two fields cannot meet.
    Unsupported(String),
    /// Something is unknown: decides nothing, the base stays.
    Unknown(String),
    /// This very value was sent before and the platform kept the old one (hazards.md H15).
    NotAppliedBefore { side: Side },
    /// Went back and forth too often (hazards.md H25).
    Flapping,
}

/// Decides one field.
pub fn decide(cell: Cell<'_>) -> Decision {
    let (Some(source), Some(target)) = (cell.now.source, cell.now.target) else {
        let side = if cell.now.source.is_none() { Side::Source } else { Side::Target };
        return Decision::Unknown(format!("the {side} side cannot be read"));
    };
    let now = Pair { source, target };
    let Some(base) =
        cell.base.filter(|base| base.revision == cell.revision || left_out(Omission::OldBaseCounts))
    else {
        return Decision::Renew;
    };
    let changed = Pair::from_fn(|side| *now[side] != base.values[side]);
    let agree =
        Side::BOTH.iter().any(|to| cell.direction.writes(*to) && cell.carried[*to].value() == Some(now[*to]));
    let agree =
        agree && (!left_out(Omission::AgreementOneWay) || cell.carried.target.value() == Some(now.target));

    match (cell.direction, changed.source, changed.target) {
        (_, false, false) => Decision::Nothing,
        (Direction::ToTarget, true, _) | (Direction::ToSource, _, true) | (Direction::Both, _, _)
            if agree =>
        {
            Decision::Agree
        }
        (Direction::ToTarget, true, receiver) => one_way(cell, base, now, Side::Target, receiver),
        (Direction::ToSource, receiver, true) => one_way(cell, base, now, Side::Source, receiver),
        (Direction::ToTarget, false, true) => edited_there(cell, base, now, Side::Target, agree),
        (Direction::ToSource, true, false) => edited_there(cell, base, now, Side::Source, agree),
        (Direction::Both, true, false) => write(cell, base, now, Side::Target),
        (Direction::Both, false, true) => write(cell, base, now, Side::Source),
        (Direction::Both, true, true) => match (cell.on_conflict, cell.newer) {
            (OnConflict::SourceWins, _) | (OnConflict::NewestWins, Some(Side::Source)) => {
                write(cell, base, now, Side::Target)
            }
            (OnConflict::TargetWins, _) | (OnConflict::NewestWins, Some(Side::Target)) => {
                write(cell, base, now, Side::Source)
            }
            (OnConflict::Ask, _) | (OnConflict::NewestWins, None) => Decision::Conflict,
        },
    }
}

fn one_way(
    cell: Cell<'_>,
    base: &FieldBase,
    now: Pair<&Value>,
    to: Side,
    receiver_changed: bool,
) -> Decision {
    if cell.built && receiver_changed && !left_out(Omission::BuiltTextRewritten) {
        return Decision::EditedThere;
    }
    write(cell, base, now, to)
}

fn edited_there(cell: Cell<'_>, base: &FieldBase, now: Pair<&Value>, to: Side, agree: bool) -> Decision {
    if cell.enforce && !agree && !cell.built { write(cell, base, now, to) } else { Decision::Left }
}

fn write(cell: Cell<'_>, base: &FieldBase, now: Pair<&Value>, to: Side) -> Decision {
    match cell.carried[to] {
        Mapped::Value(value) if value == now[to] => Decision::Agree,
        Mapped::Value(value) => {
            if base.not_applied.as_ref() == Some(&(to, value.clone())) {
                return Decision::NotAppliedBefore { side: to };
            }
            let flaps = !left_out(Omission::FlipsNotCounted)
                && base.goes_back(to, value, now[to.opposite()])
                && base.flips >= FLIPS_MAX;
            if flaps && !cell.by_person[to.opposite()] {
                return Decision::Flapping;
            }
            Decision::Write { side: to, value: value.clone() }
        }
        Mapped::Leave => Decision::Agree,
        Mapped::Unmapped(label) => Decision::Unmapped { from: to.opposite(), label: label.clone() },
        Mapped::Unsupported(why) => Decision::Unsupported(why.clone()),
        Mapped::Unknown(why) => Decision::Unknown(why.clone()),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
