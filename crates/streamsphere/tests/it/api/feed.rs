//! `GET /api/v1/feed/subscriptions`, and what of it others ask the store for.

use std::collections::HashSet;

use model::videos::Visibility;
use model::{Clock, Millis, ObjectId, UserId};
use serde_json::{Value, json};
use store::channel_posts::{self, Kind};
use store::feed::{self, Post, Since};
use store::places::Place;
use store::{Tx, params, subscriptions};

use crate::kit::dice::Dice;
use crate::kit::rows::{add, never_scans, row};
use crate::kit::{self, Person, Site};

const FEED: &str = "/api/v1/feed/subscriptions";

async fn follows(person: &Person<'_>, of: &Person<'_>) {
    person
        .put(&format!("/api/v1/subscriptions/c/{}", of.id))
        .await
        .is(200);
}

fn titles(items: &Value) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    items
        .map(|item| {
            assert_eq!(item["type"], "video");
            item["video"]["title"].as_str().unwrap().to_owned()
        })
        .collect()
}

async fn feed_of(person: &Person<'_>) -> Vec<String> {
    titles(&person.get(FEED).await.is(200).at("/data/items"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_has_what_channels_one_follows_brought_out_newest_first() {
    let site = kit::site().await;
    let (asha, bela, chandra) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chandra").await,
    );
    let empty = asha.get(FEED).await.is(200).at("/data");
    assert_eq!(empty, json!({"items": [], "nextCursor": null}));
    let start = site.clock.now().0 - 1_000_000;
    let mut rows = Vec::new();
    for n in 0..6 {
        let owner = if n % 2 == 0 { &bela } else { &chandra };
        let mut video = row(&site, owner, &format!("Number {n}"));
        video.created_at = Millis(start + n * 1000);
        rows.push(video);
    }
    add(&site, &rows).await;
    assert_eq!(feed_of(&asha).await, Vec::<String>::new(), "nobody is followed");
    follows(&asha, &bela).await;
    assert_eq!(feed_of(&asha).await, ["Number 4", "Number 2", "Number 0"]);
    follows(&asha, &chandra).await;
    let all: Vec<String> = (0..6).rev().map(|n| format!("Number {n}")).collect();
    assert_eq!(feed_of(&asha).await, all);

    let mut seen = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(from) = cursor {
        let page = asha.get(&format!("{FEED}?limit=4&cursor={from}")).await.is(200);
        seen.extend(titles(&page.at("/data/items")));
        // What comes out meanwhile stands in front of what was seen, and moves nothing.
        add(&site, &[row(&site, &bela, "New")]).await;
        cursor = page.at("/data/nextCursor").as_str().map(ToOwned::to_owned);
    }
    assert_eq!(seen, all);
    asha.get(&format!("{FEED}?cursor=AAAA"))
        .await
        .refuses(400, "bad_cursor");
    asha.get(&format!("{FEED}?limit=0"))
        .await
        .refuses(400, "invalid_fields");

    asha.delete(&format!("/api/v1/subscriptions/c/{}", bela.id))
        .await
        .is(200);
    assert_eq!(feed_of(&asha).await, ["Number 5", "Number 3", "Number 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_shows_nothing_that_is_not_listed() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    follows(&asha, &bela).await;
    let mut rows = vec![
        row(&site, &bela, "public"),
        row(&site, &bela, "unlisted"),
        row(&site, &bela, "private"),
        row(&site, &bela, "not ready"),
    ];
    rows[1].visibility = Visibility::Unlisted;
    rows[2].visibility = Visibility::Private;
    rows[3].watchable = false;
    add(&site, &rows).await;
    assert_eq!(feed_of(&asha).await, ["public"]);
    let video = |n: usize| format!("/api/v1/videos/{}", rows[n].id);
    bela.patch(&video(0), &json!({"visibility": "private"}))
        .await
        .is(200);
    assert_eq!(feed_of(&asha).await, Vec::<String>::new());
    bela.patch(&video(2), &json!({"visibility": "public"}))
        .await
        .is(200);
    assert_eq!(feed_of(&asha).await, ["private"], "as it was called");
    bela.delete(&video(2)).await.is(200);
    assert_eq!(feed_of(&asha).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn tweets_stand_among_the_videos_as_their_reader_may_see_them() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    follows(&asha, &bela).await;
    let mut hidden = row(&site, &bela, "Hidden");
    hidden.visibility = Visibility::Private;
    let rows = [row(&site, &bela, "A clip"), hidden];
    add(&site, &rows).await;
    let mut tweets = Vec::new();
    for about in &rows {
        clock.advance(1_000);
        let words = json!({"content": "Look!", "video": about.id, "videoAt": 0.5});
        let made = bela.post("/api/v1/tweets", &words).await.is(201);
        tweets.push(made.text_at("/data/_id"));
    }
    clock.advance(1_000);
    add(&site, &[row(&site, &bela, "Another clip")]).await;
    asha.post(&format!("/api/v1/likes/toggle/t/{}", tweets[0]), &json!({}))
        .await
        .is(200);
    asha.post(&format!("/api/v1/likes/toggle/v/{}", rows[0].id), &json!({}))
        .await
        .is(200);

    let items = asha.get(FEED).await.is(200).at("/data/items");
    let kinds: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["video", "tweet", "tweet", "video"]);
    for item in items.as_array().unwrap() {
        assert_eq!(item.as_object().unwrap().len(), 2, "the type, and what it names");
    }
    let (secret, open) = (&items[1]["tweet"], &items[2]["tweet"]);
    assert_eq!(secret["_id"], tweets[1]);
    assert_eq!(
        [&secret["video"], &secret["videoAt"]],
        [&Value::Null, &Value::Null]
    );
    assert_eq!(open["_id"], tweets[0]);
    assert_eq!(open["video"], rows[0].id.to_string());
    assert_eq!(open["isLiked"], true);
    assert_eq!(items[3]["video"]["isLiked"], true);

    bela.delete(&format!("/api/v1/tweets/{}", tweets[1]))
        .await
        .is(200);
    let page = asha.get(&format!("{FEED}?limit=2")).await.is(200).at("/data");
    assert_eq!(page["items"][1]["tweet"]["_id"], tweets[0]);
    let rest = format!("{FEED}?limit=2&cursor={}", page["nextCursor"].as_str().unwrap());
    assert_eq!(
        titles(&asha.get(&rest).await.is(200).at("/data/items")),
        ["A clip"]
    );
}

fn user(n: u32) -> UserId {
    let mut id = [0xbb; 12];
    id[8..].copy_from_slice(&n.to_be_bytes());
    UserId(ObjectId(id))
}

/// Someone who follows `followed` of `channels` channels without pages, each with posts at times that often tie.
async fn crowd(site: &Site, fan: &Person<'_>, channels: u32, followed: u32, posts: u32) -> Vec<(Post, i64)> {
    let mut dice = Dice::new(7);
    let fan: UserId = fan.id.parse().unwrap();
    let ids = &site.server.app.core.ids;
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let mut since = Vec::new();
    for n in 0..followed {
        let at = i64::try_from(dice.below(1000)).unwrap();
        subscriptions::add(&mut tx, ids.next(Millis(at)), fan, user(n), Millis(at))
            .await
            .unwrap();
        since.push(at);
    }
    let mut expected = Vec::new();
    for n in 0..posts {
        let channel = u32::try_from(dice.below(channels as usize)).unwrap();
        let mut id = [0xcc; 12];
        id[..4].copy_from_slice(&u32::try_from(dice.below(1 << 30)).unwrap().to_be_bytes());
        id[8..].copy_from_slice(&n.to_be_bytes());
        let post = Post {
            id: ObjectId(id),
            channel: user(channel),
            kind: if dice.below(2) == 0 {
                Kind::Video
            } else {
                Kind::Tweet
            },
            published_at: Millis(i64::try_from(dice.below(1000)).unwrap()),
        };
        channel_posts::add(&mut tx, &id, post.channel, post.kind, post.published_at)
            .await
            .unwrap();
        if channel < followed {
            expected.push((post, since[channel as usize]));
        }
    }
    tx.commit().await.unwrap();
    expected.sort_by_key(|(post, _)| std::cmp::Reverse(post.place()));
    expected
}

/// All of a feed, in pages of seven.
async fn walked(tx: &mut Tx, many: &mut Tx, fan: UserId, since: Since) -> Vec<Post> {
    let mut all = Vec::new();
    let mut before = Place::TOP;
    loop {
        let page = feed::page(tx, many, fan, before, since, 7).await.unwrap();
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { return all };
        before = last.place();
        all.extend(page);
    }
}

async fn a_feed_is_what_one_would_pick_by_hand(channels: u32, followed: u32, posts: u32) {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let fan: UserId = asha.id.parse().unwrap();
    let expected = crowd(&site, &asha, channels, followed, posts).await;
    assert!(expected.len() > 100, "there is something to compare");
    let mut tx = site.server.app.core.store.read();
    let ever: Vec<Post> = expected.iter().map(|(post, _)| *post).collect();
    let mut many = site.server.app.core.store.slow_read(60_000);
    assert_eq!(walked(&mut tx, &mut many, fan, Since::Ever).await, ever);
    let later: Vec<Post> = expected
        .iter()
        .filter(|(post, since)| post.published_at.0 >= *since)
        .map(|(post, _)| *post)
        .collect();
    assert!(later.len() < ever.len());
    assert_eq!(walked(&mut tx, &mut many, fan, Since::Subscribed).await, later);
    let distinct: HashSet<ObjectId> = ever.iter().map(|post| post.id).collect();
    assert_eq!(distinct.len(), ever.len());

    let places = [0, 1, later.len() / 2, later.len() - 1].map(|n| later[n].place());
    for after in places.into_iter().chain([Place::TOP, Place::BOTTOM]) {
        let newer = later.iter().filter(|post| post.place() > after).count();
        let newer = i64::try_from(newer).unwrap();
        for most in [1, 10, 100_000] {
            let counted = feed::count_after(&mut tx, fan, after, most).await.unwrap();
            assert_eq!(counted, newer.min(most), "{after:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_of_someone_who_follows_a_few_channels_is_complete_and_in_order() {
    a_feed_is_what_one_would_pick_by_hand(60, 40, 1_500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_of_someone_who_follows_many_goes_on_where_the_walk_along_the_newest_ends() {
    // More channels than are merged, and more posts than are walked.
    a_feed_is_what_one_would_pick_by_hand(3_000, 300, 5_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_channel_last_brought_something_out_follows_what_comes_and_goes() {
    let site = kit::site().await;
    let channel = user(1);
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let post = |n: u8| [n; 12];
    let mut newest = Vec::new();
    for (n, at, comes) in [
        (1, 10, true),
        (2, 30, true),
        (3, 20, true),
        (2, 30, false),
        (4, 20, true),
        (4, 20, false),
        (1, 10, false),
        (3, 20, false),
        (9, 20, false),
        (5, 5, true),
    ] {
        if comes {
            channel_posts::add(&mut tx, &post(n), channel, Kind::Tweet, Millis(at))
                .await
                .unwrap();
        } else {
            channel_posts::remove(&mut tx, &post(n)).await.unwrap();
        }
        let sql = "SELECT newest_at FROM channel_heads WHERE channel_id = $1";
        let kept = tx.one(sql, &params![channel], |row| row.int(0)).await.unwrap();
        newest.push(kept.unwrap_or(0));
    }
    assert_eq!(newest, [10, 30, 30, 20, 20, 20, 20, 0, 0, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_walks_along_indexes_whatever_there_is() {
    let site = kit::site().await;
    for text in [
        feed::HEADS,
        feed::OF_CHANNEL,
        feed::WALK_END,
        feed::WALKED,
        feed::COUNT_BY_CHANNEL,
        feed::COUNT_WALKED,
    ] {
        never_scans(&site, text).await;
    }
}
