//! Who watched what, as rows: sums in buckets of time, sketches of viewers, retention, marks of counted views.
//!
//! All of it is written by [`flush`] in one transaction with how far the journal has been read. What counts is
//! `model::analytics`; sessions and the journal are `app::analytics`.

pub mod flush;
pub mod marks;
pub mod reads;
pub mod retention;
pub mod rollups;
pub mod sketches;
