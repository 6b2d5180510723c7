//! Routes, by URL.

mod access;
mod captions;
mod comments;
mod downloads;
mod events;
mod feed;
mod history;
mod jobs;
mod likes;
mod lists;
mod notifications;
mod openapi;
mod playlists;
mod sessions;
mod setup;
mod subscriptions;
mod thumbnails;
mod tweets;
mod uploads;
mod users;
mod videos;
