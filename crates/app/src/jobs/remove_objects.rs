//! Removes the bytes of something whose row is gone.

use model::Millis;
use objects::Key;
use serde::{Deserialize, Serialize};
use store::Tx;
use store::jobs as rows;

use super::{JobError, QUICK, Running};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "remove_objects";

/// What to remove.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Everything below this key.
    pub prefix: String,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 10;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let payload: Payload = running.payload()?;
    let prefix = Key::parse(&payload.prefix).map_err(|error| JobError::GiveUp(error.to_string()))?;
    Ok(running.app.core.objects.remove_prefix(&prefix).await?)
}

/// Asks for the removal of everything below `prefix` after `delay_ms`.
pub(super) async fn enqueue_later(
    core: &Core,
    tx: &mut Tx,
    prefix: &str,
    now: Millis,
    delay_ms: i64,
) -> Result<(), Error> {
    let payload = Payload {
        prefix: prefix.to_owned(),
    };
    let job = super::new(core, &payload, None, None, now)?.run_at(now.plus_ms(delay_ms));
    Ok(rows::enqueue(tx, &job.as_row()).await?)
}
