//! The heart of Lockstep: tickets, mappings, and the decision what a run would do. It only decides, it never does:
//! no I/O, no clock, no randomness. `SYNC.md` beside this folder states the decision table that `sync` implements.

pub mod check;
pub mod connector;
pub mod drift;
pub mod ids;
pub mod mapping;
pub mod marker;
pub mod omission;
pub mod schema;
pub mod secret;
pub mod side;
pub mod suggest;
pub mod sync;
pub mod text;
pub mod ticket;

pub use ids::{AttachmentId, CommentId, FieldId, PersonId, TicketId};
pub use side::Side;
pub use ticket::{Ticket, Value};
