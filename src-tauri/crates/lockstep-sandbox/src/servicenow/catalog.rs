//! The Service Catalog API: items, ordering, and record producers (sheet 4.4).

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::ServiceNow;
use super::records::Tables;
use super::users;
use super::value::{id_text, parse_id};
use super::wire::{self, Call, Outcome, Problem};
use crate::ids::Ids;

/// Name, short description, class, and variables as `name|question`, `!` for mandatory.
const ITEMS: &[(&str, &str, &str, &[&str])] = &[
    (
        "Laptop",
        "A laptop from the current range",
        "sc_cat_item",
        &["!laptop_model|Which model?", "reason|What is it for?"],
    ),
    (
        "Access to a shared folder",
        "Read or write access",
        "sc_cat_item",
        &["!folder|Which folder?", "access|Read or write?"],
    ),
    ("Monitor", "A 27 inch screen", "sc_cat_item", &["desk|At which desk?"]),
    (
        "Report a fault",
        "Opens an incident",
        "sc_cat_item_producer",
        &["!summary|What is wrong?", "details|Tell us more"],
    ),
];

/// Adds the catalogue.
pub fn seed(tables: &mut Tables, ids: &mut Ids, now_ms: i64) {
    let made = now_ms - 300 * 86_400_000;
    let by: Arc<str> = Arc::from("admin");
    for (name, text, class, variables) in ITEMS {
        let values = [("name", *name), ("short_description", *text), ("sys_class_name", *class)];
        let item = users::add(tables, ids, "sc_cat_item", made, &by, &values);
        for (at, variable) in variables.iter().enumerate() {
            let (name, question) = variable.split_once('|').unwrap_or((variable, ""));
            let order = ((at + 1) * 100).to_string();
            let mandatory = if name.starts_with('!') { "true" } else { "false" };
            let values = [
                ("name", name.trim_start_matches('!')),
                ("question_text", question),
                ("cat_item", item.as_str()),
                ("mandatory", mandatory),
                ("order", order.as_str()),
            ];
            users::add(tables, ids, "item_option_new", made, &by, &values);
        }
    }
}

/// A variable of a catalogue item.
struct Variable {
    id: String,
    name: String,
    question: String,
    mandatory: bool,
}

impl ServiceNow {
    /// `/servicecatalog/items…`.
    pub(super) fn catalog_api(&mut self, call: &Call<'_>) -> Outcome {
        match (
            &call.method,
            call.parts.get(1).copied(),
            call.parts.get(2).copied(),
            call.parts.get(3).copied(),
        ) {
            (&Method::GET, Some("items"), None, _) => self.list_items(call),
            (&Method::GET, Some("items"), Some(id), None) => self.show_item(id),
            (&Method::POST, Some("items"), Some(id), Some("order_now")) => self.order(call, id),
            (&Method::POST, Some("items"), Some(id), Some("submit_producer")) => self.produce(call, id),
            _ => Err(Problem::no_resource()),
        }
    }

    fn list_items(&self, call: &Call<'_>) -> Outcome {
        let (offset, limit) =
            (call.params.number("sysparm_offset", 0), call.params.number("sysparm_limit", 10));
        let position = self.items();
        let slots: Vec<u32> = self.tables.list[position].rows().map(|(slot, _)| slot).collect();
        let items: Vec<Value> =
            slots.into_iter().skip(offset).take(limit).map(|slot| self.item(position, slot)).collect();
        Ok(wire::json(StatusCode::OK, json!({ "result": items }).to_string()))
    }

    fn show_item(&self, id: &str) -> Outcome {
        let (position, slot) = self.item_slot(id)?;
        let mut item = self.item(position, slot);
        let variables: Vec<Value> = self
            .variables(id)
            .iter()
            .map(|variable| {
                json!({
                    "id": variable.id, "name": variable.name, "label": variable.question,
                    "mandatory": variable.mandatory, "type": 6, "value": "",
                })
            })
            .collect();
        item["variables"] = Value::from(variables);
        Ok(wire::json(StatusCode::OK, json!({ "result": item }).to_string()))
    }

    fn items(&self) -> usize {
        self.tables.position("sc_cat_item").expect("a table of the platform")
    }

    fn item_slot(&self, id: &str) -> Result<(usize, u32), Problem> {
        let position = self.items();
        let slot = parse_id(id).and_then(|id| self.tables.list[position].find(&id));
        Ok((position, slot.ok_or_else(Problem::no_record)?))
    }

    fn item(&self, position: usize, slot: u32) -> Value {
        let class = self.text(position, slot, "sys_class_name");
        json!({
            "sys_id": self.text(position, slot, "sys_id"),
            "name": self.text(position, slot, "name"),
            "short_description": self.text(position, slot, "short_description"),
            "sys_class_name": class,
            "type": if class == "sc_cat_item_producer" { "record_producer" } else { "catalog_item" },
        })
    }

    fn variables(&self, item: &str) -> Vec<Variable> {
        let position = self.tables.position("item_option_new").expect("a table of the platform");
        let Some(item) = parse_id(item) else { return Vec::new() };
        let slots = self.slots_of(position, "cat_item", &item);
        let text = |slot: u32, name: &str| self.text(position, slot, name);
        slots
            .into_iter()
            .map(|slot| Variable {
                id: text(slot, "sys_id"),
                name: text(slot, "name"),
                question: text(slot, "question_text"),
                mandatory: text(slot, "mandatory") == "true",
            })
            .collect()
    }

    /// The variables that were sent; 400 when a mandatory one is missing.
    fn answered(&self, item: &str, sent: &Map<String, Value>) -> Result<Vec<(Variable, String)>, Problem> {
        let mut answered = Vec::new();
        for variable in self.variables(item) {
            let value = sent.get(&variable.name).and_then(Value::as_str).unwrap_or_default().to_owned();
            if variable.mandatory && value.is_empty() {
                return Err(Problem::new(400, "Mandatory Variables are required", &variable.question));
            }
            answered.push((variable, value));
        }
        Ok(answered)
    }

    /// `order_now`: a request, an item and a task for somebody. Not idempotent; takes no correlation (sheet 4.4).
    fn order(&mut self, call: &Call<'_>, item: &str) -> Outcome {
        let body = call.object()?;
        let (position, slot) = self.item_slot(item)?;
        let name = self.text(position, slot, "name");
        let sent = body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
        let answered = self.answered(item, &sent)?;
        let quantity = body.get("sysparm_quantity").and_then(Value::as_str).unwrap_or("1").to_owned();
        let wanted_for =
            body.get("sysparm_requested_for").and_then(Value::as_str).filter(|id| parse_id(id).is_some());
        let requested_for = wanted_for.unwrap_or(&call.caller.id_text).to_owned();
        let request = self.add_task(call, "sc_request", &[("requested_for", requested_for.as_str())])?;
        let values = [
            ("request", request.0.as_str()),
            ("parent", request.0.as_str()),
            ("cat_item", item),
            ("requested_for", requested_for.as_str()),
            ("quantity", quantity.as_str()),
            ("short_description", name.as_str()),
        ];
        let requested = self.add_task(call, "sc_req_item", &values)?;
        if self.switches.workflow {
            let title = format!("Deliver: {name}");
            let values = [
                ("request", request.0.as_str()),
                ("request_item", requested.0.as_str()),
                ("parent", requested.0.as_str()),
                ("short_description", title.as_str()),
            ];
            self.add_task(call, "sc_task", &values)?;
        }
        self.keep_variables(call, &requested.0, &answered);
        let result = json!({
            "sys_id": request.0, "number": request.1, "request_number": request.1,
            "request_id": request.0, "table": "sc_request", "parent_id": null, "parent_table": "task",
        });
        Ok(wire::json(StatusCode::OK, json!({ "result": result }).to_string()))
    }

    /// `submit_producer`: an incident from the answers.
    fn produce(&mut self, call: &Call<'_>, item: &str) -> Outcome {
        let body = call.object()?;
        let (position, slot) = self.item_slot(item)?;
        if self.text(position, slot, "sys_class_name") != "sc_cat_item_producer" {
            return Err(Problem::new(400, "Bad Request", "The item is not a record producer"));
        }
        let sent = body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
        let answered = self.answered(item, &sent)?;
        let answer = |name: &str| {
            answered
                .iter()
                .find(|(variable, _)| variable.name == name)
                .map_or("", |(_, value)| value.as_str())
        };
        let values = [
            ("short_description", answer("summary")),
            ("description", answer("details")),
            ("caller_id", call.caller.id_text.as_str()),
            ("contact_type", "self-service"),
        ];
        let (id, number) = self.add_task(call, "incident", &values)?;
        let result = json!({
            "sys_id": id, "number": number, "table": "incident", "parent_id": null, "parent_table": "task",
            "record": format!("api/now/table/incident/{id}"), "redirect_url": "",
        });
        Ok(wire::json(StatusCode::OK, json!({ "result": result }).to_string()))
    }

    /// Adds a task by column names; returns `sys_id` and number.
    fn add_task(
        &mut self,
        call: &Call<'_>,
        table: &str,
        values: &[(&str, &str)],
    ) -> Result<(String, String), Problem> {
        let position = self.tables.position(table).expect("a table of the platform");
        let schema = &self.tables.list[position].schema;
        let set = values
            .iter()
            .filter_map(|(name, text)| Some((schema.column(name)?, (*text).to_owned())))
            .collect();
        let slot = self.insert(position, set, Vec::new(), &call.caller, call.now_ms)?;
        let row = self.tables.list[position].row(slot).ok_or_else(Problem::no_record)?;
        Ok((id_text(&row.id), self.text(position, slot, "number")))
    }

    fn keep_variables(&mut self, call: &Call<'_>, item: &str, answered: &[(Variable, String)]) {
        let (now, by) = (call.now_ms, &call.caller.name);
        for (variable, value) in answered {
            let values = [("item_option_new", variable.id.as_str()), ("value", value.as_str())];
            let option = users::add(&mut self.tables, &mut self.ids, "sc_item_option", now, by, &values);
            let values = [("request_item", item), ("sc_item_option", option.as_str())];
            users::add(&mut self.tables, &mut self.ids, "sc_item_option_mtom", now, by, &values);
        }
    }
}
