//! Tidying up behind crashes and time: sessions and jobs that ended long ago, files without rows.

use std::sync::Arc;
use std::time::Duration;

use model::notifications::KEPT_MS;
use model::{ExportId, ObjectId, UserId, VideoId};
use objects::Key;
use store::{counters, jobs, notifications, sessions, users, videos, webhooks};
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::analytics;
use crate::error::Error;
use crate::exports;

/// How long ended jobs are remembered.
const JOBS_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// How long ended sessions are remembered, so that reuse of their tokens can still be told apart.
const SESSIONS_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// How often a node whose turn it is not looks whether it is.
const LOOK: Duration = Duration::from_secs(10);
/// Rows removed in one transaction.
const BATCH: i64 = 500;
/// An upload may be on its way from file to row for this long.
const IN_FLIGHT_MS: i64 = 3_600_000;
/// Up to which id folders were compared with rows.
const WATERMARK: &str = "orphan_sweep_until";

/// Tidies at the start and then every hour, until `stop`. `alone`: no other process is writing, so what
/// has a file and no row now will not get one.
pub async fn run(app: Arc<App>, alone: bool, stop: CancellationToken) {
    let mut looked = false;
    loop {
        while !app.turns.is_ours() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        // Where there are other nodes, what may be on its way there is left alone.
        if !std::mem::replace(&mut looked, true)
            && let Err(error) = orphans(&app, alone).await
        {
            tracing::warn!(error = %error, "Could not look for files without rows");
        }
        if let Err(error) = rows(&app).await {
            tracing::warn!(error = %error, "Could not tidy old rows");
        }
        if let Err(error) = analytics::keep::sweep(&app.core).await {
            tracing::warn!(error = %error, "Could not forget old numbers of who watched what");
        }
        if let Err(error) = exports::sweep(&app).await {
            tracing::warn!(error = %error, "Could not remove exports that are past their time");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_hours(1)) => {}
        }
    }
}

async fn rows(app: &App) -> Result<(), Error> {
    let now = app.core.clock.now();
    loop {
        let mut tx = app.core.store.write().await?;
        let gone = sessions::sweep(&mut tx, now.plus_ms(-SESSIONS_KEPT_MS), BATCH).await?
            + jobs::sweep(&mut tx, now.plus_ms(-JOBS_KEPT_MS), BATCH).await?
            + webhooks::sweep(&mut tx, now.plus_ms(-model::webhooks::KEPT_MS), BATCH).await?
            + notifications::sweep(&mut tx, now.plus_ms(-KEPT_MS), BATCH).await?;
        tx.commit().await?;
        if gone == 0 {
            return Ok(());
        }
    }
}

/// Removes folders of videos, users and exports that have no row: an upload or a registration that a crash cut off
/// between file and row.
/// Folders are named by id and so by time; each is looked at once. Tells how many it removed.
pub async fn orphans(app: &App, alone: bool) -> Result<usize, Error> {
    let since = counters::fact(&mut app.core.store.read(), WATERMARK).await?;
    let since = since.and_then(|fact| fact.parse::<i64>().ok()).unwrap_or(0);
    orphans_since(app, alone, since).await
}

/// As [`orphans`], of folders whose id was made after `since` (milliseconds since the epoch), whether or not
/// they were looked at before.
pub async fn orphans_since(app: &App, alone: bool, since: i64) -> Result<usize, Error> {
    let now = app.core.clock.now();
    let until = if alone { now } else { now.plus_ms(-IN_FLIGHT_MS) };
    let mut removed = 0;
    for above in ["videos", "users", "exports"] {
        let above = Key::parse(above).map_err(|error| Error::failed("folder key", error))?;
        for name in app.core.objects.list_folders(&above).await? {
            let Ok(id) = name.parse::<ObjectId>() else {
                continue;
            };
            let made = id.made_at().0;
            if made < since - IN_FLIGHT_MS || made > until.0 || app.core.ids.made_here(id) {
                continue;
            }
            if has_row(app, &above, id).await? {
                continue;
            }
            let key = above
                .join(&name)
                .map_err(|error| Error::failed("folder key", error))?;
            app.core.objects.remove_prefix(&key).await?;
            removed += 1;
        }
    }
    let mut tx = app.core.store.write().await?;
    counters::save_fact(&mut tx, WATERMARK, &until.0.to_string()).await?;
    tx.commit().await?;
    if removed > 0 {
        tracing::info!(
            folders = removed,
            "Removed {removed} folders of uploads and registrations that were cut off"
        );
    }
    Ok(removed)
}

async fn has_row(app: &App, above: &Key, id: ObjectId) -> Result<bool, Error> {
    let mut tx = app.core.store.read();
    Ok(match above.as_str() {
        "videos" => videos::exists(&mut tx, VideoId(id)).await?,
        // The row of an export outlives its files.
        "exports" => store::exports::find(&mut tx, ExportId(id))
            .await?
            .is_some_and(|row| row.state.has_files()),
        _ => users::find(&mut tx, UserId(id)).await?.is_some(),
    })
}
