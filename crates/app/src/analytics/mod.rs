//! Who watches what: beacons become sessions, sessions become sums, and nothing that was accepted is lost or counted
//! twice.
//!
//! A record is written to the [`journal`], then counted by the [`counter`]; from time to time its sums go into the
//! store together with the place in the journal up to which they go. The rules are `model::analytics`, rows are
//! `store::analytics`.

pub mod bandwidth;
pub mod codec;
pub mod counter;
pub mod covered;
pub mod facts;
pub mod geoip;
pub mod ingest;
pub mod journal;
pub mod keep;
pub mod live;
pub mod record;
pub mod salts;
pub mod session;
pub mod sessions;
pub mod snapshot;
