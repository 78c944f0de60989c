//! How a record is shown: which fields, as database values or display values, with or without reference links
//! (sheet 3.1).

use jiff::tz::TimeZone;

use super::journal;
use super::query::Path;
use super::records::{Row, Table, Tables};
use super::schema::Kind;
use super::script;
use super::switches::Switches;
use super::users::Caller;
use super::value::parse_id;
use super::wire::{Params, string};
use crate::stamps;

/// `sysparm_display_value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// Database values.
    Value,
    /// What a person sees.
    Label,
    /// Both.
    All,
}

/// A way of showing the records of a table.
#[derive(Debug)]
pub struct View<'a> {
    fields: Vec<(String, Path)>,
    display: Display,
    links: bool,
    origin: &'a str,
    zone: Option<TimeZone>,
}

impl<'a> View<'a> {
    /// Reads the parameters. Names that do not exist are left out without a word; fields that an ACL forbids too.
    pub fn new(
        tables: &Tables,
        position: usize,
        params: &Params<'_>,
        switches: &Switches,
        caller: &Caller,
        origin: &'a str,
    ) -> Self {
        let schema = &tables.list[position].schema;
        let named: Vec<String> = match params.get("sysparm_fields") {
            Some(list) if !list.trim().is_empty() => {
                list.split(',').map(|name| name.trim().to_owned()).collect()
            }
            _ => schema.columns.iter().map(|column| column.name.to_owned()).collect(),
        };
        let mut fields: Vec<(String, Path)> = Vec::with_capacity(named.len());
        for name in named {
            let Some(path) = Path::resolve(tables, position, &name) else { continue };
            let owner = &tables.list[path.owner].schema;
            let column = owner.at(*path.steps.last().expect("a path has a step")).name;
            let hidden = caller.is_service
                && (Switches::lists(&switches.omitted_fields, owner.name, owner.extends, column)
                    || Switches::lists(
                        &switches.omitted_fields,
                        schema.name,
                        schema.extends,
                        first_of(&name),
                    ));
            if !hidden && !fields.iter().any(|(before, _)| *before == name) {
                fields.push((name, path));
            }
        }
        // Clients in Python send `True`.
        let display = match params.get("sysparm_display_value") {
            Some(wanted) if wanted.eq_ignore_ascii_case("true") => Display::Label,
            Some(wanted) if wanted.eq_ignore_ascii_case("all") => Display::All,
            _ => Display::Value,
        };
        let links = !params.flag("sysparm_exclude_reference_link");
        Self { fields, display, links, origin, zone: caller.zone.clone() }
    }

    /// Writes a record as a JSON object.
    pub fn write(&self, out: &mut Vec<u8>, tables: &Tables, table: &Table, row: &Row) {
        out.push(b'{');
        for (at, (name, path)) in self.fields.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            string(out, name);
            out.push(b':');
            self.write_field(out, tables, table, row, path);
        }
        out.push(b'}');
    }

    fn write_field(&self, out: &mut Vec<u8>, tables: &Tables, table: &Table, row: &Row, path: &Path) {
        if self.display == Display::Value && !matches!(path.kind, Kind::Reference(_) | Kind::Journal) {
            path.read(tables, table, row, |text| string(out, text));
            return;
        }
        if path.kind == Kind::Journal {
            self.write_journal(out, tables, table, row, path);
            return;
        }
        let value = path.read(tables, table, row, str::to_owned);
        let target = match path.kind {
            Kind::Reference(target) if self.links && !value.is_empty() => Some(target),
            _ => None,
        };
        if self.display == Display::Value && target.is_none() {
            return string(out, &value);
        }
        let label = match self.display {
            Display::Value => None,
            _ => Some(self.label(tables, table, path, &value)),
        };
        if self.display == Display::Label && target.is_none() {
            return string(out, label.as_deref().unwrap_or_default());
        }
        out.push(b'{');
        if let Some(label) = &label {
            super::wire::pair(out, "display_value", label);
        }
        if let Some(target) = target {
            let link = format!("{}/api/now/table/{target}/{value}", self.origin);
            super::wire::pair(out, "link", &link);
        }
        if self.display != Display::Label {
            super::wire::pair(out, "value", &value);
        }
        out.push(b'}');
    }

    /// A journal field reads as nothing; as a display value it is the whole history (sheet 5.2).
    fn write_journal(&self, out: &mut Vec<u8>, tables: &Tables, table: &Table, row: &Row, path: &Path) {
        if self.display == Display::Value || path.column().is_none() {
            return string(out, "");
        }
        let element = table.schema.at(path.steps[0]).name;
        let history = journal::history(tables, table, row, element, self.zone.as_ref());
        if self.display == Display::Label {
            return string(out, &history);
        }
        out.push(b'{');
        super::wire::pair(out, "display_value", &history);
        super::wire::pair(out, "value", "");
        out.push(b'}');
    }

    fn label(&self, tables: &Tables, table: &Table, path: &Path, value: &str) -> String {
        let owner = if path.steps.len() == 1 { table } else { &tables.list[path.owner] };
        let column = owner.schema.at(*path.steps.last().expect("a path has a step"));
        match path.kind {
            _ if value.is_empty() => String::new(),
            Kind::Choice | Kind::NumberChoice => {
                choice_label(tables, owner, column.name, value).unwrap_or_else(|| value.to_owned())
            }
            Kind::Reference(_) => {
                reference_label(tables, path.kind, value).unwrap_or_else(|| value.to_owned())
            }
            Kind::List(target) => {
                let name = |id: &str| {
                    reference_label(tables, Kind::Reference(target), id).unwrap_or_else(|| id.to_owned())
                };
                value.split(',').map(name).collect::<Vec<_>>().join(", ")
            }
            Kind::DateTime => local_stamp(value, self.zone.as_ref()),
            Kind::Class => {
                tables.position(value).map_or(value, |position| tables.list[position].schema.label).to_owned()
            }
            _ => value.to_owned(),
        }
    }
}

fn first_of(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// A UTC stamp in the user's zone.
pub fn local_stamp(value: &str, zone: Option<&TimeZone>) -> String {
    match stamps::parse_plain(value) {
        Some(seconds) => stamps::plain_text(script::to_zone(seconds, zone)),
        None => value.to_owned(),
    }
}

/// The name that stands for a referenced record.
pub fn reference_label(tables: &Tables, kind: Kind, value: &str) -> Option<String> {
    let (table, row) = tables.referenced(kind, &parse_id(value)?)?;
    Some(row.text(&table.schema, table.schema.display, &mut [0; 32]).to_owned())
}

/// The label of a choice: that of the table itself where it has rows for the element, else its ancestor's (sheet 2.2).
pub fn choice_label(tables: &Tables, owner: &Table, element: &str, value: &str) -> Option<String> {
    choices(tables, owner, element).into_iter().find(|(of, _)| of == value).map(|(_, label)| label)
}

/// Values and labels of an element, in their order.
pub fn choices(tables: &Tables, owner: &Table, element: &str) -> Vec<(String, String)> {
    let table = tables.table("sys_choice");
    let column = |name: &str| table.schema.column(name).expect("a column of sys_choice");
    let (name, of, value, label) = (column("name"), column("element"), column("value"), column("label"));
    let inactive = column("inactive");
    let slots: Vec<u32> = table.lookup(of, element).into_iter().flatten().collect();
    let rows_for = |wanted: &str| -> Vec<(String, String)> {
        let text = |row: &Row, column: u16| row.text(&table.schema, column, &mut [0; 32]).to_owned();
        let rows = slots.iter().filter_map(|slot| table.row(*slot));
        rows.filter(|row| {
            text(row, name) == wanted && text(row, of) == element && text(row, inactive) != "true"
        })
        .map(|row| (text(row, value), text(row, label)))
        .collect()
    };
    let own = rows_for(owner.schema.name);
    if own.is_empty() && !owner.schema.extends.is_empty() { rows_for(owner.schema.extends) } else { own }
}
