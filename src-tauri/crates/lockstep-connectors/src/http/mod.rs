//! The one HTTP layer under all connectors: sign-in per origin, waits for rate limits that people can see, one request
//! on the wire per write, answers capped and parsed straight from bytes (engine.md §5, hazards.md H10).
//!
//! It knows no platform: what is special to one stands behind [`Dialect`] and [`Authorise`].

mod call;
mod client;
mod clock;
mod cookies;
mod deadline;
mod distrust;
mod errors;
mod exchange;
mod file_name;
mod json_guard;
mod limit;
mod multipart;
mod origin;
mod redact;
mod request_log;
mod reqwest_transport;
mod retry;
mod server_time;
mod settings;

pub use call::{Answer, Body, Call, Expect};
pub use client::Client;
pub use clock::SystemClock;
pub use deadline::not_after;
pub use errors::{Dialect, Refusal};
pub use file_name::base_name;
pub use limit::{Limiter, Limiters, NobodyWatches, Rate, WaitObserver, WaitReason};
pub use multipart::file_part;
pub use origin::BaseAddress;
pub use redact::{concealed, masked_query, printable};
pub use request_log::{CallCounter, CallCounts, RequestEntry, RequestLog};
pub use reqwest_transport::ReqwestTransport;
pub use retry::{http_date_ms, retry_after_ms};
pub use settings::{Authorise, ClientSettings, HttpContext, NoSignIn};

#[cfg(test)]
pub(crate) mod fake;
