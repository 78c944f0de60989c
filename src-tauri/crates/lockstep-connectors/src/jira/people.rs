//! People by exact e-mail and by id (sheet §2.5). Lockstep creates none.

use futures_util::{StreamExt, TryStreamExt, stream};
use lockstep_core::connector::{ConnectorError, PersonMatch};
use lockstep_core::ids::PersonId;
use lockstep_core::ticket::Person;
use serde::Deserialize;

use super::Jira;
use super::fetch::LANES;
use super::session::API;
use super::wire::UserRow;
use crate::http::Call;

const ROWS: usize = 50;
/// Ids in one call; each is up to 128 characters in the address.
const IDS: usize = 50;

/// Decides whom an address belongs to. An address that is shown must be the one asked for; one that is hidden
/// was found by the whole address alone, and counts when it is the only active person with an Atlassian
/// account.
fn decide(rows: &[UserRow], email: &str) -> PersonMatch {
    let active = rows.iter().filter(|row| {
        row.account_type.as_deref().is_none_or(|kind| kind == "atlassian") && row.active != Some(false)
    });
    let people: Vec<Person> = active.filter_map(UserRow::person).collect();
    let (shown, hidden): (Vec<Person>, Vec<Person>) =
        people.into_iter().partition(|person| person.email.is_some());
    let mut hits: Vec<Person> =
        shown.into_iter().filter(|person| person.email.as_deref() == Some(email)).collect();
    if hits.is_empty() {
        hits = hidden;
    }
    hits.dedup_by(|a, b| a.id == b.id);
    match hits.len() {
        0 => PersonMatch::Nobody,
        1 => PersonMatch::One(hits.remove(0)),
        several => PersonMatch::Several(several),
    }
}

impl Jira {
    /// One answer per address, in order. Without *Browse users and groups* Jira finds nobody and says
    /// nothing.
    pub(super) async fn by_email(&self, emails: &[String]) -> Result<Vec<PersonMatch>, ConnectorError> {
        self.identity().await?;
        let emails: Vec<String> = emails.iter().map(|email| email.trim().to_lowercase()).collect();
        stream::iter(emails)
            .map(|email| async move {
                if !email.contains('@') {
                    return Ok(PersonMatch::Nobody);
                }
                let what = "find a person";
                let call = Call::get(format!("{API}/user/search"), what)
                    .query("query", &email)
                    .query("maxResults", &ROWS.to_string());
                let rows: Vec<UserRow> = self.read_json(call, what).await?;
                Ok(decide(&rows, &email))
            })
            .buffered(LANES)
            .try_collect()
            .await
    }

    /// Those of `ids` that can be seen.
    pub(super) async fn by_id(&self, ids: &[PersonId]) -> Result<Vec<Person>, ConnectorError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            values: Vec<UserRow>,
        }
        let what = "name people";
        let mut people = Vec::new();
        let mut ids: Vec<&str> = ids.iter().map(PersonId::as_str).filter(|id| !id.is_empty()).collect();
        ids.sort_unstable();
        ids.dedup();
        for batch in ids.chunks(IDS) {
            let mut call = Call::get(format!("{API}/user/bulk"), what).query("maxResults", &IDS.to_string());
            for id in batch {
                call = call.query("accountId", id);
            }
            let page: Page = self.read_json(call, what).await?;
            people.extend(page.values.iter().filter_map(UserRow::person));
        }
        Ok(people)
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;
    use serde_json::json;

    use super::*;
    use crate::jira::fixture::{Site, scope};

    fn user(id: &str, email: Option<&str>, kind: &str, active: bool) -> UserRow {
        serde_json::from_value(
            json!({ "accountId": id, "emailAddress": email, "accountType": kind, "active": active, "displayName": id }),
        )
        .unwrap()
    }

    fn found(rows: &[UserRow]) -> String {
        match decide(rows, "mia@x.example") {
            PersonMatch::One(person) => person.id.to_string(),
            PersonMatch::Nobody => "nobody".into(),
            PersonMatch::Several(count) => format!("{count}"),
        }
    }

    #[test]
    fn only_one_active_person_is_a_match() {
        let mia = user("mia", Some("Mia@X.example"), "atlassian", true);
        assert_eq!(found(std::slice::from_ref(&mia)), "mia");
        assert_eq!(found(&[]), "nobody");
        assert_eq!(found(&[user("a", None, "atlassian", true)]), "a", "hidden, but the only one");
        assert_eq!(found(&[user("a", None, "atlassian", true), user("b", None, "atlassian", true)]), "2");
        assert_eq!(found(&[user("a", None, "atlassian", true), mia.clone()]), "mia", "shown beats hidden");
        assert_eq!(found(&[user("a", Some("mia@x.example.org"), "atlassian", true)]), "nobody");
        assert_eq!(found(&[user("a", Some("mia@x.example"), "app", true)]), "nobody");
        assert_eq!(found(&[user("a", Some("mia@x.example"), "customer", true)]), "nobody");
        assert_eq!(found(&[user("a", Some("mia@x.example"), "atlassian", false)]), "nobody");
    }

    #[tokio::test]
    async fn answers_keep_their_order_and_no_address_costs_no_call() {
        let site = Site::signed_in()
            .answers(200, json!([{ "accountId": "mia", "accountType": "atlassian", "active": true }]));
        let asked = ["nobody".to_owned(), "Mia@x.example".to_owned()];
        let found = site.jira.find_people(&scope(), &asked).await.unwrap();
        assert_eq!(found[0], PersonMatch::Nobody);
        assert!(matches!(&found[1], PersonMatch::One(person) if person.id.as_str() == "mia"));
        assert_eq!(site.targets()[2], "GET /rest/api/3/user/search?query=mia@x.example&maxResults=50");
    }

    #[tokio::test]
    async fn people_are_named_in_one_call() {
        let site = Site::new().answers(200, json!({ "values": [{ "accountId": "a", "displayName": "A" }] }));
        let people = site.jira.people(&["b".into(), "a".into(), "a".into(), "".into()]).await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!(site.targets()[0], "GET /rest/api/3/user/bulk?maxResults=50&accountId=a&accountId=b");
    }
}
