//! Files as people upload them to Jira: as multipart bodies, which no JSON call can stand for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use lockstep_connectors::testing::{Sandbox, VirtualClock};

use crate::bench::{NOW_MS, PERSON_MAIL};

/// Uploads a file to an issue as a person; whether it was taken.
pub fn file_on_issue(
    jira: &Sandbox,
    clock: &VirtualClock,
    token: &str,
    issue: &str,
    name: &str,
    content: &[u8],
) -> bool {
    let mut body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--B--\r\n");
    let request = Request::post(format!("/rest/api/3/issue/{issue}/attachments"))
        .header("content-type", "multipart/form-data; boundary=B")
        .header("x-atlassian-token", "no-check")
        .header("accept", "application/json")
        .header("authorization", format!("Basic {}", STANDARD.encode(format!("{PERSON_MAIL}:{token}"))))
        .body(Bytes::from(body))
        .unwrap();
    let mut practice = jira.practice();
    let faults = std::mem::take(&mut practice.faults);
    let delivery = practice.answer(request, clock.true_ms(NOW_MS));
    practice.faults = faults;
    delivery.response.is_some_and(|response| response.status().is_success())
}
