//! Routes, by URL.

mod access;
mod captions;
mod comments;
mod downloads;
mod events;
mod jobs;
mod likes;
mod lists;
mod notifications;
mod openapi;
mod sessions;
mod setup;
mod thumbnails;
mod tweets;
mod uploads;
mod users;
mod videos;
