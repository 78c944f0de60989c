//! Binds a type mapping to what discovery found on both sides. Never fails: what does not fit is the checker's to
//! report (`crate::check`), and the plan reports it ticket by ticket.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{FieldMapping, Rule, TypeMapping, Write};
use crate::ids::FieldId;
use crate::marker::hex;
use crate::schema::{FieldKind, Schema};
use crate::side::{Pair, Side};

/// Raised whenever a canonical form changes meaning, so that old bases are renewed without writing (hazards.md H22).
pub const CANONICAL_REVISION: u32 = 1;

/// One type mapping, ready to plan with.
#[derive(Debug, Clone)]
pub struct Rules {
    pub mapping: TypeMapping,
    pub schemas: Pair<Schema>,
    pub fields: Vec<CompiledField>,
    /// Names the whole rule set: a plan made under another one is refused (hazards.md H52).
    pub revision: String,
    /// The platforms' names for people.
    pub labels: Pair<String>,
}

/// One field mapping with the kinds of its fields.
#[derive(Debug, Clone)]
pub struct CompiledField {
    pub mapping: FieldMapping,
    /// The key its bases are kept under.
    pub key: String,
    /// The revision a base must carry to count.
    pub revision: String,
    pub kinds: Pair<Vec<Option<FieldKind>>>,
}

impl Rules {
    /// Binds `mapping` to both schemas; `labels` are the platforms' names (`ServiceNow`, `Jira`).
    pub fn compile(mapping: &TypeMapping, schemas: Pair<Schema>, labels: Pair<String>) -> Rules {
        let fields = mapping
            .fields
            .iter()
            .map(|field| {
                let kinds = Pair::from_fn(|side| {
                    field
                        .fields(side)
                        .iter()
                        .map(|id| schemas[side].fields.get(id).map(|schema| schema.kind))
                        .collect()
                });
                CompiledField {
                    key: field.key(),
                    revision: revision_of(&(field, &kinds)),
                    kinds,
                    mapping: field.clone(),
                }
            })
            .collect();
        Rules {
            revision: revision_of(&(mapping, &schemas.source.workflow, &schemas.target.workflow)),
            mapping: mapping.clone(),
            schemas,
            fields,
            labels,
        }
    }

    /// Every field the rules read or write on `side`, for the feed to ask for.
    pub fn fields_on(&self, side: Side) -> Vec<FieldId> {
        let mapping = &self.mapping;
        let mut wanted: BTreeSet<&FieldId> = BTreeSet::new();
        for field in &mapping.fields {
            wanted.extend(field.fields(side));
            match &field.rule {
                Rule::Description(layout) if side == Side::Source => {
                    wanted.insert(&layout.original);
                    wanted.extend(layout.lines.iter().filter_map(|line| line.field.as_ref()));
                }
                Rule::Values { pairs, .. } => {
                    for need in pairs.iter().flat_map(|pair| pair.needs(side.opposite())) {
                        if let super::Supply::From { field, .. } = &need.supply {
                            wanted.insert(field);
                        }
                    }
                    // What a needed field holds before it is written along.
                    let needed = pairs.iter().flat_map(|pair| pair.needs(side)).map(|need| &need.field);
                    wanted.extend(needed.filter(|id| self.schemas[side].fields.contains_key(*id)));
                }
                _ => {}
            }
        }
        wanted.extend(mapping.filter[side].fields());
        for template in mapping.templates_for(side.opposite()) {
            wanted.extend(template.conditions.fields());
        }
        if let Some(rule) = &mapping.match_rule {
            wanted.insert(if side == Side::Source { &rule.source } else { &rule.target });
        }
        wanted.extend(self.schemas[side].status_field.as_ref());
        let mut wanted: BTreeSet<FieldId> =
            wanted.into_iter().filter(|id| id.as_str() != "key").cloned().collect();
        let composed = mapping.fields.iter().flat_map(|field| match &field.rule {
            Rule::Text { template } if field.direction.writes(side.opposite()) => vec![template],
            Rule::Values { pairs, .. } => pairs
                .iter()
                .flat_map(|pair| pair.needs(side.opposite()))
                .filter_map(|need| match &need.supply {
                    super::Supply::Text(template) => Some(template),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        });
        for text in composed {
            wanted.extend(
                super::transform::placeholders(text)
                    .filter(|p| !matches!(*p, "key" | "url"))
                    .map(FieldId::from),
            );
        }
        wanted.into_iter().collect()
    }

    /// The mapping that joins the two sides' statuses, if any.
    pub fn status(&self) -> Option<&CompiledField> {
        self.fields
            .iter()
            .find(|field| field.is_status(Side::Source, self) || field.is_status(Side::Target, self))
    }
}

impl CompiledField {
    /// Whether it reads or writes the status of `side`.
    pub fn is_status(&self, side: Side, rules: &Rules) -> bool {
        rules.schemas[side]
            .status_field
            .as_ref()
            .is_some_and(|status| self.mapping.fields(side).contains(status))
    }

    /// The one field it writes on `side`, when it does.
    pub fn written(&self, side: Side) -> Option<&FieldId> {
        match (self.mapping.direction.writes(side), self.mapping.fields(side)) {
            (true, [one]) => Some(one),
            _ => None,
        }
    }

    /// The kind of the one field on `side`.
    pub fn kind(&self, side: Side) -> Option<FieldKind> {
        self.kinds[side].first().copied().flatten()
    }

    /// Whether the mapping acts in updates, given the sending ticket's status.
    pub fn acts_in_updates(&self, status: Option<&str>) -> bool {
        match &self.mapping.write {
            Write::Always => !matches!(self.mapping.rule, Rule::Constant { .. }) || self.mapping.enforce,
            Write::OnCreate => false,
            Write::WhileStatus(statuses) => {
                status.is_some_and(|now| statuses.iter().any(|wanted| wanted == now))
            }
        }
    }
}

fn revision_of<T: std::fmt::Debug>(value: &T) -> String {
    hex(&Sha256::digest(format!("{CANONICAL_REVISION} {value:?}")))[..16].to_owned()
}
