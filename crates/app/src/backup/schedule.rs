//! Backups by themselves: whichever node tidies makes one when it is time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::Millis;
use store::counters;
use tokio_util::sync::CancellationToken;

use super::{Fault, Made, Place, Repository, make, prune};
use crate::App;
use crate::core::{Core, decided};
use crate::error::Error;

/// When the last whole backup was made.
const LAST: &str = "backup_last_at";
/// How often it is looked whether it is time.
const LOOK: Duration = Duration::from_secs(20);
/// How long after one that failed the next is tried.
const RETRY_MS: i64 = 900_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to.
    pub place: Place,
    /// How many hours apart.
    pub every_hours: u32,
    /// How many stay.
    pub keep: usize,
    /// Room for what is on its way.
    pub data_dir: PathBuf,
}

/// Notes when a backup was made, whoever made it.
pub async fn note(core: &Core, made_at: Millis) -> Result<(), Error> {
    decided(|| async {
        let mut tx = core.store.write().await?;
        counters::save_fact(&mut tx, LAST, &made_at.0.to_string()).await?;
        Ok(tx.commit().await?)
    })
    .await
}

/// When the last whole backup was made.
pub async fn last(core: &Core) -> Result<Option<Millis>, Error> {
    let text = counters::fact(&mut core.store.read(), LAST).await?;
    Ok(text.and_then(|text| text.parse().ok()).map(Millis))
}

/// Makes backups when it is time, until `stop`.
pub async fn run(app: Arc<App>, plan: Plan, stop: CancellationToken) {
    let mut not_before = Millis(0);
    loop {
        let round = async {
            match last(&app.core).await {
                Ok(last) => {
                    let now = app.core.clock.now();
                    let every_ms = i64::from(plan.every_hours) * 3_600_000;
                    let is_due = last.is_none_or(|last| now.0 - last.0 >= every_ms) && now >= not_before;
                    if let Some(last) = last {
                        tell_last(last);
                    }
                    if is_due && app.turns.is_ours() && one(&app, &plan).await.is_err() {
                        not_before = app.core.clock.now().plus_ms(RETRY_MS);
                    }
                }
                Err(error) => tracing::warn!(error = %error, "Could not look whether a backup is due"),
            }
        };
        tokio::select! {
            // One that is cut off leaves what it has copied, and its lock, which is given up in a while.
            () = stop.cancelled() => return,
            () = round => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn tell_last(last: Millis) {
    metrics::gauge!("streamsphere_backup_last_success_timestamp_seconds").set(last.0 as f64 / 1_000.0);
}

async fn one(app: &App, plan: &Plan) -> Result<(), Fault> {
    let began = Instant::now();
    match attempt(app, plan).await {
        Ok(made) => {
            tell_last(Millis(made.manifest.made_at_ms));
            metrics::gauge!("streamsphere_backup_duration_seconds").set(began.elapsed().as_secs_f64());
            metrics::gauge!("streamsphere_backup_copied_bytes").set(made.copied_bytes as f64);
            tracing::info!(
                backup = %made.manifest.id, files = made.manifest.objects, copied = made.copied,
                copied_bytes = made.copied_bytes, "Made the backup {}", made.manifest.id
            );
            Ok(())
        }
        Err(fault) => {
            metrics::counter!("streamsphere_backup_failures_total").increment(1);
            tracing::error!(error = %fault, "No backup was made; it is tried again in a quarter of an hour");
            Err(fault)
        }
    }
}

async fn attempt(app: &App, plan: &Plan) -> Result<Made, Fault> {
    let repository = Repository::open(&plan.place, &plan.data_dir, true).await?;
    let made = make(&app.core, &repository, |_| {}).await?;
    note(&app.core, Millis(made.manifest.made_at_ms)).await?;
    match prune(&repository, plan.keep, app.core.clock.now()).await {
        Ok(_) => {}
        Err(Fault::Locked(who)) => tracing::info!("Old backups stay for now: {who} is at work there"),
        Err(fault) => tracing::warn!(error = %fault, "Could not let go of old backups"),
    }
    Ok(made)
}
