//! Videos by age and length, and in another order.

use model::Millis;
use serde_json::json;
use store::videos::VideoRow;

use super::SEARCH;
use crate::kit::rows::{add, row};
use crate::kit::{self, Person};

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

async fn found(person: &Person<'_>, more: &[(&str, &str)]) -> Vec<String> {
    let query = [&[("q", "harbour"), ("type", "videos")], more].concat();
    let page = person.asks(SEARCH, &query).await.is(200).at("/data/items");
    let titles = page.as_array().unwrap().iter();
    titles
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn videos_are_found_by_age_and_length_and_in_another_order() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let now = site.server.app.core.clock.now();
    let film = |title: &str, days: i64, minutes: i64, views: i64| {
        let published_at = Millis(now.0 - days * DAY_MS - MINUTE_MS);
        VideoRow {
            created_at: published_at,
            published_at: Some(published_at),
            duration_ms: minutes * MINUTE_MS,
            views,
            ..row(&site, &asha, title)
        }
    };
    add(
        &site,
        &[
            film("Harbour today", 0, 3, 5),
            film("Harbour last week", 6, 4, 100),
            film("Harbour last month", 20, 20, 20),
            film("Harbour last year", 300, 21, 50),
        ],
    )
    .await;
    let by_age = [("sortBy", "createdAt")];
    assert_eq!(
        found(&asha, &by_age).await,
        [
            "Harbour today",
            "Harbour last week",
            "Harbour last month",
            "Harbour last year"
        ]
    );
    assert_eq!(
        found(&asha, &[("sortBy", "views")]).await,
        [
            "Harbour last week",
            "Harbour last year",
            "Harbour last month",
            "Harbour today"
        ]
    );
    for (within, count) in [("day", 1), ("week", 2), ("month", 3), ("year", 4)] {
        assert_eq!(found(&asha, &[("within", within)]).await.len(), count, "{within}");
    }
    for (length, titles) in [
        ("short", vec!["Harbour today"]),
        ("medium", vec!["Harbour last week", "Harbour last month"]),
        ("long", vec!["Harbour last year"]),
    ] {
        let asked = [("length", length), ("sortBy", "createdAt")];
        assert_eq!(found(&asha, &asked).await, titles, "{length}");
    }
    assert!(
        found(&asha, &[("within", "day"), ("length", "long")])
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_belongs_to_its_list_and_to_videos() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let all: Vec<VideoRow> = (0..3)
        .map(|n| row(&site, &asha, &format!("Harbour {n}")))
        .collect();
    add(&site, &all).await;
    let query = [
        ("q", "harbour"),
        ("type", "videos"),
        ("sortBy", "views"),
        ("limit", "2"),
    ];
    let first = asha.asks(SEARCH, &query).await.is(200);
    assert_eq!(first.at("/data/items").as_array().unwrap().len(), 2);
    let cursor = first.text_at("/data/nextCursor");
    let next = [&query[..], &[("cursor", cursor.as_str())]].concat();
    let second = asha.asks(SEARCH, &next).await.is(200);
    assert_eq!(second.at("/data/items").as_array().unwrap().len(), 1);
    assert_eq!(second.at("/data/nextCursor"), json!(null));
    let other = [("q", "harbour"), ("type", "videos"), ("cursor", cursor.as_str())];
    asha.asks(SEARCH, &other).await.refuses(400, "bad_cursor");
    let of_people = [("q", "harbour"), ("type", "channels"), ("within", "day")];
    asha.asks(SEARCH, &of_people)
        .await
        .is(400)
        .blames("type", "not_videos");
    for (name, value) in [("within", "century"), ("length", "tiny"), ("sortBy", "colour")] {
        let asked = [("q", "harbour"), ("type", "videos"), (name, value)];
        asha.asks(SEARCH, &asked).await.is(400).blames(name, "unknown");
    }
}
