//! The slow part of a new video whose source browsers do not play: one encoded rendition.

use model::VideoId;
use serde::{Deserialize, Serialize};

use super::renditions::{self, Source};
use super::{ENCODE, JobError, Running};

/// Name of the kind.
pub const KIND: &str = "encode_video";

/// Which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
    /// Encode even though the source could be copied: the copy turned out badly.
    #[serde(default)]
    pub always_encode: bool,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = ENCODE;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video, always_encode } = running.payload()?;
    let Some(source) = Source::open(running, video).await? else {
        return Ok(());
    };
    let folder = running.app.core.objects.stage_dir().await?;
    let Some(plan) = source.plan(running, folder.path(), always_encode).await? else {
        return source.reject(running, "The file has no picture.").await;
    };
    match renditions::make(running, &plan, folder.path(), source.extent()).await {
        Ok(made) => {
            let poster = match source.video.thumbnail_rev {
                Some(_) => None,
                None => source.poster(running, folder.path()).await?,
            };
            source.publish(running, made, poster, folder.path()).await
        }
        // Browsers play this very file: whatever is wrong here, it is not worth losing it.
        Err(JobError::GiveUp(detail)) if source.video.source_public => Err(JobError::GiveUp(detail)),
        Err(JobError::GiveUp(detail)) => {
            tracing::info!(video.id = %video, detail, "Rejected video {video}");
            source
                .reject(
                    running,
                    "The file is damaged or uses a format that cannot be read here.",
                )
                .await
        }
        Err(other) => Err(other),
    }
}
