//! Rich text: the properties that keep a sync from drifting, and tables of cases.

mod adf;
mod cases;
mod gen_text;
mod html;
mod limit;
mod roundtrip;
