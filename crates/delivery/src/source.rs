//! Files whose bytes come from elsewhere while they are sent.
//!
//! Owns the contract, and the hold on bytes that are to be sent. Where they come from is the caller's.

use std::{fmt::Debug, future::Future, io, pin::Pin, sync::Arc};

/// Brings the bytes of a file that are not in it yet, and keeps those that are just being sent.
pub trait Source: Debug + Send + Sync + 'static {
    /// Takes hold of bytes from `at` on: how many of `most` are in the file, which may be fewer than that;
    /// `None` when the first is not. They stay until [`release`](Self::release), once for each hold. Does
    /// not wait. `most` is what is left to send, so that the source can bring on what follows.
    fn hold(&self, at: u64, most: u64) -> Option<u64>;

    /// Lets go of what was taken at `at`.
    fn release(&self, at: u64);

    /// Takes hold as [`hold`](Self::hold) does, and waits until at least one byte is there.
    fn fetch(&self, at: u64, most: u64) -> Pin<Box<dyn Future<Output = io::Result<u64>> + Send + '_>>;
}

/// Bytes that are in the file as long as this is kept.
#[derive(Debug)]
pub(crate) struct Held {
    source: Option<Arc<dyn Source>>,
    at: u64,
    /// How many.
    pub(crate) bytes: u64,
}

impl Held {
    /// All of a file that has its bytes.
    pub(crate) const fn all(at: u64, bytes: u64) -> Self {
        Self {
            source: None,
            at,
            bytes,
        }
    }

    /// What is there now, without waiting.
    pub(crate) fn now(source: &Arc<dyn Source>, at: u64, most: u64) -> Option<Self> {
        let bytes = source.hold(at, most)?;
        Some(Self {
            source: Some(Arc::clone(source)),
            at,
            bytes,
        })
    }

    /// Waits until something is there.
    pub(crate) async fn soon(source: &Arc<dyn Source>, at: u64, most: u64) -> io::Result<Self> {
        if let Some(held) = Self::now(source, at, most) {
            return Ok(held);
        }
        let bytes = source.fetch(at, most).await?;
        Ok(Self {
            source: Some(Arc::clone(source)),
            at,
            bytes,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(source) = &self.source {
            source.release(self.at);
        }
    }
}
