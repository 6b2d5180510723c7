//! `PATCH /playlist/{id}/order`.

use model::VideoId;
use reqwest::Method;
use serde_json::{Value, json};
use store::videos::VideoRow;
use tokio::task::JoinSet;

use super::{NO_SUCH_ID, adds, makes, one, titles, videos};
use crate::kit::dice::Dice;
use crate::kit::{self, Person};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

async fn moves(person: &Person<'_>, id: &str, video: &VideoRow, side: &str, other: &VideoRow) -> Vec<String> {
    let order = json!({"videoId": video.id, side: other.id});
    titles(
        &person
            .patch(&format!("{}/order", one(id)), &order)
            .await
            .is(200)
            .at("/data"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_goes_in_front_of_another_or_behind_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &NAMES).await;
    let id = makes(&asha, "Ordered", "public").await;
    for row in &rows {
        adds(&asha, &row.id, &id).await.is(200);
    }
    let mut expected: Vec<&str> = NAMES.to_vec();
    let mut dice = Dice::new(3);
    // Many moves to few places: distances are used up on the way.
    for n in 0..150 {
        let (video, other) = if n < 60 {
            (n % 2, 5)
        } else {
            (dice.below(6), dice.below(6))
        };
        if video == other {
            continue;
        }
        let towards = if n < 60 || dice.below(2) == 0 {
            "before"
        } else {
            "after"
        };
        expected.retain(|name| *name != NAMES[video]);
        let beside = expected.iter().position(|name| *name == NAMES[other]).unwrap();
        expected.insert(beside + usize::from(towards == "after"), NAMES[video]);
        let now = moves(&asha, &id, &rows[video], towards, &rows[other]).await;
        assert_eq!(now, expected, "move {n}");
    }
    let seen = site.anyone().get(&one(&id)).await.is(200).at("/data");
    assert_eq!(titles(&seen), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_says_nothing_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &["in", "in too", "not in"]).await;
    let id = makes(&asha, "Ordered", "public").await;
    for row in &rows[..2] {
        adds(&asha, &row.id, &id).await.is(200);
    }
    let path = format!("{}/order", one(&id));
    let [a, b, c]: [VideoId; 3] = [rows[0].id, rows[1].id, rows[2].id];
    for (order, field, code) in [
        (json!({"before": a}), "videoId", "missing"),
        (json!({"videoId": a}), "before", "one_of_two"),
        (
            json!({"videoId": a, "before": b, "after": b}),
            "before",
            "one_of_two",
        ),
        (json!({"videoId": "x", "before": b}), "videoId", "malformed"),
        (json!({"videoId": a, "after": "x"}), "after", "malformed"),
        (json!({"videoId": a, "after": a}), "videoId", "itself"),
    ] {
        asha.patch(&path, &order)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    for order in [
        json!({"videoId": c, "before": a}),
        json!({"videoId": a, "before": c}),
        json!({"videoId": a, "before": NO_SUCH_ID}),
    ] {
        asha.patch(&path, &order).await.refuses(404, "not_in_playlist");
    }
    asha.patch(&path, &json!({"videoId": 5, "before": a}))
        .await
        .is(400);
    assert_eq!(titles(&asha.get(&one(&id)).await.at("/data")), ["in", "in too"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_moves_adds_and_removes_at_once_every_video_stands_once_and_in_one_order() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &NAMES).await;
    let id = makes(&asha, "Busy", "public").await;
    for row in &rows {
        adds(&asha, &row.id, &id).await.is(200);
    }
    let mut dice = Dice::new(11);
    let mut clients = JoinSet::new();
    for _ in 0..120 {
        let (video, other) = (&rows[dice.below(6)].id, &rows[dice.below(6)].id);
        let request = match dice.below(4) {
            0 => asha.request(Method::PATCH, &format!("/api/v1/playlist/add/{video}/{id}")),
            1 => asha.request(Method::DELETE, &format!("/api/v1/playlist/remove/{video}/{id}")),
            _ => asha
                .request(Method::PATCH, &format!("{}/order", one(&id)))
                .json(&json!({"videoId": video, "before": other})),
        };
        clients.spawn(async move { kit::answer(request).await.status });
    }
    for status in clients.join_all().await {
        // Next to itself, or no longer there: both happen.
        assert!(matches!(status, 200 | 400 | 404), "{status}");
    }
    for row in &rows {
        adds(&asha, &row.id, &id).await.is(200);
    }
    let seen = asha.get(&one(&id)).await.is(200).at("/data");
    let mut found = titles(&seen);
    found.sort_unstable();
    assert_eq!(found, NAMES);
    assert_eq!(seen["totalVideos"], 6);
    let kept: Vec<(i64, i64)> = site
        .server
        .app
        .core
        .store
        .read()
        .all(
            "SELECT l.entries_count, (SELECT count(DISTINCT e.position) FROM playlist_entries e \
             WHERE e.playlist_id = l.id) FROM playlists l",
            &[],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
        .await
        .unwrap();
    assert_eq!(kept, [(6, 6)]);
    assert_ne!(seen["updatedAt"], Value::Null);
}

/// All videos of a playlist from a cursor on, and the cursor behind the first two.
async fn begins(person: &Person<'_>, id: &str) -> (Vec<String>, String) {
    let page = person.get(&format!("{}?limit=2&cursor=", one(id))).await.is(200);
    (titles(&page.at("/data")), page.text_at("/data/nextCursor"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_from_before_all_places_were_written_anew_is_refused_and_repeats_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &NAMES).await;
    let id = makes(&asha, "Ordered", "public").await;
    let other = makes(&asha, "Another", "public").await;
    for row in &rows {
        adds(&asha, &row.id, &id).await.is(200);
        adds(&asha, &row.id, &other).await.is(200);
    }
    let spreads = format!("SELECT sum(spreads_count) FROM playlists WHERE id = x'{id}'");
    let anyone = site.anyone();
    let (first, cursor) = begins(&anyone, &id).await;
    assert_eq!(first, ["a", "b"]);
    // A move by itself writes one place, and the walk goes on.
    moves(&asha, &id, &rows[5], "before", &rows[4]).await;
    let page = anyone.get(&format!("{}?cursor={cursor}", one(&id))).await.is(200);
    assert_eq!(titles(&page.at("/data")), ["c", "d", "f", "e"]);
    let mut moved = 0;
    while site.count(&spreads).await == 0 {
        moves(&asha, &id, &rows[moved % 2], "before", &rows[5]).await;
        moved += 1;
        assert!(moved < 100, "distances are never used up");
    }
    anyone
        .get(&format!("{}?cursor={cursor}", one(&id)))
        .await
        .refuses(400, "cursor_expired");
    let (first, cursor) = begins(&anyone, &id).await;
    let rest = anyone.get(&format!("{}?cursor={cursor}", one(&id))).await.is(200);
    let whole = titles(&anyone.get(&one(&id)).await.at("/data"));
    assert_eq!([first, titles(&rest.at("/data"))].concat(), whole);
    anyone
        .get(&format!("{}?cursor={cursor}", one(&other)))
        .await
        .refuses(400, "bad_cursor");
}
