//! Routes, by URL.

mod access;
mod events;
mod jobs;
mod lists;
mod openapi;
mod sessions;
mod setup;
mod uploads;
mod users;
mod videos;
