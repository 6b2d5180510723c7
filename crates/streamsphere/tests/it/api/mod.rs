//! Routes, by URL.

mod access;
mod captions;
mod downloads;
mod events;
mod jobs;
mod lists;
mod notifications;
mod openapi;
mod sessions;
mod setup;
mod thumbnails;
mod uploads;
mod users;
mod videos;
