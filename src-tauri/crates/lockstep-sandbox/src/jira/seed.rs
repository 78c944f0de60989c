//! What the site holds at the start: a few dozen believable tickets, and any number of plainer ones in bulk.

use std::sync::Arc;

use super::clock::{DAY_MS, date_utc};
use super::draw::{mix, pick};
use super::issues::blank_issue;
use super::model::{Comment, Custom, Issue, Request, UserNo};
use super::site::{self, *};
use super::store::Lag;
use super::{Jira, wiki};

/// Position of a project, type id, status id, summary, description.
type Row = (usize, u32, u32, &'static str, &'static str);

const SMALL: &[Row] = &[
    (
        0,
        INCIDENT,
        TO_DO,
        "VPN drops every few minutes in the Lyon office",
        "Since the firewall change on Monday the tunnel closes after three to five minutes.\n\nHappens on cable and on wireless.",
    ),
    (
        0,
        INCIDENT,
        IN_PROGRESS,
        "Mailbox of the finance team is full",
        "Senders get a bounce. The team asks for a larger quota until the year is closed.",
    ),
    (
        0,
        INCIDENT,
        WAITING_FOR_CUSTOMER,
        "Label printer in hall 3 prints blank labels",
        "New rolls were put in yesterday. A test page from the menu is fine.",
    ),
    (
        0,
        INCIDENT,
        PENDING_VENDOR,
        "Badge reader at gate B refuses all cards",
        "Reader shows a steady red light. The vendor was told, case 88-4312.",
    ),
    (
        0,
        INCIDENT,
        RESOLVED,
        "Payroll export stops with a timeout",
        "The nightly export ends at 60 % since the update.",
    ),
    (
        0,
        INCIDENT,
        CLOSED,
        "Conference room 2.14 has no picture on the wall screen",
        "Cable was loose behind the panel.",
    ),
    (0, INCIDENT, CANCELED, "Telephone rings twice", "Reported by mistake."),
    (
        0,
        INCIDENT,
        TO_DO,
        "Shared drive P: is slow for the design team",
        "Opening a drawing takes more than a minute, *only in the morning*.",
    ),
    (
        0,
        SERVICE_REQUEST,
        TO_DO,
        "Laptop for a new colleague starting 1 December",
        "Standard model, docking station, two screens.",
    ),
    (
        0,
        SERVICE_REQUEST,
        IN_PROGRESS,
        "Access to the reporting database for the audit",
        "Read only, until the end of March.",
    ),
    (
        0,
        SERVICE_REQUEST,
        WAITING_FOR_CUSTOMER,
        "Second screen for the reception desk",
        "Please tell us which stand fits the desk.",
    ),
    (
        0,
        SERVICE_REQUEST,
        RESOLVED,
        "Install the drawing program on three machines",
        "Machines D-102, D-107 and D-111.",
    ),
    (
        0,
        SERVICE_REQUEST,
        CLOSED,
        "Move two desks' network sockets to room 1.08",
        "Done with the building team.",
    ),
    (
        0,
        TASK,
        TO_DO,
        "Write the article \"How to map a drive\"",
        "Half of last month's calls were about this.",
    ),
    (0, TASK, DONE, "Tell all users about the maintenance on Saturday", "Sent to all floors."),
    (
        1,
        INCIDENT,
        IN_PROGRESS,
        "Checkout answers with 502 under load",
        "h2. Seen\nBetween 11:20 and 11:35 one request in eight failed.\n\n{code}\nupstream prematurely closed connection\n{code}",
    ),
    (
        1,
        INCIDENT,
        RESOLVED,
        "Search index stuck after the node was replaced",
        "Shard 4 stayed unassigned. Rerouted by hand.",
    ),
    (
        1,
        INCIDENT,
        PENDING_VENDOR,
        "Packet loss between the two data centres",
        "0.7 % on the second line only. Provider ticket is open.",
    ),
    (
        1,
        INCIDENT,
        TO_DO,
        "Disk of the log host fills up in two days",
        "Debug logging was left on after the last release.",
    ),
    (1, BUG, TO_DO, "Date picker shows the wrong week in January", "Week 53 is followed by week 2."),
    (1, BUG, IN_PROGRESS, "Export writes umlauts as question marks", "Only in the CSV with semicolons."),
    (1, BUG, RESOLVED, "Session ends although the user is typing", "The timer was not reset by keystrokes."),
    (1, BUG, CLOSED, "Logo is blurred on wide screens", "Replaced by a vector image."),
    (1, TASK, TO_DO, "Rotate the certificates of the internal gateways", "They end on 15 January."),
    (1, TASK, IN_PROGRESS, "Raise the alert limit for the queue depth", "* old: 1,000\n* new: 5,000"),
    (
        1,
        TASK,
        DONE,
        "Document the restore of the order database",
        "See the runbook [restore|https://wiki.corvane.example/restore].",
    ),
    (1, TASK, DONE, "Remove the unused staging cluster", "Freed 12 machines."),
    (
        2,
        LAB_TASK,
        LAB_TO_DO,
        "Try the new scanner with damaged labels",
        "Twenty samples are in the box on the bench.",
    ),
    (
        2,
        LAB_TASK,
        LAB_IN_PROGRESS,
        "Measure the battery of the handhelds in the cold",
        "At −10 °C and at −20 °C.",
    ),
    (2, LAB_TASK, LAB_DONE, "Set up the bench for the summer students", "Two places, one power supply each."),
    (2, LAB_BUG, LAB_TO_DO, "Scale reports a negative weight after tare", "Every tenth time or so."),
    (2, LAB_BUG, LAB_DONE, "Logger forgets the zone after a restart", "It now keeps UTC."),
];

/// Text of a comment, whether it is internal, and from how many days after the ticket.
const REMARKS: &[(&str, bool)] = &[
    ("Thank you for the report, we are looking into it.", false),
    ("Same picture at the other site. Looks like the last change.", true),
    ("Could you send a screenshot of the message?", false),
    ("Restarted the service as a first step; it holds for now.", true),
    ("The part is ordered and should be here on Thursday.", false),
    ("Asked the second line to have a look at the logs.", true),
];

const LABELS: &[&str] =
    &["network", "hardware", "access", "vip", "printing", "mail", "release", "night-shift"];
const PLACES: &[&str] = &["Lyon, 2nd floor", "Hall 3", "Reception", "Remote", "Data centre North"];

/// Subjects and troubles that bulk tickets are put together from.
const THINGS: &[&str] = &[
    "Printer",
    "Laptop",
    "VPN",
    "Mailbox",
    "Badge reader",
    "Scanner",
    "Shared drive",
    "Phone",
    "Wall screen",
    "Order service",
    "Search",
    "Gateway",
    "Build agent",
    "Handheld",
    "Payroll export",
    "Report",
];
const TROUBLES: &[&str] = &[
    "does not answer",
    "is slow",
    "asks for a password again and again",
    "shows an old state",
    "stops at night",
    "cannot be reached",
    "loses its settings",
    "prints strange characters",
    "is missing a licence",
    "needs a replacement",
];

impl Jira {
    fn at_once(now_ms: i64) -> Lag {
        Lag { now_ms, lag_ms: 0, unsteady: false }
    }

    /// The small seed, spread over the three weeks before.
    pub(super) fn seed_small(&mut self, now_ms: i64) {
        let count = SMALL.len() as i64;
        for (at, row) in SMALL.iter().enumerate() {
            let created_ms = now_ms - 21 * DAY_MS + at as i64 * (20 * DAY_MS / count);
            let issue = self.small_issue(at as u64, row, created_ms, now_ms);
            self.store.put(issue, Self::at_once(now_ms));
        }
    }

    fn small_issue(&mut self, at: u64, row: &Row, created_ms: i64, now_ms: i64) -> Issue {
        let (project, kind, status, summary, text) = *row;
        let (id, number) = self.store.next(project);
        let reporter = self.person(at, 1);
        let mut issue = blank_issue(id, project, number, kind, reporter, created_ms);
        summary.clone_into(&mut issue.summary);
        issue.description = Some(wiki::to_adf(text, &|_| None));
        if mix(self.seed, at * 7 + 2).is_multiple_of(3) {
            issue.labels = vec![pick(self.seed, at * 7 + 3, LABELS).to_owned()];
        }
        self.dress(&mut issue, at, status, created_ms, now_ms);
        if let Some(known) = super::jsm::REQUEST_TYPES.iter().find(|known| known.kind == kind)
            && PROJECTS[project].is_service()
        {
            issue.request = Some(Request { type_id: known.id, participants: Vec::new() });
            if at.is_multiple_of(4) {
                issue.reporter = Some(self.users.len() as UserNo - 1);
            }
        }
        for n in 0..mix(self.seed, at * 7 + 4) % 4 {
            let (text, internal) = pick(self.seed, at * 31 + n, REMARKS);
            let at_ms = (created_ms + (n as i64 + 1) * 5 * 3_600_000).min(now_ms);
            let comment =
                self.remark(self.person(at, 5 + n), text, internal && PROJECTS[project].is_service(), at_ms);
            self.comment_homes.insert(comment.id, id);
            issue.comments.push(Arc::new(comment));
            issue.updated_ms = issue.updated_ms.max(at_ms);
        }
        issue
    }

    fn remark(&mut self, author: UserNo, text: &str, internal: bool, at_ms: i64) -> Comment {
        let mut properties = Vec::new();
        if internal {
            properties.push(("sd.public.comment".to_owned(), r#"{"internal":true}"#.to_owned()));
        }
        Comment {
            id: self.next_number(),
            author,
            update_author: author,
            body: wiki::plain_to_adf(text),
            created_ms: at_ms,
            updated_ms: at_ms,
            visibility: None,
            properties,
            properties_from_ms: at_ms,
            attachments: Vec::new(),
        }
    }

    /// One of the people who can be assigned.
    fn person(&self, at: u64, salt: u64) -> UserNo {
        let start = 1 + mix(self.seed, at * 13 + salt) % 12;
        if self.is_assignable(start as UserNo) { start as UserNo } else { 1 }
    }

    /// Gives a ticket status, people and values as of a while after its making.
    fn dress(&self, issue: &mut Issue, at: u64, status: u32, created_ms: i64, now_ms: i64) {
        let draw = mix(self.seed, at * 7 + 5);
        let span_ms = (now_ms - created_ms).max(1);
        let moved_ms = created_ms + (draw % 1_000) as i64 * span_ms / 1_000;
        if status != issue.status {
            issue.status = status;
            issue.status_path.push((status, moved_ms));
            issue.status_since_ms = moved_ms;
            issue.updated_ms = moved_ms;
            issue.assignee = Some(self.person(at, 3));
        }
        let managed = PROJECTS[issue.project].is_team_managed();
        if site::CATEGORIES[site::status(status).category].1 == "done" && !managed {
            issue.resolution = Some(if status == CANCELED { 10001 } else { 10000 });
            issue.resolved_ms = Some(moved_ms);
        }
        if managed {
            return;
        }
        issue.priority = Some(pick(self.seed, at * 7 + 6, &[2, 3, 3, 3, 4, 1, 5]));
        let components = PROJECTS[issue.project].components;
        if draw.is_multiple_of(2) {
            issue.components = vec![components[(draw / 2) as usize % components.len()].0];
        }
        if draw.is_multiple_of(5) {
            issue.duedate = Some(date_utc(created_ms + 14 * DAY_MS));
        }
        issue.set_custom(10041, Some(Custom::Option(pick(self.seed, at * 7 + 8, CONTACT_TYPES).0)));
        if draw.is_multiple_of(3) {
            issue.set_custom(10042, Some(Custom::Moment(created_ms - 1_800_000)));
            issue.set_custom(10043, Some(Custom::Line(pick(self.seed, at * 7 + 9, PLACES).to_owned())));
        }
    }

    /// `count` more tickets, spread over the 90 days before `now_ms`.
    pub(super) fn seed_many(&mut self, count: usize, now_ms: i64) {
        let spread_ms = 90 * DAY_MS;
        for n in 0..count {
            let at = 1_000_000 + self.counter + n as u64;
            let created_ms = now_ms - spread_ms + n as i64 * spread_ms / count as i64;
            let issue = self.bulk_issue(at, created_ms, now_ms);
            self.store.put(issue, Self::at_once(now_ms));
        }
        self.counter += count as u64;
    }

    fn bulk_issue(&mut self, at: u64, created_ms: i64, now_ms: i64) -> Issue {
        let draw = mix(self.seed, at);
        let project = [0, 0, 0, 1, 1, 1, 0, 1, 2, 1][(draw % 10) as usize];
        let kinds = PROJECTS[project].kinds;
        // The last type is the sub-task, which needs a parent.
        let kind = kinds[(draw / 10) as usize % (kinds.len() - 1)];
        let (id, number) = self.store.next(project);
        let mut issue = blank_issue(id, project, number, kind, self.person(at, 1), created_ms);
        let thing = pick(self.seed, at * 3, THINGS);
        let trouble = pick(self.seed, at * 3 + 1, TROUBLES);
        issue.summary = format!("{thing} {trouble} ({})", 100 + draw % 900);
        issue.description = Some(format!(
            "{{\"type\":\"doc\",\"version\":1,\"content\":[{{\"type\":\"paragraph\",\"content\":[{{\"type\":\"text\",\
             \"text\":\"{thing} {trouble}. Seen at place {}, asked for by a colleague on the phone.\"}}]}}]}}",
            draw % 77
        ));
        if draw.is_multiple_of(4) {
            issue.labels.push(pick(self.seed, at * 3 + 2, LABELS).to_owned());
        }
        let flow = super::workflow::flow(kind);
        let initial = issue.status;
        let status =
            if draw.is_multiple_of(3) { initial } else { flow[(draw / 100) as usize % flow.len()].to };
        self.dress(&mut issue, at, status, created_ms, now_ms);
        issue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::adf;
    use crate::platform::{Platform as _, Seed};

    const NOW: i64 = 1_795_167_067_123;

    #[test]
    fn seeds_are_the_same_each_time_and_valid() {
        let one = Jira::new(9, NOW, Seed::Bulk(500));
        let two = Jira::new(9, NOW, Seed::Bulk(500));
        assert_eq!(one.save(), two.save());
        for issue in one.store.live() {
            assert!(issue.updated_ms <= NOW && issue.created_ms <= issue.updated_ms);
            assert!(super::super::workflow::statuses(issue.kind).contains(&issue.status));
            for text in issue.rich_texts() {
                assert_eq!(adf::check(text), Ok(()));
            }
        }
        assert_eq!(one.store.live().count(), SMALL.len() + 500);
    }
}
