//! HTTP: routes, JSON shapes, extractors, one error envelope. No rules and no SQL.
//!
//! Whether a thing may be done is asked of `app`; how bytes and connections are handled is `delivery`.

mod answer;
mod bodies;
pub mod caller;
mod captions;
mod downloads;
mod events;
mod extract;
mod feeds;
pub mod gate;
mod health;
mod jobs;
mod kept;
pub mod limits;
mod oembed;
pub mod openapi;
pub mod problem;
mod related;
pub mod router;
pub mod routes;
mod search;
mod setup;
mod sitemaps;
mod storage;
mod thumbnails;
mod trending;
mod uploads;
mod users;
mod videos;
mod watch;
mod web;
mod xml;

pub use router::router;
pub use web::{Facing, Web};
