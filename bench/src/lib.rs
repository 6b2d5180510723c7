//! Measured comparisons and the crash harness. Knows the server only from outside: its binary, its
//! wire contract and, while it is stopped, its data folder.

pub mod api;
pub mod bare_axum;
pub mod corpus;
pub mod crash;
pub mod error;
pub mod http;
pub mod listeners;
pub mod load;
pub mod lossyfs;
pub mod measures;
pub mod media;
pub mod nginx;
pub mod postgres;
pub mod process;
pub mod report;
pub mod rng;
pub mod schedule;
pub mod seed;
pub mod server;
pub mod stand_in;
