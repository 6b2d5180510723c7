//! Routes, by URL.

mod access;
mod captions;
mod lists;
mod openapi;
mod sessions;
mod setup;
mod users;
mod videos;
