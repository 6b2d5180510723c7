//! Delivery over real sockets and real files.

mod kit;

mod abuse;
mod lifecycle;
mod media;
