//! Fields of several values: merged member by member, so that others' members stay (hazards.md H26).

use super::{Planning, Side};
use crate::connector::FieldWrite;
use crate::mapping::transform::carry_value;
use crate::mapping::{CompiledField, Rule};
use crate::omission::{Omission, left_out};
use crate::schema::FieldKind;
use crate::side::Pair;
use crate::sync::base::FieldBase;
use crate::sync::operation::NoticeKind;
use crate::sync::sets;
use crate::ticket::Value;

impl Planning<'_> {
    /// A single value carried into a field of several leaves others' members alone (hazards.md H26).
    pub(super) fn members_only(
        &self,
        field: &CompiledField,
        side: Side,
        before: &Value,
        value: &Value,
    ) -> Option<FieldWrite> {
        let from = side.opposite();
        if field.kind(side) != Some(FieldKind::Set) || field.kind(from) == Some(FieldKind::Set) {
            return None;
        }
        let (held, wanted) = (sets::members(before)?, sets::members(value)?);
        let base = self.view.bases.get(&field.key)?;
        let was =
            carry_value(field, from, &base.values[from], self.view.tickets[from], self.setting.context());
        let ours = was.value().and_then(sets::members).unwrap_or_default();
        let add: Vec<String> = wanted.difference(&held).cloned().collect();
        let remove: Vec<String> =
            ours.difference(&wanted).filter(|member| held.contains(*member)).cloned().collect();
        let delta = sets::Delta { add, remove };
        let result = Value::set(delta.apply(&held));
        Some(FieldWrite::Delta { add: delta.add, remove: delta.remove, result })
    }

    /// Sets are merged by element; returns whether this field is one.
    pub(super) fn set(
        &mut self,
        field: &CompiledField,
        base: Option<&FieldBase>,
        now: Pair<Option<&Value>>,
    ) -> bool {
        let pairs = match &field.mapping.rule {
            Rule::Copy => &[][..],
            Rule::Values { pairs, .. } => pairs,
            _ => return false,
        };
        let is_set = |side| field.kind(side) == Some(FieldKind::Set);
        if !is_set(Side::Source) || !is_set(Side::Target) || left_out(Omission::SetsAsOneValue) {
            return false;
        }
        let members = |value: Option<&Value>| value.and_then(sets::members);
        let (Some(source), Some(target)) = (members(now.source), members(now.target)) else {
            self.notice(
                NoticeKind::Unknown,
                field,
                format!("{} cannot be read", self.labels(field, Side::Source)),
                None,
            );
            return true;
        };
        let held = Pair { source, target };
        let values = held.clone().map(Value::set);
        let Some(base) = base.filter(|base| base.revision == field.revision) else {
            // No base, or one whose meaning changed.
            self.set_base(field, FieldBase::agreed(&field.revision, values.source, values.target));
            return true;
        };
        let known = Pair::from_fn(|side| sets::members(&base.values[side]).unwrap_or_default());
        let writes = Pair::from_fn(|side| field.mapping.direction.writes(side));
        let deltas = sets::merge(pairs, &known, &held, writes);
        if deltas.source.is_empty() && deltas.target.is_empty() {
            let agreed = FieldBase { unsettled: None, ..base.clone() };
            let agreed = FieldBase { values: values.clone(), ..agreed };
            if agreed != *base {
                self.set_base(field, agreed);
            }
            return true;
        }
        for side in Side::BOTH {
            let delta = &deltas[side];
            let Some(id) = field.mapping.fields(side).first().filter(|_| !delta.is_empty()) else {
                continue;
            };
            let after = FieldWrite::Delta {
                add: delta.add.clone(),
                remove: delta.remove.clone(),
                result: Value::set(delta.apply(&held[side])),
            };
            let other = side.opposite();
            // As read: what goes to the other side in this very plan is not there yet.
            let read = values[other].clone();
            let reason = format!("{} changed in {}", self.labels(field, other), self.platform(other));
            let change = self.change(field, id.clone(), side, values[side].clone(), after, read, reason);
            self.updates[side].push(change);
        }
        true
    }
}
