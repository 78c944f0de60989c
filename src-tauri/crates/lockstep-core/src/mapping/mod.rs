//! The rules of a connection as people write them: type mappings, field mappings, value pairs, templates, filters,
//! visibility. `compile` binds them to what discovery found; `transform` carries a value across.

pub mod comments;
pub mod compile;
pub mod condition;
pub mod field;
pub mod template;
pub mod transform;
pub mod values;

pub use comments::{AttachmentRules, Carry, CommentRules, EditedComments};
pub use compile::{CompiledField, Rules};
pub use condition::{Condition, Filter, Operator};
pub use field::{
    DescriptionLayout, DescriptionLine, Direction, FieldMapping, OnConflict, Rule, WhenEmpty, Write,
};
pub use template::{MatchMode, MatchRule, NoMatch, Template};
pub use transform::{Context, Mapped, PeopleTable};
pub use values::{MatrixCell, Need, Otherwise, Supply, ValuePair};

use serde::{Deserialize, Serialize};

use crate::connector::Scope;
use crate::side::Pair;

/// One pair of ticket types, configured on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TypeMapping {
    /// Names it inside its connection: `Incident`.
    pub name: String,
    pub source: Scope,
    pub target: Scope,
    /// Which tickets of each side take part.
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub filter: Pair<Filter>,
    /// Whether tickets created on the target by people are created on the source too.
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub target_tickets: bool,
    /// Whether private tickets leave their side (engine.md I6).
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub include_private: bool,
    #[serde(default, rename = "field")]
    pub fields: Vec<FieldMapping>,
    /// Ordered; the first whose conditions hold makes the new ticket on the target.
    #[serde(default, rename = "template", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub templates: Vec<Template>,
    /// Ordered; for tickets created on the target and made anew on the source.
    #[serde(default, rename = "source_template", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub source_templates: Vec<Template>,
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub no_match: NoMatch,
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub match_rule: Option<MatchRule>,
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub comments: CommentRules,
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub attachments: AttachmentRules,
}

impl TypeMapping {
    /// The scope of one side.
    pub fn scope(&self, side: crate::Side) -> &Scope {
        match side {
            crate::Side::Source => &self.source,
            crate::Side::Target => &self.target,
        }
    }

    /// The templates that make a ticket on `destination`.
    pub fn templates_for(&self, destination: crate::Side) -> &[Template] {
        match destination {
            crate::Side::Target => &self.templates,
            crate::Side::Source => &self.source_templates,
        }
    }

    /// Whether a ticket born on `side` may be created on the other one.
    pub fn creates_from(&self, side: crate::Side) -> bool {
        side == crate::Side::Source || self.target_tickets
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
