//! The site's own chores: what changes very many rows does so in bites of some hundred, each in a transaction of its own,
//! since others write in between. A chore may stop anywhere and run twice.

use model::Millis;
use store::{Tx, jobs as rows};

use super::{JobError, Payload, Running};
use crate::core::Core;
use crate::error::Error;

impl Running {
    /// Begins the next bite, unless the chore has to stop.
    pub(super) async fn next_bite(&self) -> Result<Tx, JobError> {
        if self.stop.is_cancelled() {
            return Err(JobError::Stopped);
        }
        self.alive();
        Ok(self.app.core.store.write().await?)
    }
}

/// Asks for a chore. It is about nothing and for nobody: ending what is done about a video, or for its owner, must not
/// end this.
pub(super) async fn enqueue<P: Payload>(
    core: &Core,
    tx: &mut Tx,
    payload: &P,
    now: Millis,
) -> Result<(), Error> {
    enqueue_at(core, tx, payload, now, now).await
}

/// Asks for a chore at a time.
pub(super) async fn enqueue_at<P: Payload>(
    core: &Core,
    tx: &mut Tx,
    payload: &P,
    now: Millis,
    at: Millis,
) -> Result<(), Error> {
    let job = super::new(core, payload, None, None, now)?.run_at(at);
    Ok(rows::enqueue(tx, &job.as_row()).await?)
}
