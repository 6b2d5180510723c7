//! Who watched what, as rows: sums in buckets of time, sketches of viewers, retention, marks of counted views.
//!
//! What is watched is written by [`flush`] in one transaction with how far the journal has been read; what else people
//! do comes by [`facts`], what was sent to them by [`bandwidth`]. What counts is `model::analytics`; sessions and the
//! journal are `app::analytics`.

pub mod bandwidth;
pub mod facts;
pub mod flush;
pub mod keep;
pub mod marks;
pub mod reads;
pub mod recount;
pub mod removal;
pub mod retention;
pub mod rollups;
pub mod sketches;
