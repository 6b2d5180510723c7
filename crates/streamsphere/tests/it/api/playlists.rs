//! `/api/v1/playlist`: making, seeing, changing and ordering playlists.

mod long;
mod order;

use model::VideoId;
use model::videos::Visibility;
use reqwest::Method;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Answer, Person, Site};

const PLAYLIST: &str = "/api/v1/playlist";
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

fn one(id: &str) -> String {
    format!("{PLAYLIST}/{id}")
}

fn of(person: &Person<'_>) -> String {
    format!("{PLAYLIST}/user/{}", person.id)
}

async fn makes(person: &Person<'_>, name: &str, visibility: &str) -> String {
    let words = json!({"name": name, "visibility": visibility});
    person.post(PLAYLIST, &words).await.is(201).text_at("/data/_id")
}

async fn adds(person: &Person<'_>, video: &VideoId, to: &str) -> Answer {
    person
        .patch(&format!("{PLAYLIST}/add/{video}/{to}"), &json!({}))
        .await
}

/// Videos without files.
async fn videos(site: &Site, owner: &Person<'_>, titles: &[&str]) -> Vec<VideoRow> {
    let rows: Vec<VideoRow> = titles.iter().map(|title| row(site, owner, title)).collect();
    add(site, &rows).await;
    rows
}

fn titles(playlist: &Value) -> Vec<String> {
    let videos = playlist["videos"].as_array().unwrap().iter();
    videos
        .map(|video| video["title"].as_str().unwrap().to_owned())
        .collect()
}

fn names(list: &Value) -> Vec<String> {
    let playlists = list.as_array().unwrap().iter();
    playlists
        .map(|playlist| playlist["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_is_made_filled_seen_changed_and_removed() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let words =
        json!({"name": "  Mountains ", "description": "High ones.", "owner": NO_SUCH_ID, "totalViews": 9});
    let made = asha.post(PLAYLIST, &words).await.is(201).at("/data");
    let mut fields: Vec<&String> = made.as_object().unwrap().keys().collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "_id",
            "createdAt",
            "description",
            "name",
            "nextCursor",
            "owner",
            "thumbnail",
            "totalDuration",
            "totalVideos",
            "totalViews",
            "updatedAt",
            "videos",
            "visibility"
        ]
    );
    assert_eq!(made["name"], "Mountains");
    assert_eq!(made["visibility"], "public");
    assert_eq!(made["owner"]["username"], "asha");
    assert_eq!(made["videos"], json!([]));
    assert_eq!(made["thumbnail"], Value::Null);
    let id = made["_id"].as_str().unwrap();

    let mut rows: Vec<VideoRow> = ["One", "Two", "Three"]
        .map(|title| row(&site, &asha, title))
        .into();
    for (n, row) in (1..).zip(&mut rows) {
        row.views = n * 10;
        row.duration_ms = n * 1500;
        row.thumbnail_rev = Some(format!("{n}{}", &NO_SUCH_ID[1..]));
    }
    add(&site, &rows).await;
    for row in &rows {
        adds(&asha, &row.id, id).await.is(200);
    }
    let again = adds(&asha, &rows[0].id, id).await.is(200).at("/data");
    assert_eq!(titles(&again), ["One", "Two", "Three"], "it stays where it is");

    let seen = site.anyone().get(&one(id)).await.is(200).at("/data");
    assert_eq!(titles(&seen), ["One", "Two", "Three"]);
    assert_eq!(seen["totalVideos"], 3);
    assert_eq!(seen["totalViews"], 60);
    assert_eq!(seen["totalDuration"], 9.0);
    assert_eq!(seen["thumbnail"], seen["videos"][0]["thumbnail"]);
    assert_ne!(seen["thumbnail"], Value::Null);

    for method in [Method::DELETE, Method::PATCH] {
        let path = format!("{PLAYLIST}/remove/{}/{id}", rows[0].id);
        let left = kit::answer(asha.request(method, &path)).await.is(200).at("/data");
        assert_eq!(titles(&left), ["Two", "Three"]);
        assert_eq!(left["totalVideos"], 2);
    }

    let change = json!({"name": "Hills", "description": "", "visibility": "unlisted"});
    let changed = asha.patch(&one(id), &change).await.is(200).at("/data");
    assert_eq!(
        [&changed["name"], &changed["description"], &changed["visibility"]],
        ["Hills", "", "unlisted"]
    );
    asha.delete(&one(id)).await.is(200);
    asha.get(&one(id)).await.refuses(404, "playlist_not_found");
    asha.delete(&one(id)).await.refuses(404, "playlist_not_found");
    asha.get(&format!("/api/v1/videos/{}", rows[1].id)).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_do_not_fit_are_refused_with_the_field() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for (body, field, code) in [
        (json!({}), "name", "missing"),
        (json!({"name": "  "}), "name", "missing"),
        (json!({"name": "x".repeat(151)}), "name", "too_long"),
        (
            json!({"name": "x", "description": "x".repeat(5001)}),
            "description",
            "too_long",
        ),
        (
            json!({"name": "x", "visibility": "secret"}),
            "visibility",
            "unknown",
        ),
    ] {
        asha.post(PLAYLIST, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    asha.post(PLAYLIST, &json!({"name": {"$ne": null}})).await.is(400);
    let id = makes(&asha, "x", "public").await;
    asha.patch(&one(&id), &json!({}))
        .await
        .refuses(400, "nothing_to_change");
    asha.patch(&one(&id), &json!({"name": ""}))
        .await
        .refuses(400, "invalid_fields")
        .blames("name", "missing");
    asha.get(&one("x")).await.refuses(400, "malformed_id");
    asha.get(&one(NO_SUCH_ID))
        .await
        .refuses(404, "playlist_not_found");
    let none: VideoId = NO_SUCH_ID.parse().unwrap();
    adds(&asha, &none, &id).await.refuses(404, "video_not_found");
    asha.patch(&format!("{PLAYLIST}/add/x/{id}"), &json!({}))
        .await
        .refuses(400, "malformed_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_changes_a_playlist_and_a_private_one_does_not_exist_for_strangers() {
    let site = kit::site().await;
    let (asha, bela, admin) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    let rows = videos(&site, &bela, &["One"]).await;
    for (visibility, seen, refused) in [
        ("public", 200, 403),
        ("unlisted", 200, 404),
        ("private", 404, 404),
    ] {
        let id = makes(&asha, visibility, visibility).await;
        for stranger in [&bela, &site.anyone()] {
            stranger.get(&one(&id)).await.is(seen);
        }
        bela.patch(&one(&id), &json!({"name": "Mine"})).await.is(refused);
        bela.delete(&one(&id)).await.is(refused);
        adds(&bela, &rows[0].id, &id).await.is(refused);
        bela.delete(&format!("{PLAYLIST}/remove/{}/{id}", rows[0].id))
            .await
            .is(refused);
        bela.patch(&format!("{}/order", one(&id)), &json!({"videoId": NO_SUCH_ID}))
            .await
            .is(refused);
        for person in [&asha, &admin] {
            let seen = person.get(&one(&id)).await.is(200);
            assert_eq!(seen.at("/data/name"), visibility);
        }
    }
    assert_eq!(
        names(&asha.get(&of(&asha)).await.is(200).at("/data")),
        ["private", "unlisted", "public"]
    );
    for stranger in [&bela, &site.anyone()] {
        let list = stranger.get(&of(&asha)).await.is(200).at("/data");
        assert_eq!(names(&list), ["public"]);
    }
    asha.get(&format!("{PLAYLIST}/user/{NO_SUCH_ID}"))
        .await
        .refuses(404, "user_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_see_is_neither_shown_nor_counted() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut rows: Vec<VideoRow> = [
        "hidden first",
        "unlisted",
        "asha's own",
        "not ready",
        "public",
        "asha's unlisted",
    ]
    .map(|title| {
        row(
            &site,
            if title.starts_with("asha") { &asha } else { &bela },
            title,
        )
    })
    .into();
    for row in &mut rows {
        row.views = 5;
        row.thumbnail_rev = Some(NO_SUCH_ID.to_owned());
    }
    rows[1].visibility = Visibility::Unlisted;
    rows[2].visibility = Visibility::Private;
    rows[5].visibility = Visibility::Unlisted;
    add(&site, &rows).await;
    let id = makes(&asha, "Mixed", "public").await;
    for row in &rows {
        adds(&asha, &row.id, &id).await.is(200);
    }
    bela.patch(
        &format!("/api/v1/videos/{}", rows[0].id),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    let mut tx = site.server.app.core.store.write().await.unwrap();
    tx.exec(
        "UPDATE videos SET watchable = 0, listed = 0 WHERE id = $1",
        &store::params![rows[3].id],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let all = [
        "hidden first",
        "unlisted",
        "asha's own",
        "not ready",
        "public",
        "asha's unlisted",
    ];
    let admin = site.admin().await;
    for (person, expected) in [
        // Her own unlisted one is handed out by herself, that of somebody else is not.
        (&site.anyone(), &["public", "asha's unlisted"][..]),
        (&asha, &["unlisted", "asha's own", "public", "asha's unlisted"]),
        (
            &bela,
            &[
                "hidden first",
                "unlisted",
                "not ready",
                "public",
                "asha's unlisted",
            ],
        ),
        (&admin, &all),
    ] {
        let seen = person.get(&one(&id)).await.is(200).at("/data");
        let first = person.get(&of(&asha)).await.is(200).at("/data/0");
        for playlist in [&seen, &first] {
            assert_eq!(
                titles(playlist),
                expected
                    .iter()
                    .copied()
                    .take(if playlist == &seen { 9 } else { 4 })
                    .collect::<Vec<_>>(),
                "{}",
                person.name
            );
            assert_eq!(playlist["totalVideos"], expected.len(), "{}", person.name);
            assert_eq!(playlist["totalViews"], 5 * expected.len());
            assert!(playlist.get("totalIsEstimate").is_none());
            let thumbnail = playlist["thumbnail"].as_str().unwrap();
            let first = playlist["videos"][0]["_id"].as_str().unwrap();
            assert!(thumbnail.contains(first), "{thumbnail}");
        }
    }
    // What cannot be seen cannot be put into a playlist either.
    let mine = makes(&bela, "Mine", "public").await;
    adds(&bela, &rows[2].id, &mine)
        .await
        .refuses(404, "video_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_has_a_watch_later_of_their_own_that_stays_as_it_is() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = videos(&site, &bela, &["One", "Two"]).await;
    let later = one("watch-later");
    site.anyone().get(&later).await.refuses(401, "unauthenticated");
    let empty = asha.get(&later).await.is(200).at("/data");
    assert_eq!(empty["name"], "Watch later");
    assert_eq!(empty["visibility"], "private");
    assert_eq!(empty["totalVideos"], 0);
    assert_eq!(empty["videos"], json!([]));
    let id = empty["_id"].as_str().unwrap();
    asha.get(&one(id)).await.is(200);
    for stranger in [&bela, &site.anyone()] {
        stranger.get(&one(id)).await.refuses(404, "playlist_not_found");
    }

    for row in &rows {
        adds(&asha, &row.id, "watch-later").await.is(200);
    }
    for path in [&later, &one(id)] {
        let seen = asha.get(path).await.is(200).at("/data");
        assert_eq!(titles(&seen), ["One", "Two"]);
        assert_eq!(seen["_id"], id, "the same as before it was written");
    }
    let order = json!({"videoId": rows[1].id, "before": rows[0].id});
    let moved = asha.patch(&format!("{later}/order"), &order).await.is(200);
    assert_eq!(titles(&moved.at("/data")), ["Two", "One"]);
    let path = format!("{PLAYLIST}/remove/{}/watch-later", rows[0].id);
    let left = asha.delete(&path).await.is(200);
    assert_eq!(titles(&left.at("/data")), ["Two"]);
    bela.get(&later).await.is(200);
    assert_eq!(bela.get(&later).await.at("/data/totalVideos"), 0);

    for path in [&later, &one(id)] {
        asha.delete(path).await.refuses(403, "watch_later_stays");
        for change in [json!({"visibility": "public"}), json!({"name": "Now"})] {
            asha.patch(path, &change).await.refuses(403, "watch_later_stays");
        }
        adds(&bela, &rows[0].id, id)
            .await
            .refuses(404, "playlist_not_found");
    }
    assert_eq!(asha.get(&of(&asha)).await.is(200).at("/data"), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_goes_leaves_playlists_and_a_person_who_goes_takes_theirs_along() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = videos(&site, &bela, &["One", "Two", "Three"]).await;
    let id = makes(&asha, "Kept", "public").await;
    for row in &rows {
        adds(&asha, &row.id, &id).await.is(200);
    }
    let theirs = makes(&bela, "Theirs", "public").await;
    adds(&bela, &rows[1].id, &theirs).await.is(200);
    adds(&bela, &rows[2].id, "watch-later").await.is(200);
    bela.put(&format!("/api/v1/subscriptions/c/{}", asha.id))
        .await
        .is(200);
    asha.put(&format!("/api/v1/subscriptions/c/{}", bela.id))
        .await
        .is(200);
    let counted = async || {
        site.server
            .app
            .core
            .store
            .read()
            .one(
                "SELECT (SELECT sum(entries_count) FROM playlists), (SELECT count(*) FROM playlist_entries)",
                &[],
                |row| Ok((row.int(0)?, row.int(1)?)),
            )
            .await
            .unwrap()
            .unwrap()
    };
    assert_eq!(counted().await, (5, 5));

    bela.delete(&format!("/api/v1/videos/{}", rows[0].id))
        .await
        .is(200);
    let seen = asha.get(&one(&id)).await.is(200).at("/data");
    assert_eq!(titles(&seen), ["Two", "Three"], "at once");
    assert_eq!(seen["totalVideos"], 2);
    kit::until("the entry is gone", async || counted().await == (4, 4)).await;

    let leave = bela.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leave.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    kit::until("all of theirs is gone", async || {
        site.anyone().get(&one(&theirs)).await.status == 404 && counted().await == (0, 0)
    })
    .await;
    let page = site.anyone().get("/api/v1/users/c/asha").await.is(200);
    assert_eq!(page.at("/data/subscribersCount"), 0);
    assert_eq!(page.at("/data/channelsSubscribedToCount"), 0);
    assert_eq!(asha.get(&one(&id)).await.is(200).at("/data/totalVideos"), 0);
    let found = app::doctor::examine(&site.server.app, false).await.unwrap();
    assert_eq!(found, [], "every counter is right");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_puts_counters_and_posts_right() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = videos(&site, &bela, &["One", "Two"]).await;
    let id = makes(&asha, "Kept", "public").await;
    adds(&asha, &rows[0].id, &id).await.is(200);
    asha.put(&format!("/api/v1/subscriptions/c/{}", bela.id))
        .await
        .is(200);
    let app = &site.server.app;
    assert_eq!(app::doctor::examine(app, false).await.unwrap(), []);
    for wrong in [
        "UPDATE users SET subscribers_count = 7 WHERE username = 'bela'",
        "UPDATE users SET subscriptions_count = 0 WHERE username = 'asha'",
        "UPDATE playlists SET entries_count = 3",
        "DELETE FROM channel_posts",
        "DELETE FROM channel_heads",
        "UPDATE channel_heads SET newest_at = newest_at + 1",
        "INSERT INTO channel_heads (channel_id, newest_at) VALUES (x'0123456789abcdef01234567', 1)",
        "UPDATE channel_posts SET channel_id = x'0123456789abcdef01234567'",
        "INSERT INTO channel_posts (id, channel_id, kind, published_at) \
         VALUES (x'0123456789abcdef01234567', x'0123456789abcdef01234567', 0, 1)",
        "INSERT INTO channel_posts (id, channel_id, kind, published_at) \
         VALUES (x'0123456789abcdef01234568', x'0123456789abcdef01234567', 1, 1)",
    ] {
        let mut tx = app.core.store.write().await.unwrap();
        tx.exec(wrong, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let found = app::doctor::examine(app, false).await.unwrap();
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
        assert!(!found[0].repaired);
        let found = app::doctor::examine(app, true).await.unwrap();
        assert!(found[0].repaired, "{wrong}");
        assert_eq!(app::doctor::examine(app, false).await.unwrap(), [], "{wrong}");
    }
    let feed = asha.get("/api/v1/feed/subscriptions").await.is(200);
    assert_eq!(feed.at("/data/items").as_array().unwrap().len(), 2);
    assert_eq!(asha.get(&one(&id)).await.at("/data/totalVideos"), 1);
}
