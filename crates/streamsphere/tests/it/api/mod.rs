//! Routes, by URL.

mod access;
mod captions;
mod downloads;
mod events;
mod feeds;
mod jobs;
mod lists;
mod oembed;
mod openapi;
mod related;
mod search;
mod sessions;
mod setup;
mod sitemaps;
mod thumbnails;
mod trending;
mod uploads;
mod users;
mod videos;
