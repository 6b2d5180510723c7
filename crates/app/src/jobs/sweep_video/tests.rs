use std::path::Path;
use std::sync::Arc;

use model::{Clock, ObjectId};
use objects::Key;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::App;
use crate::jobs::kit::app;
use crate::jobs::source::Source;

/// A video without any files, and a run of this job about it.
async fn swept(folder: &Path) -> (Running, VideoId) {
    let clock = Clock::manual(Millis(1_800_000_000_000));
    let app: Arc<App> = app(folder, clock.clone()).await;
    let core = &app.core;
    let (owner, id): (ObjectId, VideoId) = (core.ids.next(clock.now()), core.ids.next(clock.now()));
    let mut tx = core.store.write().await.unwrap();
    tx.exec(
        "INSERT INTO users (id, username, email, full_name, password_hash, role, avatar_rev, created_at, updated_at) \
         VALUES ($1, 'asha', 'asha@example.com', 'Asha', '', 0, '', 0, 0)",
        &store::params![owner],
    )
    .await
    .unwrap();
    tx.exec(
        "INSERT INTO videos (id, owner_id, title, visibility, status, created_at, updated_at) \
         VALUES ($1, $2, 'A clip', 0, 1, 0, 0)",
        &store::params![id, owner],
    )
    .await
    .unwrap();
    let job = crate::jobs::new(core, &Payload { video: id }, None, None, clock.now()).unwrap();
    rows::enqueue(&mut tx, &job.as_row()).await.unwrap();
    tx.commit().await.unwrap();
    let job = rows::list::find(&mut core.store.read(), job.id)
        .await
        .unwrap()
        .unwrap();
    let running = Running {
        app,
        job,
        stop: CancellationToken::new(),
        pulse: Arc::default(),
    };
    (running, id)
}

/// Puts a file where a run would; answers where it is.
async fn leaves(running: &Running, id: VideoId, run: &str) -> Key {
    let objects = &running.app.core.objects;
    let folder = objects.stage_dir().await.unwrap();
    let file = folder.path().join("360p.mp4");
    std::fs::write(&file, "a rendition").unwrap();
    let key = key_at(&format!("{}/{run}/360p.mp4", pictures::video_folder(id))).unwrap();
    objects.commit_file(&file, &key).await.unwrap();
    key
}

async fn is_there(running: &Running, key: &Key) -> bool {
    running.app.core.objects.size(key).await.unwrap().is_some()
}

#[tokio::test]
async fn what_a_run_puts_in_place_while_this_tidies_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (running, id) = swept(folder.path()).await;
    let left = leaves(&running, id, "65a000000000000000000001-1").await;
    let Found::Idle(idle) = look(&running.app.core, id).await.unwrap() else {
        panic!("nothing is being made of the video");
    };
    // A run begins now, and is quick.
    let made = leaves(&running, id, "65a000000000000000000002-1").await;
    tidy(&running, id, &idle).await.unwrap();
    assert!(!is_there(&running, &left).await);
    assert!(is_there(&running, &made).await);
}

#[tokio::test]
async fn what_came_after_a_video_was_removed_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let (running, id) = swept(folder.path()).await;
    let mut tx = running.app.core.store.write().await.unwrap();
    let video = videos::find(&mut tx, id).await.unwrap().unwrap();
    videos::remove(&mut tx, &video).await.unwrap();
    tx.commit().await.unwrap();
    let late = leaves(&running, id, "65a000000000000000000001-1").await;
    run(&running).await.unwrap();
    assert!(!is_there(&running, &late).await);

    // The next run of a job about the video does the same before it finds that there is nothing to do.
    let late = leaves(&running, id, "65a000000000000000000001-2").await;
    let opened = Source::open(&running, id, 0).await.unwrap();
    assert!(opened.is_none() && !is_there(&running, &late).await);
}
