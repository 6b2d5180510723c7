//! Routes, by URL.

mod access;
mod lists;
mod openapi;
mod sessions;
mod setup;
mod uploads;
mod users;
mod videos;
