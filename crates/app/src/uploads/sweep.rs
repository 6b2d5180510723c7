//! What was given up: uploads past their time, bytes without a row, rows without their bytes.

use std::sync::Arc;
use std::time::Duration;

use model::UploadId;
use store::uploads::{self as rows, UploadRow};
use tokio_util::sync::CancellationToken;

use super::{Uploads, file_of};
use crate::App;
use crate::error::Error;

/// Uploads looked at in one go.
const BATCH: i64 = 500;
/// How often; space comes back within a minute.
const EVERY: Duration = Duration::from_secs(20);

/// Compares rows with bytes once, and then removes what is past its time, again and again until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    if let Err(error) = lost(&app.uploads).await {
        tracing::warn!(error = %error, "Could not look for uploads that lost their bytes");
    }
    loop {
        if let Err(error) = once(&app.uploads).await {
            tracing::warn!(error = %error, "Could not remove uploads that were given up");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Removes uploads past their time, and bytes that no open upload needs. Tells how many went.
pub async fn once(uploads: &Uploads) -> Result<usize, Error> {
    Ok(expired(uploads).await? + orphans(uploads).await?)
}

async fn expired(uploads: &Uploads) -> Result<usize, Error> {
    let mut removed = 0;
    loop {
        let now = uploads.core.clock.now();
        let batch = rows::expired(&mut uploads.core.store.read(), now, BATCH).await?;
        let mut gone = 0;
        for id in batch {
            // One that bytes are just coming for is not past its time any more.
            let Some(turn) = uploads.live.try_take(id) else {
                continue;
            };
            let row = rows::find(&mut uploads.core.store.read(), id).await?;
            if row.is_some_and(|row| row.expires_at <= now) {
                uploads.discard(id, turn).await?;
                gone += 1;
            }
        }
        removed += gone;
        if gone == 0 {
            break;
        }
    }
    if removed > 0 {
        tracing::info!(
            uploads = removed,
            "Removed {removed} uploads that were past their time"
        );
    }
    Ok(removed)
}

/// Removes bytes whose upload is gone or has become something.
async fn orphans(uploads: &Uploads) -> Result<usize, Error> {
    let names = uploads.core.objects.list_incoming().await?;
    orphans_of(uploads, names.into_iter().map(|(name, _)| name)).await
}

async fn orphans_of(uploads: &Uploads, names: impl IntoIterator<Item = String>) -> Result<usize, Error> {
    let mut removed = 0;
    for name in names {
        // What has another name was not put here by us.
        let Ok(id) = name.parse::<UploadId>() else {
            continue;
        };
        let row = rows::find(&mut uploads.core.store.read(), id).await?;
        if row.is_some_and(|row| row.became.is_none()) {
            continue;
        }
        let Some(_turn) = uploads.live.try_take(id) else {
            continue;
        };
        uploads.core.objects.remove_incoming(&file_of(id)?).await?;
        removed += 1;
    }
    Ok(removed)
}

/// Removes open uploads whose bytes are not all there: nothing can be made of them. Where nodes share a bucket, also
/// what one that is gone has left there.
async fn lost(uploads: &Uploads) -> Result<(), Error> {
    orphans_of(uploads, uploads.core.objects.list_incoming_of_all().await?).await?;
    let mut after = None;
    loop {
        let page = rows::walk(&mut uploads.core.store.read(), after, BATCH).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for row in page {
            if row.became.is_none() && row.offset_bytes > 0 {
                drop_if_lost(uploads, row).await?;
            }
        }
    }
}

async fn drop_if_lost(uploads: &Uploads, row: UploadRow) -> Result<(), Error> {
    let there = uploads.core.objects.incoming_size(&file_of(row.id)?).await?;
    if there.unwrap_or(0) >= row.offset_bytes {
        return Ok(());
    }
    let Some(turn) = uploads.live.try_take(row.id) else {
        return Ok(());
    };
    tracing::error!(upload.id = %row.id, "Upload {} has lost its bytes", row.id);
    uploads.discard(row.id, turn).await
}
