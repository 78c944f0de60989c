//! The planner, from outside: scenarios as text (two tickets, edits, the plan), and laws that random pairs obey.

mod comments;
mod creating;
mod documents;
mod fields;
mod laws;
mod sets;
mod setup;
mod shown;
mod status;
mod values;
mod world;
