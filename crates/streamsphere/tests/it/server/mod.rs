//! The process: starting, stopping, commands, health.

mod beacons;
mod commands;
mod health;
mod jobs;
mod kills;
mod moves;
mod nodes;
mod process;
