//! What the chores share with the journeys: the practice pair and the real program as processes, people at work on them,
//! and a referee.

pub mod crash;
pub mod draw;
pub mod kill;
pub mod lab;
pub mod people;
pub mod referee;
pub mod rest;
