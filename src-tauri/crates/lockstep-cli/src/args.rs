//! The command line's grammar. Parsed before anything is opened, so that a slip costs nothing.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::exit;

/// Keeps tickets in step between ServiceNow and Jira, on this machine.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, about, after_help = exit::TABLE, propagate_version = true)]
pub struct Args {
    /// Where Lockstep keeps its data
    #[arg(long, global = true, env = "LOCKSTEP_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Print JSON: one document, or one line for each event
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Accounts: platforms that Lockstep signs in to
    #[command(subcommand)]
    Account(AccountCommand),
    /// Connections: pairs of accounts kept in step
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Try a mapping on a real ticket, and go back to earlier versions
    #[command(subcommand)]
    Mapping(MappingCommand),
    /// Show what a run would write, and keep that plan for a day
    Plan(PlanArgs),
    /// Bring both sides of a connection in step
    Run(RunArgs),
    /// Run automatic connections, until interrupted
    Watch(WatchArgs),
    /// List runs, or show one ticket by ticket
    Runs(RunsArgs),
    /// Fields that were changed on both sides
    Conflicts(ConflictsArgs),
    /// Tickets that cannot succeed until something is mended
    Quarantine(QuarantineArgs),
    /// Say why a ticket was synced, or was not
    Explain(ExplainArgs),
    /// List links, or link two existing tickets
    Link(LinkArgs),
    /// Stop keeping two tickets in step; both stay as they are
    Unlink(UnlinkArgs),
    /// Check this installation: places, store, keychain, sign-ins
    Doctor,
    /// The configuration as one TOML file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Start practice platforms on this computer, until interrupted
    Practice(PracticeArgs),
    /// Copy the store to a file, encrypted like itself
    Backup(BackupArgs),
}

#[derive(Debug, Subcommand)]
pub enum MappingCommand {
    /// List saved versions, newest first
    Versions {
        /// Name of the connection
        connection: String,
    },
    /// Put an earlier version into use, as a new one
    Restore {
        /// Name of the connection
        connection: String,
        /// Number of the version
        #[arg(value_name = "VERSION")]
        revision: i64,
    },
    /// Suggest rows for fields that are not mapped
    Suggest(OfType),
    /// Count the tickets that hold each value that is paired
    Count(OfType),
    /// Show what the mapping would do with one ticket; writes nothing
    Try {
        #[command(flatten)]
        of: OfType,
        /// Key of the ticket, on either side
        ticket: String,
    },
    /// Show what the description builder writes for one ticket
    Describe {
        #[command(flatten)]
        of: OfType,
        /// Key of the ticket, on the source
        ticket: String,
    },
    /// Say which template catches which of the tickets that changed lately
    Templates {
        #[command(flatten)]
        of: OfType,
        /// One ticket alone, with the reasons
        ticket: Option<String>,
    },
}

#[derive(Debug, ClapArgs)]
pub struct OfType {
    /// Name of the connection
    pub connection: String,
    /// Name of the type mapping, where there are several
    #[arg(long = "type", value_name = "NAME")]
    pub type_mapping: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add an account; its secret is asked for, or read from standard input
    Add(AccountAdd),
    /// Give an account a new secret
    SignIn { name: String },
    /// Try everything an account needs
    Test { name: String },
    /// List accounts
    List,
    /// Remove an account that no connection uses, and its secret
    Remove { name: String },
}

#[derive(Debug, ClapArgs)]
pub struct AccountAdd {
    /// What you call it
    pub name: String,
    #[arg(long, value_enum)]
    pub platform: PracticePlatform,
    /// As the browser shows it: https://corvane.service-now.com
    #[arg(long, alias = "url")]
    pub address: String,
    /// ServiceNow: basic (the default), oauth-client, oauth-password, api-key. Jira: token
    #[arg(long, value_enum)]
    pub method: Option<Method>,
    /// User name (ServiceNow)
    #[arg(long)]
    pub user: Option<String>,
    /// E-mail address of the API token (Jira)
    #[arg(long)]
    pub email: Option<String>,
    /// OAuth client (ServiceNow)
    #[arg(long)]
    pub client_id: Option<String>,
    /// People write as this user too
    #[arg(long)]
    pub shared: bool,
    /// A practice platform
    #[arg(long)]
    pub practice: bool,
    /// A test instance of yours
    #[arg(long, conflicts_with = "practice")]
    pub sandbox: bool,
    /// Seconds until a write can be found by a search
    #[arg(long, value_name = "SECONDS")]
    pub settle: Option<u64>,
    /// True/false field that marks a ticket as private (ServiceNow)
    #[arg(long, value_name = "FIELD")]
    pub private_field: Option<String>,
    /// File with certificates of your company's own authority, PEM
    #[arg(long, alias = "ca", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Sign in later
    #[arg(long)]
    pub no_sign_in: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    Basic,
    OauthClient,
    OauthPassword,
    ApiKey,
    Token,
}

#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// List connections with their state
    List,
    /// Hold the mapping against both live systems
    Check { name: String },
    /// Switch automatic runs
    Automatic {
        name: String,
        #[arg(value_enum)]
        switch: Switch,
    },
    /// Remove a connection; its links stay known, so that nothing is created twice
    Remove {
        name: String,
        /// Yes, remove it
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Debug, ClapArgs)]
pub struct PlanArgs {
    pub connection: String,
    /// Tickets created or changed since: 2026-01-31, 24h, 7d, all
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    pub connection: String,
    /// Tickets created or changed since: 2026-01-31, 24h, 7d, all. Without it: since the last run
    #[arg(long, value_name = "DATE", conflicts_with = "plan")]
    pub since: Option<String>,
    /// Apply exactly this plan
    #[arg(long, value_name = "ID")]
    pub plan: Option<i64>,
    /// Go on where a guard would stop and ask
    #[arg(long)]
    pub yes: bool,
    /// Take over the tickets that another Lockstep's store has linked (after its store was lost or moved)
    #[arg(long, conflicts_with = "plan")]
    pub take_over: bool,
}

#[derive(Debug, ClapArgs)]
pub struct WatchArgs {
    /// Only these connections
    pub connections: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub struct RunsArgs {
    /// A run's number: show it ticket by ticket
    pub run: Option<i64>,
    #[arg(long)]
    pub connection: Option<String>,
    /// Tickets with this outcome only
    #[arg(long, value_enum, requires = "run")]
    pub only: Option<OutcomeArg>,
    /// Rows at most
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutcomeArg {
    Created,
    Updated,
    Closed,
    Failed,
    Skipped,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ConflictsArgs {
    #[arg(long)]
    pub connection: Option<String>,
    #[command(subcommand)]
    pub command: Option<ConflictsCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ConflictsCommand {
    /// List them with the three values
    List {
        #[arg(long)]
        connection: Option<String>,
    },
    /// Choose whose value stays; the next run writes it
    Decide {
        id: i64,
        #[arg(value_enum)]
        choice: ChoiceArg,
        /// The list's mark of what was shown: refused when the values have changed since
        #[arg(long, value_name = "MARK")]
        shown: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChoiceArg {
    Source,
    Target,
    /// Both stay as they are
    Leave,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct QuarantineArgs {
    #[arg(long)]
    pub connection: Option<String>,
    #[command(subcommand)]
    pub command: Option<QuarantineCommand>,
}

#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// List them by cause
    List {
        #[arg(long)]
        connection: Option<String>,
    },
    /// Let the next run try again
    Retry {
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<i64>,
        #[arg(long)]
        all: bool,
        #[arg(long, requires = "all")]
        connection: Option<String>,
    },
}

#[derive(Debug, ClapArgs)]
pub struct ExplainArgs {
    /// Key or id of a ticket of either side
    pub ticket: String,
    /// Needed where there are several connections
    #[arg(long)]
    pub connection: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub struct LinkArgs {
    /// Key of the source's ticket
    #[arg(requires = "target")]
    pub source: Option<String>,
    /// Key of the target's ticket
    pub target: Option<String>,
    #[arg(long)]
    pub connection: Option<String>,
    /// Name of the type mapping, where the connection has several
    #[arg(long = "type", value_name = "TYPE")]
    pub type_mapping: Option<String>,
    /// Comments that count as known and are never copied: all, none, or ids (source:ID,target:ID)
    #[arg(long, default_value = "all", value_name = "WHICH")]
    pub known_comments: String,
    /// In the list: part of a key
    #[arg(long, conflicts_with = "source")]
    pub search: Option<String>,
    /// In the list: ended links too
    #[arg(long, conflicts_with = "source")]
    pub ended: bool,
    /// In the list: rows at most
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: u32,
}

#[derive(Debug, ClapArgs)]
pub struct UnlinkArgs {
    /// Key of either ticket
    pub ticket: String,
    #[arg(long)]
    pub connection: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the configuration, or write it to a file
    Export {
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take a file over; what it does not name stays as it is
    Import { file: PathBuf },
    /// Report everything that is wrong with a file
    Check { file: PathBuf },
}

#[derive(Debug, ClapArgs)]
pub struct PracticeArgs {
    #[arg(value_enum, required = true)]
    pub platforms: Vec<PracticePlatform>,
    /// Ports, in the order of the platforms; any free one without it
    #[arg(long, value_delimiter = ',', value_name = "PORT")]
    pub port: Vec<u16>,
    /// What they start with: empty, small, a number of tickets on top, or plain:NUMBER of tickets to measure with
    #[arg(long, default_value = "small", value_name = "SEED")]
    pub seed: SeedArg,
    /// Keep tickets, port and sign-in in this folder
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Another number gives other ids and secrets
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub world: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PracticePlatform {
    Servicenow,
    Jira,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedArg {
    Empty,
    Small,
    Bulk(usize),
    Plain(usize),
}

/// More than this is a slip.
const SEED_TICKETS_MAX: usize = 2_000_000;

impl FromStr for SeedArg {
    type Err = String;

    fn from_str(text: &str) -> Result<SeedArg, String> {
        match text {
            "empty" => Ok(SeedArg::Empty),
            "small" => Ok(SeedArg::Small),
            text => {
                let (seed, number): (fn(usize) -> SeedArg, &str) = match text.strip_prefix("plain:") {
                    Some(number) => (SeedArg::Plain, number),
                    None => (SeedArg::Bulk, text),
                };
                match number.parse() {
                    Ok(count) if count <= SEED_TICKETS_MAX => Ok(seed(count)),
                    Ok(_) => Err(format!("at most {SEED_TICKETS_MAX} tickets")),
                    Err(_) => Err("write empty, small, a number of tickets, or plain:NUMBER".to_owned()),
                }
            }
        }
    }
}

#[derive(Debug, ClapArgs)]
pub struct BackupArgs {
    /// The file to write; it must not exist
    pub file: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(std::iter::once("lockstep").chain(line.split_whitespace()))
    }

    #[test]
    fn the_grammar_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_is_documented_is_understood() {
        for line in [
            "account add Now --platform servicenow --address https://x.example --user me",
            "account sign-in Now",
            "account test Now --json",
            "account list",
            "account remove Now",
            "connection list",
            "connection check C",
            "connection automatic C on",
            "connection automatic C off",
            "connection remove C --yes",
            "plan C --since all",
            "run C --since 2026-01-31 --yes",
            "run C --plan 7",
            "watch",
            "runs",
            "runs 12 --only failed",
            "conflicts",
            "conflicts list --connection C",
            "conflicts decide 3 leave",
            "quarantine",
            "quarantine retry 4",
            "quarantine retry --all",
            "explain INC0000001 --connection C",
            "link INC1 CSD-1 --connection C --known-comments none",
            "link --search INC",
            "unlink INC1",
            "doctor",
            "config export -o x.toml",
            "config import x.toml",
            "config check x.toml",
            "practice servicenow jira --port 8091,8092 --seed 500 --state dir --json",
            "practice jira --seed empty",
            "backup x.db",
        ] {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn slips_end_with_code_2_and_help_with_0() {
        for line in [
            "",
            "frobnicate",
            "run",
            "run C --plan seven",
            "run C --plan 7 --since all",
            "conflicts decide 3 both",
            "quarantine retry",
            "quarantine retry 4 --all",
            "connection automatic C maybe",
            "practice zendesk",
            "practice",
            "practice jira --seed many",
            "practice jira --port 70000",
            "account add Now --platform jira",
            "account add Now --platform servicenow --address https://x --password hush",
            "link INC1",
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
        for line in ["--help", "--version", "run --help"] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 0, "{line}");
        }
    }

    #[test]
    fn no_argument_takes_a_secret() {
        let mut open = vec![Args::command()];
        while let Some(command) = open.pop() {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                assert!(
                    !["password", "secret", "token", "key"].contains(&name),
                    "{} --{name}",
                    command.get_name()
                );
            }
            open.extend(command.get_subcommands().cloned());
        }
    }
}
