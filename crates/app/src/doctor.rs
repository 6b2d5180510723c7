//! Comparing what is kept twice: counters with the facts they count, rows with files, and the
//! database's own check of itself.

use model::UserId;
use objects::Key;
use store::doctor as rows;

use crate::App;
use crate::error::Error;
use crate::sweep;

/// How long one look may take.
const LOOK_MS: u64 = 600_000;

/// What is wrong, a line each; with `repair` what was wrong and is right now.
pub async fn examine(app: &App, repair: bool) -> Result<Vec<String>, Error> {
    let core = &app.core;
    let mut findings = rows::integrity(&mut core.store.slow_read(LOOK_MS)).await?;

    let wrong = rows::wrong_user_counters(&mut core.store.slow_read(LOOK_MS)).await?;
    findings.extend(
        wrong
            .iter()
            .map(|user: &UserId| format!("counters of user {user} do not match their videos")),
    );
    if let Some((kept, counted)) = rows::wrong_listed_counter(&mut core.store.slow_read(LOOK_MS)).await? {
        findings.push(format!("{kept} listed videos are kept, {counted} counted"));
    }
    if repair && !findings.is_empty() {
        let mut tx = core.store.write().await?;
        rows::recount(&mut tx).await?;
        tx.commit().await?;
    }

    let mut after = None;
    loop {
        let page = rows::keys_after(&mut core.store.slow_read(LOOK_MS), after, 500).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        for (video, key) in page {
            let key = Key::parse(&key).map_err(|error| Error::failed("object key", error))?;
            if core.objects.size(&key).await?.is_none() {
                findings.push(format!("video {video}: the file {key} is missing"));
            }
        }
    }
    if repair {
        let removed = sweep::orphans(app, true).await?;
        if removed > 0 {
            findings.push(format!("{removed} folders without a video"));
        }
    }
    Ok(findings)
}
