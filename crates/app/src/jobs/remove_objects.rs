//! Removes the bytes of something whose row is gone.

use objects::Key;
use serde::{Deserialize, Serialize};

use super::{JobError, QUICK, Running};

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
