//! How much was sent of something, for whoever wants to know: two numbers that any number of answers add to.
//!
//! What they are about, and where they go, is the caller's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of an answer after which it says how many it has sent so far; the rest it says at its end.
const SAY_BYTES: u64 = 16 * 1024 * 1024;

/// Answers, and bytes of files that went out in them. Heads of answers are not counted.
#[derive(Debug, Default)]
pub struct Tally {
    bytes: AtomicU64,
    answers: AtomicU64,
}

impl Tally {
    /// Adds an answer.
    pub fn add_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds bytes.
    pub fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes what was added since the last time: bytes and answers.
    pub fn take(&self) -> (u64, u64) {
        (
            self.bytes.swap(0, Ordering::Relaxed),
            self.answers.swap(0, Ordering::Relaxed),
        )
    }
}

/// What one answer adds: now and then while it goes on, and at its end, however it ends.
#[derive(Debug)]
pub(crate) struct Count<'t> {
    tally: Option<&'t Arc<Tally>>,
    unsaid: u64,
}

impl<'t> Count<'t> {
    pub(crate) fn begin(tally: Option<&'t Arc<Tally>>) -> Self {
        if let Some(tally) = tally {
            tally.add_answer();
        }
        Self { tally, unsaid: 0 }
    }

    pub(crate) fn add(&mut self, bytes: u64) {
        self.unsaid += bytes;
        if self.unsaid >= SAY_BYTES {
            self.say();
        }
    }

    fn say(&mut self) {
        if let Some(tally) = self.tally
            && self.unsaid > 0
        {
            tally.add_bytes(std::mem::take(&mut self.unsaid));
        }
    }
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        self.say();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_breaks_off_has_said_what_it_sent() {
        let tally = Arc::new(Tally::default());
        let mut count = Count::begin(Some(&tally));
        count.add(SAY_BYTES - 1);
        assert_eq!(tally.take(), (0, 1), "not yet");
        count.add(1);
        count.add(5);
        assert_eq!(tally.take(), (SAY_BYTES, 0));
        drop(count);
        assert_eq!(tally.take(), (5, 0));
    }
}
