//! After the writes: was anything replaced in the last moment, between our reading and our write? No platform here can
//! refuse such a write; what can be seen afterwards is looked for, told, and asked about (hazards.md H19).

use std::collections::BTreeMap;

use lockstep_core::FieldId;
use lockstep_core::connector::{FieldWrite, OthersChange};
use lockstep_core::mapping::transform::carry_value;
use lockstep_core::mapping::{PeopleTable, Rule, Rules};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::link::Link;
use lockstep_core::sync::operation::{ConflictFound, FieldChange, Notice, NoticeKind, OperationKind};
use lockstep_core::text::plain::to_plain;
use lockstep_core::ticket::{Ticket, Value};
use lockstep_store::tables::plans::PlanRow;
use lockstep_store::tables::{bases, settings};
use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::outcome::Ending;
use super::site::Site;

/// So often in a row each write must have been saved equally often before that counts as a rule of the platform's.
const HABIT_WRITES: u32 = 3;

/// How often a record of one table is saved by one write: an after-rule that saves it again counts each time.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Habit {
    saves: u64,
    writes: u32,
}

/// A pair whose plan was carried out.
pub struct CarriedOut {
    pub row: PlanRow,
    pub link: Link,
    /// As read directly before.
    pub tickets: Pair<Ticket>,
    pub ending: Ending,
}

/// Looks for what the writes of these rows may have replaced.
pub async fn look_for(
    site: &Site,
    rules: &Rules,
    read_ms: Pair<i64>,
    pairs: &mut [CarriedOut],
) -> Result<(), RunError> {
    if left_out(Omission::OverwritesNotLookedFor) {
        return Ok(());
    }
    for side in Side::BOTH {
        counted(site, rules, side, pairs).await?;
        uncounted(site, rules, side, read_ms[side], pairs).await?;
    }
    Ok(())
}

/// Somebody wrote between our reading and our write: what stood there in between is told, not passed over.
fn overtaken(platform: &str, key: &str) -> Notice {
    Notice {
        kind: NoticeKind::Unknown,
        mapping: None,
        message: format!("somebody else changed {key} in {platform} while Lockstep wrote to it"),
        remedy: Some(format!(
            "Look at the history of {key}: a value set in that moment may have been replaced."
        )),
    }
}

/// Where versions count, one write is one more, unless a rule of the platform saves each record again.
async fn counted(site: &Site, rules: &Rules, side: Side, pairs: &mut [CarriedOut]) -> Result<(), RunError> {
    if pairs.iter().all(|pair| pair.ending.saves[side] == 0) {
        return Ok(());
    }
    let table = &rules.mapping.scope(side).ticket_type;
    let key = format!("saves:{}:{table}", site.sides[side].fingerprint);
    let name = key.clone();
    let before: Option<Habit> = site.store.read(move |conn| settings::get(conn, &name)).await?;
    let mut habit = before.unwrap_or_default();
    for CarriedOut { link, ending, .. } in pairs.iter_mut() {
        let saves = ending.saves[side];
        if saves == 0 {
            continue;
        }
        let usual = habit.saves == saves && habit.writes >= HABIT_WRITES;
        habit = match habit.saves == saves {
            true => Habit { writes: habit.writes.saturating_add(1).min(HABIT_WRITES), ..habit },
            // One odd write among equal ones is a person's, and breaks no habit that is known.
            false if habit.writes >= HABIT_WRITES && saves > habit.saves => habit,
            false => Habit { saves, writes: 1 },
        };
        if saves > 1 && !usual {
            ending.notices.push(overtaken(site.label(side), &link.keys[side]));
        }
    }
    let changed = before.is_none_or(|before| (before.saves, before.writes) != (habit.saves, habit.writes));
    if changed {
        let now_ms = site.now_ms();
        site.store.write_in(site.epoch, move |tx| settings::put(tx, &key, &habit, now_ms)).await?;
    }
    Ok(())
}

/// Where versions do not count, the platform is asked once who else wrote since the reading, and what we replaced.
async fn uncounted(
    site: &Site,
    rules: &Rules,
    side: Side,
    read_ms: i64,
    pairs: &mut [CarriedOut],
) -> Result<(), RunError> {
    let uncounted = |row: &PlanRow| row.plan.versions[side].is_some_and(|version| version.counter.is_none());
    let ids: Vec<_> = pairs
        .iter()
        .filter(|pair| pair.ending.wrote[side] && uncounted(&pair.row))
        .map(|pair| pair.link.tickets[side].clone())
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let connector = &site.sides[side].connector;
    let touched = match connector.changed_by_others(rules.mapping.scope(side), &ids, read_ms).await {
        Ok(touched) => touched.unwrap_or_default(),
        Err(error) => {
            tracing::warn!(%error, "whether anything was overwritten in the last moment could not be read");
            return Ok(());
        }
    };
    let touched: BTreeMap<_, OthersChange> =
        touched.into_iter().map(|change| (change.ticket.clone(), change)).collect();
    for pair in pairs.iter_mut() {
        let Some(change) = touched.get(&pair.link.tickets[side]) else {
            continue;
        };
        pair.ending.notices.push(overtaken(site.label(side), &pair.link.keys[side]));
        let replaced: Vec<(FieldChange, Value)> = updates(&pair.row, side)
            .filter_map(|written| Some((written.clone(), lost(written, &change.replaced)?.clone())))
            .collect();
        for (written, lost) in replaced {
            keep_lost(site, rules, side, pair, &written, &lost).await?;
        }
    }
    Ok(())
}

/// The fields that the row wrote on `side`.
fn updates(row: &PlanRow, side: Side) -> impl Iterator<Item = &FieldChange> {
    let here = row.plan.operations.iter().filter(move |operation| operation.side == side);
    here.flat_map(|operation| match &operation.kind {
        OperationKind::Update { changes, .. } => changes.as_slice(),
        _ => &[],
    })
}

/// What the write replaced and nobody had planned to replace. Members of sets go one by one and replace nothing.
fn lost<'a>(written: &FieldChange, replaced: &'a BTreeMap<FieldId, Value>) -> Option<&'a Value> {
    let set = matches!(written.after, FieldWrite::Set(_)) && !written.mapping.is_empty();
    let found = replaced.get(&written.field).filter(|_| set)?;
    let same = |value: &Value| match (value, found) {
        // A history shows texts without their marks.
        (Value::Rich(text), Value::Rich(found)) => to_plain(text).text == to_plain(found).text,
        _ => value == found,
    };
    (!same(&written.before) && !same(written.result())).then_some(found)
}

/// Keeps a lost value with the base: a conflict until a person decides.
async fn keep_lost(
    site: &Site,
    rules: &Rules,
    side: Side,
    pair: &mut CarriedOut,
    written: &FieldChange,
    lost: &Value,
) -> Result<(), RunError> {
    let Some(field) = rules.fields.iter().find(|field| field.key == written.mapping) else {
        return Ok(());
    };
    if !field.mapping.asks_about(side) {
        if matches!(field.mapping.rule, Rule::Description(_)) {
            let shown = crate::shown::value(&rules.schemas[side], &written.field, lost);
            let message = format!("{} in {} said before: {shown}", written.label, site.label(side));
            let (kind, mapping) = (NoticeKind::EditedThere, Some(field.key.clone()));
            pair.ending.notices.push(Notice { kind, mapping, message, remedy: None });
        }
        return Ok(());
    }
    let (id, key, value) = (pair.link.id, field.key.clone(), lost.clone());
    let base = site
        .store
        .write_in(site.epoch, move |tx| {
            let mut base = bases::of(tx, id)?.remove(&key);
            if let Some(base) = &mut base {
                base.lost = Some((side, value));
                bases::put(tx, id, &key, base)?;
            }
            Ok(base)
        })
        .await?;
    let Some(base) = base else {
        return Ok(());
    };
    let other = side.opposite();
    let mut now = Pair { source: written.read.clone(), target: written.read.clone() };
    now[side] = lost.clone();
    let nobody = PeopleTable::default();
    let context = site.setting(rules, &nobody).context();
    let mut carried = Pair::default();
    carried[other] = carry_value(field, side, lost, &pair.tickets[side], context).value().cloned();
    carried[side] = Some(base.values[side].clone());
    pair.ending.conflicts.push(ConflictFound {
        mapping: field.key.clone(),
        label: rules.schemas[Side::Source].label(&field.mapping.source[0]).to_owned(),
        base: base.values,
        now,
        carried,
    });
    Ok(())
}
