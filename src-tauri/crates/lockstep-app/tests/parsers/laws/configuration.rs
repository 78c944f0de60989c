//! The configuration file: whatever is accepted is written out the same for ever, and what is not is told with a place
//! inside the text. The checker takes any mapping and any schema.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_app::config::{Document, Known, Platform, parse, to_toml};
use lockstep_core::check::check as check_mapping;
use lockstep_core::connector::{Capabilities, CommentMarker, StatusWriting};
use lockstep_core::ids::FieldId;
use lockstep_core::mapping::Rules;
use lockstep_core::schema::{Choice, FieldKind, FieldSchema, Schema, StatusSchema, Step, Workflow};
use lockstep_core::side::{Pair, Side};

use super::bits::Bits;

const EXAMPLE: &str = include_str!("../../../../../../docs/example.toml");

pub const FILES: &[&[u8]] = &[
    EXAMPLE.as_bytes(),
    b"[[connection]]\nname = \"A\"\nsource = \"now\"\ntarget = \"jira\"\n[[connection.type]]\nname = \"T\"\nsource = { ticket_type = \"incident\" }\ntarget = { ticket_type = \"1\" }\n[[connection.type.field]]\nsource = [\"impact\", \"urgency\"]\ntarget = [\"priority\"]\ndirection = \"<->\"\nrule = { kind = \"copy\" }\n",
    b"[[account]]\nname = 1\nplatform = \"jira\"\npassword = \"x\"\naddress = \"http://evil\"\n= [[",
    b"\x01\x05\x02\x11\xf0\x03\x40",
    b"[[account]]\nname = \"A\"\nplatform = \"servicenow\"\naddress = \"https://a.example\"\nsign_in = { -method = \"basic\", user = \"u\" }\n[[connection]]\nname = \"C\"\nsource = \"A\"\ntarget = \"jira\"\n",
];

fn known() -> Known {
    BTreeMap::from([("now".to_owned(), Platform::ServiceNow), ("jira".to_owned(), Platform::Jira)])
}

/// The text itself, or the example with pieces cut out, doubled and exchanged.
fn text_of(bytes: &[u8]) -> String {
    let Some((1, rest)) = bytes.split_first() else { return String::from_utf8_lossy(bytes).into_owned() };
    let mut bits = Bits::new(rest);
    let mut lines: Vec<String> =
        EXAMPLE.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    for _ in 0..1 + bits.below(6) {
        let (at, other) = (bits.below(lines.len()), bits.below(lines.len()));
        match bits.below(5) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(other, lines[at].clone()),
            2 => lines.swap(at, other),
            3 => {
                lines[at] =
                    lines[at].replace(bits.pick(&["\"", "source", "->", "1", "true", "="]), &bits.text())
            }
            _ => {
                let word = bits.pick(&[
                    "direction = \"<-\"",
                    "write = \"on_create\"",
                    "enforce = true",
                    "otherwise = \"leave\"",
                    "rule = { kind = \"person\" }",
                    "rule = { kind = \"text\", text = \"{short_description}\" }",
                ]);
                lines.insert(at, word.to_owned());
            }
        }
    }
    lines.join("\n")
}

fn read(bytes: &[u8]) -> Option<Document> {
    let text = text_of(bytes);
    match parse(&text, &known()) {
        Ok(document) => Some(document),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                let lines = text.split('\n').count();
                assert!((1..=lines).contains(&problem.line) && problem.column >= 1, "{problem:?}");
                assert!(!problem.message.is_empty() && !problem.fix.is_empty(), "{problem:?}");
            }
            None
        }
    }
}

pub fn toml(bytes: &[u8]) {
    let Some(document) = read(bytes) else { return };
    let once = to_toml(&document);
    let again = parse(&once, &known()).unwrap_or_else(|problems| panic!("{once}\n{problems:#?}"));
    assert_eq!(to_toml(&again), once, "an export comes out as it went in");
}

pub fn check(bytes: &[u8]) {
    let Some(document) = read(bytes) else { return };
    let mut bits = Bits::new(bytes);
    for mapping in document.connections.iter().flat_map(|connection| &connection.types) {
        let fields = |side: Side| -> BTreeSet<FieldId> {
            mapping.fields.iter().flat_map(|field| field.fields(side).to_vec()).collect()
        };
        let schemas = Pair::from_fn(|side| schema(fields(side), &mut bits));
        let labels = Pair { source: "ServiceNow".to_owned(), target: "Jira".to_owned() };
        let rules = Rules::compile(mapping, schemas, labels);
        let (now, jira) = (capabilities("servicenow"), capabilities("jira"));
        let problems = check_mapping(mapping, &rules, Pair { source: &now, target: &jira }, None);
        let again = check_mapping(mapping, &rules, Pair { source: &now, target: &jira }, None);
        assert_eq!(problems, again, "the same question, the same answer");
    }
}

/// A schema by choice, that knows most of the fields.
fn schema(fields: BTreeSet<FieldId>, bits: &mut Bits<'_>) -> Schema {
    const KINDS: [FieldKind; 13] = [
        FieldKind::Line,
        FieldKind::Text,
        FieldKind::Rich,
        FieldKind::Choice,
        FieldKind::Status,
        FieldKind::Set,
        FieldKind::Number,
        FieldKind::Boolean,
        FieldKind::Date,
        FieldKind::DateTime,
        FieldKind::Person,
        FieldKind::Group,
        FieldKind::Reference,
    ];
    let mut schema = Schema { ticket_type: "t".into(), type_label: "T".into(), ..Schema::default() };
    for id in fields.into_iter().chain([FieldId::from("state"), FieldId::from("extra")]) {
        if bits.below(9) == 8 {
            continue;
        }
        let kind = bits.pick(&KINDS);
        let options =
            (0..bits.below(5)).map(|at| Choice { id: at.to_string(), label: bits.text() }).collect();
        let field = FieldSchema {
            label: id.to_string(),
            id: id.clone(),
            kind,
            required_on_create: bits.below(4) == 0,
            read_only: (bits.below(6) == 0).then(|| "calculated".to_owned()),
            on_create: bits.below(6) != 0,
            chars_max: (bits.below(3) == 0).then(|| u32::from(bits.byte())),
            options,
        };
        if kind == FieldKind::Status || id.as_str() == "state" || id.as_str() == "status" {
            schema.status_field = Some(id.clone());
        }
        schema.fields.insert(id, field);
    }
    schema.workflow = workflow(bits);
    schema.internal_comments = bits.below(2) == 0;
    schema.customers_read = bits.below(2) == 0;
    schema
}

fn workflow(bits: &mut Bits<'_>) -> Workflow {
    let count = bits.below(6);
    let status = |at: usize| StatusSchema { id: at.to_string(), label: format!("S{at}"), done: at % 2 == 1 };
    let steps = (0..bits.below(8)).map(|at| Step {
        from: bits.below(6).to_string(),
        to: bits.below(6).to_string(),
        id: at.to_string(),
        label: String::new(),
        fields: Vec::new(),
    });
    let steps = steps.collect();
    Workflow {
        initial: (bits.below(2) == 0).then(|| bits.below(6).to_string()),
        statuses: (0..count).map(status).collect(),
        steps,
        free: bits.below(2) == 0,
        explored: (0..bits.below(6)).map(|at| at.to_string()).collect(),
    }
}

fn capabilities(platform: &'static str) -> Capabilities {
    let jira = platform == "jira";
    Capabilities {
        platform,
        label: if jira { "Jira" } else { "ServiceNow" },
        status: if jira { StatusWriting::Transitions } else { StatusWriting::Field },
        create_batch: 1,
        fetch_batch: 1,
        refusal_by_rate_is_proof: !jira,
        rows_lag: jira,
        edits_comments: jira,
        comment_rides: !jira,
        narrows_comments: jira,
        internal_comments: true,
        comment_marker: if jira { CommentMarker::Property } else { CommentMarker::Text },
        overwrite_evidence: "none",
        comment_chars_max: 1000,
        concurrency_max: 1,
    }
}
