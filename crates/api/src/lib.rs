//! HTTP: routes, JSON shapes, extractors, one error envelope. No rules and no SQL.
//!
//! Whether a thing may be done is asked of `app`; how bytes and connections are handled is `delivery`.

mod answer;
mod arrays;
mod bodies;
pub mod caller;
mod captions;
mod comments;
mod downloads;
mod events;
mod extract;
pub mod gate;
mod health;
mod history;
mod jobs;
mod kept;
mod likes;
pub mod limits;
mod notifications;
pub mod openapi;
mod pages;
mod playlists;
pub mod problem;
pub mod router;
pub mod routes;
mod setup;
mod shown;
mod storage;
mod subscriptions;
mod thumbnails;
mod tweets;
mod uploads;
mod users;
mod videos;
mod watch;
mod web;

pub use router::router;
pub use web::{Facing, Web};
