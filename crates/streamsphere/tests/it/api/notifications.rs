//! `/notifications`: what somebody is told, what of it is read, and what is wanted.

mod conversation;
mod kept;
mod many;

use model::notifications::Kind as Said;
use model::{Millis, ObjectId, UserId, VideoId};
use serde_json::{Value, json};
use store::channel_posts::{self, Kind};
use store::notifications::{self, NotificationRow};
use store::params;

use crate::kit::listener::{Listener, rings};
use crate::kit::{self, Person, Site, clips};

const LIST: &str = "/api/v1/notifications";
const READ: &str = "/api/v1/notifications/read";
const PREFERENCES: &str = "/api/v1/notifications/preferences";

/// Follows a channel since an hour ago.
async fn follows(site: &Site, follower: &Person<'_>, channel: &Person<'_>) {
    let (follower, channel): (UserId, UserId) = (follower.id.parse().unwrap(), channel.id.parse().unwrap());
    let core = &site.server.app.core;
    let since = core.clock.now().plus_ms(-3_600_000);
    let id = core.ids.next(since);
    let mut tx = core.store.write().await.unwrap();
    store::subscriptions::add(&mut tx, id, follower, channel, since)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Writes tweets by the store's own ways, at these times.
async fn tweets_at(site: &Site, author: &Person<'_>, times: impl IntoIterator<Item = Millis>) -> Vec<String> {
    let core = &site.server.app.core;
    let owner: UserId = author.id.parse().unwrap();
    let mut tx = core.store.write().await.unwrap();
    let mut ids = Vec::new();
    for at in times {
        let id: ObjectId = core.ids.next(at);
        tx.exec(
            "INSERT INTO tweets (id, owner_id, content, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
            &params![id, owner, "Hello", at],
        )
        .await
        .unwrap();
        channel_posts::add(&mut tx, &id.0, owner, Kind::Tweet, at)
            .await
            .unwrap();
        ids.push(id.to_string());
    }
    tx.commit().await.unwrap();
    ids
}

/// The first page: kinds and ids, and the number of unread.
async fn told(person: &Person<'_>) -> (Vec<(String, String)>, i64) {
    let data = person.get(LIST).await.is(200).at("/data");
    let items = data["items"].as_array().unwrap().iter();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    (
        items
            .map(|item| (text(item, "kind"), text(item, "_id")))
            .collect(),
        data["unreadCount"].as_i64().unwrap(),
    )
}

async fn kinds(person: &Person<'_>) -> Vec<String> {
    told(person).await.0.into_iter().map(|(kind, _)| kind).collect()
}

async fn unread(person: &Person<'_>) -> i64 {
    told(person).await.1
}

/// How many rows a table has.
async fn rows(site: &Site, table: &str) -> i64 {
    let mut tx = site.server.app.core.store.read();
    let text = format!("SELECT count(*) FROM {table}");
    tx.one(&text, &[], |row| row.int(0)).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_how_processing_ended_and_reads_it_on_all_devices() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let elsewhere = site.sign_in("asha").await;
    let mut listener = Listener::on(&elsewhere).await;
    assert_eq!(told(&asha).await, (vec![], 0));
    let video = asha.publishes(&clips::small(), &[("title", "My cat")]).await;

    let event = listener.waits_for("notification.created").await.data;
    assert_eq!(
        (&event["kind"], &event["video"]),
        (&json!("processingFinished"), &json!(video))
    );
    let data = asha.get(LIST).await.is(200).at("/data");
    let item = &data["items"][0];
    assert_eq!(item["_id"], event["_id"]);
    assert_eq!(item["createdAt"], event["createdAt"]);
    assert_eq!(
        (&item["kind"], &item["isRead"], &item["actor"]),
        (&json!("processingFinished"), &json!(false), &Value::Null)
    );
    assert_eq!(
        (&item["video"]["_id"], &item["video"]["title"]),
        (&json!(video), &json!("My cat"))
    );
    assert!(item["video"]["thumbnail"].is_string());
    assert_eq!(
        (
            &data["nextCursor"],
            &data["unreadCount"],
            &data["unreadIsEstimate"]
        ),
        (&Value::Null, &json!(1), &json!(false))
    );

    let answer = asha.post(READ, &json!({})).await.is(200);
    assert_eq!(answer.at("/data/unreadCount"), 0);
    let event = listener.waits_for("notification.read").await.data;
    assert_eq!(event, json!({"unreadCount": 0, "unreadIsEstimate": false}));
    let data = elsewhere.get(LIST).await.is(200).at("/data");
    assert_eq!(
        (&data["items"][0]["isRead"], &data["unreadCount"]),
        (&json!(true), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_become_a_video_is_told_with_its_reason() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let core = &site.server.app.core;
    let video = asha.publishes(&clips::small(), &[]).await;
    // As a step says that gives a video up.
    let id: VideoId = video.parse().unwrap();
    let mut tx = core.store.write().await.unwrap();
    let before = store::videos::find(&mut tx, id).await.unwrap().unwrap();
    let after = store::videos::VideoRow {
        status: model::videos::Status::Failed,
        status_reason: Some("The reason.".to_owned()),
        ..before.clone()
    };
    store::videos::save(&mut tx, &before, after).await.unwrap();
    let row = NotificationRow {
        kind: Said::ProcessingFailed,
        video_id: Some(id),
        ..row(&site, &asha, core.clock.now())
    };
    notifications::add(&mut tx, &row).await.unwrap();
    tx.commit().await.unwrap();
    let item = asha.get(LIST).await.is(200).at("/data/items/0");
    assert_eq!(
        (&item["kind"], &item["video"]["statusReason"]),
        (&json!("processingFailed"), &json!("The reason."))
    );
}

/// Something said to somebody about nothing in particular.
fn row(site: &Site, to: &Person<'_>, at: Millis) -> NotificationRow {
    NotificationRow {
        id: site.server.app.core.ids.next(at),
        user_id: to.id.parse().unwrap(),
        kind: Said::LikeMilestone,
        video_id: None,
        comment_id: None,
        actor_id: None,
        amount: 10,
        created_at: at,
        read_at: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_to_many_followers_writes_one_row_and_tells_those_who_listen() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    follows(&site, &bela, &asha).await;
    let core = &site.server.app.core;
    let channel: UserId = asha.id.parse().unwrap();
    let since = core.clock.now().plus_ms(-1_000);
    let mut tx = core.store.write().await.unwrap();
    for _ in 0..20_000 {
        let (follower, id): (UserId, ObjectId) = (core.ids.next(since), core.ids.next(since));
        tx.exec(
            "INSERT INTO subscriptions (subscriber_id, channel_id, id, created_at) VALUES ($1, $2, $3, $4)",
            &params![follower, channel, id, since],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    asha.patch(PREFERENCES, &json!({"processingFinished": false}))
        .await
        .is(200);
    let (mut belas, mut chens) = (Listener::on(&bela).await, Listener::on(&chen).await);
    let (posts, said) = (
        rows(&site, "channel_posts").await,
        rows(&site, "notifications").await,
    );

    let video = asha.publishes(&clips::small(), &[]).await;

    assert_eq!(rows(&site, "channel_posts").await, posts + 1);
    assert_eq!(rows(&site, "notifications").await, said);
    let event = belas.waits_for("notification.created").await.data;
    assert_eq!(
        (&event["kind"], &event["video"], &event["actor"]),
        (&json!("newVideo"), &json!(video), &json!(asha.id))
    );
    let item = bela.get(LIST).await.is(200).at("/data/items/0");
    assert_eq!(
        (&item["kind"], &item["_id"], &item["actor"]["username"]),
        (&json!("newVideo"), &json!(video), &json!("asha"))
    );
    assert_eq!(item["createdAt"], event["createdAt"]);
    assert_eq!(told(&chen).await, (vec![], 0), "who does not follow is not told");
    assert_eq!(told(&asha).await, (vec![], 0), "nor is who did it");
    chen.publishes(&clips::small(), &[]).await;
    let first = chens.waits_for("notification.created").await.data;
    assert_eq!(first["kind"], "processingFinished", "nothing was told before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_or_gone_is_not_told_and_comes_back_to_its_place() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    follows(&site, &bela, &asha).await;
    let one = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let other = asha.publishes(&clips::small(), &[]).await;
    assert_eq!(
        told(&bela).await,
        (vec![("newVideo".to_owned(), other.clone())], 1)
    );
    let mut listener = Listener::on(&bela).await;
    let path = |id: &str| format!("/api/v1/videos/{id}");
    asha.patch(&path(&one), &json!({"visibility": "public"}))
        .await
        .is(200);
    let heard = listener.waits_for("notification.created").await;
    assert_eq!(heard.data["video"], json!(one));
    let both: Vec<_> = [&one, &other]
        .map(|id| ("newVideo".to_owned(), id.clone()))
        .to_vec();
    assert_eq!(told(&bela).await, (both.clone(), 2));

    asha.patch(&path(&one), &json!({"visibility": "private"}))
        .await
        .is(200);
    assert_eq!(told(&bela).await, (both[1..].to_vec(), 1));
    // Who comes back is not told of it either.
    let last = heard.id.unwrap().parse::<u64>().unwrap() - 1;
    let mut back = Listener::back(&bela, "", &last.to_string()).await;
    rings(&site);
    let heard = back.hears_until("test.bell").await;
    assert!(heard.is_empty(), "{heard:?}");
    asha.patch(&path(&one), &json!({"visibility": "public"}))
        .await
        .is(200);
    let third = asha.publishes(&clips::small(), &[]).await;
    let heard = back.waits_for("notification.created").await.data["video"].clone();
    assert_eq!(heard, json!(third), "what is shown again was told before");
    let all: Vec<_> = told(&bela).await.0.into_iter().map(|(_, id)| id).collect();
    assert_eq!(all, [&third, &one, &other].map(Clone::clone));
    asha.delete(&path(&one)).await.is(200);
    assert_eq!(unread(&bela).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_posts_are_paged_in_order_and_counted_up_to_a_bound() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let now = site.clock.now();
    let mut expected = Vec::new();
    for (n, name) in ["asha", "chen", "devi"].into_iter().enumerate() {
        let author = site.person(name).await;
        follows(&site, &bela, &author).await;
        let times = (0..1_667).map(|i| now.plus_ms(i * 3 + i64::try_from(n).unwrap() - 60_000));
        let ids = tweets_at(&site, &author, times.clone()).await;
        expected.extend(times.zip(ids));
    }
    expected.sort();
    let newest_first: Vec<String> = expected.into_iter().rev().map(|(_, id)| id).collect();
    let mut cursor = String::new();
    let mut seen = Vec::new();
    loop {
        let page = bela
            .get(&format!("{LIST}?limit=100&cursor={cursor}"))
            .await
            .is(200);
        assert_eq!(
            (page.at("/data/unreadCount"), page.at("/data/unreadIsEstimate")),
            (json!(99), json!(true))
        );
        let items = page.at("/data/items");
        seen.extend(
            items
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["_id"].as_str().unwrap().to_owned()),
        );
        match page.at("/data/nextCursor").as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5_001);
    assert_eq!(seen, newest_first);

    // Up to the hundredth from the top: 99 are left, and that is exact.
    let answer = bela.post(READ, &json!({"upTo": seen[99]})).await.is(200);
    assert_eq!(
        (
            answer.at("/data/unreadCount"),
            answer.at("/data/unreadIsEstimate")
        ),
        (json!(99), json!(false))
    );
    // An older one takes nothing back.
    bela.post(READ, &json!({"upTo": seen[4_000]})).await.is(200);
    assert_eq!(unread(&bela).await, 99);
    let some = json!({"ids": [seen[0], seen[5], seen[5], seen[150]]});
    let answer = bela.post(READ, &some).await.is(200);
    assert_eq!(
        answer.at("/data/unreadCount"),
        97,
        "each once, and what was read stays so"
    );
    bela.post(READ, &some).await.is(200);
    let items = bela.get(LIST).await.is(200).at("/data/items");
    let read: Vec<usize> = (0..20).filter(|n| items[*n]["isRead"] == true).collect();
    assert_eq!(read, [0, 5]);
    bela.post(READ, &json!({})).await.is(200);
    assert_eq!(unread(&bela).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_out_before_one_followed_is_not_told() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let now = site.clock.now();
    tweets_at(&site, &asha, (0..50).map(|n| now.plus_ms(-7_200_000 + n))).await;
    follows(&site, &bela, &asha).await;
    let new = tweets_at(&site, &asha, [now]).await;
    assert_eq!(
        told(&bela).await,
        (vec![("newTweet".to_owned(), new[0].clone())], 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_are_not_wanted_are_neither_shown_nor_counted_nor_told() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    follows(&site, &bela, &asha).await;
    let all = bela.get(PREFERENCES).await.is(200).at("/data");
    assert!(all.as_object().unwrap().values().all(|wanted| wanted == true));
    assert_eq!(all.as_object().unwrap().len(), 9);
    let answer = bela
        .patch(
            PREFERENCES,
            &json!({"newVideo": false, "processingFinished": false, "reply": null, "nonsense": 1}),
        )
        .await
        .is(200);
    assert_eq!(answer.at("/data/newVideo"), false);
    assert_eq!(answer.at("/data/reply"), true);
    bela.patch(PREFERENCES, &json!({}))
        .await
        .refuses(400, "nothing_to_change");
    bela.patch(PREFERENCES, &json!({"comment": "no"}))
        .await
        .refuses(400, "wrong_type");

    let mut listener = Listener::on(&bela).await;
    let video = asha.publishes(&clips::small(), &[]).await;
    bela.publishes(&clips::small(), &[]).await;
    let tweet = tweets_at(&site, &asha, [site.clock.now()]).await;
    assert_eq!(
        told(&bela).await,
        (vec![("newTweet".to_owned(), tweet[0].clone())], 1)
    );
    assert_eq!(
        kinds(&asha).await,
        ["processingFinished"],
        "others want what they want"
    );

    // What is pulled is there again once it is wanted.
    bela.patch(PREFERENCES, &json!({"newVideo": true})).await.is(200);
    assert_eq!(kinds(&bela).await, ["newTweet", "newVideo"]);
    let second = asha.publishes(&clips::small(), &[]).await;
    let heard = listener.waits_for("notification.created").await.data["video"].clone();
    assert_eq!(heard, json!(second), "and not {video}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_what_is_said_to_others() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    follows(&site, &bela, &asha).await;
    asha.publishes(&clips::small(), &[]).await;
    let (ashas, belas) = (told(&asha).await, told(&bela).await);
    for (kind, id) in ashas.0.iter().chain(&belas.0) {
        chen.post(READ, &json!({"upTo": id}))
            .await
            .refuses(404, "notification_not_found");
        chen.post(READ, &json!({"ids": [id]})).await.is(200);
        assert_eq!(
            (told(&asha).await, told(&bela).await),
            (ashas.clone(), belas.clone()),
            "{kind}"
        );
    }
    assert_eq!(rows(&site, "notification_reads").await, 0);
    let many: Vec<String> = (0..101).map(|n| format!("{n:024x}")).collect();
    for (body, field, code) in [
        (json!({"upTo": "x"}), "upTo", "malformed"),
        (json!({"ids": ["x"]}), "ids", "malformed"),
        (json!({"ids": many}), "ids", "too_many"),
    ] {
        bela.post(READ, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    for body in [json!({"ids": "x"}), json!({"upTo": 5}), json!([])] {
        bela.post(READ, &body).await.refuses(400, "wrong_type");
    }
    bela.get(&format!("{LIST}?cursor=nonsense"))
        .await
        .refuses(400, "bad_cursor");
    for limit in ["0", "101", "x"] {
        bela.get(&format!("{LIST}?limit={limit}"))
            .await
            .refuses(400, "invalid_fields");
    }
    assert_eq!(unread(&bela).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_count_is_a_walk_along_an_index() {
    const POSTS: &str =
        "USING COVERING INDEX channel_posts_kind_idx (channel_id=? AND kind=? AND published_at>?";
    const WALK: &str = "USING COVERING INDEX channel_posts_newest_idx (published_at>?";
    const ROWS: &str = "USING INDEX notifications_newest_idx (user_id=?";
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let user: UserId = asha.id.parse().unwrap();
    let id = ObjectId([0xff; 12]);
    let [sessions, users] = store::sessions::ENDED_SINCE;
    let statements: [(&str, &str, Vec<store::Val<'_>>); 9] = [
        (
            WALK,
            notifications::WALK_POSTS,
            params![user, 0, 5, id, 0, 20].to_vec(),
        ),
        (WALK, notifications::IS_MUCH, params![0, 5].to_vec()),
        (
            WALK,
            notifications::COUNT_WALKED_POSTS,
            params![0, 0, user, 100].to_vec(),
        ),
        (
            POSTS,
            notifications::LIST_POSTS,
            params![user, 0, 0, 5, id, 20].to_vec(),
        ),
        (
            POSTS,
            notifications::COUNT_POSTS,
            params![0, 0, user, 100].to_vec(),
        ),
        (ROWS, &notifications::LIST, params![user, 0, 5, id, 20].to_vec()),
        (ROWS, &notifications::COUNT, params![user, 0, 100].to_vec()),
        ("sessions_ended_idx", sessions, params![0, 5].to_vec()),
        ("users_disabled_idx", users, params![0, 5].to_vec()),
    ];
    for (walk, text, values) in statements {
        let mut tx = site.server.app.core.store.read();
        let plan: Vec<String> = tx
            .all(&format!("EXPLAIN QUERY PLAN {text}"), &values, |row| {
                Ok(row.text(3)?.to_owned())
            })
            .await
            .unwrap();
        for step in &plan {
            // Of a page of channels, and of a count: what was found before.
            let scans = step.starts_with("SCAN") && !["SCAN f", "SCAN found"].contains(&step.as_str());
            assert!(!scans, "{text}\n{plan:#?}");
        }
        assert!(plan.iter().any(|step| step.contains(walk)), "{text}\n{plan:#?}");
        let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
        // Of posts: the channels, and the page.
        assert!(sorts <= if walk == POSTS { 2 } else { 0 }, "{text}\n{plan:#?}");
    }
}
