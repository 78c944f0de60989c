//! What the editors of the window work on: the live document of a connection, a person's draft beside it, earlier versions,
//! and what both platforms offer. A draft changes nothing until it is saved; only a mapping without errors is saved.

mod catching;
mod checking;
mod description;
mod documents;
mod finding;
mod held;
mod named;
mod offers;
mod samples;
mod trying;

pub use catching::{Catches, CaughtTicket, TemplateCount, Verdict, catches};
pub use checking::{Checked, FoundProblem, check};
pub use description::{DescriptionPreview, description};
pub(crate) use documents::rename_draft;
pub use documents::{
    Draft, EditorPicture, Saved, VersionView, discard, open, save, save_draft, version, versions,
};
pub use finding::{FilterCount, FoundPerson, matching, person};
pub use held::{Counted, count};
pub use named::{Named, named};
pub use offers::{OfferedSide, SchemaView, offers, review, suggest};
pub use samples::{SampleView, Samples, TicketOffer, pick, recent};
pub(crate) use samples::{name_of, people_of};
pub use trying::{Trial, TrialRow, TrialState, trial};

use held::held;
