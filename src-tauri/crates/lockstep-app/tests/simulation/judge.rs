//! The referee: watches the platforms' own state, never the engine's. It knows which writes of people each side's value
//! descends from, and so which write overwrites what.

use std::collections::BTreeMap;

use lockstep_core::side::{Pair, Side};
use lockstep_sandbox::Facts;

use crate::actors::{Said, case_of, title_of};
use crate::scenario::Variant;

/// A broken law (reliability.md §4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub law: &'static str,
    pub what: String,
}

/// Who changed the state that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Engine,
    Person,
}

/// The two-way fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    Title,
    Status,
    Assignee,
}

impl Shared {
    pub const ALL: [Shared; 3] = [Shared::Title, Shared::Status, Shared::Assignee];

    fn value(self, facts: &Facts, side: Side) -> String {
        let name = match (self, side) {
            (Shared::Title, _) => return title_of(facts, side).trim().to_owned(),
            (Shared::Status, Side::Source) => "state",
            (Shared::Status, Side::Target) => "status",
            (Shared::Assignee, Side::Source) => "assigned_to",
            (Shared::Assignee, Side::Target) => "assignee",
        };
        facts.fields[name].clone()
    }

    /// Whether the two values stand for each other.
    fn agree(self, values: &Pair<String>) -> bool {
        match self {
            Shared::Status => STATUS.contains(&(values.source.as_str(), values.target.as_str())),
            _ => values.source == values.target,
        }
    }

    /// The name its conflicts go by.
    pub fn label(self) -> &'static str {
        match self {
            Shared::Title => "Short description",
            Shared::Status => "State",
            Shared::Assignee => "Assigned to",
        }
    }
}

/// The status pairs of the mapping, either way.
const STATUS: [(&str, &str); 8] = [
    ("1", "10000"),
    ("2", "3"),
    ("3", "10011"),
    ("3", "10010"),
    ("6", "5"),
    ("6", "6"),
    ("7", "6"),
    ("8", "10012"),
];

/// What each side's value of a field descends from.
#[derive(Debug, Clone, Default)]
struct Descent {
    /// Writes of people, a bit each.
    seen: Pair<u128>,
    /// The same; that two sides happened to be equal joins nothing here.
    carried: Pair<u128>,
    writes: u32,
    /// Pairs of values that both sides stood at together.
    agreed: Vec<Pair<String>>,
}

/// Something a person said, with what became of it.
#[derive(Debug, Clone)]
struct Content {
    side: Side,
    /// The comment's word, and the words that replaced it; or the file's name.
    words: Vec<String>,
}

/// One ticket and its copy.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Where people made it.
    pub origin: Option<Side>,
    pub tickets: Pair<Option<String>>,
    fields: BTreeMap<Shared, Descent>,
    comments: Vec<Content>,
    files: Vec<Content>,
    /// A person took it out of the sync at some time.
    pub gone: bool,
    pub marker_wiped: bool,
}

/// A value of a person's that was overwritten although nothing shows that the new one knew of it.
#[derive(Debug, Clone)]
pub struct Suspect {
    pub what: String,
    /// The person wrote in this very run, so that a report by it will do (H19).
    pub same_run: bool,
}

/// What people are shown in Lockstep itself: conflicts, and what waits for them.
#[derive(Debug, Default)]
pub struct Shown {
    /// Label of the field, by ticket of either side.
    pub conflicts: Vec<(String, String)>,
    /// Those of them that hold a value which a write of ours replaced.
    pub replaced: Vec<(String, String)>,
    /// Tickets, of either side, that wait for a person, with the sentence.
    pub held: Vec<(String, String)>,
}

impl Shown {
    /// Whether the conflict holds a value that was replaced in the last moment (H19).
    fn holds_replaced(&self, case: &Case, field: Shared) -> bool {
        self.replaced.iter().any(|(ticket, label)| case.has(ticket) && label == field.label())
    }

    fn has_conflict(&self, case: &Case, field: Shared) -> bool {
        self.conflicts.iter().any(|(ticket, label)| case.has(ticket) && label == field.label())
    }

    fn holds(&self, case: &Case) -> bool {
        self.held.iter().any(|(ticket, _)| case.has(ticket))
    }
}

impl Case {
    fn has(&self, ticket: &str) -> bool {
        Side::BOTH.into_iter().any(|side| self.tickets[side].as_deref() == Some(ticket))
    }
}

pub struct Judge {
    variant: Variant,
    facts: Pair<BTreeMap<String, Facts>>,
    pub cases: BTreeMap<usize, Case>,
    pub violations: Vec<Violation>,
    pub suspects: Vec<Suspect>,
    /// People's writes of the run at work: case, field, side and bit.
    in_run: Vec<(usize, Shared, Side, u128)>,
    pub running: bool,
    /// An older store came back: what fields descended from is forgotten.
    pub store_returned: bool,
    /// A person decided conflicts, so that a side wins by order.
    pub deciding: bool,
    pub state_is_forced: bool,
    pub title_is_kept: bool,
    /// A write was carried out after its time, which nobody can prevent (H4).
    pub late_writes: bool,
    people_at_start: Option<Pair<usize>>,
}

/// Who writes for Lockstep.
fn is_us(user: &str) -> bool {
    user.starts_with("lockstep")
}

impl Judge {
    pub fn new(variant: Variant) -> Judge {
        Judge {
            variant,
            facts: Pair::default(),
            cases: BTreeMap::new(),
            violations: Vec::new(),
            suspects: Vec::new(),
            in_run: Vec::new(),
            running: false,
            store_returned: false,
            deciding: false,
            state_is_forced: false,
            title_is_kept: false,
            late_writes: false,
            people_at_start: None,
        }
    }

    pub fn begin_run(&mut self) {
        self.in_run.clear();
        self.running = true;
    }

    pub fn broken(&mut self, law: &'static str, what: String) {
        if !self.violations.iter().any(|known| known.law == law && known.what == what) {
            self.violations.push(Violation { law, what });
        }
    }

    /// What a person did besides what the platforms show.
    pub fn hear(&mut self, said: Said) {
        match said {
            Said::Comment { case, side, word } => {
                self.cases.entry(case).or_default().comments.push(Content { side, words: vec![word] });
            }
            Said::File { case, side, name } => {
                self.cases.entry(case).or_default().files.push(Content { side, words: vec![name] });
            }
            Said::Gone { case } => self.cases.entry(case).or_default().gone = true,
            Said::MarkerWiped { case } => self.cases.entry(case).or_default().marker_wiped = true,
            Said::Edited { word, with } => {
                let comments = self.cases.values_mut().flat_map(|case| case.comments.iter_mut());
                for comment in comments.filter(|comment| comment.words.contains(&word)) {
                    comment.words.push(with.clone());
                }
            }
        }
    }

    /// Looks at all tickets of a side after something was written there.
    pub fn look(&mut self, side: Side, now: Vec<Facts>, cause: Cause) {
        for facts in now {
            let old = self.facts[side].get(&facts.id).cloned();
            if old.as_ref() == Some(&facts) {
                continue;
            }
            match old {
                None => self.made(side, &facts),
                Some(old) => self.changed(side, &old, &facts, cause),
            }
            let id = facts.id.clone();
            self.facts[side].insert(id, facts);
        }
        if cause == Cause::Engine {
            self.no_duplicates(side);
        }
        self.note_agreements(cause);
    }

    /// A ticket with this birthmark appeared.
    fn made(&mut self, side: Side, facts: &Facts) {
        let Some(number) = case_of(facts) else { return };
        let case = self.cases.entry(number).or_default();
        if case.tickets[side].is_some() {
            return;
        }
        case.tickets[side] = Some(facts.id.clone());
        match case.origin {
            None => case.origin = Some(side),
            Some(origin) => {
                for field in Shared::ALL {
                    let descent = case.fields.entry(field).or_default();
                    descent.seen[side] = descent.seen[origin];
                    descent.carried[side] = descent.carried[origin];
                }
            }
        }
    }

    fn changed(&mut self, side: Side, old: &Facts, new: &Facts, cause: Cause) {
        // A clone gets its birthmark a moment after it was made.
        if case_of(old) != case_of(new) || case_of(new).is_some_and(|n| !self.cases.contains_key(&n)) {
            self.made(side, new);
        }
        let Some(number) = case_of(new) else { return };
        if self.cases.get(&number).is_none_or(|case| case.tickets[side].as_deref() != Some(new.id.as_str())) {
            return;
        }
        for field in Shared::ALL {
            let (before, after) = (field.value(old, side), field.value(new, side));
            if before != after {
                match cause {
                    Cause::Person => self.person_wrote(number, field, side),
                    Cause::Engine => self.engine_wrote(number, field, side, (&before, &after), &new.key),
                }
            }
        }
        if cause == Cause::Engine {
            self.content_at_most_once(number, side, new);
            self.visibility(number, side, old, new);
        }
    }

    fn person_wrote(&mut self, number: usize, field: Shared, side: Side) {
        let running = self.running;
        let Some(case) = self.cases.get_mut(&number) else { return };
        let descent = case.fields.entry(field).or_default();
        let bit = 1u128 << descent.writes.min(127);
        descent.writes += 1;
        descent.seen[side] |= bit;
        descent.carried[side] |= bit;
        if running {
            self.in_run.push((number, field, side, bit));
        }
    }

    /// V4: nothing of a person's is overwritten by what did not know it.
    fn engine_wrote(
        &mut self,
        number: usize,
        field: Shared,
        side: Side,
        (before, after): (&str, &str),
        key: &str,
    ) {
        let Some(case) = self.cases.get_mut(&number) else { return };
        let descent = case.fields.entry(field).or_default();
        let (here, there) = (descent.seen[side], descent.seen[side.opposite()]);
        let lost = here & !there;
        descent.seen[side] = there | here;
        descent.carried[side] |= descent.carried[side.opposite()];
        let stood_together = descent.agreed.iter().rev().take(2).any(|agreed| agreed[side] == before);
        let wins = match (self.variant, field, side) {
            (Variant::SourceWins, Shared::Title, Side::Target) => true,
            (Variant::TargetWins, Shared::Title, Side::Source) => true,
            _ => self.deciding,
        };
        let forced = self.state_is_forced && field == Shared::Status;
        if lost == 0 || stood_together || wins || forced || self.store_returned {
            return;
        }
        descent.seen[side] = there;
        let written_now = |bit: u128| {
            self.in_run.iter().any(|(n, f, s, b)| (*n, *f, *s) == (number, field, side) && *b == bit)
        };
        let same_run = (0..128).map(|at| 1u128 << at).filter(|bit| lost & bit != 0).all(written_now);
        let what = format!(
            "{field:?} of {key} (case {number}) was {before:?}, which a person wrote, and became {after:?}"
        );
        self.suspects.push(Suspect { what, same_run });
    }

    /// The end of a run: what it overwrote at the last moment must be told (H19).
    pub fn end_run(&mut self, told: bool, excused: bool) {
        self.running = false;
        for suspect in std::mem::take(&mut self.suspects) {
            let passes = suspect.same_run && (told || excused);
            if !(passes || self.late_writes) {
                let word = if suspect.same_run { " in the same run, and nobody was told" } else { "" };
                self.broken("V4", format!("{}{word}", suspect.what));
            }
        }
    }

    fn note_agreements(&mut self, cause: Cause) {
        for case in self.cases.values_mut() {
            let (Some(source), Some(target)) = (&case.tickets.source, &case.tickets.target) else { continue };
            let (Some(source), Some(target)) = (self.facts.source.get(source), self.facts.target.get(target))
            else {
                continue;
            };
            for field in Shared::ALL {
                let values = Pair {
                    source: field.value(source, Side::Source),
                    target: field.value(target, Side::Target),
                };
                if !field.agree(&values) {
                    continue;
                }
                let descent = case.fields.entry(field).or_default();
                let all = descent.seen.source | descent.seen.target;
                if cause == Cause::Engine || descent.seen.source == descent.seen.target {
                    descent.seen = Pair { source: all, target: all };
                }
                if descent.agreed.last() != Some(&values) {
                    descent.agreed.push(values);
                }
            }
        }
    }

    /// V1: at most one ticket of ours for each ticket of a person's, at any moment.
    fn no_duplicates(&mut self, side: Side) {
        let mut ours: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for facts in self.facts[side].values().filter(|facts| is_us(&facts.created_by)) {
            if let Some(number) = case_of(facts) {
                ours.entry(number).or_default().push(facts.key.clone());
            }
        }
        for (number, keys) in ours {
            if keys.len() > 1 {
                self.broken("V1", format!("case {number} was copied more than once: {keys:?}"));
            }
            if self.cases.get(&number).is_some_and(|case| case.origin == Some(side)) {
                self.broken("V1", format!("case {number} was copied back to where it came from: {keys:?}"));
            }
        }
    }

    /// V2, at any moment: each comment and file has at most one copy, and none where it came from.
    fn content_at_most_once(&mut self, number: usize, side: Side, facts: &Facts) {
        let Some(case) = self.cases.get(&number) else { return };
        let mut wrong = Vec::new();
        for comment in &case.comments {
            let copies = copies_of(comment, facts);
            if copies > usize::from(comment.side != side) {
                wrong.push(format!(
                    "comment {:?} of case {number} has {copies} copies on {}",
                    comment.words, facts.key
                ));
            }
        }
        for file in &case.files {
            let twins =
                case.files.iter().filter(|other| other.words == file.words && other.side != side).count();
            let copies = files_of(file, facts);
            if copies > twins {
                wrong.push(format!(
                    "file {:?} of case {number} has {copies} copies on {}",
                    file.words, facts.key
                ));
            }
        }
        for what in wrong {
            self.broken("V2", what);
        }
    }

    /// V11: a new comment of ours that everybody reads was public where it came from.
    fn visibility(&mut self, number: usize, side: Side, old: &Facts, new: &Facts) {
        let known: Vec<&str> = old.comments.iter().map(|remark| remark.id.as_str()).collect();
        let fresh = new
            .comments
            .iter()
            .filter(|remark| !known.contains(&remark.id.as_str()) && is_us(&remark.by) && !remark.internal);
        let Some(case) = self.cases.get(&number) else { return };
        let Some(original) =
            case.tickets[side.opposite()].as_ref().and_then(|id| self.facts[side.opposite()].get(id))
        else {
            return;
        };
        let mut wrong = Vec::new();
        for copy in fresh {
            for comment in case.comments.iter().filter(|comment| comment.side != side) {
                let is_copy = comment.words.iter().any(|word| copy.text.contains(word));
                let internal = original.comments.iter().any(|remark| {
                    remark.internal && comment.words.iter().any(|word| remark.text.contains(word))
                });
                if is_copy && internal {
                    wrong.push(format!(
                        "{:?} of case {number} is internal, and its copy on {} is public",
                        comment.words, new.key
                    ));
                }
            }
        }
        for what in wrong {
            self.broken("V11", what);
        }
    }

    pub fn count_people(&mut self, now: Pair<usize>) {
        match &self.people_at_start {
            None => self.people_at_start = Some(now),
            Some(before) if *before == now => {}
            Some(before) => {
                let what = format!("people, groups and organisations were {before:?} and are {now:?}");
                self.broken("V12", what);
            }
        }
    }

    /// What people see, without ids, keys and times.
    pub fn picture(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (number, case) in &self.cases {
            for side in Side::BOTH {
                let Some(facts) = case.tickets[side].as_ref().and_then(|id| self.facts[side].get(id)) else {
                    lines.push(format!("case {number} in {side}: none"));
                    continue;
                };
                let values: Vec<String> = Shared::ALL.iter().map(|field| field.value(facts, side)).collect();
                let mut content: Vec<String> = facts.files.iter().map(|file| file.name.clone()).collect();
                content.extend(facts.comments.iter().map(|remark| {
                    let words: Vec<&str> = remark
                        .text
                        .split("word")
                        .skip(1)
                        .map(|rest| rest.split('.').next().unwrap_or_default())
                        .collect();
                    format!("words {words:?}, internal {}", remark.internal)
                }));
                content.sort();
                lines.push(format!("case {number} in {side}: {values:?} {content:?}"));
            }
        }
        lines
    }

    /// After quiet: everything is on both sides, or people are told why not (V2, V3, V6, V13).
    pub fn at_rest(&mut self, shown: &Shown) {
        let numbers: Vec<usize> = self.cases.keys().copied().collect();
        for number in numbers {
            let case = self.cases[&number].clone();
            if case.gone {
                continue;
            }
            for (law, what) in self.judge_case(number, &case, shown) {
                self.broken(law, what);
            }
        }
    }

    fn judge_case(&self, number: usize, case: &Case, shown: &Shown) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let Some(origin) = case.origin else { return wrong };
        if case.tickets[origin.opposite()].is_none() {
            let copied = origin == Side::Source || self.variant != Variant::OneWayTickets;
            let in_scope = case.tickets[origin].as_ref().and_then(|id| self.facts[origin].get(id));
            let in_scope = in_scope.is_some_and(|facts| facts.place != "OPS");
            if copied && in_scope && !shown.holds(case) {
                wrong.push(("V3", format!("case {number} has no copy, and nobody is told why")));
            }
            return wrong;
        }
        let facts = Pair::from_fn(|side| {
            case.tickets[side].as_ref().and_then(|id| self.facts[side].get(id)).cloned()
        });
        let (Some(source), Some(target)) = (facts.source, facts.target) else { return wrong };
        let facts = Pair { source, target };
        if shown.holds(case) {
            return wrong;
        }
        for field in Shared::ALL {
            let values = Pair::from_fn(|side| field.value(&facts[side], side));
            let conflict = shown.has_conflict(case, field);
            let excused = match field {
                Shared::Status => self.state_is_forced,
                Shared::Title => self.title_is_kept,
                Shared::Assignee => false,
            } || self.store_returned;
            if !field.agree(&values) && !conflict && !excused {
                wrong.push((
                    "V6",
                    format!(
                        "{field:?} of case {number} is {values:?}: {}, {}",
                        facts.source.key, facts.target.key
                    ),
                ));
            }
            if conflict && !shown.holds_replaced(case, field) && !self.store_returned && !excused {
                let seen = case.fields.get(&field).map(|descent| descent.carried).unwrap_or_default();
                if seen.source & !seen.target == 0 || seen.target & !seen.source == 0 {
                    wrong.push((
                        "V4",
                        format!("{field:?} of case {number} is a conflict of nobody's: {values:?}"),
                    ));
                }
            }
        }
        for comment in &case.comments {
            let copies = copies_of(comment, &facts[comment.side.opposite()]);
            let internal = facts[comment.side]
                .comments
                .iter()
                .any(|remark| remark.internal && comment.words.iter().any(|word| remark.text.contains(word)));
            let may = !(internal && self.variant == Variant::PublicOnly);
            if may && copies != 1 {
                wrong.push((
                    "V2",
                    format!("comment {:?} of case {number} has {copies} copies", comment.words),
                ));
            }
        }
        for file in &case.files {
            let twins = case
                .files
                .iter()
                .filter(|other| (other.side, &other.words) == (file.side, &file.words))
                .count();
            let copies = files_of(file, &facts[file.side.opposite()]);
            if copies != twins {
                wrong.push((
                    "V2",
                    format!(
                        "file {:?} of case {number} has {copies} copies and {twins} originals",
                        file.words
                    ),
                ));
            }
        }
        wrong
    }
}

fn copies_of(comment: &Content, facts: &Facts) -> usize {
    let ours = facts.comments.iter().filter(|remark| is_us(&remark.by));
    ours.filter(|remark| comment.words.iter().any(|word| remark.text.contains(word))).count()
}

fn files_of(file: &Content, facts: &Facts) -> usize {
    facts.files.iter().filter(|filed| is_us(&filed.by) && file.words.contains(&filed.name)).count()
}
