//! What the chores share with the journeys: the practice pair and the real program, as processes.

pub mod lab;
