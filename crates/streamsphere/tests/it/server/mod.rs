//! The process: starting, stopping, commands, health.

mod commands;
mod health;
mod kills;
mod process;
