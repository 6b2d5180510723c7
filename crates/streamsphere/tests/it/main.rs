//! The integration tests: one binary, real servers on folders of their own, real ffmpeg, real players.
//!
//! Files mirror what they test: `api/` the routes by URL, `media/` what players get, `server/` the process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod api;
mod kit;
mod media;
mod server;
