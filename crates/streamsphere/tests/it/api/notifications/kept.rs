//! How long notifications stay, and what goes with videos and people.

use model::notifications::KEPT_MS;
use model::{Millis, UserId};
use serde_json::json;
use store::notifications::{self, NotificationRow, Place};

use super::{LIST, PREFERENCES, READ, follows, row, rows, told, tweets_at, unread};
use crate::kit::{self, clips};

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_thousand_of_ninety_days_are_kept() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let core = &site.server.app.core;
    let now = site.clock.now();
    let mut tx = core.store.write().await.unwrap();
    for n in 0..1_020 {
        notifications::add(&mut tx, &row(&site, &asha, now.plus_ms(n - 5_000)))
            .await
            .unwrap();
    }
    let old = now.plus_ms(-KEPT_MS - 60_000);
    notifications::add(&mut tx, &row(&site, &bela, old))
        .await
        .unwrap();
    notifications::add(&mut tx, &row(&site, &bela, now))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(rows(&site, "notifications").await, 1_000 + 2);
    let mut tx = core.store.read();
    let user: UserId = asha.id.parse().unwrap();
    let kept = notifications::list(&mut tx, user, Millis(0), Place::END, 2_000)
        .await
        .unwrap();
    assert_eq!(kept.len(), 1_000);
    assert_eq!(kept[999].created_at, now.plus_ms(20 - 5_000), "the oldest went");
    assert_eq!(
        told(&bela).await.0.len(),
        1,
        "what is too old is not shown until it is swept"
    );

    let mut tx = core.store.write().await.unwrap();
    let swept = notifications::sweep(&mut tx, now.plus_ms(-KEPT_MS), 500)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(swept, 1);
    assert_eq!(rows(&site, "notifications").await, 1_000 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_about_a_removed_video_is_removed() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha.publishes(&clips::small(), &[]).await;
    let other = asha.publishes(&clips::small(), &[]).await;
    let core = &site.server.app.core;
    let now = site.clock.now();
    let mut tx = core.store.write().await.unwrap();
    for n in 0..500 {
        let about = NotificationRow {
            video_id: Some(video.parse().unwrap()),
            ..row(&site, &bela, now.plus_ms(-n))
        };
        notifications::add(&mut tx, &about).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(rows(&site, "notifications").await, 502);
    assert_eq!(unread(&bela).await, 99);
    asha.delete(&format!("/api/v1/videos/{video}")).await.is(200);
    assert_eq!(told(&bela).await, (vec![], 0), "at once");
    kit::until("the rows are gone", async || {
        rows(&site, "notifications").await == 1
    })
    .await;
    let left = asha.get(LIST).await.is(200).at("/data/items/0/video/_id");
    assert_eq!(left, json!(other));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_somebody_who_leaves_nothing_that_was_said_stays() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let core = &site.server.app.core;
    let now = site.clock.now();
    follows(&site, &asha, &bela).await;
    let tweet = tweets_at(&site, &bela, [now]).await;
    asha.post(READ, &json!({"ids": tweet})).await.is(200);
    asha.patch(PREFERENCES, &json!({"reply": false})).await.is(200);
    let mut tx = core.store.write().await.unwrap();
    for n in 0..700 {
        notifications::add(&mut tx, &row(&site, &asha, now.plus_ms(-n)))
            .await
            .unwrap();
    }
    let caused = NotificationRow {
        actor_id: Some(asha.id.parse().unwrap()),
        ..row(&site, &bela, now)
    };
    notifications::add(&mut tx, &caused).await.unwrap();
    notifications::add(&mut tx, &row(&site, &bela, now))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(rows(&site, "notification_reads").await, 1);
    let leaving = asha.request(reqwest::Method::DELETE, "/api/v1/users/me");
    kit::answer(leaving.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    kit::until("all of it is gone", async || {
        rows(&site, "notification_settings").await == 0
            && rows(&site, "notification_reads").await == 0
            && rows(&site, "notifications").await == 1
    })
    .await;
}
