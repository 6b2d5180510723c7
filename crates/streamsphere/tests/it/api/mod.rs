//! Routes, by URL.

mod access;
mod captions;
mod downloads;
mod events;
mod feed;
mod history;
mod jobs;
mod lists;
mod openapi;
mod playlists;
mod sessions;
mod setup;
mod subscriptions;
mod thumbnails;
mod uploads;
mod users;
mod videos;
