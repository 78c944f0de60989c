//! Issue fields ⇄ core values, by the shape that Jira's schema gives each field (sheet §2.3).

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::ids::{FieldId, PersonId};
use lockstep_core::schema::FieldKind;
use lockstep_core::ticket::{Person, Value};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::rich;
use super::wire::{FieldRow, Id, OptionRow, SchemaRow, Stamp, UserRow};

/// How a field's value looks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string of one line.
    Line,
    /// An ADF document.
    Rich,
    Number,
    /// `YYYY-MM-DD`.
    Date,
    DateTime,
    /// An object that is named by its id: options, priorities, resolutions, types, statuses, projects.
    Named,
    /// An option with a child option; both ids make up the value, joined by a colon.
    Cascade,
    /// An array of [`Shape::Named`].
    NamedMany,
    /// An array of strings.
    Labels,
    User,
    Users,
    Group,
    Groups,
    /// Another issue.
    Issue,
    /// What Lockstep neither reads nor writes.
    Opaque,
}

/// Joins the two ids of a cascading option.
const CASCADE: char = ':';

impl Shape {
    /// The shape of a schema; unknown types are opaque, for the list of types is open.
    pub fn of(schema: &SchemaRow) -> Shape {
        let custom = schema.custom.as_deref().unwrap_or_default();
        let custom = custom.rsplit(':').next().unwrap_or_default();
        let system = schema.system.as_deref().unwrap_or_default();
        if matches!(custom, "gh-lexo-rank" | "gh-sprint" | "vp-origin" | "sd-sla-field") {
            return Shape::Opaque;
        }
        match (schema.kind.as_str(), schema.items.as_deref().unwrap_or_default()) {
            ("string", _) if custom == "textarea" || matches!(system, "description" | "environment") => {
                Shape::Rich
            }
            ("string", _) => Shape::Line,
            ("number", _) => Shape::Number,
            ("date", _) => Shape::Date,
            ("datetime", _) => Shape::DateTime,
            ("option-with-child", _) => Shape::Cascade,
            (
                "option" | "priority" | "resolution" | "status" | "issuetype" | "project" | "version"
                | "component" | "securitylevel",
                _,
            ) => Shape::Named,
            ("user", _) => Shape::User,
            ("group", _) => Shape::Group,
            ("issuelink", _) if system == "parent" || custom.is_empty() => Shape::Issue,
            ("array", "string") => Shape::Labels,
            ("array", "option" | "version" | "component") => Shape::NamedMany,
            ("array", "user") => Shape::Users,
            ("array", "group") => Shape::Groups,
            _ => Shape::Opaque,
        }
    }

    /// The shape of a field that every site has; `None` for custom fields, which the site must be asked
    /// about.
    pub fn of_system(field: &str) -> Option<Shape> {
        Some(match field {
            "summary" => Shape::Line,
            "description" | "environment" => Shape::Rich,
            "status" | "priority" | "resolution" | "issuetype" | "project" | "security" => Shape::Named,
            "components" | "versions" | "fixVersions" => Shape::NamedMany,
            "labels" => Shape::Labels,
            "assignee" | "reporter" | "creator" => Shape::User,
            "created" | "updated" | "resolutiondate" | "statuscategorychangedate" => Shape::DateTime,
            "duedate" => Shape::Date,
            "parent" => Shape::Issue,
            field if !field.starts_with("customfield_") => Shape::Opaque,
            _ => return None,
        })
    }

    /// A value as the changelog shows it (sheet §3.4): ids beside the words people read; texts without their marks.
    pub fn in_history(self, id: Option<&str>, shown: Option<&str>) -> Value {
        let (id, shown) = (id.unwrap_or_default(), shown.unwrap_or_default());
        match self {
            Shape::Rich => Value::rich(&lockstep_core::text::plain::from_plain(shown)),
            Shape::Named if !id.is_empty() => Value::choice(id),
            Shape::User if !id.is_empty() => Value::Person(PersonId(id.to_owned())),
            Shape::Labels => Value::set(shown.split_whitespace()),
            Shape::Number if !shown.is_empty() => Value::Number(shown.to_owned()),
            Shape::Date if !shown.is_empty() => Value::Date(shown.chars().take(10).collect()),
            Shape::DateTime => {
                Stamp::parse(shown).map_or_else(|| Value::text(shown), |at| Value::DateTime(at.0))
            }
            _ => Value::text(shown),
        }
    }

    /// What the mapping editor takes the field for.
    pub fn kind(self, field: &str) -> FieldKind {
        match self {
            Shape::Line | Shape::Opaque => FieldKind::Line,
            Shape::Rich => FieldKind::Rich,
            Shape::Number => FieldKind::Number,
            Shape::Date => FieldKind::Date,
            Shape::DateTime => FieldKind::DateTime,
            Shape::Named if field == "status" => FieldKind::Status,
            Shape::Named if field == "project" => FieldKind::Reference,
            Shape::Named | Shape::Cascade => FieldKind::Choice,
            Shape::NamedMany | Shape::Labels | Shape::Users | Shape::Groups => FieldKind::Set,
            Shape::User => FieldKind::Person,
            Shape::Group => FieldKind::Group,
            Shape::Issue => FieldKind::Reference,
        }
    }

    fn is_many(self) -> bool {
        matches!(self, Shape::NamedMany | Shape::Labels | Shape::Users | Shape::Groups)
    }

    /// Whether members can be added and taken away one by one (`update` verbs, §4.2).
    pub fn takes_deltas(self) -> bool {
        self.is_many()
    }
}

/// The shapes of a site's custom fields.
#[derive(Debug, Default)]
pub struct Shapes {
    custom: BTreeMap<String, Shape>,
}

impl Shapes {
    /// From `GET /field`.
    pub fn from_rows(rows: Vec<FieldRow>) -> Shapes {
        let custom = rows
            .into_iter()
            .filter(|row| row.id.starts_with("customfield_"))
            .map(|row| (row.id, row.schema.as_ref().map_or(Shape::Opaque, Shape::of)))
            .collect();
        Shapes { custom }
    }

    /// The shape of `field`; a field the site does not name is opaque.
    pub fn shape(&self, field: &str) -> Shape {
        Shape::of_system(field).or_else(|| self.custom.get(field).copied()).unwrap_or(Shape::Opaque)
    }
}

#[derive(Deserialize)]
struct GroupRow {
    #[serde(rename = "groupId", default)]
    group_id: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

impl GroupRow {
    fn id(self) -> Option<String> {
        self.group_id.or(self.name).filter(|id| !id.is_empty())
    }
}

/// Reads one raw value. `None`: not understood, so unknown (hazards.md H18); `null` is empty.
pub fn read(shape: Shape, raw: &RawValue, people: &mut BTreeMap<PersonId, Person>) -> Option<Value> {
    let text = raw.get();
    if text == "null" {
        return Some(Value::Empty);
    }
    let mut person = |user: UserRow| {
        let person = user.person()?;
        let id = person.id.clone();
        people.insert(id.clone(), person);
        Some(id)
    };
    match shape {
        Shape::Line => Some(Value::text(&parse::<String>(text)?)),
        Shape::Rich => Some(Value::rich(&rich::markdown(raw)?)),
        Shape::Number => number(text).map(Value::Number),
        Shape::Date => {
            let date: jiff::civil::Date = parse::<String>(text)?.parse().ok()?;
            Some(Value::Date(date.to_string()))
        }
        Shape::DateTime => Some(Value::DateTime(parse::<Stamp>(text)?.0)),
        Shape::Named => Some(Value::choice(&parse::<OptionRow>(text)?.id?.0)),
        Shape::Issue => Some(Value::Reference(parse::<OptionRow>(text)?.id?.0)),
        Shape::Cascade => {
            #[derive(Deserialize)]
            struct Row {
                id: Id,
                #[serde(default)]
                child: Option<OptionRow>,
            }
            let row: Row = parse(text)?;
            Some(Value::Choice(match row.child.and_then(|child| child.id) {
                Some(child) => cascade(&row.id.0, &child.0),
                None => row.id.0,
            }))
        }
        Shape::NamedMany => {
            let rows: Vec<OptionRow> = parse(text)?;
            let ids: Option<BTreeSet<String>> = rows.into_iter().map(|row| Some(row.id?.0)).collect();
            Some(Value::set(ids?))
        }
        Shape::Labels => Some(Value::set(parse::<Vec<String>>(text)?)),
        Shape::User => Some(Value::Person(person(parse(text)?)?)),
        Shape::Users => {
            let rows: Vec<UserRow> = parse(text)?;
            let ids: Option<Vec<String>> = rows.into_iter().map(|row| Some(person(row)?.0)).collect();
            Some(Value::set(ids?))
        }
        Shape::Group => Some(Value::Group(parse::<GroupRow>(text)?.id()?)),
        Shape::Groups => {
            let rows: Vec<GroupRow> = parse(text)?;
            Some(Value::set(rows.into_iter().map(GroupRow::id).collect::<Option<Vec<String>>>()?))
        }
        Shape::Opaque => None,
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The id of a cascading option.
pub fn cascade(parent: &str, child: &str) -> String {
    format!("{parent}{CASCADE}{child}")
}

/// The shortest decimal spelling; `None` beyond what a double holds.
fn number(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| format!("{}", if number == 0.0 { 0.0 } else { number }))
}

/// Writes one value; the sentence says why the field cannot take it.
pub fn write(shape: Shape, field: &FieldId, value: &Value) -> Result<serde_json::Value, String> {
    if value.is_empty() {
        return if shape == Shape::Opaque {
            Err(no_way(field))
        } else if shape.is_many() {
            Ok(json!([]))
        } else {
            Ok(serde_json::Value::Null)
        };
    }
    let good = match (shape, value) {
        (Shape::Line, value) => plain_of(value).map(|text| json!(one_line(&text))),
        (Shape::Rich, value) => {
            rich::document_of(value).or_else(|| plain_of(value).map(|text| rich::document_of_text(&text)))
        }
        (Shape::Number, Value::Number(text) | Value::Text(text)) => number_json(text),
        (Shape::Date, Value::Date(date)) => Some(json!(date)),
        (Shape::DateTime, Value::DateTime(ms)) => Stamp::format(*ms).map(|text| json!(text)),
        (Shape::Cascade, Value::Choice(id)) => Some(match id.split_once(CASCADE) {
            Some((parent, child)) => json!({ "id": parent, "child": { "id": child } }),
            None => json!({ "id": id }),
        }),
        (Shape::Named | Shape::Issue, value) => value.id().map(|id| json!({ "id": id })),
        (Shape::User, Value::Person(id)) => Some(json!({ "id": id.as_str() })),
        (Shape::Group, Value::Group(id)) => Some(json!({ "groupId": id })),
        (shape, Value::Set(members)) if shape.is_many() => {
            Some(members.iter().map(|member| element(shape, member)).collect())
        }
        (shape, value) if shape.is_many() => value.id().map(|id| json!([element(shape, id)])),
        _ => None,
    };
    good.ok_or_else(|| no_way(field))
}

/// One member of a set, as an array's element or in an `add` or `remove` verb.
pub fn element(shape: Shape, member: &str) -> serde_json::Value {
    match shape {
        Shape::Labels => json!(member),
        Shape::Groups => json!({ "groupId": member }),
        _ => json!({ "id": member }),
    }
}

/// What a value reads as in plain words; `None` for dates, people and the like, which have no words of their
/// own.
pub fn plain_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Number(text) | Value::Date(text) | Value::Choice(text) => {
            Some(text.clone())
        }
        Value::Rich(markdown) => Some(rich::text_of_markdown(markdown)),
        Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// Line breaks in one-line fields are refused by Jira (§15): runs of white space become one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn number_json(text: &str) -> Option<serde_json::Value> {
    let text = text.trim();
    if let Ok(whole) = text.parse::<i64>() {
        return Some(json!(whole));
    }
    let number: f64 = text.parse().ok()?;
    serde_json::Number::from_f64(number).map(serde_json::Value::Number)
}

fn no_way(field: &FieldId) -> String {
    format!("Lockstep does not know how to write this kind of value to {field}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    fn reads(shape: Shape, text: &str) -> Option<Value> {
        read(shape, &raw(text), &mut BTreeMap::new())
    }

    fn schema(kind: &str, items: Option<&str>, custom: Option<&str>) -> SchemaRow {
        SchemaRow {
            kind: kind.into(),
            items: items.map(Into::into),
            custom: custom.map(|name| format!("com.atlassian.jira.plugin.system.customfieldtypes:{name}")),
            system: None,
        }
    }

    #[test]
    fn each_schema_has_its_shape() {
        let rows = [
            (schema("string", None, Some("textfield")), Shape::Line),
            (schema("string", None, Some("textarea")), Shape::Rich),
            (schema("number", None, Some("float")), Shape::Number),
            (schema("option", None, Some("select")), Shape::Named),
            (schema("array", Some("option"), Some("multiselect")), Shape::NamedMany),
            (schema("option-with-child", None, Some("cascadingselect")), Shape::Cascade),
            (schema("array", Some("json"), Some("gh-sprint")), Shape::Opaque),
            (schema("any", None, Some("gh-lexo-rank")), Shape::Opaque),
            (schema("sd-servicelevelagreement", None, None), Shape::Opaque),
            (schema("array", Some("user"), Some("multiuserpicker")), Shape::Users),
            (schema("something new", None, None), Shape::Opaque),
        ];
        for (schema, shape) in rows {
            assert_eq!(Shape::of(&schema), shape, "{schema:?}");
        }
    }

    #[test]
    fn values_are_read_into_canonical_form() {
        assert_eq!(reads(Shape::Line, "\" a  \""), Some(Value::Text("a".into())));
        assert_eq!(reads(Shape::Line, "null"), Some(Value::Empty));
        assert_eq!(reads(Shape::Line, "{}"), None, "not understood is unknown, not empty");
        assert_eq!(reads(Shape::Number, "3.0"), Some(Value::Number("3".into())));
        assert_eq!(reads(Shape::Number, "1e400"), None);
        assert_eq!(reads(Shape::Number, "-0.0"), Some(Value::Number("0".into())));
        assert_eq!(reads(Shape::Named, r#"{"id":"3","name":"High"}"#), Some(Value::Choice("3".into())));
        assert_eq!(
            reads(Shape::Cascade, r#"{"id":"1","child":{"id":"2"}}"#),
            Some(Value::Choice("1:2".into()))
        );
        assert_eq!(reads(Shape::Labels, r#"["b","a"]"#), Some(Value::set(["a", "b"])));
        assert_eq!(reads(Shape::Labels, "[]"), Some(Value::Empty));
        assert_eq!(reads(Shape::Date, "\"2026-11-20\""), Some(Value::Date("2026-11-20".into())));
        assert_eq!(
            reads(Shape::DateTime, "\"2026-11-20T10:31:07.123+0100\""),
            Some(Value::DateTime(1_795_167_067_123))
        );
    }

    #[test]
    fn people_are_kept_beside_the_value() {
        let mut people = BTreeMap::new();
        let user =
            raw(r#"{"accountId":"a1","displayName":"Mia","emailAddress":"Mia@X.example","active":true}"#);
        assert_eq!(read(Shape::User, &user, &mut people), Some(Value::Person("a1".into())));
        assert_eq!(people[&PersonId::from("a1")].email.as_deref(), Some("mia@x.example"));
    }

    #[test]
    fn what_is_written_reads_back() {
        let field = FieldId::from("customfield_1");
        let rows = [
            (Shape::Number, Value::Number("2.5".into())),
            (Shape::Number, Value::Number("-7".into())),
            (Shape::Named, Value::Choice("3".into())),
            (Shape::Cascade, Value::Choice("1:2".into())),
            (Shape::Labels, Value::set(["a", "b"])),
            (Shape::NamedMany, Value::set(["10", "11"])),
            (Shape::NamedMany, Value::Empty),
            (Shape::Line, Value::Empty),
            (Shape::Line, Value::Text("a b".into())),
            (Shape::Date, Value::Date("2026-11-20".into())),
            (Shape::DateTime, Value::DateTime(1_795_167_067_123)),
            (Shape::Issue, Value::Reference("10042".into())),
        ];
        for (shape, value) in rows {
            let sent = write(shape, &field, &value).unwrap();
            assert_eq!(reads(shape, &sent.to_string()), Some(value), "{sent}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let field = FieldId::from("customfield_1");
        assert!(write(Shape::Opaque, &field, &Value::Text("x".into())).is_err());
        assert!(write(Shape::Opaque, &field, &Value::Empty).is_err());
        assert!(write(Shape::Number, &field, &Value::Text("many".into())).is_err());
        assert!(write(Shape::User, &field, &Value::Text("Mia".into())).is_err());
        assert_eq!(write(Shape::Line, &field, &Value::Text("a\r\n b".into())), Ok(json!("a b")));
        assert_eq!(write(Shape::Labels, &field, &Value::Empty), Ok(json!([])));
        assert_eq!(write(Shape::User, &field, &Value::Person("a1".into())), Ok(json!({ "id": "a1" })));
    }
}
