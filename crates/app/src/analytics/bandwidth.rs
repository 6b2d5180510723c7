//! What was sent of videos, written down: bytes of media files by video and day, of the site by hour too.

use model::VideoId;
use store::analytics::bandwidth::{self, Sent};

use crate::core::Core;
use crate::error::Error;

/// Videos in one transaction.
pub const BITE: usize = 500;

/// Adds what was sent since the last time, in one transaction: all of it or nothing.
pub async fn save(core: &Core, sent: &[(VideoId, Sent)]) -> Result<(), Error> {
    let mut tx = core.store.write().await?;
    bandwidth::add(&mut tx, sent, core.clock.now()).await?;
    Ok(tx.commit().await?)
}
