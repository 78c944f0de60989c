//! What a person set in the last moment before our write, and our write replaced: nobody wanted that, so it stays a
//! conflict that holds the value until a person decides (hazards.md H19).

use super::{Planning, Side, is_about};
use crate::mapping::transform::carry_value;
use crate::mapping::{CompiledField, Mapped};
use crate::side::Pair;
use crate::sync::base::FieldBase;
use crate::sync::operation::{ConflictFound, NoticeKind};
use crate::ticket::Value;

impl Planning<'_> {
    /// A value set again by anybody is not lost any more: what stands there since is decided as usual.
    pub(super) fn still_lost(
        &self,
        field: &CompiledField,
        base: FieldBase,
        now: Pair<Option<&Value>>,
    ) -> FieldBase {
        let Some((side, _)) = base.lost else { return base };
        let stands = now[side].is_none_or(|value| *value == base.values[side]);
        let asks = base.revision == field.revision && field.mapping.asks_about(side);
        if stands && asks { base } else { FieldBase { lost: None, ..base } }
    }

    /// Asks about a lost value, or carries out what was decided; returns whether there is one.
    pub(super) fn lost(
        &mut self,
        field: &CompiledField,
        base: Option<&FieldBase>,
        now: &Pair<Option<Value>>,
    ) -> bool {
        let Some((base, (side, value))) = base.and_then(|base| Some((base, base.lost.as_ref()?))) else {
            return false;
        };
        let (side, other) = (*side, side.opposite());
        let (Some(_), Some(there)) = (&now[side], &now[other]) else { return true };
        let mut shown = Pair { source: there.clone(), target: there.clone() };
        shown[side] = value.clone();
        let carried = carry_value(field, side, value, self.view.tickets[side], self.setting.context());
        let label = self.labels(field, Side::Source);
        let decided = self.view.decided.get(&field.key).filter(|decided| is_about(decided, base, &shown));
        match (decided.map(|decided| decided.winner), &carried) {
            (Some(Some(winner)), Mapped::Value(across)) if winner == side => {
                self.write(field, side, value.clone(), now);
                self.write(field, other, across.clone(), now);
            }
            (Some(Some(winner)), _) if winner == side => {
                let message = format!("what {label} held in {} cannot be carried over", self.platform(side));
                let remedy = "Pair the value, or decide for the other side.";
                self.notice(NoticeKind::Unmapped, field, message, Some(remedy));
            }
            (Some(_), _) => self.set_base(field, FieldBase { lost: None, ..base.clone() }),
            (None, _) => {
                let mut offered = Pair::default();
                offered[other] = carried.value().cloned();
                offered[side] = now[side].clone();
                self.plan.conflicts.push(ConflictFound {
                    mapping: field.key.clone(),
                    label,
                    base: base.values.clone(),
                    now: shown,
                    carried: offered,
                });
            }
        }
        true
    }
}
