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
    /// And these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

impl Payload {
    /// Everything below one key.
    pub fn below(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            also: Vec::new(),
        }
    }
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 10;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let payload: Payload = running.payload()?;
    for prefix in std::iter::once(&payload.prefix).chain(&payload.also) {
        let prefix = Key::parse(prefix).map_err(|error| JobError::GiveUp(error.to_string()))?;
        running.app.core.objects.remove_prefix(&prefix).await?;
    }
    Ok(())
}

/// Asks for the removal of everything below `prefix` after `delay_ms`.
pub(crate) async fn enqueue_later(
    core: &Core,
    tx: &mut Tx,
    prefix: &str,
    now: Millis,
    delay_ms: i64,
) -> Result<(), Error> {
    enqueue(core, tx, &Payload::below(prefix), now, delay_ms).await
}

/// The same for several; for none, nothing.
pub(super) async fn enqueue_all_later(
    core: &Core,
    tx: &mut Tx,
    mut keys: Vec<String>,
    now: Millis,
    delay_ms: i64,
) -> Result<(), Error> {
    let Some(prefix) = keys.pop() else {
        return Ok(());
    };
    enqueue(core, tx, &Payload { prefix, also: keys }, now, delay_ms).await
}

async fn enqueue(
    core: &Core,
    tx: &mut Tx,
    payload: &Payload,
    now: Millis,
    delay_ms: i64,
) -> Result<(), Error> {
    let job = super::new(core, payload, None, None, now)?.run_at(now.plus_ms(delay_ms));
    Ok(rows::enqueue(tx, &job.as_row()).await?)
}
