//! Which base counts, and how far: mappings that wait for a status, bases of another revision, copies that came back
//! with less than they were made of.

use super::{Planning, Side};
use crate::mapping::transform::carry_value;
use crate::mapping::{CompiledField, Direction, Rule, Write};
use crate::omission::{Omission, left_out};
use crate::schema::FieldKind;
use crate::side::Pair;
use crate::sync::base::FieldBase;
use crate::ticket::Value;

impl Planning<'_> {
    /// While a mapping waits for a status, what both sides hold at first becomes its base: a change made from then on
    /// is carried once the status is reached.
    pub(super) fn wait_for_status(&mut self, field: &CompiledField, now: &Pair<Option<Value>>) {
        let waits =
            matches!(field.mapping.write, Write::WhileStatus(_)) && !self.view.bases.contains_key(&field.key);
        if let (true, Some(source), Some(target)) = (waits, &now.source, &now.target) {
            self.set_base(field, FieldBase::agreed(&field.revision, source.clone(), target.clone()));
        }
    }

    /// A base of another revision stays in force while its two values still stand for each other under the mapping of
    /// today: what changed since, and perhaps waits for the very pair that was added, is not lost. Where the meaning
    /// changed it is left as it is and renewed without writing (hazards.md H22).
    pub(super) fn carried_over(&self, field: &CompiledField, base: FieldBase) -> FieldBase {
        let composed = matches!(field.mapping.rule, Rule::Description(_) | Rule::Text { .. });
        if base.revision == field.revision || composed {
            return base;
        }
        let stands = Side::BOTH.iter().any(|to| {
            let from = to.opposite();
            let (ticket, context) = (self.view.tickets[from], self.setting.context());
            // An empty value means the same under any mapping.
            let same = || {
                carry_value(field, from, &base.values[from], ticket, context).value()
                    == Some(&base.values[*to])
            };
            field.mapping.direction.writes(*to) && (base.values[from].is_empty() || same())
        });
        if stands { FieldBase { revision: field.revision.clone(), ..base } } else { base }
    }

    /// Whether the copy on `from` holds less than what it was made of: then an edit of it cannot simply replace the
    /// original on `to` (hazards.md H27).
    pub(super) fn came_back_lossy(&self, field: &CompiledField, to: Side, base: Option<&FieldBase>) -> bool {
        let from = to.opposite();
        let text = |side| field.kind(side).is_some_and(FieldKind::is_text);
        let both = field.mapping.direction == Direction::Both && field.mapping.rule == Rule::Copy;
        let Some(base) = base.filter(|_| both && text(Side::Source) && text(Side::Target)) else {
            return false;
        };
        if left_out(Omission::LossyCopyComesHome) {
            return false;
        }
        let (ticket, context) = (self.view.tickets[from], self.setting.context());
        let copied = carry_value(field, to, &base.values[to], self.view.tickets[to], context);
        let returned = carry_value(field, from, &base.values[from], ticket, context);
        copied.value() == Some(&base.values[from]) && returned.value() != Some(&base.values[to])
    }
}
