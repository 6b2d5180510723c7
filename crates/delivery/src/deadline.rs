//! A deadline that is cheap to move.
//!
//! Deadlines move with every byte that arrives or leaves, and nearly none of them ever fires. Moving a runtime
//! timer each time takes a lock; so the timer stays where it is when the deadline moves later, and is only
//! looked at again when it fires.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// A point in time that can be moved and awaited.
#[derive(Debug)]
pub(crate) struct Deadline {
    at: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// A deadline that is over after `span`.
    pub(crate) fn after(span: Duration) -> Self {
        Self {
            at: Instant::now() + span,
            timer: None,
        }
    }

    /// Moves the deadline to `span` from now.
    pub(crate) fn set(&mut self, span: Duration) {
        self.at = Instant::now() + span;
        if let Some(timer) = &mut self.timer
            && timer.deadline() > self.at
        {
            timer.as_mut().reset(self.at);
        }
    }

    /// Ready once the deadline is over; registers the task otherwise.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let at = self.at;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= self.at {
                return Poll::Ready(());
            }
            timer.as_mut().reset(self.at);
        }
        Poll::Pending
    }
}
