//! `GET /api/v1/trending`: what is being watched these days.

use model::videos::Visibility;
use model::{Clock, Millis};
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

const TRENDING: &str = "/api/v1/trending";
const DAY: i64 = 24 * 3600 * 1000;
const NOW: i64 = 1_800_000_000_000;

async fn titles(person: &Person<'_>) -> Vec<String> {
    let list = person.get(&format!("{TRENDING}?limit=100")).await.is(200);
    let items = list.at("/data/items");
    let items = items.as_array().unwrap();
    items
        .iter()
        .map(|video| video["title"].as_str().unwrap().to_owned())
        .collect()
}

/// A row that was published so many days ago.
fn old(site: &Site, owner: &Person<'_>, title: &str, days: i64) -> VideoRow {
    let at = Millis(site.clock.now().0 - days * DAY);
    VideoRow {
        created_at: at,
        updated_at: at,
        ..row(site, owner, title)
    }
}

async fn counts(site: &Site, title: &str, column: &str, by: i64) {
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let sql = format!("UPDATE videos SET {column} = {column} + $1 WHERE title = $2");
    tx.exec(&sql, &store::params![by, title]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_watched_now_goes_before_what_was_watched_once() {
    let site = kit::with_clock(Clock::manual(Millis(NOW))).start().await;
    let asha = site.person("asha").await;
    let everyone = site.anyone();
    add(
        &site,
        &[
            old(&site, &asha, "new", 0),
            old(&site, &asha, "yesterday", 1),
            old(&site, &asha, "last week", 7),
            VideoRow {
                visibility: Visibility::Private,
                ..old(&site, &asha, "private", 0)
            },
            VideoRow {
                visibility: Visibility::Unlisted,
                ..old(&site, &asha, "unlisted", 0)
            },
        ],
    )
    .await;
    assert_eq!(titles(&everyone).await, ["new", "yesterday", "last week"]);

    // A thousand views are ten doublings, each worth a day.
    counts(&site, "last week", "views", 1_000).await;
    kit::until("the views are felt", async || {
        titles(&everyone).await == ["last week", "new", "yesterday"]
    })
    .await;
    counts(&site, "yesterday", "comments_count", 300).await;
    kit::until("comments weigh more", async || {
        titles(&everyone).await == ["yesterday", "last week", "new"]
    })
    .await;
    // What nobody knows of may be counted as often as it likes.
    for hidden in ["private", "unlisted"] {
        counts(&site, hidden, "views", 1_000_000).await;
    }
    // Two weeks later a few likes are worth more than all that.
    site.sign_in("asha").await;
    site.clock.advance(14 * DAY);
    counts(&site, "new", "likes_count", 2).await;
    kit::until("old heat has faded", async || {
        titles(&everyone).await == ["new", "yesterday", "last week"]
    })
    .await;
    // Taking likes back and giving them again is worth nothing.
    let before = rank(&site, "last week").await;
    for _ in 0..3 {
        counts(&site, "last week", "likes_count", 0).await;
        counts(&site, "last week", "views", -500).await;
        settled(&site).await;
        counts(&site, "last week", "views", 500).await;
        settled(&site).await;
    }
    assert_eq!(rank(&site, "last week").await, before);
}

async fn rank(site: &Site, title: &str) -> i64 {
    let mut tx = site.server.app.core.store.read();
    let sql = "SELECT t.rank_at FROM trending t JOIN videos v ON v.id = t.video_id WHERE v.title = $1";
    let found = tx.one(sql, &store::params![title], |row| row.int(0)).await;
    found.unwrap().unwrap()
}

async fn settled(site: &Site) {
    kit::until("all counts are taken up", async || {
        let pending = store::trending::pending(&mut site.server.app.core.store.read(), 1).await;
        pending.unwrap().is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_is_on_the_list_while_it_is_public() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    add(&site, &[row(&site, &asha, "one"), row(&site, &asha, "two")]).await;
    let everyone = site.anyone();
    let list = everyone.get(TRENDING).await.is(200).at("/data/items");
    let id = list[0]["_id"].as_str().unwrap();
    let path = format!("/api/v1/videos/{id}");
    let title = list[0]["title"].as_str().unwrap().to_owned();
    for visibility in ["private", "unlisted"] {
        asha.patch(&path, &json!({ "visibility": visibility }))
            .await
            .is(200);
        assert!(!titles(&everyone).await.contains(&title), "{visibility}");
        assert!(!titles(&asha).await.contains(&title), "the list is everyone's");
    }
    asha.patch(&path, &json!({"visibility": "public"})).await.is(200);
    assert_eq!(titles(&everyone).await.len(), 2);
    asha.delete(&path).await.is(200);
    assert_eq!(titles(&everyone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_last_one_ended() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let start = site.clock.now().0 - 100_000;
    let rows: Vec<VideoRow> = (0..25)
        .map(|n| VideoRow {
            // Many at the same time.
            created_at: Millis(start + n / 4 * 1000),
            ..row(&site, &asha, &format!("video {n}"))
        })
        .collect();
    add(&site, &rows).await;
    let everyone = site.anyone();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = everyone
            .asks(TRENDING, &[("limit", "10"), ("cursor", &cursor)])
            .await
            .is(200);
        let items = page.at("/data/items");
        seen.extend(items.as_array().unwrap().iter().map(|video| video["_id"].clone()));
        // What comes meanwhile stands in front.
        add(&site, &[row(&site, &asha, "late")]).await;
        match page.at("/data/nextCursor") {
            Value::Null => break,
            next => next.as_str().unwrap().clone_into(&mut cursor),
        }
    }
    assert_eq!(seen.len(), 25);
    seen.sort_by_key(Value::to_string);
    seen.dedup();
    assert_eq!(seen.len(), 25, "each once");
    for bad in ["x", "aG90", "!!!", &"A".repeat(3_000)] {
        everyone
            .asks(TRENDING, &[("cursor", bad)])
            .await
            .refuses(400, "bad_cursor");
    }
    for limit in ["0", "101", "-1", "x", "1.5"] {
        everyone
            .asks(TRENDING, &[("limit", limit)])
            .await
            .refuses(400, "invalid_fields")
            .blames("limit", "out_of_range");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_one_walk_along_an_index() {
    let site = kit::site().await;
    let mut tx = site.server.app.core.store.read();
    let plan: Vec<String> = tx
        .all(
            &format!("EXPLAIN QUERY PLAN {}", store::trending::statement()),
            &store::params![i64::MAX, &[0xff_u8; 12], 10],
            |row| Ok(row.text(3)?.to_owned()),
        )
        .await
        .unwrap();
    let walk = plan
        .iter()
        .any(|step| step.contains("USING COVERING INDEX trending_rank_idx"));
    assert!(walk, "{plan:#?}");
    let scans = plan
        .iter()
        .filter(|step| step.starts_with("SCAN") && !step.contains("SCAN p"));
    assert_eq!(scans.count(), 0, "{plan:#?}");
}
