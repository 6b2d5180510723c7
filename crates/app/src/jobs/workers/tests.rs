//! Runs under supervision.

use model::{Clock, Millis};

use super::*;
use crate::jobs::kit::app;

const SECOND: Duration = Duration::from_secs(1);

/// Leases a removal, and puts `work` in its place under supervision; answers how that ended, and the row.
async fn supervised(
    bounds: Bounds,
    step_ms: i64,
    work: impl Future<Output = Result<(), JobError>> + Send + 'static,
) -> (bool, Option<Stopped>, JobRow) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(Millis(1_800_000_000_000));
    let app = app(folder.path(), clock.clone()).await;
    let payload = crate::jobs::remove_objects::Payload::below("videos/nothing".to_owned());
    let new = crate::jobs::new(&app.core, &payload, None, None, clock.now()).unwrap();
    let mut tx = app.core.store.write().await.unwrap();
    rows::enqueue(&mut tx, &new.as_row()).await.unwrap();
    tx.commit().await.unwrap();
    let mut cursor = rows::Cursor::default();
    let job = claim(&app, "worker", Lane::Quick, &mut cursor)
        .await
        .unwrap()
        .unwrap();
    let begun = clock.steady();
    let mut heart = Heart {
        app: Arc::clone(&app),
        job: job.clone(),
        pulse: Arc::default(),
        stop: CancellationToken::new(),
        begun,
        heard_at: begun,
        written: 0,
        written_step: String::new(),
        quiet: 0,
    };
    let time = tokio::spawn(async move {
        loop {
            clock.advance(step_ms);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let (outcome, stopped) = supervise(&mut heart, tokio::spawn(work), bounds).await;
    time.abort();
    let ended_well = outcome.is_ok();
    conclude(&app, &job, outcome, stopped, 0).await.unwrap();
    let row = rows::list::find(&mut app.core.store.read(), job.id)
        .await
        .unwrap()
        .unwrap();
    (ended_well, stopped, row)
}

#[tokio::test]
async fn a_run_that_hangs_and_does_not_even_stop_is_cut_off_and_tried_again() {
    let held = Arc::new(());
    let kept = Arc::clone(&held);
    let hangs = async move {
        std::future::pending::<()>().await;
        drop(kept);
        Ok(())
    };
    let short = Bounds {
        silence: SECOND,
        total: 600 * SECOND,
        grace: SECOND,
    };
    let (ended_well, stopped, row) = supervised(short, 50, hangs).await;
    assert!(!ended_well);
    assert_eq!(stopped, Some(Stopped::Silent));
    assert_eq!(row.state, JobState::Queued, "another try may go better");
    assert!(row.run_at > row.created_at, "but not at once");
    assert_eq!(row.detail.as_deref(), Some("no sign of life"));
    let sentence = row.last_error.unwrap();
    assert!(
        sentence.ends_with('.') && sentence.contains("no progress"),
        "{sentence}"
    );
    // What the run held is let go: its ffmpeg would be among it.
    tokio::time::timeout(Duration::from_secs(30), async {
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_run_that_breaks_ends_alone() {
    let (ended_well, stopped, row) = supervised(bounds(), 0, async {
        let nothing: Result<(), JobError> = "".parse::<u8>().map(|_| ()).map_err(|_| JobError::Stopped);
        nothing.unwrap();
        Ok(())
    })
    .await;
    assert!(!ended_well);
    assert_eq!((stopped, row.state), (None, JobState::Queued));
}

fn bounds() -> Bounds {
    Bounds {
        silence: 60 * SECOND,
        total: 600 * SECOND,
        grace: 30 * SECOND,
    }
}
