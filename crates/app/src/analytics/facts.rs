//! Brings likes, comments and followers into the sums that dashboards show, about once a second.
//!
//! The facts are noted in their own transactions (`store::analytics::facts`); here is only when and how much at once.

use std::sync::Arc;
use std::time::Duration;

use store::analytics::facts;
use tokio_util::sync::CancellationToken;

use super::live::Changed;
use crate::App;
use crate::core::Core;
use crate::error::Error;

/// Noted changes that one transaction adds up: it holds the writer for some milliseconds.
const BITE: i64 = 250;
/// Transactions of one call, so that those who look hear of something while there is still more.
const BITES: usize = 40;
/// How long the loop waits between calls.
const PAUSE: Duration = Duration::from_secs(1);

/// Adds what was noted to the sums, in a few short transactions; tells whose numbers changed.
pub async fn drain_facts(core: &Core) -> Result<Changed, Error> {
    let mut all = Changed::default();
    // Most seconds nothing happened, which costs a look.
    if facts::is_empty(&mut core.store.read()).await? {
        return Ok(all);
    }
    for _ in 0..BITES {
        let mut tx = core.store.write().await?;
        let drained = facts::drain(&mut tx, BITE).await?;
        tx.commit().await?;
        all.videos.extend(drained.videos.iter().map(|(video, _)| *video));
        all.channels.extend(drained.channels);
        if !drained.more {
            break;
        }
    }
    all.videos.sort_unstable();
    all.videos.dedup();
    all.channels.sort_unstable();
    all.channels.dedup();
    Ok(all)
}

/// Does that once a second until `stop`, and tells who listens. While more comes than one call adds up, there is no
/// pause: what waits must not grow.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let core = &app.core;
    loop {
        if !app.turns.is_ours() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => continue,
            }
        }
        let pause = match drain_facts(core).await {
            Ok(changed) => {
                core.tell_changed(changed);
                let much = facts::are_more_than(&mut core.store.read(), BITE).await;
                if much.is_ok_and(|much| much) {
                    Duration::ZERO
                } else {
                    PAUSE
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "Likes and comments wait to be added up");
                PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
