//! `GET /api/v1/videos`: pages, cursors, searching, totals, and what each list costs the database.

mod cursors;
mod fresh;
mod plans;
mod search;

use model::Millis;
use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

const VIDEOS: &str = "/api/v1/videos";

/// The orders of the contract.
const ORDERS: [&str; 5] = ["createdAt", "views", "duration", "title", "likesCount"];

/// Every field of a page.
const PAGE_FIELDS: [&str; 12] = [
    "docs",
    "hasNextPage",
    "hasPrevPage",
    "limit",
    "nextPage",
    "page",
    "pagingCounter",
    "prevPage",
    "totalDocs",
    "totalPages",
    "totalVideos",
    "videos",
];

/// Fifty-seven videos with many ties in every order.
async fn fifty_seven(site: &Site, owner: &Person<'_>) -> Vec<VideoRow> {
    let start = site.clock.now().0 - 1_000_000;
    let rows: Vec<VideoRow> = (0..57)
        .map(|n: i64| VideoRow {
            created_at: Millis(start + (n * 7 % 20) * 1000),
            views: n * 13 % 9,
            likes_count: n * 5 % 4,
            duration_ms: 1000 + (n * 11 % 13) * 500,
            tags: vec![if n % 2 == 0 { "even" } else { "odd" }.to_owned()],
            description: "walked through".to_owned(),
            ..row(
                site,
                owner,
                ["apple", "Pear", "zebra", "äther", "apple pie"][n as usize % 5],
            )
        })
        .collect();
    add(site, &rows).await;
    rows
}

fn ids(list: &Value) -> Vec<String> {
    let videos = list.as_array().unwrap();
    videos
        .iter()
        .map(|video| video["_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_all_that_old_front_ends_ask_of_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let fields = |page: &Value| {
        let mut fields: Vec<String> = page.as_object().unwrap().keys().cloned().collect();
        fields.sort_unstable();
        fields
    };
    let empty = site.anyone().get(VIDEOS).await.is(200).at("/data");
    assert_eq!(fields(&empty), PAGE_FIELDS);
    assert_eq!(
        empty,
        json!({"docs": [], "videos": [], "totalDocs": 0, "totalVideos": 0, "limit": 10, "page": 1, "totalPages": 1,
            "pagingCounter": 1, "hasPrevPage": false, "hasNextPage": false, "prevPage": null, "nextPage": null})
    );

    fifty_seven(&site, &asha).await;
    let first = site.anyone().get(VIDEOS).await.is(200).at("/data");
    assert_eq!(fields(&first), PAGE_FIELDS);
    assert_eq!(first["docs"], first["videos"]);
    assert_eq!(
        first["docs"].as_array().unwrap().len(),
        10,
        "ten unless it is said"
    );
    let numbers = |page: &Value| {
        [
            "totalDocs",
            "totalVideos",
            "limit",
            "page",
            "totalPages",
            "pagingCounter",
        ]
        .map(|field| page[field].as_i64().unwrap())
    };
    assert_eq!(numbers(&first), [57, 57, 10, 1, 6, 1]);
    assert_eq!(
        (&first["prevPage"], &first["nextPage"]),
        (&Value::Null, &json!(2))
    );

    let last = site
        .anyone()
        .get(&format!("{VIDEOS}?page=6"))
        .await
        .is(200)
        .at("/data");
    assert_eq!(last["docs"].as_array().unwrap().len(), 7);
    assert_eq!(numbers(&last), [57, 57, 10, 6, 6, 51]);
    assert_eq!((&last["prevPage"], &last["nextPage"]), (&json!(5), &Value::Null));
    assert_eq!(
        (&last["hasPrevPage"], &last["hasNextPage"]),
        (&json!(true), &json!(false))
    );

    let beyond = site
        .anyone()
        .get(&format!("{VIDEOS}?page=1000&limit=100"))
        .await
        .is(200);
    assert_eq!(beyond.at("/data/docs"), json!([]));
    assert_eq!(beyond.at("/data/hasNextPage"), false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_is_asked_for_must_be_in_range() {
    let site = kit::site().await;
    let anyone = site.anyone();
    for (query, field, code) in [
        ("limit=0", "limit", "out_of_range"),
        ("limit=101", "limit", "out_of_range"),
        ("limit=-1", "limit", "out_of_range"),
        ("limit=ten", "limit", "out_of_range"),
        ("limit=1.5", "limit", "out_of_range"),
        ("limit=99999999999999999999", "limit", "out_of_range"),
        ("page=0", "page", "out_of_range"),
        ("page=-1", "page", "out_of_range"),
        ("page=two", "page", "out_of_range"),
        ("page=9223372036854775807", "page", "out_of_range"),
        ("sortBy=password", "sortBy", "unknown"),
        ("sortBy=createdat", "sortBy", "unknown"),
        ("sortBy=createdAt;DROP%20TABLE%20videos", "sortBy", "unknown"),
        ("sortType=up", "sortType", "unknown"),
        ("sortType=DESC", "sortType", "unknown"),
        ("userId=me", "userId", "malformed"),
    ] {
        let refused = anyone.get(&format!("{VIDEOS}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.json);
        refused.refuses(400, "invalid_fields").blames(field, code);
    }
    for page in [1001, 100_000, 9_000_000_000_000_000_i64] {
        let deep = anyone
            .get(&format!("{VIDEOS}?page={page}"))
            .await
            .refuses(400, "page_too_deep");
        assert!(deep.text_at("/message").contains("cursor"), "says how to go on");
    }
    for fine in [
        "limit=1",
        "limit=100",
        "limit=",
        "page=1000",
        "sortBy=",
        "sortType=",
        "userId=",
        "query=",
        "tag=",
    ] {
        anyone.get(&format!("{VIDEOS}?{fine}")).await.is(200);
    }
    anyone.get(&format!("{VIDEOS}?limit=5&limit=6")).await.is(400);
    let unknown = anyone
        .get(&format!("{VIDEOS}?userId=0123456789abcdef01234567"))
        .await
        .is(200);
    assert_eq!(unknown.at("/data/totalDocs"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_shows_others_only_what_is_public() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let kinds = [
        ("public", Visibility::Public, true),
        ("public but not ready", Visibility::Public, false),
        ("unlisted", Visibility::Unlisted, true),
        ("private", Visibility::Private, true),
    ];
    for owner in [&asha, &bela] {
        let rows = kinds.map(|(title, visibility, watchable)| VideoRow {
            visibility,
            watchable,
            tags: vec!["seen".to_owned()],
            ..row(&site, owner, title)
        });
        add(&site, &rows).await;
    }
    let total = async |person: &Person<'_>, query: String| {
        let found = person.get(&format!("{VIDEOS}?{query}")).await.is(200);
        assert_eq!(
            found.at("/data/docs").as_array().unwrap().len(),
            found.at("/data/totalDocs")
        );
        let by_cursor = person.get(&format!("{VIDEOS}?cursor=&{query}")).await.is(200);
        assert_eq!(ids(&by_cursor.at("/data/items")), ids(&found.at("/data/docs")));
        found.at("/data/totalDocs").as_i64().unwrap()
    };
    for filter in ["", "&tag=seen", "&query=public", "&tag=Seen%20&query=public"] {
        let of = |person: &Person<'_>| format!("userId={}{filter}", person.id);
        let own = if filter.contains("query") { 2 } else { 4 };
        assert_eq!(total(&asha, of(&asha)).await, own, "{filter}");
        assert_eq!(total(&bela, of(&asha)).await, 1, "{filter}");
        assert_eq!(total(&site.anyone(), of(&asha)).await, 1, "{filter}");
        for person in [&asha, &bela, &site.anyone()] {
            assert_eq!(
                total(person, filter.trim_start_matches('&').to_owned()).await,
                2,
                "{filter}"
            );
        }
    }
    for tag in ["unseen", "see", "se%25n", "\"seen\""] {
        assert_eq!(total(&asha, format!("tag={tag}")).await, 0, "{tag}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_follow_every_change() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows: Vec<VideoRow> = (0..5)
        .map(|n| row(&site, &asha, &format!("Number {n}")))
        .collect();
    add(&site, &rows).await;
    add(&site, &[row(&site, &bela, "Another")]).await;
    let totals = async || {
        let mut totals = Vec::new();
        for (person, query) in [
            (&site.anyone(), String::new()),
            (&site.anyone(), format!("userId={}", asha.id)),
            (&asha, format!("userId={}", asha.id)),
        ] {
            let found = person.get(&format!("{VIDEOS}?{query}")).await.is(200);
            assert_eq!(
                found.at("/data/docs").as_array().unwrap().len(),
                found.at("/data/totalVideos")
            );
            totals.push(found.at("/data/totalDocs").as_i64().unwrap());
        }
        let channel = site.anyone().get("/api/v1/users/c/asha").await.is(200);
        assert_eq!(channel.at("/data/videosCount"), totals[1]);
        totals
    };
    assert_eq!(totals().await, [6, 5, 5]);
    let path = |n: usize| format!("{VIDEOS}/{}", rows[n].id);
    let toggle = async |n: usize| {
        let path = format!("{VIDEOS}/toggle/publish/{}", rows[n].id);
        kit::answer(asha.request(reqwest::Method::PATCH, &path))
            .await
            .is(200);
    };
    toggle(0).await;
    assert_eq!(totals().await, [5, 4, 5], "unpublished");
    asha.patch(&path(1), &json!({"visibility": "unlisted"}))
        .await
        .is(200);
    assert_eq!(totals().await, [4, 3, 5], "unlisted");
    asha.patch(&path(1), &json!({"visibility": "private"}))
        .await
        .is(200);
    assert_eq!(totals().await, [4, 3, 5], "hidden already");
    toggle(0).await;
    assert_eq!(totals().await, [5, 4, 5], "published again");
    asha.delete(&path(1)).await.is(200);
    assert_eq!(totals().await, [5, 4, 4], "a private one removed");
    asha.delete(&path(2)).await.is(200);
    assert_eq!(totals().await, [4, 3, 3], "a public one removed");
    asha.delete(&path(2)).await.is(404);
    bela.delete(&path(3)).await.is(403);
    assert_eq!(totals().await, [4, 3, 3], "refusals change nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_of_a_search_or_a_tag_agrees_with_what_is_shown() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows: Vec<VideoRow> = (0..12)
        .map(|n| VideoRow {
            tags: vec!["counted".to_owned()],
            ..row(&site, &asha, &format!("Counted {n}"))
        })
        .collect();
    add(&site, &rows).await;
    for filter in ["tag=counted", "query=counted"] {
        let shown = async || {
            let found = site
                .anyone()
                .get(&format!("{VIDEOS}?limit=100&{filter}"))
                .await
                .is(200);
            let docs = found.at("/data/docs").as_array().unwrap().len();
            assert_eq!(found.at("/data/totalDocs"), docs, "{filter}");
            docs
        };
        let before = shown().await;
        let id = site
            .anyone()
            .get(&format!("{VIDEOS}?{filter}"))
            .await
            .is(200)
            .text_at("/data/docs/0/_id");
        asha.delete(&format!("{VIDEOS}/{id}")).await.is(200);
        assert_eq!(shown().await, before - 1, "{filter}");
    }
}
