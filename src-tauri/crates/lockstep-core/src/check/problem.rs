//! What the checker says: a problem, how bad it is, where it stands and what to do about it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::FieldId;
use crate::side::{Pair, Side};

/// How bad a problem is. Automatic sync refuses while an error stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Level {
    Error,
    Warning,
    Note,
}

/// What kind of problem it is; the window chooses its fix button by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum ProblemCode {
    /// A field is gone or hidden from this account.
    FieldMissing,
    /// A field is written that nobody may write.
    FieldReadOnly,
    /// A field is written that the platform calculates from others.
    FieldCalculated,
    /// A field is written on create that a create cannot take.
    NotOnCreate,
    /// A rule has too few or too many fields on one side.
    FieldCount,
    /// Two fields cannot meet by this rule.
    TypesDoNotFit,
    /// A rule flows one way only and is set to flow the other way.
    DirectionNotPossible,
    /// Date and date-time meet without a zone (hazards.md H30).
    DateNeedsZone,
    /// A group is copied as it is: it needs a table of pairs.
    GroupWithoutTable,
    /// A person mapping joins fields that hold no people.
    NotAPerson,
    /// A fixed value is not one that its field can hold.
    ValueNotPossible,
    /// The receiving side may cut the text.
    TextTooLong,
    /// Formatting is lost on the way.
    RichTextFlattened,
    /// A field that every create needs is not filled.
    RequiredOnCreate,
    /// A field that a workflow step asks for is not filled.
    NeedMissing,
    /// A field of a pair is on no screen on the way.
    NeedNotOnScreen,
    /// A value has no pair and would stop its field.
    ValueWithoutPair,
    /// A value is named that its field does not offer any more.
    ValueGone,
    /// A pair that no value ever reaches.
    PairNeverUsed,
    /// Several values are paired both ways with one.
    WayBackUndecided,
    /// A value goes over, comes back and goes over as another one.
    DoesNotReturn,
    /// A value comes back as another one that stands for the same.
    ReturnsAsAnother,
    /// A matrix lacks cells.
    MatrixIncomplete,
    /// No known step of the workflow leads to a status.
    StatusUnreachable,
    /// A status is reached by several steps.
    StatusSeveralSteps,
    /// Two mappings write one field in one direction.
    WrittenTwice,
    /// A built text is read back into what it is built from.
    DescriptionReadBack,
    /// Two connections take the same tickets to the same account.
    ConnectionsOverlap,
    /// Connections join one field in a ring, both ways.
    RingOfConnections,
    /// No template: nothing will be created.
    NoTemplate,
    /// The fallback names a template that does not exist.
    FallbackMissing,
    /// A template that no ticket reaches.
    TemplateNeverReached,
    /// A condition or restriction that no ticket meets.
    NeverHolds,
    /// Internal comments are headed to a scope that has none.
    NoInternalComments,
    /// Internal comments are made public.
    InternalBecomesPublic,
    /// Customers will read what is copied.
    CustomersRead,
    /// *Newest wins* asks here: the times of a field's change are not known.
    NewestAsks,
    /// Discovery could not read it, so nothing can be said.
    NotConfirmed,
}

/// Where a problem stands: `Incident › State ↔ Status › pair 3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Place {
    /// Named only by the check across connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub connection: Option<String>,
    pub type_mapping: String,
    #[serde(flatten)]
    pub part: Part,
}

/// The part of a type mapping a problem stands in, in the order people read them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "part", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Part {
    /// The type mapping as a whole.
    Whole,
    Filter {
        side: Side,
    },
    Matching,
    /// A field mapping; all positions count from 0.
    Field {
        index: usize,
        key: String,
        /// `State ↔ Status`.
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pair: Option<usize>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        cell: Option<usize>,
    },
    /// A template that makes tickets on `side`.
    Template {
        side: Side,
        index: usize,
        name: String,
    },
    /// Comments written on `side`.
    Comments {
        side: Side,
    },
    Attachments,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(connection) = &self.connection {
            write!(f, "{connection} › ")?;
        }
        f.write_str(&self.type_mapping)?;
        match &self.part {
            Part::Whole => Ok(()),
            Part::Filter { side } => write!(f, " › filter of the {side}"),
            Part::Matching => write!(f, " › matching"),
            Part::Field { label, pair, cell, .. } => {
                write!(f, " › {label}")?;
                if let Some(pair) = pair {
                    write!(f, " › pair {}", pair + 1)?;
                }
                if let Some(cell) = cell {
                    write!(f, " › cell {}", cell + 1)?;
                }
                Ok(())
            }
            Part::Template { name, .. } => write!(f, " › template {name}"),
            Part::Comments { side } => write!(f, " › comments of the {side}"),
            Part::Attachments => write!(f, " › attachments"),
        }
    }
}

/// One thing that the checker found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Problem {
    pub level: Level,
    pub place: Place,
    pub code: ProblemCode,
    /// What is wrong, with the labels people know.
    pub message: String,
    /// What to do, in one sentence.
    pub fix: String,
    /// The values it is about, where it is about some of a field's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub about: Option<About>,
}

/// Values of one side's field, by the platform's ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct About {
    pub side: Side,
    pub values: Vec<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        write!(f, "{level}: {}: {} {}", self.place, self.message, self.fix)
    }
}

/// How many of them are errors.
pub fn errors(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.level == Level::Error).count()
}

/// How many tickets hold which picklist value now, by field and the platform's id of the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldValues {
    pub counts: Pair<BTreeMap<FieldId, BTreeMap<String, u64>>>,
}

impl HeldValues {
    /// How many tickets hold `value` in `field` of `side`.
    pub fn count(&self, side: Side, field: &FieldId, value: &str) -> u64 {
        self.counts[side].get(field).and_then(|values| values.get(value)).copied().unwrap_or(0)
    }
}
