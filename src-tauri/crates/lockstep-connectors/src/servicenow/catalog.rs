//! Requested items: ordered through the Service Catalog, because an inserted row would have no request, no variables
//! and no workflow (servicenow.md §4.4).
//!
//! An order has no place for a marker; it is written right after, onto the item that came of it. What fails after the
//! order leaves the outcome unknown: recovery goes by accounting, and in doubt a person decides (hazards.md, table G).

use std::collections::BTreeMap;

use http::Method;
use lockstep_core::connector::{ConnectorError, CreateRequest, Created, ErrorKind, WriteFailure};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::ticket::Value;
use serde::{Deserialize, Serialize};

use super::ServiceNow;
use super::kinds;
use super::query::{Literal, Operator, Query};
use super::table::Rows;
use super::write::{stopped, with_step};
use crate::http::{Call, Expect};

/// The table of requested items.
pub(super) const ITEM_TABLE: &str = "sc_req_item";
/// In front of a catalog variable's name, where a mapping fills one in.
const VARIABLE_PREFIX: &str = "variables.";

#[derive(Serialize)]
struct Order<'a> {
    sysparm_quantity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sysparm_requested_for: Option<&'a str>,
    variables: BTreeMap<&'a str, String>,
}

#[derive(Deserialize)]
struct Ordered {
    result: Request,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    sys_id: Option<String>,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default, rename = "errMsg")]
    problem: Option<String>,
}

impl ServiceNow {
    /// Orders the catalog item that the scope or the field `cat_item` names, then writes marker and fields onto it.
    pub(super) async fn order_item(&self, request: &CreateRequest) -> Result<Created, WriteFailure> {
        let (order, item) = self.order(request).map_err(stopped)?;
        let path = format!("/api/sn_sc/servicecatalog/items/{}/order_now", item.as_str());
        let call = Call::new(Method::POST, path, "order a catalog item")
            .json(&order)
            .good(&[200, 201])
            .expect(Expect::Json);
        let answer = self.client.send_write(call.resends_after_wait()).await?;
        let ordered: Ordered =
            self.client.parse("order a catalog item", &answer.body).map_err(WriteFailure::Unknown)?;
        if let Some(problem) = ordered.result.problem.filter(|text| !text.is_empty()) {
            let words = crate::http::printable(&problem, 300);
            return Err(WriteFailure::Unknown(ConnectorError::new(
                ErrorKind::Refused,
                format!("ServiceNow answered an order with a problem: {words}"),
            )));
        }
        let order_id = ordered.result.request_id.or(ordered.result.sys_id).unwrap_or_default();
        self.ordered_item(request, &order_id).await.map_err(|error| {
            WriteFailure::Unknown(ConnectorError {
                message: format!(
                    "The catalog item was ordered, but its record could not be completed: {}",
                    error.message
                ),
                ..error
            })
        })
    }

    fn order<'a>(&self, request: &'a CreateRequest) -> Result<(Order<'a>, Literal), ConnectorError> {
        let named = request.fields.get(&FieldId::from("cat_item")).and_then(Value::id);
        let item = request.scope.request_type.as_deref().or(named).ok_or_else(|| {
            ConnectorError::new(
                ErrorKind::Stopped,
                "A requested item can only be made by ordering a catalog item",
            )
            .remedy("Choose the catalog item in the connection's scope, or map the field cat_item")
        })?;
        let mut order =
            Order { sysparm_quantity: "1", sysparm_requested_for: None, variables: BTreeMap::new() };
        for (field, value) in &request.fields {
            match (field.as_str(), value) {
                ("requested_for", Value::Person(person)) => {
                    order.sysparm_requested_for = Some(person.as_str())
                }
                ("quantity", Value::Number(number)) => order.sysparm_quantity = number,
                (name, value) => {
                    if let Some(variable) = name.strip_prefix(VARIABLE_PREFIX) {
                        let text = kinds::to_text(lockstep_core::schema::FieldKind::Line, field, value)?;
                        order.variables.insert(variable, text);
                    }
                }
            }
        }
        Ok((order, Literal::sys_id(item)?))
    }

    /// The one item of the order, with marker and fields written onto it.
    async fn ordered_item(&self, request: &CreateRequest, order_id: &str) -> Result<Created, ConnectorError> {
        let what = "find the item of an order";
        let query = Query::new().and("request", Operator::Is, &Literal::sys_id(order_id)?);
        let columns = "sys_id,number,request";
        let rows =
            Rows { table: ITEM_TABLE, query: &query, columns, limit: 3, offset: 0, counted: false, what };
        let found = self.rows(&rows).await?;
        let (id, key) = match self.list(&found, what)?.as_slice() {
            [row] if row.text("request") == order_id => {
                (TicketId::from(row.text("sys_id")), row.text("number").to_owned())
            }
            rows => {
                let message = format!("an order of one item shows {} items", rows.len());
                return Err(ConnectorError::new(ErrorKind::Unexpected, message));
            }
        };
        let ordered_with = |field: &FieldId| {
            matches!(field.as_str(), "cat_item" | "requested_for" | "quantity")
                || field.as_str().starts_with(VARIABLE_PREFIX)
        };
        let fields: BTreeMap<FieldId, Value> = request
            .fields
            .iter()
            .filter(|(field, _)| !ordered_with(field))
            .map(|(f, v)| (f.clone(), v.clone()))
            .collect();
        let (reading, mut body) = self.body_of(&request.scope, &fields, request).await?;
        body.extend(self.marker_body(&request.marker));
        let written = self
            .patch(&request.scope, &id, &reading, &body, "write onto an ordered item")
            .await
            .map_err(|failure| failure.error().clone())?;
        let state = written.answer.get(&FieldId::from("state")).and_then(Value::id).map(str::to_owned);
        let url = self.page(ITEM_TABLE, id.as_str());
        let created =
            Created { id, key, url, answer: written.answer, version: written.version, step_taken: None };
        Ok(with_step(created, request, state))
    }
}
