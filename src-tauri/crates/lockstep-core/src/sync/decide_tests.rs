//! The rows of the decision table in `SYNC.md`, by name.

use super::*;

/// The pairs are 1 ↔ a, 2 ↔ b, 3 ↔ c; nothing pairs with 9 or z.
fn carry(value: &Value) -> Mapped {
    let id = value.id().expect("the tests use choices");
    let pairs = [("1", "a"), ("2", "b"), ("3", "c")];
    let other = pairs.iter().find_map(|(s, t)| match id {
        id if id == *s => Some(*t),
        id if id == *t => Some(*s),
        _ => None,
    });
    other.map_or(Mapped::Unmapped(id.to_owned()), |id| Mapped::Value(Value::choice(id)))
}

struct Row {
    direction: Direction,
    base: Option<(&'static str, &'static str)>,
    now: (Option<&'static str>, Option<&'static str>),
    tweak: fn(&mut Tweak),
}

#[derive(Default)]
struct Tweak {
    enforce: bool,
    on_conflict: OnConflict,
    built: bool,
    newer: Option<Side>,
    leave: bool,
    by_person: Pair<bool>,
    revision: Option<&'static str>,
    not_applied: Option<(Side, &'static str)>,
    replaced: Option<(Side, &'static str, u32)>,
}

fn run(row: Row) -> Decision {
    let mut tweak = Tweak::default();
    (row.tweak)(&mut tweak);
    let base = row.base.map(|(s, t)| {
        let mut base = FieldBase::agreed("r1", Value::choice(s), Value::choice(t));
        base.not_applied = tweak.not_applied.map(|(side, id)| (side, Value::choice(id)));
        if let Some((side, id, flips)) = tweak.replaced {
            base.replaced = Some((side, Value::choice(id)));
            base.flips = flips;
        }
        base
    });
    let now = Pair { source: row.now.0.map(Value::choice), target: row.now.1.map(Value::choice) };
    let carried = Pair {
        source: now.target.as_ref().map_or(Mapped::Unknown("t".into()), carry),
        target: now.source.as_ref().map_or(Mapped::Unknown("s".into()), carry),
    };
    let carried = if tweak.leave { Pair { source: Mapped::Leave, target: Mapped::Leave } } else { carried };
    decide(Cell {
        direction: row.direction,
        enforce: tweak.enforce,
        on_conflict: tweak.on_conflict,
        built: tweak.built,
        base: base.as_ref(),
        revision: tweak.revision.unwrap_or("r1"),
        now: now.as_ref().map(Option::as_ref),
        carried: carried.as_ref(),
        newer: tweak.newer,
        by_person: tweak.by_person,
    })
}

macro_rules! rows {
    ($($name:ident: $direction:ident base $base:expr, now $now:expr $(, with $tweak:expr)? => $decision:expr;)+) => {$(
        #[test]
        fn $name() {
            #[allow(unused_mut, unused_assignments)]
            let mut tweak: fn(&mut Tweak) = |_| {};
            $(tweak = $tweak;)?
            let row = Row { direction: Direction::$direction, base: $base, now: $now, tweak };
            assert_eq!(run(row), $decision);
        }
    )+};
}

fn to(side: Side, id: &str) -> Decision {
    Decision::Write { side, value: Value::choice(id) }
}

const BASE: Option<(&str, &str)> = Some(("1", "a"));

rows! {
    row_01_nothing_changed: Both base BASE, now (Some("1"), Some("a")) => Decision::Nothing;
    row_02_to_target_source_changed: ToTarget base BASE, now (Some("2"), Some("a")) => to(Side::Target, "b");
    row_03_to_target_both_changed: ToTarget base BASE, now (Some("2"), Some("c")) => to(Side::Target, "b");
    row_04_to_target_both_changed_alike: ToTarget base BASE, now (Some("2"), Some("b")) => Decision::Agree;
    row_05_to_target_target_changed: ToTarget base BASE, now (Some("1"), Some("c")) => Decision::Left;
    row_06_to_target_target_changed_enforced: ToTarget base BASE, now (Some("1"), Some("c")),
        with |t| t.enforce = true => to(Side::Target, "a");
    row_07_to_source_target_changed: ToSource base BASE, now (Some("1"), Some("b")) => to(Side::Source, "2");
    row_08_to_source_both_changed: ToSource base BASE, now (Some("3"), Some("b")) => to(Side::Source, "2");
    row_09_to_source_both_changed_alike: ToSource base BASE, now (Some("2"), Some("b")) => Decision::Agree;
    row_10_to_source_source_changed: ToSource base BASE, now (Some("3"), Some("a")) => Decision::Left;
    row_11_to_source_source_changed_enforced: ToSource base BASE, now (Some("3"), Some("a")),
        with |t| t.enforce = true => to(Side::Source, "1");
    row_12_both_ways_source_changed: Both base BASE, now (Some("2"), Some("a")) => to(Side::Target, "b");
    row_13_both_ways_target_changed: Both base BASE, now (Some("1"), Some("b")) => to(Side::Source, "2");
    row_14_both_ways_changed_alike: Both base BASE, now (Some("2"), Some("b")) => Decision::Agree;
    row_15_both_ways_changed_differently_ask: Both base BASE, now (Some("2"), Some("c")) => Decision::Conflict;
    row_16_both_ways_source_wins: Both base BASE, now (Some("2"), Some("c")),
        with |t| t.on_conflict = OnConflict::SourceWins => to(Side::Target, "b");
    row_17_both_ways_target_wins: Both base BASE, now (Some("2"), Some("c")),
        with |t| t.on_conflict = OnConflict::TargetWins => to(Side::Source, "3");
    row_18_both_ways_newest_wins: Both base BASE, now (Some("2"), Some("c")),
        with |t| { t.on_conflict = OnConflict::NewestWins; t.newer = Some(Side::Target) } => to(Side::Source, "3");
    row_19_newest_wins_without_times_asks: Both base BASE, now (Some("2"), Some("c")),
        with |t| t.on_conflict = OnConflict::NewestWins => Decision::Conflict;
    row_20_unknown_decides_nothing: Both base BASE, now (Some("2"), None)
        => Decision::Unknown("the target side cannot be read".into());
    row_21_no_base_is_renewed: Both base None, now (Some("2"), Some("c")) => Decision::Renew;
    row_22_other_revision_is_renewed: Both base BASE, now (Some("2"), Some("c")),
        with |t| t.revision = Some("r2") => Decision::Renew;
    row_23_unmapped_asks: Both base BASE, now (Some("9"), Some("a"))
        => Decision::Unmapped { from: Side::Source, label: "9".into() };
    row_24_unmapped_on_the_way_back_asks: Both base BASE, now (Some("1"), Some("z"))
        => Decision::Unmapped { from: Side::Target, label: "z".into() };
    row_25_left_as_it_is_moves_the_base: Both base BASE, now (Some("9"), Some("a")),
        with |t| t.leave = true => Decision::Agree;
    row_26_built_text_edited_there: ToTarget base BASE, now (Some("2"), Some("c")),
        with |t| t.built = true => Decision::EditedThere;
    row_27_built_text_edited_there_alone: ToTarget base BASE, now (Some("1"), Some("c")),
        with |t| { t.built = true; t.enforce = true } => Decision::Left;
    row_28_sent_before_and_not_applied: Both base BASE, now (Some("2"), Some("a")),
        with |t| t.not_applied = Some((Side::Target, "b")) => Decision::NotAppliedBefore { side: Side::Target };
    row_29_not_applied_but_a_new_value: Both base BASE, now (Some("3"), Some("a")),
        with |t| t.not_applied = Some((Side::Target, "b")) => to(Side::Target, "c");
    row_30_back_and_forth_too_often: Both base BASE, now (Some("2"), Some("a")),
        with |t| t.replaced = Some((Side::Target, "b", 3)) => Decision::Flapping;
    row_31_back_and_forth_a_few_times: Both base BASE, now (Some("2"), Some("a")),
        with |t| t.replaced = Some((Side::Target, "b", 2)) => to(Side::Target, "b");
    row_32_a_person_may_go_back_and_forth: Both base BASE, now (Some("2"), Some("a")),
        with |t| { t.replaced = Some((Side::Target, "b", 3)); t.by_person.source = true } => to(Side::Target, "b");
}

#[test]
fn many_to_one_pairs_agree_when_either_way_leads_there() {
    // H24: two source values stand for one target value; the way back picks one; no write while either way agrees.
    let base = FieldBase::agreed("r1", Value::choice("new"), Value::choice("open"));
    let now = Pair { source: Value::choice("old"), target: Value::choice("open") };
    let carried =
        Pair { source: Mapped::Value(Value::choice("new")), target: Mapped::Value(Value::choice("open")) };
    let decision = decide(Cell {
        direction: Direction::Both,
        enforce: false,
        on_conflict: OnConflict::Ask,
        built: false,
        base: Some(&base),
        revision: "r1",
        now: now.as_ref().map(Some),
        carried: carried.as_ref(),
        newer: None,
        by_person: Pair::default(),
    });
    assert_eq!(decision, Decision::Agree);
}

#[test]
fn after_any_decision_was_carried_out_the_next_one_is_nothing() {
    let ids = ["1", "2", "3"];
    let others = ["a", "b", "c"];
    for direction in [Direction::ToTarget, Direction::ToSource, Direction::Both] {
        for (bs, bt) in ids.iter().zip(others) {
            for s in ids {
                for t in others {
                    let base = FieldBase::agreed("r1", Value::choice(bs), Value::choice(bt));
                    let mut now = Pair { source: Value::choice(s), target: Value::choice(t) };
                    let carried = Pair { source: carry(&now.target), target: carry(&now.source) };
                    let cell = Cell {
                        direction,
                        enforce: false,
                        on_conflict: OnConflict::SourceWins,
                        built: false,
                        base: Some(&base),
                        revision: "r1",
                        now: now.as_ref().map(Some),
                        carried: carried.as_ref(),
                        newer: None,
                        by_person: Pair::default(),
                    };
                    let decision = decide(cell);
                    let base = match decision {
                        Decision::Write { side, value } => {
                            let read = now[side.opposite()].clone();
                            now[side] = value.clone();
                            FieldBase::after_write(Some(&base), "r1", side, read, value.clone(), Some(value))
                        }
                        Decision::Agree => FieldBase::agreed("r1", now.source.clone(), now.target.clone()),
                        _ => continue,
                    };
                    let carried = Pair { source: carry(&now.target), target: carry(&now.source) };
                    let again = decide(Cell {
                        direction,
                        enforce: false,
                        on_conflict: OnConflict::SourceWins,
                        built: false,
                        base: Some(&base),
                        revision: "r1",
                        now: now.as_ref().map(Some),
                        carried: carried.as_ref(),
                        newer: None,
                        by_person: Pair::default(),
                    });
                    assert_eq!(again, Decision::Nothing, "{direction:?} base {bs}{bt} now {s}{t}");
                }
            }
        }
    }
}
