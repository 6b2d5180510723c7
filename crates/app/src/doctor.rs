//! Comparing what is kept twice: counters with the facts they count, rows with files, and the
//! database's own check of itself.

use model::UserId;
use objects::Key;
use store::doctor as rows;
use store::{conversation, library, posters, site, videos};

use crate::App;
use crate::error::Error;
use crate::{beside, pictures, sweep};

/// How long one look may take.
const LOOK_MS: u64 = 600_000;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, in a line.
    pub text: String,
    /// It is right now. What nothing can be made from again, a lost file, stays wrong.
    pub repaired: bool,
}

/// What is wrong; with `repair` also what was and is right now.
pub async fn examine(app: &App, repair: bool) -> Result<Vec<Finding>, Error> {
    let core = &app.core;
    let beyond_repair = |text| Finding {
        text,
        repaired: false,
    };
    let integrity = rows::integrity(&mut core.store.slow_read(LOOK_MS)).await?;
    let mut findings: Vec<Finding> = integrity.into_iter().map(beyond_repair).collect();

    let mut counters: Vec<String> = rows::wrong_user_counters(&mut core.store.slow_read(LOOK_MS))
        .await?
        .iter()
        .map(|user: &UserId| format!("counters of user {user} do not match their videos"))
        .collect();
    if let Some((kept, counted)) = rows::wrong_listed_counter(&mut core.store.slow_read(LOOK_MS)).await? {
        counters.push(format!("{kept} listed videos are kept, {counted} counted"));
    }
    counters.extend(conversation::wrong_counters(&mut core.store.slow_read(LOOK_MS)).await?);
    counters.extend(library::wrong_counters(&mut core.store.slow_read(LOOK_MS)).await?);
    if repair && !counters.is_empty() {
        let mut tx = core.store.write().await?;
        rows::recount(&mut tx).await?;
        conversation::recount(&mut tx).await?;
        library::recount(&mut tx).await?;
        // The site's number of comments is that of its videos.
        site::recount(&mut tx).await?;
        tx.commit().await?;
    }
    findings.extend(counters.into_iter().map(|text| Finding {
        text,
        repaired: repair,
    }));

    let mut after = None;
    loop {
        let page = rows::keys_after(&mut core.store.slow_read(LOOK_MS), after, 500).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        for (video, key) in page {
            let key = Key::parse(&key).map_err(|error| Error::failed("object key", error))?;
            if core.objects.size(&key).await?.is_none() {
                findings.push(beyond_repair(format!("video {video}: the file {key} is missing")));
            }
        }
    }
    let mut after = None;
    loop {
        let mut tx = core.store.slow_read(LOOK_MS);
        let page = rows::videos_after(&mut tx, after, 500).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for id in page {
            let Some(video) = videos::find(&mut tx, id).await? else {
                continue;
            };
            let candidates = posters::find(&mut tx, id).await?;
            for name in beside::names(&video, candidates.as_ref()) {
                let key = format!("{}/{name}", pictures::video_folder(id));
                let key = Key::parse(&key).map_err(|error| Error::failed("object key", error))?;
                if core.objects.size(&key).await?.is_none() {
                    findings.push(beyond_repair(format!("video {id}: the file {key} is missing")));
                }
            }
        }
    }
    if repair {
        // From the beginning of time: a removal that failed left a folder that the hourly look has passed.
        let removed = sweep::orphans_since(app, true, 0).await?;
        if removed > 0 {
            findings.push(Finding {
                text: format!("{removed} folders without a video or user"),
                repaired: true,
            });
        }
    }
    Ok(findings)
}
