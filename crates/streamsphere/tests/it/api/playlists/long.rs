//! Playlists with many videos, many playlists, and what both cost.

use model::{Millis, PlaylistId};
use serde_json::json;
use store::params;
use store::playlists::entries::{self, Eyes};
use store::playlists::{self, glance};

use super::{PLAYLIST, adds, makes, of, one, titles, videos};
use crate::kit::rows::{add, never_scans, plan, row};
use crate::kit::{self, Person, Site};

/// A playlist with this many videos, all of which last a second and have one view.
async fn long(site: &Site, owner: &Person<'_>, count: usize) -> String {
    let id = makes(owner, &format!("{count} videos"), "public").await;
    let rows: Vec<_> = (0..count)
        .map(|n| {
            let mut row = row(site, owner, &format!("{n}"));
            row.views = 1;
            row
        })
        .collect();
    add(site, &rows).await;
    let playlist: PlaylistId = id.parse().unwrap();
    let mut tx = site.server.app.core.store.write().await.unwrap();
    for row in &rows {
        entries::add(&mut tx, playlist, row.id, Millis(1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    id
}

fn numbers(count: std::ops::Range<usize>) -> Vec<String> {
    count.map(|n| n.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_playlist_comes_whole_by_page_and_by_cursor() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = long(&site, &asha, 650).await;
    let anyone = site.anyone();
    let whole = anyone.get(&one(&id)).await.is(200).at("/data");
    assert_eq!(titles(&whole), numbers(0..650));
    assert_eq!(whole["totalVideos"], 650);
    assert_eq!(whole["totalViews"], 650);
    assert_eq!(whole["totalDuration"], 650.0);
    assert_eq!(whole["nextCursor"], json!(null));

    let page = anyone
        .get(&format!("{}?page=3&limit=50", one(&id)))
        .await
        .is(200)
        .at("/data");
    assert_eq!(titles(&page), numbers(100..150));
    assert_eq!(page["totalVideos"], 650);
    let mut seen = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(from) = cursor {
        let part = anyone
            .get(&format!("{}?cursor={from}", one(&id)))
            .await
            .is(200)
            .at("/data");
        seen.extend(titles(&part));
        cursor = part["nextCursor"].as_str().map(ToOwned::to_owned);
    }
    assert_eq!(seen, numbers(0..650));
    for (query, code) in [
        ("limit=101", "invalid_fields"),
        ("page=0", "invalid_fields"),
        ("cursor=AAAA", "bad_cursor"),
    ] {
        anyone
            .get(&format!("{}?{query}", one(&id)))
            .await
            .refuses(400, code);
    }
    // A change answers with the beginning.
    let changed = asha.patch(&one(&id), &json!({"name": "Long"})).await.is(200);
    assert_eq!(titles(&changed.at("/data")), numbers(0..100));
    assert!(changed.at("/data/nextCursor").is_string());

    asha.delete(&one(&id)).await.is(200);
    kit::until("its entries are gone", async || {
        let mut tx = site.server.app.core.store.read();
        let left = tx
            .one("SELECT count(*) FROM playlist_entries", &[], |row| row.int(0))
            .await;
        left.unwrap() == Some(0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_long_playlist_adds_up_to_follows_every_change_at_once() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = long(&site, &asha, 600).await;
    let (anyone, shown) = (site.anyone(), format!("{}?limit=3", one(&id)));
    let totals = async |who: &Person<'_>| {
        let first = who.get(&shown).await.is(200).at("/data");
        // What is remembered of the first reading says the same.
        let second = who.get(&shown).await.is(200).at("/data");
        assert_eq!(first, second);
        json!(["totalVideos", "totalViews", "totalDuration"].map(|name| &first[name]))
    };
    assert_eq!(totals(&anyone).await, json!([600, 600, 600.0]));
    assert_eq!(totals(&asha).await, json!([600, 600, 600.0]));
    let video = anyone.get(&shown).await.is(200).at("/data/videos/1/_id");
    let video = video.as_str().unwrap().to_owned();
    asha.patch(
        &format!("/api/v1/videos/{video}"),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    assert_eq!(totals(&anyone).await, json!([599, 599, 599.0]));
    assert_eq!(
        totals(&asha).await,
        json!([600, 600, 600.0]),
        "hers are shown to her"
    );
    let mut tx = site.server.app.core.store.write().await.unwrap();
    tx.exec(
        "UPDATE videos SET views = views + 5 WHERE title = $1",
        &params!["7"],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(totals(&anyone).await, json!([599, 604, 599.0]));
    asha.delete(&format!("/api/v1/videos/{video}")).await.is(200);
    assert_eq!(totals(&asha).await, json!([599, 604, 599.0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_has_five_thousand_videos_at_most() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = long(&site, &asha, 4_999).await;
    let more = videos(&site, &asha, &["the last", "too much"]).await;
    adds(&asha, &more[0].id, &id).await.is(200);
    adds(&asha, &more[1].id, &id).await.refuses(422, "playlist_full");
    adds(&asha, &more[0].id, &id).await.is(200);
    let whole = asha.get(&one(&id)).await.is(200).at("/data");
    assert_eq!(whole["videos"].as_array().unwrap().len(), 5_000);
    assert_eq!(whole["videos"][4_999]["title"], "the last");
    assert_eq!(whole["totalVideos"], 5_000);
    asha.delete(&format!("{PLAYLIST}/remove/{}/{id}", more[0].id))
        .await
        .is(200);
    adds(&asha, &more[1].id, &id).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_long_playlists_adds_up_a_few_of_them_and_says_so_of_the_rest() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for _ in 0..6 {
        long(&site, &asha, 210).await;
    }
    let totals = async || {
        let list = site.anyone().get(&of(&asha)).await.is(200).at("/data");
        let list = list.as_array().unwrap().clone();
        assert!(list.iter().all(|playlist| titles(playlist) == numbers(0..4)));
        let (exact, estimated): (Vec<_>, Vec<_>) = list
            .into_iter()
            .partition(|playlist| playlist.get("totalIsEstimate").is_none());
        assert!(exact.iter().all(|playlist| playlist["totalVideos"] == 210));
        assert!(estimated.iter().all(|playlist| playlist["totalVideos"] == 200));
        exact.len()
    };
    assert_eq!(totals().await, 4);
    assert_eq!(totals().await, 6, "what was added up is remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_playlists_go_by_page_and_by_cursor() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for n in 0..5 {
        makes(&asha, &n.to_string(), if n == 2 { "private" } else { "public" }).await;
    }
    let mut seen = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(from) = cursor {
        let page = site
            .anyone()
            .get(&format!("{}?limit=3&cursor={from}", of(&asha)))
            .await
            .is(200)
            .at("/data");
        seen.extend(super::names(&page["items"]));
        cursor = page["nextCursor"].as_str().map(ToOwned::to_owned);
    }
    assert_eq!(seen, ["4", "3", "1", "0"]);
    let page = asha
        .get(&format!("{}?page=2&limit=2", of(&asha)))
        .await
        .is(200)
        .at("/data");
    assert_eq!(super::names(&page), ["2", "1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_than_a_thousand_playlists() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut tx = site.server.app.core.store.write().await.unwrap();
    for n in 0..999_u32 {
        let mut id = [9; 12];
        id[8..].copy_from_slice(&n.to_be_bytes());
        tx.exec(
            "INSERT INTO playlists (id, owner_id, name, visibility, created_at, updated_at) \
             SELECT $1, u.id, 'x', 0, 1, 1 FROM users u",
            &params![&id],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    makes(&asha, "the last", "public").await;
    asha.post(PLAYLIST, &json!({"name": "too much"}))
        .await
        .refuses(422, "too_many_playlists");
}

#[tokio::test(flavor = "multi_thread")]
async fn playlists_are_read_along_indexes() {
    let site = kit::site().await;
    for all in [true, false] {
        never_scans(&site, playlists::list_statement(all)).await;
    }
    never_scans(&site, entries::videos_statement()).await;
    let steps = plan(
        &site,
        entries::videos_statement(),
        &[0, 0, 0, 0, 0, 0, 0].map(store::Val::from),
    )
    .await;
    assert!(
        !steps.iter().any(|step| step.contains("TEMP B-TREE")),
        "the order is that of the index: {steps:?}"
    );
    never_scans(&site, glance::TOTALS).await;
    let some: PlaylistId = super::NO_SUCH_ID.parse().unwrap();
    let (text, params) = glance::statement(&[some], Eyes::Admin);
    for step in plan(&site, &text, &params).await {
        // What the windows are made over is walked, and nothing else.
        let own = step == "SCAN p" || step.starts_with("SCAN (subquery");
        assert!(!step.starts_with("SCAN") || own, "{step}");
    }
}
