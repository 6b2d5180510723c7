//! `GET /api/v1/videos/{id}/related`: what to watch next.

use model::Millis;
use model::videos::Visibility;
use serde_json::json;
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

fn path(id: impl std::fmt::Display) -> String {
    format!("/api/v1/videos/{id}/related")
}

async fn titles(person: &Person<'_>, video: &VideoRow) -> Vec<String> {
    let list = person.get(&path(video.id)).await.is(200).at("/data");
    let videos = list.as_array().unwrap();
    videos
        .iter()
        .map(|video| video["title"].as_str().unwrap().to_owned())
        .collect()
}

fn tagged(site: &Site, owner: &Person<'_>, title: &str, tags: &[&str]) -> VideoRow {
    VideoRow {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..row(site, owner, title)
    }
}

/// So many people, who are nobody else, have watched all of those.
async fn watched(site: &Site, people: usize, videos: &[&VideoRow]) {
    let mut tx = site.server.app.core.store.write().await.unwrap();
    for _ in 0..people {
        let user = site.server.app.core.ids.next::<model::UserId>(site.clock.now());
        for (n, video) in videos.iter().enumerate() {
            tx.exec(
                "INSERT INTO history (user_id, video_id, watched_at) VALUES ($1, $2, $3)",
                &store::params![user, video.id, n as i64],
            )
            .await
            .unwrap();
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shares_tags_or_the_channel_comes_first_and_the_rest_is_filled_up() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let hour_ago = Millis(site.clock.now().0 - 3_600_000);
    let video = tagged(&site, &asha, "itself", &["otter", "river"]);
    add(
        &site,
        &[
            video.clone(),
            tagged(&site, &ben, "both tags", &["river", "otter"]),
            tagged(&site, &ben, "one tag", &["otter", "zoo"]),
            VideoRow {
                created_at: hour_ago,
                ..row(&site, &asha, "same channel")
            },
            tagged(&site, &ben, "something else", &["cooking"]),
            VideoRow {
                visibility: Visibility::Private,
                ..tagged(&site, &asha, "private", &["otter", "river"])
            },
            VideoRow {
                visibility: Visibility::Unlisted,
                ..tagged(&site, &asha, "unlisted", &["otter", "river"])
            },
        ],
    )
    .await;
    for person in [&site.anyone(), &asha, &ben] {
        let found = titles(person, &video).await;
        assert_eq!(found[0], "both tags");
        let mut next = found[1..3].to_vec();
        next.sort();
        assert_eq!(next, ["one tag", "same channel"]);
        assert_eq!(found[3..], ["something else"], "whoever asks");
    }
    let two = site
        .anyone()
        .get(&format!("{}?limit=2", path(video.id)))
        .await
        .is(200);
    assert_eq!(two.at("/data").as_array().unwrap().len(), 2);
    for limit in ["0", "21", "x"] {
        site.anyone()
            .get(&format!("{}?limit={limit}", path(video.id)))
            .await
            .refuses(400, "invalid_fields")
            .blames("limit", "out_of_range");
    }
    asha.patch(
        &format!("/api/v1/videos/{}", video.id),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    site.anyone()
        .get(&path(video.id))
        .await
        .refuses(404, "video_not_found");
    assert_eq!(titles(&asha, &video).await.len(), 4, "its owner may still ask");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_same_people_watched_goes_first_unless_they_are_few() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let owner = site.person("owner").await;
    let video = tagged(&site, &asha, "itself", &["otter"]);
    let together = row(&site, &owner, "watched together");
    let hidden = VideoRow {
        visibility: Visibility::Unlisted,
        ..row(&site, &owner, "hidden")
    };
    add(
        &site,
        &[
            video.clone(),
            together.clone(),
            hidden.clone(),
            tagged(&site, &owner, "same tag", &["otter"]),
        ],
    )
    .await;
    watched(&site, 49, &[&video, &together, &hidden]).await;
    assert_eq!(
        titles(&asha, &video).await,
        ["same tag", "watched together"],
        "of forty-nine, some may be the one who asks"
    );
    watched(&site, 1, &[&video, &together, &hidden]).await;
    assert_eq!(titles(&asha, &video).await, ["watched together", "same tag"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_more_than_twenty() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows: Vec<VideoRow> = (0..40)
        .map(|n| tagged(&site, &asha, &format!("video {n}"), &["same"]))
        .collect();
    add(&site, &rows).await;
    let found = titles(&site.anyone(), &rows[7]).await;
    assert_eq!(found.len(), 20);
    assert!(!found.contains(&rows[7].title));
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_come_from_short_walks_along_indexes() {
    let site = kit::site().await;
    let mut tx = site.server.app.core.store.read();
    for sql in store::related::STATEMENTS {
        let plan: Vec<String> = tx
            .all(
                &format!("EXPLAIN QUERY PLAN {sql}"),
                &store::params!["x", 10],
                |row| Ok(row.text(3)?.to_owned()),
            )
            .await
            .unwrap();
        assert_eq!(plan.len(), 1, "nothing is sorted: {sql}\n{plan:#?}");
        assert!(plan[0].contains("USING COVERING INDEX"), "{sql}\n{plan:#?}");
    }
}
