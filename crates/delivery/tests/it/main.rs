//! Delivery over real sockets and real files.

mod kit;

mod abuse;
mod far;
mod lifecycle;
mod media;
