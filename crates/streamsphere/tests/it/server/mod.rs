//! The process: starting, stopping, commands, health.

mod backups;
mod beacons;
mod bucket;
mod commands;
mod health;
mod imports;
mod jobs;
mod kills;
mod moves;
mod nodes;
mod process;
