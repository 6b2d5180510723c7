//! HTTP: routes, JSON shapes, extractors, one error envelope. No rules and no SQL.
//!
//! Whether a thing may be done is asked of `app`; how bytes and connections are handled is `delivery`.

mod answer;
mod arrays;
mod blocks;
mod bodies;
pub mod caller;
mod captions;
mod comments;
mod docs;
mod downloads;
mod events;
mod exports;
mod extract;
mod feeds;
pub mod gate;
mod health;
mod held;
mod history;
mod jobs;
mod kept;
mod likes;
pub mod limits;
mod moderation;
mod notifications;
mod oembed;
pub mod openapi;
mod pages;
mod playlists;
pub mod problem;
mod related;
pub mod router;
pub mod routes;
mod search;
mod setup;
mod shown;
mod sitemaps;
mod stats;
mod storage;
mod subscriptions;
pub mod tallies;
mod thumbnails;
mod trending;
mod tweets;
mod uploads;
mod users;
mod videos;
mod watch;
mod web;
mod xml;

pub use router::router;
pub use web::{Facing, Web};
