//! Sums of watching over the real schema: what is written twice counts once, views have their hours, reads walk an
//! index.

use model::analytics::device::Device;
use model::analytics::rule::VIEW_AGAIN_MS;
use model::analytics::sketch::Sketch;
use model::analytics::{Counts, DAY_MS, Dimension, Grain, HOUR_MS, Slice, Split, Subject, ViewerKey};
use model::users::Role;
use model::{Ids, Millis, UserId, VideoId};
use store::analytics::flush::{self, Applied, Claim, Part, Position, Seen, Watched};
use store::analytics::retention::{self, Retention};
use store::analytics::rollups::{self, Metric, Stretch};
use store::analytics::{marks, reads, sketches};
use store::{Store, Val, params, users};
use tempfile::TempDir;

use crate::kit::settings_in;

/// 2024-03-01T00:00:30.000Z.
const NOW: Millis = Millis(1_709_251_230_000);
const EVER: Millis = Millis(0);

struct Site {
    store: Store,
    channel: UserId,
    videos: Vec<VideoId>,
    _folder: TempDir,
}

impl Site {
    /// A channel with some videos.
    async fn fresh(videos: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&settings_in(folder.path(), "site.db").await)
            .await
            .unwrap();
        let ids = Ids::seeded(7);
        let channel = ids.next(NOW);
        let mut tx = store.write().await.unwrap();
        let new = users::New {
            id: channel,
            username: "asha",
            email: "asha@example.com",
            full_name: "Asha",
            password_hash: "",
            role: Role::User,
            avatar_rev: "",
            cover_rev: None,
            now: NOW,
        };
        users::add(&mut tx, &new).await.unwrap();
        let videos: Vec<VideoId> = (0..videos).map(|_| ids.next(NOW)).collect();
        for id in &videos {
            tx.exec(
                "INSERT INTO videos (id, owner_id, title, visibility, status, watchable, listed, created_at, \
                 updated_at) VALUES ($1, $2, 'A clip', 0, 1, 1, 1, $3, $3)",
                &params![id, channel, NOW],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        Self {
            store,
            channel,
            videos,
            _folder: folder,
        }
    }

    fn claim(&self, viewer: u64, at: Millis) -> Claim {
        Claim {
            video: self.videos[0],
            channel: self.channel,
            viewer: ViewerKey(viewer),
            before: None,
            is_own: false,
            at,
            slices: vec![Slice::Device(Device::Phone)],
        }
    }

    fn watched(&self, video: usize, at: Millis, watch_ms: i64) -> Watched {
        Watched {
            video: self.videos[video],
            channel: self.channel,
            minute: Grain::Minute.start(at),
            counts: Counts {
                watch_ms,
                viewers: 1,
                ..Counts::default()
            },
            splits: vec![(
                Slice::Device(Device::Phone),
                Split {
                    watch_ms,
                    ..Split::default()
                },
            )],
        }
    }

    async fn flush(&self, parts: &[Part]) -> Applied {
        let mut tx = self.store.write().await.unwrap();
        let applied = flush::apply(&mut tx, "here", parts).await.unwrap();
        tx.commit().await.unwrap();
        applied
    }

    async fn sums(&self, subject: impl Into<Subject>, grain: Grain, at: Millis) -> Counts {
        rollups::find(&mut self.store.read(), subject.into(), grain, at)
            .await
            .unwrap()
    }

    async fn number(&self, text: &str) -> i64 {
        let found = self.store.read().one(text, &params![], |row| row.int(0)).await;
        found.unwrap().unwrap()
    }
}

/// Up to a place of the first segment.
fn part(shard: u8, place: u64) -> Part {
    Part {
        shard,
        until: Position { segment: 1, place },
        ..Part::default()
    }
}

#[tokio::test]
async fn what_is_written_twice_counts_once_in_each_shard() {
    let site = Site::fresh(1).await;
    let mut retention = Retention {
        sessions: 1,
        ..Retention::default()
    };
    retention.counts[3] = 1;
    let first = Part {
        watched: vec![site.watched(0, NOW, 5_000)],
        claims: vec![site.claim(1, NOW)],
        seen: vec![Seen {
            video: site.videos[0],
            day: Grain::Day.start(NOW),
            retention,
        }],
        ..part(3, 100)
    };
    let applied = site.flush(std::slice::from_ref(&first)).await;
    assert_eq!(applied.views, [(site.videos[0], site.channel, 1)]);
    let again = site.flush(std::slice::from_ref(&first)).await;
    assert_eq!(again, Applied::default());
    // Another shard and a later place are new.
    let other = Part {
        watched: vec![site.watched(0, NOW, 70)],
        ..part(4, 100)
    };
    let later = Part {
        watched: vec![site.watched(0, NOW, 8)],
        ..part(3, 101)
    };
    site.flush(&[first, other, later]).await;

    let day = Grain::Day.start(NOW);
    let sums = site.sums(site.videos[0], Grain::Day, day).await;
    assert_eq!((sums.views, sums.watch_ms), (1, 5_078));
    let seen = retention::sum(
        &mut site.store.read(),
        site.videos[0],
        day,
        day.plus_ms(DAY_MS),
        10,
    )
    .await
    .unwrap();
    assert_eq!((seen.sessions, seen.counts[3], seen.counts[4]), (1, 1, 0));
    let positions = flush::positions(&mut site.store.read(), "here").await.unwrap();
    let at = |place| Position { segment: 1, place };
    assert_eq!(positions, [(3, at(101)), (4, at(100))]);
    let elsewhere = flush::positions(&mut site.store.read(), "elsewhere").await;
    assert!(elsewhere.unwrap().is_empty());
}

#[tokio::test]
async fn a_view_is_counted_everywhere_at_once() {
    let site = Site::fresh(1).await;
    let flushed = Part {
        watched: vec![site.watched(0, NOW, 30_000)],
        claims: vec![site.claim(1, NOW), site.claim(2, NOW), site.claim(1, NOW)],
        ..part(0, 100)
    };
    site.flush(&[flushed]).await;
    for subject in [site.videos[0].into(), site.channel.into(), Subject::SITE] {
        for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
            let sums = site.sums(subject, grain, grain.start(NOW)).await;
            assert_eq!((sums.views, sums.watch_ms), (2, 30_000), "{subject:?} {grain:?}");
            assert_eq!(sums.viewers, i64::from(grain == Grain::Minute));
        }
    }
    assert_eq!(site.sums(site.channel, Grain::Ever, EVER).await.views, 2);
    assert_eq!(site.number("SELECT views FROM videos").await, 2);
    assert_eq!(site.number("SELECT views_count FROM users").await, 2);
    let day = Grain::Day.start(NOW);
    let apart = rollups::list_splits(
        &mut site.store.read(),
        Subject::SITE,
        Grain::Day,
        Dimension::Device,
        (day, day.plus_ms(DAY_MS)),
        10,
    )
    .await
    .unwrap();
    assert_eq!(apart.len(), 1);
    assert_eq!(
        (apart[0].0.as_str(), apart[0].1.views, apart[0].1.watch_ms),
        ("phone", 2, 30_000)
    );
}

#[tokio::test]
async fn one_viewer_gives_one_video_one_view_in_six_hours() {
    let site = Site::fresh(2).await;
    let mut tx = site.store.write().await.unwrap();
    let (video, other) = (site.videos[0], site.videos[1]);
    let (old, new) = (ViewerKey(u64::MAX), ViewerKey(7));
    for (video, viewer, before, at_ms, counts) in [
        (video, old, None, 0, true),
        (video, old, None, 0, false),
        (other, old, None, 0, true),
        (video, old, None, VIEW_AGAIN_MS - 1, false),
        (video, old, None, -HOUR_MS, false),
        (video, old, None, VIEW_AGAIN_MS, true),
        // The salt of the day has changed, and they are called otherwise.
        (video, new, Some(old), 2 * VIEW_AGAIN_MS - 1, false),
        (video, new, Some(old), 2 * VIEW_AGAIN_MS, true),
        (video, new, Some(old), 2 * VIEW_AGAIN_MS + 1, false),
    ] {
        let counted = marks::claim(&mut tx, video, viewer, before, NOW.plus_ms(at_ms))
            .await
            .unwrap();
        assert_eq!(counted, counts, "{viewer:?} after {at_ms}");
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn marks_go_when_they_hold_nobody_back() {
    let site = Site::fresh(1).await;
    let mut tx = site.store.write().await.unwrap();
    for (viewer, at_ms) in [(1, -VIEW_AGAIN_MS), (2, -VIEW_AGAIN_MS + 1), (3, 0), (4, DAY_MS)] {
        let at = NOW.plus_ms(at_ms);
        let counted = marks::claim(&mut tx, site.videos[0], ViewerKey(viewer), None, at).await;
        assert!(counted.unwrap());
    }
    assert_eq!(marks::sweep(&mut tx, NOW, 100).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(site.number("SELECT sum(viewer) FROM view_marks").await, 5);
}

#[tokio::test]
async fn different_viewers_are_estimated_beside_the_sums_and_not_added_up() {
    let site = Site::fresh(1).await;
    let video = Subject::from(site.videos[0]);
    let day = Grain::Day.start(NOW);
    let of = |viewers: std::ops::Range<u64>| {
        let mut sketch = Sketch::default();
        viewers.for_each(|n| sketch.add(ViewerKey(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
        sketch
    };
    let mut tx = site.store.write().await.unwrap();
    for viewers in [of(0..10), of(5..15), of(5..15)] {
        sketches::add(&mut tx, video, Grain::Day, day, &viewers)
            .await
            .unwrap();
    }
    let next = day.plus_ms(DAY_MS);
    sketches::add(&mut tx, video, Grain::Day, next, &of(0..20))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let flushed = Part {
        watched: vec![site.watched(0, NOW, 1)],
        ..part(0, 100)
    };
    site.flush(&[flushed]).await;
    let sums = site.sums(video, Grain::Day, day).await;
    assert_eq!((sums.viewers, sums.watch_ms), (15, 1));
    let mut read = site.store.read();
    let both = sketches::union(&mut read, video, Grain::Day, day, next.plus_ms(1), 10)
        .await
        .unwrap();
    assert_eq!(both.estimate(), 20);
}

#[tokio::test]
async fn the_videos_of_a_channel_stand_in_the_order_of_what_is_asked() {
    let site = Site::fresh(3).await;
    let yesterday = NOW.plus_ms(-DAY_MS);
    let flushed = Part {
        watched: vec![
            site.watched(0, yesterday, 50),
            site.watched(1, NOW, 40),
            site.watched(2, NOW, 30),
            site.watched(2, yesterday, 30),
        ],
        claims: vec![site.claim(1, NOW)],
        ..part(0, 100)
    };
    site.flush(&[flushed]).await;
    let day = Grain::Day.start(NOW);
    let stretch = |grain: Grain, from: Millis, to: Millis| Stretch { grain, from, to };
    let today = stretch(Grain::Day, day, day.plus_ms(DAY_MS));
    let before = stretch(Grain::Day, day.plus_ms(-DAY_MS), day);
    let ever = stretch(Grain::Ever, EVER, EVER.plus_ms(1));
    for (metric, stretches, expected) in [
        (Metric::WatchTime, vec![today], vec![1, 2, 0]),
        (Metric::WatchTime, vec![today, before], vec![2, 0, 1]),
        (Metric::WatchTime, vec![ever], vec![2, 0, 1]),
        (Metric::Views, vec![today], vec![0, 1, 2]),
        (Metric::Views, vec![], vec![]),
    ] {
        let mut read = site.store.read();
        let top = rollups::top(&mut read, site.channel, metric, &stretches, 10)
            .await
            .unwrap();
        let places: Vec<usize> = top
            .iter()
            .map(|(video, _)| site.videos.iter().position(|known| known == video).unwrap())
            .collect();
        assert_eq!(places, expected, "{metric:?} {stretches:?}");
    }
}

#[tokio::test]
async fn old_minutes_and_hours_go_in_bites_and_days_stay() {
    let site = Site::fresh(1).await;
    let watched = (0..10).map(|n| site.watched(0, NOW.plus_ms(-n * DAY_MS), 1));
    let flushed = Part {
        watched: watched.collect(),
        ..part(0, 100)
    };
    site.flush(&[flushed]).await;
    let before = NOW.plus_ms(-3 * DAY_MS);
    let mut tx = site.store.write().await.unwrap();
    let mut gone = Vec::new();
    for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
        loop {
            let bite = rollups::sweep(&mut tx, grain, before, 5).await.unwrap();
            if bite == 0 {
                break;
            }
            assert!(bite <= 10);
            gone.push((grain, bite));
        }
    }
    tx.commit().await.unwrap();
    let of = |grain: Grain| -> u64 {
        let bites = gone.iter().filter(|(known, _)| *known == grain);
        bites.map(|(_, bite)| *bite).sum()
    };
    // Of seven days three subjects; minutes begin before `NOW`, so that of three days ago is old as well.
    assert_eq!(of(Grain::Minute), 21);
    assert_eq!(of(Grain::Hour), 42, "with what is told apart");
    assert_eq!(of(Grain::Day), 0);
    let mut read = site.store.read();
    let from = NOW.plus_ms(-100 * DAY_MS);
    let days = rollups::list(&mut read, Subject::SITE, Grain::Day, from, NOW, 100).await;
    assert_eq!(days.unwrap().len(), 10);
}

#[tokio::test]
async fn reads_walk_an_index() {
    let site = Site::fresh(0).await;
    let top = rollups::top_statement(Metric::Views, 3);
    let list = rollups::list_statement();
    let series = reads::series_statement(reads::Pair::Views);
    let (sum, of_ids) = (reads::sum_statement(), reads::of_ids_statement());
    for (text, count) in [
        (series.as_str(), 5),
        (sum.as_str(), 4),
        (of_ids.as_str(), 2),
        (reads::FIRST, 3),
        (reads::SKETCHES, 5),
        (reads::FIRST_VIEWERS, 3),
        (reads::FIRST_SKETCH, 3),
        (reads::SPLIT_SUMS, 6),
        (reads::VIDEOS_OF, 5),
        (reads::VIDEOS_IN, 4),
        (reads::BUSIEST, 3),
        (reads::PAGE, 5),
        (list.as_str(), 5),
        (rollups::LIST_SPLITS, 6),
        (top.as_str(), 11),
        (sketches::UNION, 5),
        (retention::SUM, 4),
    ] {
        let values: Vec<Val<'_>> = (0..count).map(|_| Val::Int(1)).collect();
        let steps: Vec<String> = site
            .store
            .read()
            .all(&format!("EXPLAIN QUERY PLAN {text}"), &values, |row| {
                Ok(row.text(3)?.to_owned())
            })
            .await
            .unwrap();
        // What is put together of several walks is walked once more.
        let scans = steps
            .iter()
            .filter(|step| step.contains("SCAN") && *step != "SCAN parts");
        assert_eq!(scans.count(), 0, "{text}\n{steps:#?}");
        assert!(
            steps.iter().any(|step| step.contains("PRIMARY KEY")),
            "{steps:#?}"
        );
    }
}
