//! The store on real files: groups of transactions, reads beside them, migrations, the lock.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod analytics;
mod conversation;
mod facts;
mod groups;
mod hooks;
mod jobs;
mod kit;
mod lock;
mod migrations;
mod postgres;
mod reads;
mod search;
