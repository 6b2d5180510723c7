//! The only thing in the server that opens connections to others: one POST to an address that somebody named.
//!
//! Owns what may be connected to ([`addresses`]), what an address looks like ([`target`]), and the exchange itself
//! ([`client`]). What is sent, and when it is tried again, is said by webhooks and Web Push in `app`.
//!
//! An address that somebody names must not lead into our own network. Names are resolved here, every address that
//! comes of it is judged, and the connection goes to exactly an address that was judged: nothing resolves the name a
//! second time. Redirects are not followed; they are an answer like any other.

pub mod addresses;
pub mod client;
pub mod target;

pub use addresses::{Allowed, NotANetwork};
pub use client::{Answer, Client, Fault, Settings, headers};
pub use target::{Target, TargetFault};
