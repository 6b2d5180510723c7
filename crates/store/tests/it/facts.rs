//! Likes, comments and followers on their way into the sums: each change once, whatever goes meanwhile.

use model::analytics::{Counts, Grain, Subject};
use model::likes::Target;
use model::users::Role;
use model::{Ids, LikeId, Millis, SubscriptionId, UserId, VideoId};
use store::analytics::facts;
use store::analytics::rollups;
use store::{Store, Tx, likes, params, subscriptions, users, videos};
use tempfile::TempDir;

use crate::kit::settings_in;

/// 2024-03-01T00:00:30.000Z.
const NOW: Millis = Millis(1_709_251_230_000);
/// Enough for everything at once.
const ALL: i64 = 1000;

struct Site {
    store: Store,
    ids: Ids,
    people: Vec<UserId>,
    video: VideoId,
    _folder: TempDir,
}

impl Site {
    /// Some people, of whom the first has a video.
    async fn with(people: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&settings_in(folder.path(), "site.db").await)
            .await
            .unwrap();
        let ids = Ids::seeded(7);
        let people: Vec<UserId> = (0..people).map(|_| ids.next(NOW)).collect();
        let mut tx = store.write().await.unwrap();
        for id in &people {
            let new = users::New {
                id: *id,
                username: &id.to_string(),
                email: &format!("{id}@example.com"),
                full_name: "Somebody",
                password_hash: "",
                role: Role::User,
                avatar_rev: "",
                cover_rev: None,
                now: NOW,
            };
            users::add(&mut tx, &new).await.unwrap();
        }
        let video: VideoId = ids.next(NOW);
        tx.exec(
            "INSERT INTO videos (id, owner_id, title, visibility, status, watchable, listed, created_at, \
             updated_at) VALUES ($1, $2, 'A clip', 0, 1, 1, 0, $3, $3)",
            &params![video, people[0], NOW],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self {
            store,
            ids,
            people,
            video,
            _folder: folder,
        }
    }

    async fn likes(&self, person: usize, at: Millis) {
        let target = Target::Video(self.video);
        let mut tx = self.store.write().await.unwrap();
        let id: LikeId = self.ids.next(at);
        assert!(
            likes::add(&mut tx, self.people[person], target, id, at)
                .await
                .unwrap()
        );
        self.counts(&mut tx, 1, at).await;
        tx.commit().await.unwrap();
    }

    async fn unlikes(&self, person: usize, at: Millis) {
        let target = Target::Video(self.video);
        let mut tx = self.store.write().await.unwrap();
        assert!(
            likes::remove(&mut tx, self.people[person], target)
                .await
                .unwrap()
                .is_some()
        );
        self.counts(&mut tx, -1, at).await;
        tx.commit().await.unwrap();
    }

    async fn counts(&self, tx: &mut Tx, by: i64, at: Millis) {
        let target = Target::Video(self.video);
        let counted = likes::count(tx, target, by).await.unwrap().unwrap();
        likes::note(tx, target, &counted, at, by).unwrap();
    }

    async fn drains(&self, limit: i64) -> facts::Drained {
        let mut tx = self.store.write().await.unwrap();
        let drained = facts::drain(&mut tx, limit).await.unwrap();
        tx.commit().await.unwrap();
        drained
    }

    async fn sums(&self, subject: impl Into<Subject>, grain: Grain, at: Millis) -> Counts {
        let mut tx = self.store.read();
        rollups::find(&mut tx, subject.into(), grain, grain.start(at))
            .await
            .unwrap()
    }

    async fn number(&self, text: &str) -> i64 {
        let found = self.store.read().one(text, &params![], |row| row.int(0)).await;
        found.unwrap().unwrap()
    }
}

#[tokio::test]
async fn likes_of_a_group_are_noted_together_and_added_up_once() {
    let site = Site::with(40).await;
    futures_all((1..40).map(|person| site.likes(person, NOW))).await;
    let noted = site.number("SELECT sum(change) FROM fact_deltas").await;
    let rows = site.number("SELECT count(*) FROM fact_deltas").await;
    assert_eq!(noted, 39);
    assert!(
        rows < 39,
        "those that became durable together share a row: {rows}"
    );

    let mut drained = site.drains(1).await;
    while drained.more {
        assert_eq!(drained.videos, [(site.video, site.people[0])]);
        drained = site.drains(1).await;
    }
    assert_eq!(site.number("SELECT count(*) FROM fact_deltas").await, 0);
    assert_eq!(site.drains(ALL).await, facts::Drained::default());
    for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
        assert_eq!(site.sums(site.video, grain, NOW).await.likes, 39, "{grain:?}");
        assert_eq!(site.sums(site.people[0], grain, NOW).await.likes, 39, "{grain:?}");
        assert_eq!(site.sums(Subject::SITE, grain, NOW).await.likes, 39, "{grain:?}");
    }
    let listed = "SELECT sum(likes) FROM channel_videos WHERE grain = ";
    for grain in [2, 3, 4] {
        assert_eq!(site.number(&format!("{listed}{grain}")).await, 39);
    }
}

#[tokio::test]
async fn what_is_taken_back_counts_where_it_was_taken_back() {
    let site = Site::with(3).await;
    let later = NOW.plus_ms(2 * model::analytics::DAY_MS);
    site.likes(1, NOW).await;
    site.likes(2, NOW).await;
    site.unlikes(1, later).await;
    site.drains(ALL).await;
    assert_eq!(site.sums(site.video, Grain::Day, NOW).await.likes, 2);
    assert_eq!(site.sums(site.video, Grain::Day, later).await.likes, -1);
    assert_eq!(site.sums(site.people[0], Grain::Ever, NOW).await.likes, 1);
}

#[tokio::test]
async fn a_transaction_that_is_given_up_notes_nothing() {
    let site = Site::with(2).await;
    let mut tx = site.store.write().await.unwrap();
    site.counts(&mut tx, 1, NOW).await;
    drop(tx);
    site.likes(1, NOW).await;
    assert_eq!(site.number("SELECT sum(change) FROM fact_deltas").await, 1);
}

#[tokio::test]
async fn followers_are_gained_and_lost_apart_and_a_channel_that_goes_loses_none() {
    let site = Site::with(3).await;
    let channel = site.people[0];
    let mut tx = site.store.write().await.unwrap();
    for person in [1, 2] {
        let id: SubscriptionId = site.ids.next(NOW);
        subscriptions::add(&mut tx, id, site.people[person], channel, NOW)
            .await
            .unwrap();
    }
    subscriptions::remove(&mut tx, site.people[1], channel, Some(NOW))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    site.drains(ALL).await;
    let day = site.sums(channel, Grain::Day, NOW).await;
    assert_eq!((day.subscribers_gained, day.subscribers_lost), (2, 1));

    let mut tx = site.store.write().await.unwrap();
    store::library::bite_of_user(&mut tx, channel, 10, NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    site.drains(ALL).await;
    assert_eq!(
        site.sums(Subject::SITE, Grain::Day, NOW).await.subscribers_lost,
        1
    );
}

#[tokio::test]
async fn a_video_that_is_gone_leaves_its_channels_history_as_it_was() {
    let site = Site::with(3).await;
    site.likes(1, NOW).await;
    site.drains(ALL).await;
    site.likes(2, NOW).await;
    let mut tx = site.store.write().await.unwrap();
    let video = videos::find(&mut tx, site.video).await.unwrap().unwrap();
    videos::remove(&mut tx, &video).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = site.store.write().await.unwrap();
    while store::conversation::bite_of_video(&mut tx, site.video, 10, NOW)
        .await
        .unwrap()
    {}
    while store::analytics::removal::bite_of_video(&mut tx, site.video, 10)
        .await
        .unwrap()
    {}
    tx.commit().await.unwrap();
    // The second like was noted and not added up before the video went.
    let drained = site.drains(ALL).await;
    assert_eq!((drained.videos, drained.channels), (vec![], vec![site.people[0]]));
    assert_eq!(site.sums(site.people[0], Grain::Ever, NOW).await.likes, 2);
    assert_eq!(site.sums(Subject::SITE, Grain::Ever, NOW).await.likes, 2);
    let mut tx = site.store.read();
    assert!(
        !store::analytics::removal::any_of_video(&mut tx, site.video)
            .await
            .unwrap()
    );
}

/// Runs some futures at once, on this thread.
async fn futures_all(futures: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut waiting: Vec<_> = futures.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
