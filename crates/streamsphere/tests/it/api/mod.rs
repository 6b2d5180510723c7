//! Routes, by URL.

mod access;
mod captions;
mod lists;
mod openapi;
mod sessions;
mod setup;
mod thumbnails;
mod users;
mod videos;
