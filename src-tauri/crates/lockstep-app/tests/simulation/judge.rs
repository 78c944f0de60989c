//! The referee: watches the platforms' own state, never the engine's. It knows which writes of people each side's value
//! descends from, and so which write overwrites what.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The engine, whose answer was lost, cut or an error: it may not know what it did.
    EngineInDoubt,
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

/// The status that the ways to most others lead through.
const HALF_WAY: &str = "3";

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
    /// What writes brought whose answers did not come back whole: the engine knows it once it has read the value there. A
    /// person's edit on top takes that from it for good, and what it then asks about is nobody's mistake (hazards.md H11, H14).
    doubted: Pair<u128>,
    /// What writes of this run brought: with the process, what it had not written down yet is gone.
    fresh: Pair<u128>,
    /// The same, and a person has edited there since.
    overlaid: Pair<u128>,
    writes: u32,
    /// Pairs of values that both sides stood at together, or that a write of ours made the base.
    agreed: Vec<Pair<String>>,
    /// A status path was cut off on its way: a person's move to where it stands is not told from our own step, and the path
    /// goes on (hazards.md H21).
    path_open: bool,
}

impl Descent {
    /// The bit of another write.
    fn next_bit(&mut self) -> u128 {
        let bit = 1u128 << self.writes.min(127);
        self.writes += 1;
        bit
    }

    /// The engine has read both sides undisturbed: what its doubtful writes brought, and nobody edited since, it knows.
    fn believe(&mut self) {
        for side in Side::BOTH {
            self.carried[side] |= std::mem::take(&mut self.doubted[side]);
        }
    }

    /// A run is over; one that was cut off may not have written down what its last writes brought.
    fn end_run(&mut self, cut_off: bool) {
        for side in Side::BOTH {
            let (fresh, overlaid) =
                (std::mem::take(&mut self.fresh[side]), std::mem::take(&mut self.overlaid[side]));
            if cut_off {
                self.carried[side] &= !(fresh | overlaid);
                self.doubted[side] |= fresh;
            }
        }
    }

    /// The engine wrote on `side` what descends from `brought` on the other one.
    fn carry(&mut self, side: Side, brought: u128, doubt: bool) {
        let brought = brought | self.doubted[side];
        if doubt {
            self.doubted[side] = brought & !self.carried[side];
        } else {
            self.fresh[side] |= brought & !self.carried[side];
            self.carried[side] |= brought;
            self.doubted[side] = 0;
        }
    }
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

/// A write of a person's while a run is at work.
#[derive(Debug)]
struct InRun {
    case: usize,
    field: Shared,
    side: Side,
    bit: u128,
    /// What it replaced.
    before: String,
}

impl InRun {
    fn is_of(&self, case: usize, field: Shared, side: Side) -> bool {
        (self.case, self.field, self.side) == (case, field, side)
    }
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
    /// People's writes of the run at work.
    in_run: Vec<InRun>,
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
    /// Copies that the engine may know nothing of: the answer was lost, the process died before it could write it down, or
    /// an older store came back. The next run without trouble learns of them.
    unsure: BTreeSet<String>,
    /// Those of them that a person deleted before: nothing is left that could tell of them (hazards.md H1, H4).
    forgotten: BTreeSet<String>,
    /// Copies made in the run at work, and since the store was put aside.
    made_in_run: Vec<String>,
    made_since_copy: Vec<String>,
    /// Whether a comment was internal when the engine last read it in this run, by ticket and comment.
    flags: BTreeMap<(String, String), bool>,
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
            unsure: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            made_in_run: Vec::new(),
            made_since_copy: Vec::new(),
            flags: BTreeMap::new(),
        }
    }

    pub fn begin_run(&mut self) {
        self.in_run.clear();
        self.flags.clear();
        self.made_in_run.clear();
        self.running = true;
    }

    /// The store was put aside, or came back as it was then.
    pub fn store_kept(&mut self, came_back: bool) {
        let since = std::mem::take(&mut self.made_since_copy);
        if came_back {
            self.unsure.extend(since.iter().cloned());
            self.store_returned = true;
            self.made_since_copy = since;
        }
    }

    /// The engine has read the comments of a ticket, with who may see them.
    pub fn comments_read(&mut self, side: Side, ticket: &str) {
        let Some(facts) = self.facts[side].get(ticket) else { return };
        for remark in &facts.comments {
            self.flags.insert((ticket.to_owned(), remark.id.clone()), remark.internal);
        }
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
        let there: BTreeSet<&str> = now.iter().map(|facts| facts.id.as_str()).collect();
        let gone = self
            .unsure
            .iter()
            .filter(|id| self.facts[side].contains_key(*id) && !there.contains(id.as_str()));
        let gone: Vec<String> = gone.cloned().collect();
        self.forgotten.extend(gone);
        for facts in now {
            let old = self.facts[side].get(&facts.id).cloned();
            if old.as_ref() == Some(&facts) {
                continue;
            }
            match old {
                None => {
                    if cause != Cause::Person {
                        self.made_in_run.push(facts.id.clone());
                        self.made_since_copy.push(facts.id.clone());
                    }
                    if cause == Cause::EngineInDoubt {
                        self.unsure.insert(facts.id.clone());
                    }
                    self.made(side, &facts);
                }
                Some(old) => self.changed(side, &old, &facts, cause),
            }
            let id = facts.id.clone();
            self.facts[side].insert(id, facts);
        }
        if cause != Cause::Person {
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
            None => {
                case.origin = Some(side);
                // What it was made with is a person's too.
                for field in Shared::ALL {
                    let descent = case.fields.entry(field).or_default();
                    descent.carried[side] |= descent.next_bit();
                }
            }
            Some(origin) => {
                for field in Shared::ALL {
                    let value = field.value(facts, side);
                    let unread = self.unread(number, field, origin, &value);
                    let half_way = self.is_half_way(number, field, origin, &value);
                    let read_before = self.read_before(number, field, origin, &value);
                    let Some(case) = self.cases.get_mut(&number) else { return };
                    let descent = case.fields.entry(field).or_default();
                    if field == Shared::Title && self.title_is_kept {
                        // The copy holds what the platform made of it: that and its original are where both begin.
                        let there = case.tickets[origin].as_ref().and_then(|id| self.facts[origin].get(id));
                        let mut values = Pair { source: value.clone(), target: value.clone() };
                        values[origin] = there.map(|facts| field.value(facts, origin)).unwrap_or_default();
                        descent.agreed.push(values);
                    }
                    descent.agreed.extend(read_before);
                    descent.seen[side] = descent.seen[origin] & !unread;
                    descent.carried[side] = if half_way { 0 } else { descent.carried[origin] & !unread };
                }
            }
        }
    }

    /// Whether what `from` holds now stands for what was just written on the other side.
    fn agrees(&self, number: usize, field: Shared, from: Side, written: &str) -> bool {
        let facts =
            self.cases.get(&number).and_then(|case| self.facts[from].get(case.tickets[from].as_ref()?));
        let Some(facts) = facts else { return true };
        let mut values = Pair { source: written.to_owned(), target: written.to_owned() };
        values[from] = field.value(facts, from);
        field.agree(&values)
    }

    /// A status is reached step by step, and its change is not carried before the last one: while the path stands still, a
    /// person's move there is a second change (hazards.md H21).
    fn is_half_way(&self, number: usize, field: Shared, from: Side, written: &str) -> bool {
        field == Shared::Status && from == Side::Source && !self.agrees(number, field, from, written)
    }

    /// What `from` held when the engine read it for what it just wrote on the other side, should a person have edited it since.
    fn read_before(&self, number: usize, field: Shared, from: Side, written: &str) -> Option<Pair<String>> {
        let theirs = self.in_run.iter().filter(|write| write.is_of(number, field, from));
        let mut pairs = theirs.map(|write| {
            let mut values = Pair { source: written.to_owned(), target: written.to_owned() };
            values[from].clone_from(&write.before);
            values
        });
        pairs.find(|values| field.agree(values)).filter(|_| !self.agrees(number, field, from, written))
    }

    /// Writes of people on `from` that a value which the engine just wrote on the other side cannot descend from: they
    /// were made in this very run, after its reading, for the value is not theirs.
    fn unread(&self, number: usize, field: Shared, from: Side, written: &str) -> u128 {
        if self.agrees(number, field, from, written) {
            return 0;
        }
        self.in_run
            .iter()
            .filter(|write| write.is_of(number, field, from))
            .fold(0, |bits, write| bits | write.bit)
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
                    Cause::Person => self.person_wrote(number, field, side, before),
                    Cause::Engine | Cause::EngineInDoubt => {
                        let doubt = cause == Cause::EngineInDoubt;
                        self.engine_wrote(number, field, side, (&before, &after), doubt, &new.key);
                    }
                }
            }
        }
        if cause != Cause::Person {
            self.content_at_most_once(number, side, new);
            self.visibility(number, side, old, new);
        }
    }

    fn person_wrote(&mut self, number: usize, field: Shared, side: Side, before: String) {
        let running = self.running;
        let Some(case) = self.cases.get_mut(&number) else { return };
        let descent = case.fields.entry(field).or_default();
        let bit = descent.next_bit();
        descent.seen[side] |= bit;
        descent.carried[side] |= bit;
        descent.doubted[side] = 0;
        descent.overlaid[side] |= std::mem::take(&mut descent.fresh[side]);
        if running {
            self.in_run.push(InRun { case: number, field, side, bit, before });
        }
    }

    /// V4: nothing of a person's is overwritten by what did not know it.
    fn engine_wrote(
        &mut self,
        number: usize,
        field: Shared,
        side: Side,
        (before, after): (&str, &str),
        doubt: bool,
        key: &str,
    ) {
        let unread = self.unread(number, field, side.opposite(), after);
        let half_way = self.is_half_way(number, field, side.opposite(), after);
        let read_before = self.read_before(number, field, side.opposite(), after);
        let Some(case) = self.cases.get_mut(&number) else { return };
        let descent = case.fields.entry(field).or_default();
        let (here, there) = (descent.seen[side], descent.seen[side.opposite()] & !unread);
        // What people wrote over there meanwhile stands there still.
        let lost = here & !there & !unread;
        descent.seen[side] = there | here;
        if !half_way {
            descent.carry(side, descent.carried[side.opposite()] & !unread, doubt);
        }
        let stood = |value: &str| descent.agreed.iter().rev().take(2).any(|agreed| agreed[side] == value);
        let stood_together = stood(before);
        let mut in_run = self.in_run.iter().filter(|write| write.is_of(number, field, side)).peekable();
        // Where people had come back to what both sides stood at, nothing of theirs waited when the run began.
        let began_together = in_run.peek().is_some_and(|first| stood(&first.before));
        let written_now = in_run.fold(0, |bits, write| bits | write.bit);
        descent.agreed.extend(read_before);
        let goes_on = descent.path_open && side == Side::Target && before == HALF_WAY;
        descent.path_open &= half_way;
        let wins = match (self.variant, field, side) {
            (Variant::SourceWins, Shared::Title, Side::Target) => true,
            (Variant::TargetWins, Shared::Title, Side::Source) => true,
            _ => self.deciding,
        };
        let forced = self.state_is_forced && field == Shared::Status;
        // Absent is not empty (hazards.md H18).
        let there_now = Pair::from_fn(|side| {
            let facts = case.tickets[side].as_ref().and_then(|id| self.facts[side].get(id));
            facts.map(|facts| field.value(facts, side)).unwrap_or_default()
        });
        let kept = [before, there_now[side.opposite()].as_str()].iter().all(|value| !value.is_empty());
        let touched = self.in_run.iter().any(|write| (write.case, write.field) == (number, field));
        if after.is_empty() && kept && !touched && !self.late_writes && !self.store_returned {
            let what =
                format!("{field:?} of {key} (case {number}) was {before:?} on both sides and was emptied");
            self.violations.push(Violation { law: "V4", what });
            return;
        }
        if lost == 0 || stood_together || wins || forced || goes_on || self.store_returned {
            return;
        }
        descent.seen[side] = there;
        let same_run = lost & !written_now == 0 || (began_together && lost & written_now != 0);
        let what = format!(
            "{field:?} of {key} (case {number}) was {before:?}, which a person wrote, and became {after:?}"
        );
        self.suspects.push(Suspect { what, same_run });
    }

    /// The end of a run: what it overwrote at the last moment must be told (H19).
    pub fn end_run(&mut self, told: bool, excused: bool, cut_off: bool) {
        self.running = false;
        for descent in self.cases.values_mut().flat_map(|case| case.fields.values_mut()) {
            descent.end_run(cut_off);
        }
        for suspect in std::mem::take(&mut self.suspects) {
            let passes = suspect.same_run && (told || excused);
            if !(passes || self.late_writes) {
                let word = if suspect.same_run { " in the same run, and nobody was told" } else { "" };
                self.broken("V4", format!("{}{word}", suspect.what));
            }
        }
        let made = std::mem::take(&mut self.made_in_run);
        if cut_off {
            self.unsure.extend(made);
        }
        if excused {
            self.note_open_paths();
        } else {
            self.unsure.clear();
            self.cases.values_mut().flat_map(|case| case.fields.values_mut()).for_each(Descent::believe);
        }
    }

    /// A run in trouble may have left statuses on their way.
    fn note_open_paths(&mut self) {
        for case in self.cases.values_mut() {
            let facts =
                Pair::from_fn(|side| case.tickets[side].as_ref().and_then(|id| self.facts[side].get(id)));
            let (Some(source), Some(target)) = (facts.source, facts.target) else { continue };
            let values = Pair {
                source: Shared::Status.value(source, Side::Source),
                target: Shared::Status.value(target, Side::Target),
            };
            let open = !Shared::Status.agree(&values);
            case.fields.entry(Shared::Status).or_default().path_open |= open;
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
                if cause != Cause::Person || descent.seen.source == descent.seen.target {
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
        let ours_now = self.facts[side].values().filter(|facts| is_us(&facts.created_by));
        for facts in ours_now.filter(|facts| !self.forgotten.contains(&facts.id)) {
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
                // Made internal after the last reading, right before our write: no platform lets anybody see that (H38).
                let internal = original.comments.iter().any(|remark| {
                    let read = self.flags.get(&(original.id.clone(), remark.id.clone()));
                    *read.unwrap_or(&remark.internal)
                        && comment.words.iter().any(|word| remark.text.contains(word))
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

    /// Once nothing goes wrong any more: a ticket that is behind its counterpart has no copy, or waits in a list (V8). What
    /// no feed can show is looked for once a day, and judged after that.
    pub fn cursor_is_safe(&mut self, shown: &Shown) {
        let mut wrong = Vec::new();
        for (number, case) in self.cases.iter().filter(|(_, case)| !case.gone && !shown.holds(case)) {
            let facts =
                Pair::from_fn(|side| case.tickets[side].as_ref().and_then(|id| self.facts[side].get(id)));
            let (Some(source), Some(target)) = (facts.source, facts.target) else { continue };
            let facts = Pair { source, target };
            for field in [Shared::Title, Shared::Assignee] {
                let values = Pair::from_fn(|side| field.value(facts[side], side));
                let kept = field == Shared::Title && self.title_is_kept;
                if !field.agree(&values) && !shown.has_conflict(case, field) && !kept {
                    wrong.push(format!("{field:?} of case {number} is {values:?}, and nothing waits for it"));
                }
            }
        }
        for what in wrong {
            self.broken("V8", what);
        }
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
        // A marker on a ticket that a person made is a copied one (hazards.md H6).
        let original = case.tickets[origin].as_ref().and_then(|id| self.facts[origin].get(id));
        if let Some(original) = original.filter(|facts| !is_us(&facts.created_by)) {
            let taken = format!("{} is a second copy", original.key);
            if shown.held.iter().any(|(ticket, why)| case.has(ticket) && why.contains(&taken)) {
                wrong
                    .push(("V3", format!("case {number} was made by a person and counts as a copy of ours")));
            }
        }
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
            // One relation decides everywhere (hazards.md H24).
            if conflict && field.agree(&values) && !shown.holds_replaced(case, field) {
                let what =
                    format!("{field:?} of case {number} is a conflict although both sides agree: {values:?}");
                wrong.push(("V4", what));
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
