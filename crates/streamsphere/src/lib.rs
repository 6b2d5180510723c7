//! The binary's inside: settings, wiring, commands. A library too, so that tests start real servers.

pub mod cli;
mod log;
pub mod server;
pub mod settings;
