//! The one list of what the window may call: reading it is reading what the window can do.
//!
//! A line is `name(Request) -> Response`; the dispatcher and the TypeScript map come from it. A body calls one use case
//! and lies in `commands/`. No command takes an address or a path from the page, and none returns a secret (threat T2).

pub mod accounts;
pub mod automatic;
pub mod connections;
pub mod desk;
pub mod editing;
pub mod keeping;
pub mod plans;
pub mod practice;
pub mod progress;
pub mod runs;
pub mod setting_up;
pub mod shell;
pub mod state;
pub mod syncing;
pub mod tickets;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

pub use desk::Desk;
pub use practice::{PracticeHost, PracticePlatform};
pub use progress::Told;

pub use accounts::{OfAccount, SignInOrder};
pub use editing::{
    CatchOrder, DescriptionOrder, DocumentOrder, FilterOrder, OfVersion, OfferOrder, PersonOrder, PickOrder,
    RecentOrder, ReviewOrder, SaveOrder, TypeOrder,
};
pub use keeping::{ConfigOffer, ExportOrder, StandIns, Written};
pub use plans::{Inclusion, OfPlan, PlanDetail, PlanRows, PlanRowsOrder};
pub use setting_up::{NameOrder, NewConnection, NewEnd, ScopeChoice};
pub use shell::{AtLogin, Closing, FileKind, OpenTicket, SettingsPicture, Shell};
pub use syncing::RetryOrder;
pub use tickets::{
    Decision, ExplanationPicture, LinkTickets, OfLink, OfSome, OfTicket, Quarantined, Relink, SkipOrder,
};

use lockstep_core::side::Pair;
use lockstep_core::suggest::Suggestion;

use crate::accounts::{AccountView, SignedIn, TestLineView};
use crate::api_error::ApiError;
use crate::config::{AccountDoc, ConnectionDoc, Imported};
use crate::conflicts::ConflictView;
use crate::connections::RemovedConnection;
use crate::editor::{
    Catches, Checked, Counted, DescriptionPreview, EditorPicture, FilterCount, FoundPerson, OfferedSide,
    SampleView, Saved, TicketOffer, Trial, VersionView,
};
use crate::events::RunResult;
use crate::link_detail::LinkDetail;
use crate::link_preview::LinkPreview;
use crate::links::{LinkSearch, Linked, LinksPage};
use crate::quarantine::QuarantineGroup;
use crate::settings::Settings;
use crate::skipping::Skip;
use crate::views::{
    AppState, ConnectionCard, ConnectionList, OutcomeWord, RunPage, RunPicture, TicketPage, TicketPlace,
};

macro_rules! commands {
    ($( $(#[doc = $doc:literal])* $name:ident($request:ty) -> $response:ty = $body:path; )*) => {
        /// The names, in the order of the list.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// Carries out one command.
        pub async fn call(desk: &Desk, name: &str, payload: Value) -> Result<Value, ApiError> {
            match name {
                $(stringify!($name) => {
                    let response: $response = $body(desk, read::<$request>(name, payload)?).await?;
                    Ok(serde_json::to_value(response).expect("responses are plain data"))
                })*
                _ => Err(ApiError::new("invalid", "the window asked for something this version does not know")),
            }
        }

        /// Whether a payload is of the form that a command needs.
        #[cfg(test)]
        fn takes(name: &str, payload: Value) -> bool {
            match name {
                $(stringify!($name) => read::<$request>(name, payload).is_ok(),)*
                _ => false,
            }
        }

        #[cfg(test)]
        fn typed(config: &ts_rs::Config) -> Vec<Typed> {
            vec![$(Typed {
                name: stringify!($name),
                doc: concat!($($doc),*),
                request: <$request as TS>::name(config),
                response: <$response as TS>::name(config),
            }),*]
        }
    };
}

commands! {
    /// Whether the store opens, and what is at work. Tries anew each time, so that it also unlocks.
    app_state(Nothing) -> AppState = state::app_state;
    /// Starts the practice pair on this computer, with its accounts and connection.
    start_practice(Nothing) -> ConnectionCard = practice::start_practice;
    /// All connections with their state.
    list_connections(Nothing) -> ConnectionList = connections::list_connections;
    /// Switches automatic sync of a connection.
    set_automatic(SetAutomatic) -> ConnectionCard = connections::set_automatic;
    /// Reads both sides and tells what would be written; writes nothing.
    plan_sync(PlanOrder) -> PlanDetail = syncing::plan_sync;
    /// A kept plan without its rows.
    plan_detail(OfPlan) -> PlanDetail = plans::plan_detail;
    /// A page of a plan's rows, of one outcome if wanted.
    plan_rows(PlanRowsOrder) -> PlanRows = plans::plan_rows;
    /// Leaves rows of a plan in or out.
    include_rows(Inclusion) -> PlanDetail = plans::include_rows;
    /// Drops a plan; nothing of it was written.
    discard_plan(OfPlan) -> Nothing = plans::discard_plan;
    /// Starts a run and answers once it works; `run` events tell the rest.
    run_sync(SyncOrder) -> RunStarted = syncing::run_sync;
    /// Asks a run or a plan at work to stop after the ticket being dealt with.
    cancel_run(OfConnection) -> CancelAsked = syncing::cancel_run;
    /// Plans failed tickets of a run anew, and nothing else; writes nothing.
    retry_tickets(RetryOrder) -> PlanDetail = syncing::retry_tickets;
    /// A page of the history.
    list_runs(RunFilter) -> RunPage = runs::list_runs;
    /// One run with the first page of its tickets.
    run_detail(OfRun) -> RunPicture = runs::run_detail;
    /// A further page of a run's tickets.
    run_tickets(MoreTickets) -> TicketPage = runs::run_tickets;
    /// Closes the window: the app lives on in the tray, or ends.
    close_window(Closing) -> Nothing = shell::close_window;
    /// All settings, with what the system says.
    read_settings(Nothing) -> SettingsPicture = shell::read_settings;
    /// Sets all settings.
    save_settings(Settings) -> SettingsPicture = shell::save_settings;
    /// Starts the app at login, or no longer.
    open_at_login(AtLogin) -> SettingsPicture = shell::open_at_login;
    /// Opens a ticket in the system's browser.
    open_ticket(OpenTicket) -> Nothing = shell::open_ticket;
    /// Writes the configuration without secrets into a file that a person chooses.
    export_configuration(ExportOrder) -> Written = keeping::export_configuration;
    /// Lets a person choose a configuration file, and tells what it would change.
    choose_configuration(Nothing) -> ConfigOffer = keeping::choose_configuration;
    /// What the chosen file would change with other accounts in the place of those it names.
    compare_configuration(StandIns) -> ConfigOffer = keeping::compare_configuration;
    /// Takes the chosen file over: all of it, or nothing.
    import_configuration(StandIns) -> Imported = keeping::import_configuration;
    /// Copies the store to a file that a person chooses.
    back_up(Nothing) -> Written = keeping::back_up;
    /// Shows the folder of all data in the system's file manager.
    open_data_folder(Nothing) -> Nothing = keeping::open_data_folder;
    /// All accounts, by name.
    list_accounts(Nothing) -> Vec<AccountView> = accounts::list_accounts;
    /// Adds an account without a secret.
    add_account(AccountDoc) -> AccountView = accounts::add_account;
    /// Describes an account anew; its name, platform and certificate file stay.
    update_account(AccountDoc) -> AccountView = accounts::update_account;
    /// Lets a person choose the file with the certificates of their company's own authority.
    choose_certificates(OfAccount) -> AccountView = accounts::choose_certificates;
    /// Trusts only what the system trusts again.
    forget_certificates(OfAccount) -> AccountView = accounts::forget_certificates;
    /// Keeps a secret in the keychain and proves it; one that is refused is not kept.
    sign_in(SignInOrder) -> SignedIn = accounts::sign_in;
    /// Tries what the connections over an account need, line by line.
    test_account(OfAccount) -> Vec<TestLineView> = accounts::test_account;
    /// Removes an account that no connection uses, and its secret; answers with those that are left.
    remove_account(OfAccount) -> Vec<AccountView> = accounts::remove_account;
    /// What an account offers to sync; asks the platform.
    list_scopes(OfAccount) -> Vec<ScopeChoice> = setting_up::list_scopes;
    /// Makes a connection over two accounts; its mapping has no rows yet.
    add_connection(NewConnection) -> ConnectionCard = setting_up::add_connection;
    /// Ends a connection; the tickets stay as they are on both sides.
    remove_connection(OfConnection) -> ConnectionList = setting_up::remove_connection;
    /// Gives a connection another name.
    rename_connection(NameOrder) -> ConnectionCard = setting_up::rename_connection;
    /// Makes a second connection with the same configuration, without links and runs.
    duplicate_connection(NameOrder) -> ConnectionCard = setting_up::duplicate_connection;
    /// Connections deleted in the last 30 days.
    removed_connections(Nothing) -> Vec<RemovedConnection> = setting_up::removed_connections;
    /// Brings a deleted connection back; answers with those that are still deleted.
    restore_connection(OfConnection) -> Vec<RemovedConnection> = setting_up::restore_connection;
    /// Open and decided conflicts, oldest first.
    list_conflicts(OfSome) -> Vec<ConflictView> = tickets::list_conflicts;
    /// Writes choices down; the next run carries them out.
    decide_conflicts(Vec<Decision>) -> Vec<ConflictView> = tickets::decide_conflicts;
    /// Tickets in quarantine by cause.
    list_quarantine(OfSome) -> Vec<QuarantineGroup> = tickets::list_quarantine;
    /// Lets the next run try tickets again; answers with those that are left.
    retry_quarantined(Quarantined) -> Vec<QuarantineGroup> = tickets::retry_quarantined;
    /// Tells what skipping a quarantined ticket's changes gives up, or does it.
    skip_change(SkipOrder) -> Skip = tickets::skip_change;
    /// Links by their source's keys.
    list_links(LinkSearch) -> LinksPage = tickets::list_links;
    /// One link with its history, its comments and files, and its writes; asks no platform.
    link_detail(OfLink) -> LinkDetail = tickets::link_detail;
    /// What linking two tickets would come to: both read side by side; writes nothing.
    preview_link(LinkTickets) -> LinkPreview = tickets::preview_link;
    /// Links two tickets; the next run writes what was chosen.
    link_tickets(LinkTickets) -> Linked = tickets::link_tickets;
    /// Takes a pair up again that was unlinked less than 30 days ago.
    relink(Relink) -> Linked = tickets::relink;
    /// Ends the link of a ticket; both tickets stay as they are.
    unlink(OfTicket) -> Linked = tickets::unlink;
    /// Why a ticket was synced, or was not.
    explain_ticket(OfTicket) -> ExplanationPicture = tickets::explain_ticket;
    /// Opens a connection's live document, its draft, and what goes with them.
    open_editor(OfConnection) -> EditorPicture = editing::open_editor;
    /// What both sides of a type mapping offer: fields, values, workflow.
    read_offers(OfferOrder) -> Pair<OfferedSide> = editing::read_offers;
    /// Marks what changed in the live systems as looked at.
    review_schema(ReviewOrder) -> Pair<OfferedSide> = editing::review_schema;
    /// How many tickets a filter lets in now; asks the platform.
    count_matches(FilterOrder) -> FilterCount = editing::count_matches;
    /// Who has an e-mail address on one side; asks the platform.
    find_person(PersonOrder) -> Option<FoundPerson> = editing::find_person;
    /// Checks a document, saved or not, against what is kept of both platforms.
    check_document(DocumentOrder) -> Checked = editing::check_document;
    /// Keeps a draft; the live document stays in use.
    save_draft(SaveOrder) -> EditorPicture = editing::save_draft;
    /// Forgets the draft.
    discard_draft(OfConnection) -> EditorPicture = editing::discard_draft;
    /// Puts a document into use, or keeps it as a draft where an error stands in it.
    save_document(SaveOrder) -> Saved = editing::save_document;
    /// Saved versions, newest first.
    list_versions(OfConnection) -> Vec<VersionView> = editing::list_versions;
    /// The document of one version.
    read_version(OfVersion) -> ConnectionDoc = editing::read_version;
    /// Counts the tickets that hold each value of the picklists that are paired, a few calls a side.
    count_values(TypeOrder) -> Counted = editing::count_values;
    /// Rows that could be drawn: fields that sound alike and can meet.
    suggest_rows(TypeOrder) -> Vec<Suggestion> = editing::suggest_rows;
    /// Tickets of one side that changed lately, to pick one from.
    recent_tickets(RecentOrder) -> Vec<TicketOffer> = editing::recent_tickets;
    /// Reads a ticket and its partner, and keeps both for trying.
    pick_ticket(PickOrder) -> SampleView = editing::pick_ticket;
    /// What a mapping as it stands in the editor would do with the ticket that was picked; asks nobody.
    try_mapping(TypeOrder) -> Trial = editing::try_mapping;
    /// What the description builder writes for the ticket that was picked; asks nobody.
    preview_description(DescriptionOrder) -> DescriptionPreview = editing::preview_description;
    /// Which template catches which ticket, with the reasons.
    test_templates(CatchOrder) -> Catches = editing::test_templates;
}

/// A request without anything in it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Nothing {}

/// A connection, by its number.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfConnection {
    #[ts(type = "number")]
    pub connection: i64,
}

/// On or off.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SetAutomatic {
    #[ts(type = "number")]
    pub connection: i64,
    pub on: bool,
}

/// What to plan.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PlanOrder {
    #[ts(type = "number")]
    pub connection: i64,
    /// Tickets created or changed since; `null`: since the last run.
    #[ts(type = "number | null")]
    pub since_ms: Option<i64>,
}

/// What to run.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SyncOrder {
    #[ts(type = "number")]
    pub connection: i64,
    /// Tickets created or changed since; `null`: since the last run.
    #[ts(type = "number | null")]
    pub since_ms: Option<i64>,
    /// Exactly this plan, which a person has seen.
    #[ts(type = "number | null")]
    pub plan: Option<i64>,
    /// A person confirmed what guards hold back.
    pub confirmed: bool,
}

/// A run that works.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunStarted {
    #[ts(type = "number")]
    pub run: i64,
}

/// Whether there was something to cancel.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct CancelAsked {
    pub asked: bool,
}

/// Which runs to list.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunFilter {
    #[ts(type = "number | null")]
    pub connection: Option<i64>,
    pub result: Option<RunResult>,
    /// Started at this moment or later.
    #[ts(type = "number | null")]
    pub since_ms: Option<i64>,
    /// Of an earlier page: what is before this run.
    #[ts(type = "number | null")]
    pub before: Option<i64>,
}

/// A run and, if wanted, one outcome of its tickets.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfRun {
    #[ts(type = "number")]
    pub run: i64,
    pub outcome: Option<OutcomeWord>,
}

/// The page of tickets after another one.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct MoreTickets {
    #[ts(type = "number")]
    pub run: i64,
    pub outcome: Option<OutcomeWord>,
    pub from: TicketPlace,
}

fn read<T: DeserializeOwned>(name: &str, payload: Value) -> Result<T, ApiError> {
    serde_json::from_value(payload).map_err(|error| {
        tracing::warn!(command = name, %error, "a request of the window was refused");
        ApiError::new("invalid", format!("the request {name} is not of the form it needs"))
    })
}

/// One line of the list, as TypeScript names it.
#[cfg(test)]
struct Typed {
    name: &'static str,
    doc: &'static str,
    request: String,
    response: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;
    use std::path::Path;

    use serde_json::{Value, json};

    /// Writes the map of command names to types, as ts-rs writes the types; a stale one shows as a changed tree.
    #[test]
    fn the_typescript_map_follows_the_list() {
        let commands = super::typed(&ts_rs::Config::default());
        let types: BTreeSet<&str> = commands
            .iter()
            .flat_map(|command| [command.request.as_str(), command.response.as_str()])
            .collect();
        let mut text =
            "// Written by `cargo test -p lockstep-app` from the list in commands.rs. Do not edit it.\n"
                .to_owned();
        let names: BTreeSet<&str> = types.into_iter().flat_map(words).collect();
        for name in names {
            writeln!(text, "import type {{ {name} }} from \"./{name}\";").unwrap();
        }
        text.push_str("\nexport interface Commands {\n");
        for command in &commands {
            writeln!(text, "  /** {} */", command.doc.trim()).unwrap();
            writeln!(
                text,
                "  {}: {{ request: {}; response: {} }};",
                command.name, command.request, command.response
            )
            .unwrap();
        }
        text.push_str("}\n");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/api/generated/commands.ts");
        if std::fs::read_to_string(&file).ok().as_deref() != Some(&text) {
            std::fs::write(&file, text).unwrap();
        }
    }

    /// The names of our own types in one of TypeScript's: `Pair<Array<X>>` has `Pair` and `X`.
    fn words(name: &str) -> impl Iterator<Item = &str> {
        let is_type = |word: &&str| word.starts_with(|c: char| c.is_ascii_uppercase()) && *word != "Array";
        name.split(['<', '>', ',', ' ']).filter(is_type)
    }

    #[test]
    fn t2_no_command_takes_what_is_not_its_form() {
        let deep = (0..100).fold(json!(1), |inner, _| json!({ "connection": inner }));
        let hostile = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e308),
            json!("../../etc/passwd"),
            json!("javascript:alert(1)"),
            json!([{ "x": 1 }]),
            json!({ "__proto__": { "admin": true } }),
            json!({ "connection": "1; DROP TABLE links" }),
            json!({ "connection": 9.5 }),
            json!({ "connection": 1, "path": "/etc/passwd" }),
            json!({ "account": { "toString": 1 } }),
            json!({ "address": "file:///etc/passwd" }),
            json!({ "run": i64::MAX, "plan": "all" }),
            deep,
        ];
        // Settings of another version may have more keys; those are passed over.
        let lenient = |name: &str, payload: &Value| name == "save_settings" && payload.is_object();
        for name in super::NAMES {
            for payload in hostile.iter().filter(|payload| !lenient(name, payload)) {
                assert!(!super::takes(name, payload.clone()), "{name} takes {payload}");
            }
        }
    }

    #[test]
    fn t2_no_request_has_room_for_a_path_or_an_address() {
        let config = ts_rs::Config::default();
        let asked: BTreeSet<String> = super::typed(&config).into_iter().map(|one| one.request).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/api/generated");
        for name in asked.iter().flat_map(|name| words(name)).filter(|name| *name != "AccountDoc") {
            let text = std::fs::read_to_string(folder.join(format!("{name}.ts"))).unwrap();
            for word in ["path:", "file:", "folder:", "url:", "address:", "ca_file"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
        // An account has an address and may have a certificate file; the file is refused, the address is an origin (T3).
        assert!(asked.contains("AccountDoc"));
    }

    #[test]
    fn names_are_there_once_and_stay_few() {
        let names: BTreeSet<&&str> = super::NAMES.iter().collect();
        assert_eq!(names.len(), super::NAMES.len());
        // The shell's access list has one command, `call`; this list is what stands behind it (reliability.md §7.3).
        assert!(names.len() <= 80, "a window that can do so much wants a second look");
    }
}
