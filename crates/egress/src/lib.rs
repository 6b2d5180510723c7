//! The only thing in the server that opens connections to others: one POST to an address that somebody named, or a file
//! that is brought from one.
//!
//! Owns what may be connected to ([`addresses`]), what an address looks like ([`target`]), and the exchanges themselves
//! ([`client`], [`fetch`]). What is sent or fetched, and when it is tried again, is said by webhooks, Web Push and
//! imports in `app`.
//!
//! An address that somebody names must not lead into our own network. Names are resolved here, every address that
//! comes of it is judged, and the connection goes to exactly an address that was judged: nothing resolves the name a
//! second time. Redirects of a POST are not followed; they are an answer like any other. Those of a file are, a few times,
//! and each is judged anew.

pub mod addresses;
pub mod client;
pub mod fetch;

pub mod target;

pub use addresses::{Allowed, NotANetwork};
pub use client::{Answer, Client, Fault, Settings, headers};
pub use fetch::{Download, Fetched, From};
pub use target::{Target, TargetFault};
