//! Steps of the workflow (sheet §4.3). A transition is known by where it leads; its id is asked for anew when
//! the one remembered no longer fits. After a step there is no body in the answer: the base stays unsettled
//! (H14).

use http::Method;
use lockstep_core::connector::{ConnectorError, ErrorKind, Scope, StepRequest, WriteFailure, Written};
use lockstep_core::ids::TicketId;
use serde_json::json;

use super::Jira;
use super::create::{field_map, history};
use super::fetch::gone;
use super::rows;
use super::session::{issue, not_sent, parse, write};
use super::wire::{IssueRow, TransitionRow, Transitions};
use crate::http::{Call, Expect};

const WHAT: &str = "move a ticket to its next status";
const STATUS: &str = "status";

/// Among the steps that lead to `to`: without a screen first, then the one that asks for the least (§4.3).
pub fn choose<'a>(rows: &'a [TransitionRow], to: &str) -> Option<&'a TransitionRow> {
    let demands = |row: &TransitionRow| row.fields.values().filter(|field| field.required).count();
    rows.iter()
        .filter(|row| row.to.id.0 == to && row.is_available != Some(false))
        .min_by_key(|row| (row.has_screen, demands(row)))
}

impl Jira {
    /// The steps that the workflow offers a ticket now.
    pub(super) async fn offered(&self, ticket: &TicketId) -> Result<Vec<TransitionRow>, ConnectorError> {
        let what = "list the steps of a ticket";
        let call = Call::get(issue(ticket, "/transitions"), what).query("expand", "transitions.fields");
        Ok(self.read_json::<Transitions>(call, what).await?.transitions)
    }

    async fn status_now(&self, ticket: &TicketId) -> Result<String, ConnectorError> {
        let answer = self.single(ticket, &[STATUS.to_owned()]).await?.ok_or_else(|| gone(ticket))?;
        let row: IssueRow<'_> = parse(&answer, "read a ticket's status")?;
        rows::named(&row, STATUS).ok_or_else(|| {
            ConnectorError::new(ErrorKind::Unexpected, format!("Jira did not tell the status of {}", row.key))
        })
    }

    /// Takes one step.
    pub(super) async fn take_step(
        &self,
        scope: &Scope,
        ticket: &TicketId,
        step: &StepRequest,
    ) -> Result<Written, WriteFailure> {
        self.identity().await.map_err(not_sent)?;
        let shapes = self.shapes_for(step.fields.keys()).await.map_err(not_sent)?;
        let fields = field_map(&step.fields, &shapes).map_err(WriteFailure::Refused)?;
        let given = Some(step.transition.clone()).filter(|id| !id.is_empty());
        let mut id = match given.or_else(|| self.known_step(scope, &step.from, &step.to)) {
            Some(id) => id,
            None => match self.look_again(ticket, step).await? {
                Some(id) => id,
                None => return Ok(Written::default()),
            },
        };
        let mut again = true;
        loop {
            let mut body = json!({ "transition": { "id": id }, "historyMetadata": history() });
            if !fields.is_empty() {
                body["fields"] = fields.clone().into();
            }
            let call = write(Method::POST, issue(ticket, "/transitions"), WHAT)
                .json(&body)
                .good(&[204])
                .expect(Expect::Anything)
                .resends_after_wait();
            let failure = match self.write(call, WHAT).await {
                Ok(_) => {
                    self.remember_step(scope, &step.from, &step.to, &id);
                    return Ok(Written::default());
                }
                Err(failure) => failure,
            };
            // Both are definite: 400 says that the step or its fields do not fit, 409 that another step was
            // under way.
            let stale = matches!(&failure, WriteFailure::Refused(e) if e.kind == ErrorKind::Refused);
            let collided =
                matches!(&failure, WriteFailure::Unknown(e) if e.kind == ErrorKind::ChangedMeanwhile);
            if !again || !(stale || collided) {
                return Err(failure);
            }
            again = false;
            match self.look_again(ticket, step).await {
                Ok(Some(fresh)) if collided || fresh != id => id = fresh,
                Ok(None) => return Ok(Written::default()),
                // The step still stands there: what was refused is its fields.
                Ok(Some(_)) => return Err(failure),
                Err(other) if collided => return Err(other),
                Err(WriteFailure::Refused(other)) => return Err(WriteFailure::Refused(other)),
                Err(_) => return Err(failure),
            }
        }
    }

    /// The transition that leads on from here; `None` when the ticket is already there.
    async fn look_again(
        &self,
        ticket: &TicketId,
        step: &StepRequest,
    ) -> Result<Option<String>, WriteFailure> {
        let status = self.status_now(ticket).await.map_err(not_sent)?;
        if status == step.to {
            return Ok(None);
        }
        if status != step.from {
            let text = "Somebody has moved the ticket to another status meanwhile";
            return Err(WriteFailure::Refused(ConnectorError::new(ErrorKind::ChangedMeanwhile, text)));
        }
        let rows = self.offered(ticket).await.map_err(not_sent)?;
        if let Some(row) = choose(&rows, &step.to) {
            return Ok(Some(row.id.0.clone()));
        }
        let reachable: Vec<&str> = rows.iter().map(|row| row.to.name.as_str()).collect();
        let error = if reachable.is_empty() {
            ConnectorError::new(ErrorKind::Refused, "Jira offers no step from the ticket's status").remedy(
                "Give the account the permission Transition issues, or check the workflow's conditions",
            )
        } else {
            let text = format!(
                "Jira offers no step to the wanted status; from here it goes to {}",
                reachable.join(", ")
            );
            ConnectorError::new(ErrorKind::Refused, text)
        };
        Err(WriteFailure::Refused(error))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lockstep_core::connector::Connector;
    use serde_json::Value;

    use super::*;
    use crate::jira::fixture::{Site, issue as row, scope};

    fn step(transition: &str) -> StepRequest {
        StepRequest {
            from: "1".into(),
            to: "5".into(),
            transition: transition.into(),
            fields: BTreeMap::new(),
        }
    }

    fn in_status(id: &str) -> Value {
        let mut row = row("7");
        row["fields"]["status"] = json!({ "id": id, "name": "x" });
        row
    }

    fn offers(list: &[(&str, &str)]) -> Value {
        let rows: Vec<Value> = list
            .iter()
            .map(|(id, to)| json!({ "id": id, "name": "go", "to": { "id": to, "name": to }, "fields": {} }))
            .collect();
        json!({ "transitions": rows })
    }

    fn invalid() -> Value {
        json!({ "errorMessages": ["Transition id '31' is not valid for this issue."], "errors": {} })
    }

    async fn run(site: &Site, transition: &str) -> Result<Written, WriteFailure> {
        site.jira.step(&scope(), &"7".into(), &step(transition)).await
    }

    #[tokio::test]
    async fn a_step_costs_one_call_and_tells_nothing() {
        let site = Site::signed_in().answers(204, Value::Null).answers(204, Value::Null);
        assert_eq!(run(&site, "31").await, Ok(Written::default()));
        assert_eq!(run(&site, "").await, Ok(Written::default()), "remembered");
        assert_eq!(site.bodies()[3]["transition"], json!({ "id": "31" }));
    }

    #[tokio::test]
    async fn a_step_that_no_longer_fits_is_asked_for_anew() {
        let site = Site::signed_in()
            .answers(400, invalid())
            .answers(200, in_status("1"))
            .answers(200, offers(&[("41", "5"), ("51", "6")]))
            .answers(204, Value::Null);
        assert_eq!(run(&site, "31").await, Ok(Written::default()));
        assert_eq!(site.bodies()[5]["transition"], json!({ "id": "41" }));
    }

    #[tokio::test]
    async fn where_the_ticket_stands_decides() {
        let site = Site::signed_in().answers(400, invalid()).answers(200, in_status("5"));
        assert_eq!(run(&site, "31").await, Ok(Written::default()), "already there");
        let site = Site::signed_in().answers(400, invalid()).answers(200, in_status("9"));
        assert!(
            matches!(run(&site, "31").await, Err(WriteFailure::Refused(e)) if e.kind == ErrorKind::ChangedMeanwhile)
        );
        let site = Site::signed_in()
            .answers(400, invalid())
            .answers(200, in_status("1"))
            .answers(200, offers(&[("51", "6")]));
        assert!(
            matches!(run(&site, "31").await, Err(WriteFailure::Refused(e)) if e.message.contains("goes to 6"))
        );
        let missing = json!({ "errorMessages": [], "errors": { "resolution": "required" } });
        let site = Site::signed_in()
            .answers(400, missing)
            .answers(200, in_status("1"))
            .answers(200, offers(&[("31", "5")]));
        assert!(matches!(run(&site, "31").await, Err(WriteFailure::Refused(e)) if e.fields.len() == 1));
    }

    #[tokio::test]
    async fn a_collision_is_tried_once_more() {
        let busy = || json!({ "errorMessages": ["busy"], "errors": {} });
        let site = Site::signed_in()
            .answers(409, busy())
            .answers(200, in_status("1"))
            .answers(200, offers(&[("31", "5")]))
            .answers(409, busy());
        assert!(matches!(run(&site, "31").await, Err(WriteFailure::Unknown(_))));
        assert_eq!(site.calls(), 6);
    }

    #[tokio::test]
    async fn a_broken_step_is_unknown_and_not_repeated() {
        let site = Site::signed_in().breaks();
        assert!(matches!(run(&site, "31").await, Err(WriteFailure::Unknown(_))));
        assert_eq!(site.calls(), 3);
    }

    #[test]
    fn the_easiest_step_is_chosen() {
        let rows: Transitions = serde_json::from_value(json!({ "transitions": [
            { "id": "1", "name": "a", "to": { "id": "5" }, "hasScreen": true },
            { "id": "2", "name": "b", "to": { "id": "5" }, "hasScreen": false, "isAvailable": false },
            { "id": "3", "name": "c", "to": { "id": "5" }, "hasScreen": false },
            { "id": "4", "name": "d", "to": { "id": "6" } } ] }))
        .unwrap();
        assert_eq!(choose(&rows.transitions, "5").map(|row| row.id.0.as_str()), Some("3"));
        assert!(choose(&rows.transitions, "9").is_none());
    }
}
