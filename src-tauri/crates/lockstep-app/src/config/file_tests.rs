use super::*;

const ACCOUNTS: &str = r#"
[[account]]
name = "Corvane"
platform = "servicenow"
address = "https://corvane.example/"
sign_in = { method = "basic", user = "lockstep" }

[[account]]
name = "Jira"
platform = "jira"
address = "https://corvane.atlassian.example"
sign_in = { method = "token", email = "lockstep@corvane.example" }
"#;

const CONNECTION: &str = r#"
[[connection]]
name = "C"
source = "Corvane"
target = "Jira"

[[connection.type]]
name = "Incident"
source = { ticket_type = "incident" }
target = { container = "CSD", ticket_type = "10101" }
"#;

fn problems(text: &str) -> Vec<Problem> {
    parse(text, &Known::new()).expect_err("the file has problems")
}

/// `line place: message` of each.
fn told(text: &str) -> Vec<String> {
    problems(text).iter().map(|p| format!("{} {}: {}", p.line, p.place, p.message)).collect()
}

fn with(more: &str) -> String {
    format!("{ACCOUNTS}{CONNECTION}{more}")
}

#[test]
fn a_good_file_is_read_and_addresses_become_origins() {
    let document = parse(&with(""), &Known::new()).unwrap();
    assert_eq!(document.accounts[0].address, "https://corvane.example");
    assert_eq!(document.connections[0].types[0].target.container, "CSD");
    assert_eq!(document.connections[0].interval_seconds, 300);
    assert!(parse("", &Known::new()).unwrap().accounts.is_empty());
}

#[test]
fn every_syntax_error_is_reported_with_its_line() {
    let found = problems("a = \nb = 1\nc = = 2\n[x\n");
    assert!(found.len() >= 3, "{found:?}");
    assert_eq!(found.iter().map(|p| p.line).collect::<std::collections::BTreeSet<_>>(), [1, 3, 4].into());
    assert!(problems("a = 1\na = 2\n")[0].message.contains("duplicate"));
}

#[test]
fn all_kinds_of_problems_are_reported_at_once() {
    let text = r#"
colour = 1
[[account]]
name = "A"
platform = "zendesk"
address = "ftp://x"
sign_in = { method = "basic" }
[[account]]
name = "A"
platform = "jira"
address = "https://x.example/jira/path"
dedicated = "yes"
[[connection]]
name = "C"
source = "A"
target = "Nobody"
interval_seconds = 5
[[connection.type]]
name = "T"
source = { ticket_type = 7 }
"#;
    assert_eq!(
        told(text),
        [
            "2 : colour is not known here",
            "5 account \"A\": platform cannot be read: unknown variant `zendesk`, expected `servicenow` or `jira`",
            "6 account \"A\": The base address is not a web address",
            "7 account \"A\" › sign_in: user is missing",
            "8 account \"A\": sign_in is missing",
            "9 account \"A\": another account has this name",
            "11 account \"A\": address holds a path",
            "12 account \"A\": dedicated cannot be read: invalid type: string \"yes\", expected a boolean",
            "16 connection \"C\": there is no account called \"Nobody\"",
            "17 connection \"C\": interval_seconds is 5, outside of 30 to 86400",
            "18 connection \"C\" › type \"T\": target is missing",
            "20 connection \"C\" › type \"T\" › source: ticket_type cannot be read: invalid type: integer `7`, expected a string",
        ]
    );
}

#[test]
fn field_mappings_are_judged_one_by_one() {
    let field = |body: &str| format!("\n[[connection.type.field]]\n{body}\n");
    let text = with(&[
        field("source = \"a\"\ntarget = \"b\"\ndirection = \"<->\"\nrule = { kind = \"copy\" }"),
        field("source = \"a\"\ndirection = \"<->\"\nrule = { kind = \"copy\" }"),
        field("source = \"a\"\ntarget = \"p\"\ndirection = \"->\"\nrule = { kind = \"matrix\" }"),
        field("source = \"c\"\ntarget = \"d\"\ndirection = \"<-\"\nrule = { kind = \"description\", original = \"c\" }"),
        field("source = \"a\"\ntarget = \"b\"\ndirection = \"->\"\nrule = { kind = \"copy\" }"),
        field("source = \"e\"\ntarget = \"f\"\ndirection = \"-->\"\nrule = { kind = \"guess\" }"),
        field("source = \"g\"\ntarget = \"h\"\ndirection = \"->\"\nrule = { kind = \"values\", pair = [{ source = \"1\" }, { source = \"1\", target = \"2\", target_needs = [{ field = \"x\" }] }] }"),
    ]
    .concat());
    let told: Vec<String> = problems(&text).iter().map(|p| format!("{}: {}", p.place, p.message)).collect();
    let at = |field: usize| format!("connection \"C\" › type \"Incident\" › field {field}");
    assert_eq!(
        told,
        [
            format!("{}: direction ↔ writes one target field, and 0 are named", at(2)),
            format!("{}: this rule reads two or more fields of the source, and 1 are named", at(3)),
            format!("{}: a built description flows from source to target only", at(4)),
            format!("{}: field 1 joins the same fields already", at(5)),
            format!(
                "{}: direction cannot be read: unknown variant `-->`, expected one of `->`, `<-`, `<->`",
                at(6)
            ),
            format!("{} › rule: there is no rule of kind \"guess\"", at(6)),
            format!("{} › rule › pair 1: target is missing", at(7)),
            format!("{} › rule › pair 2 › target needs 1: nothing says where the value comes from", at(7)),
        ]
    );
}

#[test]
fn secrets_are_refused_and_not_repeated() {
    let text = ACCOUNTS.replace("user = \"lockstep\"", "user = \"lockstep\", password = \"hush hush\"");
    let found = problems(&text);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("secrets have no place") && found[0].fix.contains("account sign-in"));
    assert!(!format!("{found:?}").contains("hush"));
}

#[test]
fn methods_belong_to_platforms() {
    let text =
        ACCOUNTS.replace("method = \"token\", email = \"lockstep@corvane.example\"", "method = \"api_key\"");
    assert_eq!(told(&text), ["12 account \"Jira\": Jira does not sign in by this method"]);
}

#[test]
fn a_fallback_template_must_exist() {
    let more = "no_match = { use = \"Other\" }\n[[connection.type.template]]\nname = \"One\"\n";
    assert!(told(&with(more))[0].contains("no template called \"Other\""));
    let more = "no_match = { use = \"One\" }\n[[connection.type.template]]\nname = \"One\"\n";
    assert!(parse(&with(more), &Known::new()).is_ok());
}

#[test]
fn accounts_of_the_store_may_be_named() {
    assert!(parse(CONNECTION, &Known::new()).is_err());
    let known =
        Known::from([("Corvane".to_owned(), Platform::ServiceNow), ("Jira".to_owned(), Platform::Jira)]);
    assert!(parse(CONNECTION, &known).is_ok());
}

#[test]
fn a_misspelt_key_gets_a_suggestion() {
    let found = problems(&with("taget_tickets = true\n"));
    assert_eq!(found[0].fix, "Perhaps target_tickets is meant.");
}

#[test]
fn the_example_is_good() {
    let text = include_str!("../../../../../docs/example.toml");
    match parse(text, &Known::new()) {
        Ok(mut document) => {
            crate::config::export::sort(&mut document);
            let again = crate::config::to_toml(&document);
            assert_eq!(parse(&again, &Known::new()).as_ref(), Ok(&document));
        }
        Err(problems) => panic!("{problems:#?}"),
    }
}

#[test]
fn a_misspelt_method_is_told_and_not_passed_over() {
    let text = EXAMPLE_ACCOUNT.replace("{ method", "{ -method");
    let problems = parse(&text, &Known::new()).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.contains("-method") && problems[0].fix.contains("method"), "{problems:?}");
}

const EXAMPLE_ACCOUNT: &str = "[[account]]\nname = \"Now\"\nplatform = \"servicenow\"\n\
    address = \"https://corvane.example\"\nsign_in = { method = \"basic\", user = \"mia\" }\n";
