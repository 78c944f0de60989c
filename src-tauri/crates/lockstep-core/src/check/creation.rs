//! New tickets: templates, what a create needs, the match rule.

use super::ProblemCode as Code;
use super::{Checker, Level, Part};
use crate::connector::StatusWriting;
use crate::ids::FieldId;
use crate::mapping::{NoMatch, Template, Write};
use crate::schema::FieldKind;
use crate::side::Side;
use crate::sync::create::supplies;
use crate::sync::matching::KEY;

impl Checker<'_> {
    pub(super) fn creation(&mut self) {
        for to in Side::BOTH {
            if self.mapping.creates_from(to.opposite()) {
                self.templates(to);
                self.required(to);
            }
        }
        if let Some(rule) = &self.mapping.match_rule {
            for side in Side::BOTH {
                self.matched_by(side, rule.field(side));
            }
        }
    }

    /// A match rule compares short texts and numbers: ids of options or people say nothing across platforms, and long or
    /// formatted text cannot be looked up.
    fn matched_by(&mut self, side: Side, id: &FieldId) {
        let place = self.place(Part::Matching);
        if id.as_str() == KEY || !self.exists(&place, side, id) {
            return;
        }
        let kind = self.found(side, id).map(|field| field.kind);
        if !matches!(kind, Some(FieldKind::Line | FieldKind::Text | FieldKind::Number)) {
            let message = format!(
                "Tickets cannot be matched by {}: it holds no plain text or number.",
                self.name(side, id)
            );
            let fix = "Match by the key, or by a text field that holds the other ticket's reference.";
            self.add(Level::Error, Code::TypesDoNotFit, place, message, fix);
        }
    }

    fn template_place(&self, to: Side, index: usize, template: &Template) -> super::Place {
        self.place(Part::Template { side: to, index, name: template.name.clone() })
    }

    fn templates(&mut self, to: Side) {
        let templates = self.mapping.templates_for(to);
        if templates.is_empty() {
            let message = format!(
                "There is no template, so no ticket is created in {}; linked tickets still sync.",
                self.platform(to)
            );
            let place = self.place(Part::Whole);
            self.add(
                Level::Note,
                Code::NoTemplate,
                place,
                message,
                "Add a template if tickets shall be created.",
            );
            return;
        }
        if let NoMatch::Use(name) = &self.mapping.no_match
            && !templates.iter().any(|template| template.name == *name)
        {
            let message = format!(
                "Tickets that no template catches use the template {name}, which does not exist in {}.",
                self.platform(to)
            );
            let place = self.place(Part::Whole);
            self.add(Level::Error, Code::FallbackMissing, place, message, "Choose a template that exists.");
        }
        for (index, template) in templates.iter().enumerate() {
            let place = self.template_place(to, index, template);
            let above = templates[..index].iter().find(|before| {
                (before.conditions.all.is_empty() && before.conditions.any.is_empty())
                    || before.conditions == template.conditions
            });
            if let Some(above) = above {
                let message =
                    format!("No ticket comes this far: the template {} above catches it.", above.name);
                self.add(
                    Level::Warning,
                    Code::TemplateNeverReached,
                    place.clone(),
                    message,
                    "Move it up, or remove it.",
                );
            }
            for (id, value) in &template.set {
                self.template_value(&place, to, id, value);
            }
        }
    }

    fn template_value(&mut self, place: &super::Place, to: Side, id: &FieldId, value: &str) {
        if !self.exists(place, to, id) {
            return;
        }
        let steps = self.capabilities[to].status == StatusWriting::Transitions;
        if steps && self.schema(to).status_field.as_ref() == Some(id) {
            let message = format!(
                "{} gives a new ticket its first status by itself; a create cannot set {}.",
                self.platform(to),
                self.schema(to).label(id)
            );
            self.add(
                Level::Error,
                Code::NotOnCreate,
                place.clone(),
                message,
                "Pair the statuses in the mapping instead.",
            );
        } else if self.writable(place, to, id, &Write::OnCreate) {
            self.fixed(place, to, id, value);
        }
    }

    /// Required fields of a create that nothing fills.
    fn required(&mut self, to: Side) {
        let templates = self.mapping.templates_for(to);
        if templates.is_empty() {
            return;
        }
        let required = self.schema(to).fields.values().filter(|field| field.required_on_create);
        for field in
            required.filter(|field| field.read_only.is_none() && !supplies(self.rules, to, &field.id))
        {
            let name = self.name(to, &field.id);
            let without: Vec<(usize, &Template)> = templates
                .iter()
                .enumerate()
                .filter(|(_, template)| !template.set.contains_key(&field.id))
                .collect();
            let place = match without.as_slice() {
                [(index, template)] => self.template_place(to, *index, template),
                _ => self.place(Part::Whole),
            };
            let message = format!("{name} is required on create, and nothing fills it.");
            self.add(
                Level::Error,
                Code::RequiredOnCreate,
                place,
                message,
                "Map a field to it, or set a fixed value in the template.",
            );
        }
    }
}
