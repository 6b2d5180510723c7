//! Delivery: bytes to the viewer.
//!
//! Owns the accept loop with its deadlines and caps, byte ranges and validators, the cache of open files, and
//! the two ways of sending: `sendfile(2)` for plain HTTP/1 media requests, and a streaming body where bytes must
//! pass through user space. It knows no video, no user and no database: a [`Gate`] given by the caller says who
//! may have which file, and every request that is not media goes to the caller's service through hyper.
//!
//! One code decides ([`plan`]), two only send (the fast sender and [`respond`]).

mod body;
mod bridge;
mod connection;
mod deadline;
mod envelope;
mod fields;
mod files;
mod framing;
mod grant;
mod guard;
mod head;
mod meters;
pub mod plan;
mod range;
mod reply;
mod request_body;
mod send;
mod server;
mod slots;
mod source;
mod tally;

pub use body::{Body, FileBody, respond};
pub use envelope::refusal;
pub use files::{FileCache, OpenFile};
pub use grant::{Decision, FileGrant, Gate, Peer, ResourcePolicy};
pub use request_body::{BodyError, RequestBody};
pub use server::{DrainReport, Limits, serve};
pub use source::Source;
pub use tally::Tally;
