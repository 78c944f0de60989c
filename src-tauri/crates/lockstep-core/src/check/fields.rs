//! Each field mapping by itself: its fields are there, may be written, meet by type, and keep their text.

use super::ProblemCode as Code;
use super::{At, Checker, Level, Place};
use crate::ids::FieldId;
use crate::mapping::transform::placeholders;
use crate::mapping::{OnConflict, Rule, Write};
use crate::omission::{Omission, left_out};
use crate::schema::FieldKind;
use crate::side::Side;

impl Checker<'_> {
    pub(super) fn field(&mut self, at: At<'_>) {
        let place = self.at(at, None, None);
        let shaped = self.count(at, &place);
        let mut there = shaped;
        for side in Side::BOTH {
            for id in at.fields(side) {
                there &= self.exists(&place, side, id);
            }
        }
        for (side, id) in also_reads(at) {
            there &= matches!(id.as_str(), "key" | "url") || self.exists(&place, side, &id);
        }
        for side in Side::BOTH {
            if at.writes(side) {
                for id in at.fields(side) {
                    self.writable(&place, side, id, &at.field.mapping.write);
                }
            }
        }
        self.while_status(at, &place);
        if at.field.mapping.on_conflict == OnConflict::NewestWins {
            let message = "Newest wins needs the time of this very field's change from both platforms, and no platform gives it yet.";
            let fix = "Expect to be asked, or choose a side that wins.";
            self.add(Level::Note, Code::NewestAsks, place.clone(), message, fix);
        }
        if there {
            for to in Side::BOTH {
                if at.writes(to) {
                    self.meet(at, &place, to);
                }
            }
            self.rule(at, &place);
        }
    }

    /// Whether each side has as many fields as the rule can deal with.
    fn count(&mut self, at: At<'_>, place: &Place) -> bool {
        let mapping = &at.field.mapping;
        let mut good = true;
        for to in Side::BOTH {
            if !at.writes(to) {
                continue;
            }
            let (received, sent) = (mapping.fields(to).len(), mapping.fields(to.opposite()).len());
            let sent_good = match &mapping.rule {
                Rule::Matrix { .. } => sent >= 2 || to == Side::Source,
                Rule::Constant { .. } | Rule::Text { .. } | Rule::Description(_) => true,
                Rule::Copy | Rule::Values { .. } | Rule::Person { .. } => sent == 1,
            };
            if received != 1 && !matches!(mapping.rule, Rule::Matrix { .. }) || received == 0 {
                let message = format!(
                    "It must write exactly one {} field, and it names {received}.",
                    self.platform(to)
                );
                self.add(Level::Error, Code::FieldCount, place.clone(), message, "Name one field to write.");
                good = false;
            } else if !sent_good {
                let wanted = if matches!(mapping.rule, Rule::Matrix { .. }) {
                    "several fields"
                } else {
                    "exactly one field"
                };
                let message = format!(
                    "It must read {wanted} of {}, and it names {sent}.",
                    self.platform(to.opposite())
                );
                self.add(
                    Level::Error,
                    Code::FieldCount,
                    place.clone(),
                    message,
                    format!("Name {wanted} to read."),
                );
                good = false;
            }
        }
        good
    }

    /// Reports a field that cannot be written; says whether it can.
    pub(super) fn writable(&mut self, place: &Place, side: Side, id: &FieldId, write: &Write) -> bool {
        let Some(field) = self.found(side, id) else {
            return false;
        };
        let name = self.name(side, id);
        let calculated = self.capabilities[side].platform == "servicenow" && id.as_str() == "priority";
        if calculated {
            let message =
                format!("{name} is calculated from impact and urgency: what is written there does not stay.");
            self.add(
                Level::Error,
                Code::FieldCalculated,
                place.clone(),
                message,
                "Map Impact and Urgency instead.",
            );
            return false;
        }
        if let Some(why) = &field.read_only {
            let message = format!("{name} cannot be written: {why}.");
            let code = if why.contains("calculated") { Code::FieldCalculated } else { Code::FieldReadOnly };
            self.add(
                Level::Error,
                code,
                place.clone(),
                message,
                "Choose a field that this account may write, or turn the direction.",
            );
            return false;
        }
        if *write == Write::OnCreate && !field.on_create {
            let message = format!(
                "{name} is written on create only, and a create in {} cannot take it.",
                self.platform(side)
            );
            let fix = "Write it always, or put the field on the create screen.";
            self.add(Level::Error, Code::NotOnCreate, place.clone(), message, fix);
            return false;
        }
        true
    }

    /// Whether the fields of one direction can meet by the rule.
    fn meet(&mut self, at: At<'_>, place: &Place, to: Side) {
        let from = to.opposite();
        let one_way = match &at.field.mapping.rule {
            Rule::Description(_) => Some((Side::Target, "A built description")),
            Rule::Matrix { .. } => Some((Side::Target, "A matrix")),
            _ => None,
        };
        if let Some((only, what)) = one_way
            && to != only
        {
            let message = format!("{what} flows from source to target only: it cannot be read back.");
            self.add(
                Level::Error,
                Code::DirectionNotPossible,
                place.clone(),
                message,
                "Set the direction to source to target.",
            );
            return;
        }
        let both = at.writes(from) && at.writes(to);
        if both
            && to == Side::Target
            && matches!(at.field.mapping.rule, Rule::Text { .. } | Rule::Constant { .. })
        {
            let message = "A fixed value or composed text flows one way only.";
            self.add(
                Level::Error,
                Code::DirectionNotPossible,
                place.clone(),
                message,
                "Choose one direction.",
            );
            return;
        }
        let Some(received) = at.field.kind(to) else {
            return;
        };
        let sent = at.field.kind(from);
        match (&at.field.mapping.rule, sent) {
            (Rule::Copy, Some(sent)) => self.copied(at, place, to, sent, received),
            (Rule::Values { .. }, Some(sent)) => self.paired(at, place, to, sent, received),
            (Rule::Person { .. }, Some(sent))
                if (sent, received) != (FieldKind::Person, FieldKind::Person) =>
            {
                let side = if sent == FieldKind::Person { to } else { from };
                let message = format!("{} holds no person.", self.name(side, &at.fields(side)[0]));
                let fix = "Choose person fields on both sides, or another rule.";
                self.add(Level::Error, Code::NotAPerson, place.clone(), message, fix);
            }
            (Rule::Text { .. } | Rule::Description(_), _) => {
                if !received.is_text() {
                    let message = format!("{} holds no text.", self.name(to, &at.fields(to)[0]));
                    self.add(
                        Level::Error,
                        Code::TypesDoNotFit,
                        place.clone(),
                        message,
                        "Choose a text field to write.",
                    );
                }
                self.room(at, place, to);
            }
            _ => {}
        }
    }

    fn copied(&mut self, at: At<'_>, place: &Place, to: Side, sent: FieldKind, received: FieldKind) {
        let from = to.opposite();
        let (sender, receiver) = (self.name(from, &at.fields(from)[0]), self.name(to, &at.fields(to)[0]));
        let error = |code, message: String, fix: &str| (code, message, fix.to_owned());
        let found = match (sent, received) {
            (FieldKind::Date, FieldKind::DateTime) | (FieldKind::DateTime, FieldKind::Date)
                if left_out(Omission::DatesMeetTimes) =>
            {
                return;
            }
            (FieldKind::Date, FieldKind::DateTime) | (FieldKind::DateTime, FieldKind::Date) => error(
                Code::DateNeedsZone,
                format!(
                    "{sender} and {receiver}: a date and a date with time meet only in a time zone, and none can be named yet."
                ),
                "Choose a field of the same kind.",
            ),
            (FieldKind::Group, FieldKind::Group | FieldKind::Reference)
            | (FieldKind::Reference, FieldKind::Group) => error(
                Code::GroupWithoutTable,
                format!(
                    "{sender} names a group of {}, which {} does not know.",
                    self.platform(from),
                    self.platform(to)
                ),
                "Use the rule Values and pair the groups.",
            ),
            (FieldKind::Person, FieldKind::Person) => error(
                Code::TypesDoNotFit,
                format!(
                    "{sender} names a person of {}, whom {} knows by another id.",
                    self.platform(from),
                    self.platform(to)
                ),
                "Use the rule Match by email.",
            ),
            _ if !copy_fits(sent, received) => {
                let picklists = matches!(received, FieldKind::Choice | FieldKind::Status);
                let fix = if picklists {
                    "Use the rule Values, or choose another field."
                } else {
                    "Choose another field."
                };
                error(Code::TypesDoNotFit, format!("{sender} cannot be copied into {receiver}."), fix)
            }
            _ => {
                self.room(at, place, to);
                self.copied_ids(at, place, to);
                return;
            }
        };
        self.add(Level::Error, found.0, place.clone(), found.1, found.2);
    }

    /// A picklist copied as it is needs the same ids on both sides.
    fn copied_ids(&mut self, at: At<'_>, place: &Place, to: Side) {
        let from = to.opposite();
        let (sender, receiver) = (at.fields(from)[0].clone(), at.fields(to)[0].clone());
        if at.field.kind(to) != Some(FieldKind::Choice) {
            return;
        }
        let (Some(sent), Some(offered)) = (self.options(from, &sender), self.options(to, &receiver)) else {
            return;
        };
        let strange: Vec<String> = sent
            .iter()
            .filter(|id| !offered.contains(*id))
            .map(|id| self.value_label(from, &sender, id))
            .collect();
        if strange.is_empty() {
            return;
        }
        let message = format!("{} does not offer {}.", self.name(to, &receiver), super::listed(&strange));
        let level = if strange.len() == sent.len() { Level::Error } else { Level::Warning };
        self.add(level, Code::ValueGone, place.clone(), message, "Use the rule Values and pair them.");
    }

    fn paired(&mut self, at: At<'_>, place: &Place, to: Side, sent: FieldKind, received: FieldKind) {
        let from = to.opposite();
        if matches!(sent, FieldKind::Rich | FieldKind::Date | FieldKind::DateTime) {
            let message = format!("{} holds no value of a list.", self.name(from, &at.fields(from)[0]));
            self.add(
                Level::Error,
                Code::TypesDoNotFit,
                place.clone(),
                message,
                "Choose a field with a list of values.",
            );
        } else if sent == FieldKind::Set && received != FieldKind::Set {
            let (sender, receiver) = (self.name(from, &at.fields(from)[0]), self.name(to, &at.fields(to)[0]));
            let message = format!("{sender} holds several values and {receiver} only one.");
            self.add(
                Level::Error,
                Code::TypesDoNotFit,
                place.clone(),
                message,
                "Choose a field that holds several values.",
            );
        }
    }

    /// Whether a text keeps its length and its formatting.
    fn room(&mut self, at: At<'_>, place: &Place, to: Side) {
        let from = to.opposite();
        let receiver = &at.fields(to)[0];
        let Some(received) = self.found(to, receiver).filter(|field| field.kind.is_text()) else {
            return;
        };
        let sender = match &at.field.mapping.rule {
            Rule::Description(layout) => Some(&layout.original),
            Rule::Text { .. } => None,
            _ => at.fields(from).first(),
        };
        let sent = sender.and_then(|id| self.found(from, id)).filter(|field| field.kind.is_text());
        let Some(sent) = sent else {
            return;
        };
        let built = matches!(at.field.mapping.rule, Rule::Description(_));
        if let Some(room) = received.chars_max
            && (built || sent.chars_max.is_none_or(|longest| longest > room))
        {
            let sender = self.name(from, &sent.id);
            let holds = sent
                .chars_max
                .map_or("without a known limit".to_owned(), |longest| format!("up to {longest} characters"));
            let receiving = self.name(to, receiver);
            let message = if built {
                format!(
                    "The built lines and {sender} may not fit into {receiving} together: it takes {room} characters."
                )
            } else {
                format!("{sender} ({holds}) may not fit into {receiving}: it takes {room}.")
            };
            let fix = "Longer text is cut and the cut is marked; choose a longer field to keep all of it.";
            self.add(Level::Warning, Code::TextTooLong, place.clone(), message, fix);
        }
        if sent.kind == FieldKind::Rich && received.kind != FieldKind::Rich {
            let message = format!(
                "{} is plain: formatting, tables, mentions and pictures become text.",
                self.name(to, receiver)
            );
            let fix = if at.writes(from) {
                "An edit of the plain copy is asked about instead of replacing the formatted text; map it one way to avoid that."
            } else {
                "Choose a formatted field to keep them."
            };
            self.add(Level::Note, Code::RichTextFlattened, place.clone(), message, fix);
        }
    }

    fn while_status(&mut self, at: At<'_>, place: &Place) {
        let Write::WhileStatus(wanted) = &at.field.mapping.write else {
            return;
        };
        let side = if at.writes(Side::Target) { Side::Source } else { Side::Target };
        let Some(status) = self.schema(side).status_field.clone() else {
            let message = format!("It acts only in a status, and {} has none here.", self.platform(side));
            self.add(Level::Warning, Code::NeverHolds, place.clone(), message, "Let it act always.");
            return;
        };
        let Some(known) = self.options(side, &status) else {
            return;
        };
        let strange: Vec<String> =
            wanted.iter().filter(|id| !known.contains(&id.as_str())).cloned().collect();
        if strange.len() == wanted.len() {
            let message =
                format!("It acts only in a status that {} does not offer.", self.name(side, &status));
            self.add(
                Level::Warning,
                Code::NeverHolds,
                place.clone(),
                message,
                "Choose a status that exists.",
            );
        } else if !strange.is_empty() {
            let message = format!("{} has no status {}.", self.platform(side), super::listed(&strange));
            self.add(Level::Warning, Code::ValueGone, place.clone(), message, "Take it out of the list.");
        }
    }
}

/// Fields that a rule reads besides those it joins.
pub(super) fn also_reads(at: At<'_>) -> Vec<(Side, FieldId)> {
    match &at.field.mapping.rule {
        Rule::Description(layout) => {
            let lines = layout.lines.iter().filter_map(|line| line.field.clone());
            lines.chain([layout.original.clone()]).map(|id| (Side::Source, id)).collect()
        }
        Rule::Text { template } => Side::BOTH
            .into_iter()
            .filter(|side| at.writes(side.opposite()))
            .flat_map(|side| placeholders(template).map(move |name| (side, FieldId::from(name))))
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether `transform::copy` can carry a value of kind `sent` into a field of kind `received`.
pub(super) fn copy_fits(sent: FieldKind, received: FieldKind) -> bool {
    use FieldKind as K;
    match (sent, received) {
        (_, received) if received.is_text() => true,
        (K::Choice | K::Status, K::Choice | K::Set) | (K::Line | K::Text, K::Set) => true,
        (K::Set | K::Number | K::Boolean | K::Date | K::DateTime, _) => sent == received,
        _ => false,
    }
}
