//! The match rule: whether a new ticket has a counterpart that people made already (hazards.md H12). Looking for it is
//! the application's; what was found is judged here.

use super::base::FieldBase;
use super::comments::text_hash;
use super::create::{Standing, blank, standing, takes_part};
use super::link::{LedgerEntry, LedgerKind, LedgerState};
use super::operation::{Notice, NoticeKind, Operation, OperationKind, TicketPlan};
use super::plan::Setting;
use crate::ids::{FieldId, TicketId};
use crate::mapping::condition::Verdict;
use crate::mapping::transform::input;
use crate::mapping::{CompiledField, MatchRule, Rules};
use crate::side::{Pair, Side};
use crate::ticket::{Ticket, Value, Visibility};

/// The name that stands for a ticket's own key.
pub const KEY: &str = "key";

/// What a ticket is matched by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchValue {
    /// In the form in which two values are compared.
    Text(String),
    /// Nothing to match by.
    Empty,
    /// It cannot be read or compared, with the reason: decides nothing (hazards.md H18).
    Unknown(String),
}

impl MatchRule {
    /// The field that is compared on `side`.
    pub fn field(&self, side: Side) -> &FieldId {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }
}

/// What the ticket holds in the match field, as it is asked for on the other side.
pub fn held(rule: &MatchRule, side: Side, ticket: &Ticket) -> Option<Value> {
    match rule.field(side) {
        field if field.as_str() == KEY => Some(Value::text(&ticket.key)),
        field => ticket.value(field).cloned(),
    }
}

/// What a ticket of `side` is matched by.
pub fn match_value(rule: &MatchRule, side: Side, ticket: &Ticket) -> MatchValue {
    let field = rule.field(side);
    match held(rule, side, ticket) {
        None => MatchValue::Unknown(format!("{field} cannot be read")),
        Some(Value::Empty) => MatchValue::Empty,
        Some(value) => match folded(&value) {
            Some(text) if text.is_empty() => MatchValue::Empty,
            Some(text) => MatchValue::Text(text),
            None => MatchValue::Unknown(format!("{field} holds no text or number")),
        },
    }
}

/// The form in which values are compared: trimmed, in lower case; `None` where equality across platforms says nothing.
pub fn folded(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Number(text) => Some(text.trim().to_lowercase()),
        _ => None,
    }
}

/// A ticket of the other side that holds the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: TicketId,
    pub key: String,
    /// Why it cannot be linked without a person: `CSD-7 is linked with INC1`.
    pub obstacle: Option<String>,
}

/// What the candidates come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// This one alone is the counterpart.
    One(TicketId),
    /// A person must decide, for this reason.
    Unclear(String),
    Nobody,
}

/// Judges the candidates for the ticket called `key`. `rivals` are the keys of tickets of its own side that match the
/// same and are as free as it is.
pub fn judge(key: &str, candidates: &[Candidate], rivals: &[String]) -> Match {
    match candidates {
        [] => Match::Nobody,
        [Candidate { obstacle: Some(why), .. }] => Match::Unclear(why.clone()),
        [only] if rivals.is_empty() => Match::One(only.id.clone()),
        [only] => Match::Unclear(format!("{} matches {} as well as {key}", only.key, named(rivals))),
        several => {
            let keys: Vec<String> = several.iter().map(|candidate| candidate.key.clone()).collect();
            Match::Unclear(format!("{} tickets match: {}", several.len(), named(&keys)))
        }
    }
}

fn named(keys: &[String]) -> String {
    const SHOWN_MAX: usize = 4;
    match keys {
        [head @ .., last] if !head.is_empty() && keys.len() <= SHOWN_MAX => {
            format!("{} and {last}", head.join(", "))
        }
        _ if keys.len() <= SHOWN_MAX => keys.concat(),
        _ => format!("{} and more", keys[..SHOWN_MAX].join(", ")),
    }
}

/// A ticket of `side` as a candidate; `None` when the filter leaves it out. What the store knows of it is the caller's.
pub fn candidate(ticket: &Ticket, side: Side, setting: Setting<'_>) -> Option<Candidate> {
    if matches!(setting.rules.mapping.filter[side].judge(ticket), Verdict::Fails(_)) {
        return None;
    }
    let why = match standing(ticket, side, setting) {
        Standing::New => takes_part(ticket, side, setting).err(),
        Standing::UnexplainedOwn => Some("it was created as our user, and nothing explains it".to_owned()),
        Standing::Marked(_) => Some("Lockstep created it, and its link is not known here".to_owned()),
        Standing::Unknown(why) => Some(why),
    };
    let obstacle = why.map(|why| format!("{} matches, but {why}", ticket.key));
    Some(Candidate { id: ticket.id.clone(), key: ticket.key.clone(), obstacle })
}

/// The row that links `tickets`, where the one of `from` is new. Both sides keep what they hold.
pub fn plan_match(rule: &MatchRule, tickets: Pair<&Ticket>, from: Side, setting: Setting<'_>) -> TicketPlan {
    let (ticket, other) = (tickets[from], tickets[from.opposite()]);
    let mut plan = blank(ticket, from, setting);
    plan.keys = tickets.map(|ticket| Some(ticket.key.clone()));
    plan.versions = tickets.map(|ticket| Some(ticket.version));
    plan.operations.push(Operation {
        side: from.opposite(),
        kind: OperationKind::Link {
            other: other.id.clone(),
            other_key: other.key.clone(),
            bases: agreed(setting.rules, tickets),
        },
        reason: format!("{} and {} match: {}", ticket.key, other.key, fields(rule, setting.rules)),
        customer_sees: false,
    });
    plan
}

/// The row that says why the new ticket was neither linked nor copied.
pub fn plan_told(
    ticket: &Ticket,
    from: Side,
    setting: Setting<'_>,
    kind: NoticeKind,
    message: String,
    remedy: Option<String>,
) -> TicketPlan {
    let mut plan = blank(ticket, from, setting);
    plan.notices.push(Notice { kind, mapping: None, message, remedy });
    plan
}

/// The two fields with their labels: `Number = External reference`.
pub fn fields(rule: &MatchRule, rules: &Rules) -> String {
    let label = |side: Side| match rule.field(side) {
        field if field.as_str() == KEY => format!("the key in {}", rules.labels[side]),
        field => rules.schemas[side].label(field).to_owned(),
    };
    format!("{} = {}", label(Side::Source), label(Side::Target))
}

/// Both sides keep what they hold: that is what they agree on from now on (hazards.md H22).
pub fn agreed(rules: &Rules, tickets: Pair<&Ticket>) -> Vec<(String, FieldBase)> {
    let of = |field: &CompiledField| {
        let source = input(field, Side::Source, tickets.source)?;
        let target = input(field, Side::Target, tickets.target)?;
        Some((field.key.clone(), FieldBase::agreed(&field.revision, source, target)))
    };
    rules.fields.iter().filter_map(of).collect()
}

/// The comments and files that both tickets have now; what is not among them is new (hazards.md H42). `None` when a list
/// could not be read whole.
pub fn accounted(tickets: Pair<&Ticket>) -> Option<Vec<LedgerEntry>> {
    let mut entries = Vec::new();
    for side in Side::BOTH {
        let entry = |kind, id: &str, edited_ms, hash, visibility| LedgerEntry {
            kind,
            side,
            id: id.to_owned(),
            copy: None,
            state: LedgerState::Accounted,
            edited_ms,
            hash,
            visibility,
        };
        for comment in tickets[side].comments.as_ref()? {
            let hash = text_hash(&comment.body);
            let id = comment.id.as_str();
            entries.push(entry(LedgerKind::Comment, id, comment.updated_ms, hash, comment.visibility));
        }
        for file in tickets[side].attachments.as_ref()? {
            let hash = file.sha256.as_deref().unwrap_or_default().chars().take(16).collect();
            let id = file.id.as_str();
            entries.push(entry(LedgerKind::Attachment, id, file.created_ms, hash, Visibility::Unknown));
        }
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(key: &str) -> Candidate {
        Candidate { id: key.into(), key: key.to_owned(), obstacle: None }
    }

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn one_free_candidate_is_the_counterpart() {
        assert_eq!(judge("INC1", &[free("CSD-1")], &[]), Match::One("CSD-1".into()));
        assert_eq!(judge("INC1", &[], &keys(&["INC2"])), Match::Nobody, "rivals for nothing");
    }

    #[test]
    fn several_or_taken_ones_are_for_a_person() {
        let unclear =
            |candidates: &[Candidate], rivals: &[&str]| match judge("INC1", candidates, &keys(rivals)) {
                Match::Unclear(why) => why,
                other => panic!("{other:?}"),
            };
        assert_eq!(unclear(&[free("CSD-1"), free("CSD-2")], &[]), "2 tickets match: CSD-1 and CSD-2");
        let taken = Candidate { obstacle: Some("CSD-1 is linked with INC9".to_owned()), ..free("CSD-1") };
        assert_eq!(unclear(std::slice::from_ref(&taken), &[]), "CSD-1 is linked with INC9");
        unclear(&[taken, free("CSD-2")], &[]);
        assert_eq!(unclear(&[free("CSD-1")], &["INC2"]), "CSD-1 matches INC2 as well as INC1");
        let many: Vec<Candidate> = (1..=6).map(|number| free(&format!("CSD-{number}"))).collect();
        assert!(unclear(&many, &[]).ends_with("CSD-3, CSD-4 and more"));
    }

    #[test]
    fn texts_and_numbers_are_compared_trimmed_and_without_regard_to_case() {
        let same = |a: Value, b: Value| folded(&a).is_some() && folded(&a) == folded(&b);
        assert!(same(Value::Text("  Inc001 ".into()), Value::Text("INC001".into())));
        assert!(same(Value::Number("42".into()), Value::Text("42".into())));
        assert!(same(Value::Text("Ärger".into()), Value::Text("ÄRGER".into())));
        assert!(!same(Value::Choice("1".into()), Value::Choice("1".into())), "ids of two platforms");
        assert!(!same(Value::Empty, Value::Empty));
    }
}
