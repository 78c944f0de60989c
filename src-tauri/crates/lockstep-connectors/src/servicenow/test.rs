//! The connection test: what a connection needs, tried one by one, each with its remedy (servicenow.md §1.1, §1.2).

use lockstep_core::connector::{ConnectorError, Scope, Tell, TestLine, TestResult};

use super::ServiceNow;
use super::query::Query;
use super::table::Rows;
use crate::http::{Call, Expect};

/// A clock that is off by more than this is worth a word, milliseconds.
const SKEW_MS_MAX: i64 = 120_000;

/// How a try went.
struct Verdict {
    result: TestResult,
    detail: String,
    remedy: Option<String>,
}

impl Verdict {
    fn good(detail: impl Into<String>) -> Verdict {
        Verdict { result: TestResult::Good, detail: detail.into(), remedy: None }
    }

    fn other(result: TestResult, detail: impl Into<String>, remedy: &str) -> Verdict {
        Verdict { result, detail: detail.into(), remedy: Some(remedy.to_owned()) }
    }

    fn failed(error: ConnectorError, remedy: &str) -> Verdict {
        let remedy = error.remedy.unwrap_or_else(|| remedy.to_owned());
        Verdict { result: TestResult::Failed, detail: error.message, remedy: Some(remedy) }
    }
}

/// Lines so far, each told when it comes.
struct Lines<'a> {
    all: Vec<TestLine>,
    tell: Tell<'a>,
}

impl Lines<'_> {
    fn push(&mut self, line: TestLine) {
        (self.tell)(&line);
        self.all.push(line);
    }
}

impl ServiceNow {
    /// Line by line; stops after the sign-in when that fails, because nothing else would tell more.
    pub(super) async fn test_lines(&self, scopes: &[Scope], tell: Tell<'_>) -> Vec<TestLine> {
        let mut lines = Lines { all: Vec::new(), tell };
        lines.push(self.timed("Sign-in works", self.try_sign_in()).await);
        if lines.all.iter().any(|line| line.result == TestResult::Failed) {
            return lines.all;
        }
        lines.push(self.timed("Clocks agree", self.try_clock()).await);
        let mut tables: Vec<&str> = scopes.iter().map(|scope| scope.ticket_type.as_str()).collect();
        tables.sort_unstable();
        tables.dedup();
        for table in &tables {
            let name = format!("{} can be read", super::meta::table(table).label);
            lines.push(self.timed(&name, self.try_table(table)).await);
        }
        let first = tables.first().copied().unwrap_or("incident");
        lines.push(self.timed("Unknown query parts are refused", self.try_strictness(first)).await);
        lines.push(self.timed("Choice lists can be read", self.try_choices(first)).await);
        lines.push(self.timed("Comments can be read", self.try_journal()).await);
        lines.push(self.timed("Files can be read", self.try_files()).await);
        lines.all
    }

    async fn timed(&self, name: &str, attempt: impl Future<Output = Verdict>) -> TestLine {
        let clock = &self.client.ports().clock;
        let started = clock.monotonic_ms();
        let Verdict { result, detail, remedy } = attempt.await;
        let took_ms = clock.monotonic_ms().saturating_sub(started);
        TestLine { name: name.to_owned(), result, detail, remedy, took_ms }
    }

    async fn try_sign_in(&self) -> Verdict {
        match self.us().await {
            Ok(us) => {
                let zone = us.identity.time_zone.as_deref().unwrap_or("the instance's own");
                Verdict::good(format!("As {} ({}), time zone {zone}", us.identity.us.name, us.user_name))
            }
            Err(error) => Verdict::failed(
                error,
                "Check user and password; the user must be active, without \"Password needs reset\" and without \
                 multi-factor sign-in for web services, and must hold the role snc_platform_rest_api_access or itil",
            ),
        }
    }

    async fn try_clock(&self) -> Verdict {
        let skew_ms = self.client.skew_ms();
        if skew_ms.abs() <= SKEW_MS_MAX {
            return Verdict::good(format!(
                "The instance's clock is {} s apart from this computer's",
                skew_ms / 1000
            ));
        }
        Verdict::other(
            TestResult::Degraded,
            format!("The instance's clock is {} s apart from this computer's", skew_ms / 1000),
            "Lockstep goes by the instance's clock; set this computer's for sensible times on the screen",
        )
    }

    async fn try_table(&self, table: &str) -> Verdict {
        let wanted = [
            "sys_id",
            "number",
            "sys_updated_on",
            "sys_mod_count",
            "sys_updated_by",
            self.settings.marker_column.as_str(),
            "assignment_group",
        ];
        let what = format!("read the newest record of {table}");
        let query = Query::new().order_by_latest("sys_updated_on");
        let columns = wanted.join(",");
        let rows =
            Rows { table, query: &query, columns: &columns, limit: 1, offset: 0, counted: true, what: &what };
        let remedy = "Give Lockstep's user the role itil, or the narrower read and write roles of this table";
        let found = match self.rows(&rows).await {
            Ok(found) => found,
            Err(error) => return Verdict::failed(error, remedy),
        };
        let list = match self.list(&found, &what) {
            Ok(list) => list,
            Err(error) => return Verdict::failed(error, remedy),
        };
        let Some(row) = list.first() else {
            return match found.total {
                Some(total) if total > 0 => Verdict::other(
                    TestResult::NotConfirmed,
                    format!("The newest of {total} records is hidden from Lockstep's user"),
                    remedy,
                ),
                _ => Verdict::other(
                    TestResult::NotConfirmed,
                    format!("{table} has no record to try with"),
                    "Make a record and test again",
                ),
            };
        };
        let missing: Vec<&str> = wanted.into_iter().filter(|column| row.get(column).is_none()).collect();
        if missing.is_empty() {
            return Verdict::good("Records, their stamps and the place for the marker can be read");
        }
        Verdict::other(
            TestResult::Failed,
            format!("Hidden columns: {}", missing.join(", ")),
            "An administrator must let the user's role read these columns (field ACL)",
        )
    }

    async fn try_strictness(&self, table: &str) -> Verdict {
        let what = "see what becomes of an unknown query part";
        let query = Query::new().no_such_column();
        let rows =
            Rows { table, query: &query, columns: "sys_id", limit: 1, offset: 0, counted: false, what };
        let strict = match self.rows(&rows).await {
            Ok(found) => self.list(&found, what).is_ok_and(|rows| rows.is_empty()),
            // Refusing it is as strict as bringing nothing.
            Err(error) => error.kind == lockstep_core::connector::ErrorKind::Refused,
        };
        if strict {
            return Verdict::good("An unknown query part brings no rows");
        }
        Verdict::other(
            TestResult::Degraded,
            "An unknown query part is ignored; Lockstep checks each row itself",
            "Set the system property glide.invalid_query.returns_no_rows to true",
        )
    }

    async fn try_choices(&self, table: &str) -> Verdict {
        let remedy =
            "Give the user's role read access to sys_choice (role personalize_choices, or a read-only ACL)";
        match self.discovered(table, true).await {
            Ok(found) if found.schema.not_confirmed.is_empty() => {
                Verdict::good(format!("{} statuses", found.schema.workflow.statuses.len()))
            }
            Ok(found) => Verdict::other(TestResult::Degraded, found.schema.not_confirmed.join(". "), remedy),
            Err(error) => Verdict::failed(error, remedy),
        }
    }

    async fn try_journal(&self) -> Verdict {
        let remedy = "An administrator must give the user's role read access to sys_journal_field; without it comments \
                      are read from the text shown, which is less safe";
        let what = "read comments";
        let query = Query::new().one_of("element", &["comments", "work_notes"]);
        let (table, columns) = ("sys_journal_field", "sys_id,element");
        let rows = Rows { table, query: &query, columns, limit: 1, offset: 0, counted: true, what };
        let found = match self.rows(&rows).await {
            Ok(found) => found,
            Err(error) if super::fetch::is_closed(&error) => {
                return Verdict::other(TestResult::Degraded, error.message, remedy);
            }
            Err(error) => return Verdict::failed(error, remedy),
        };
        match self.list(&found, what) {
            Ok(rows) if !rows.is_empty() => {
                Verdict::good("Each comment comes with its own id, author and time")
            }
            Ok(_) if found.total.is_some_and(|total| total > 0) => {
                Verdict::other(TestResult::Degraded, "All comments are hidden from Lockstep's user", remedy)
            }
            Ok(_) => Verdict::other(
                TestResult::NotConfirmed,
                "The instance shows no comment at all: there is none, or they are hidden",
                remedy,
            ),
            Err(error) => Verdict::failed(error, remedy),
        }
    }

    async fn try_files(&self) -> Verdict {
        let call =
            Call::get("/api/now/attachment", "list files").query("sysparm_limit", "1").expect(Expect::Json);
        match self.client.read(call).await {
            Ok(_) => Verdict::good("Files can be listed"),
            Err(error) => Verdict::failed(
                error,
                "Let the user's role read sys_attachment; with an API key, make an access policy for the Attachment API",
            ),
        }
    }
}
