//! `GET /api/v1/videos`: pages, cursors, searching, totals, and what each list costs the database.

use std::collections::HashSet;

use model::videos::{Status, Visibility};
use model::{Millis, UserId, VideoId};
use serde_json::{Value, json};
use store::videos::list::{Query, Scope, Sort, SortKey, Start, is_quick, statement};
use store::videos::{self, Owner, VideoRow};

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

/// A row as of a video that is ready, made without a file.
fn row(site: &Site, owner: &Person<'_>, title: &str) -> VideoRow {
    let now = site.clock.now();
    VideoRow {
        id: site.server.app.core.ids.next(now),
        owner_id: owner.id.parse().unwrap(),
        title: title.to_owned(),
        description: String::new(),
        tags: Vec::new(),
        visibility: Visibility::Public,
        access_rev: 0,
        status: Status::Ready,
        status_reason: None,
        progress: 1.0,
        watchable: true,
        listed: false,
        duration_ms: 1000,
        width: 320,
        height: 180,
        source_key: None,
        source_type: "video/mp4".to_owned(),
        source_bytes: 0,
        source_hash: None,
        source_name: String::new(),
        source_public: false,
        progressive_key: None,
        progressive_bytes: 0,
        thumbnail_rev: None,
        thumbnail_custom: false,
        views: 0,
        likes_count: 0,
        comments_count: 0,
        created_at: now,
        updated_at: now,
        published_at: None,
        owner: Owner::default(),
        has_renditions: false,
    }
}

/// Adds rows, with the counts they carry.
async fn add(site: &Site, rows: &[VideoRow]) {
    let mut tx = site.server.app.core.store.write().await.unwrap();
    for row in rows {
        videos::add(&mut tx, row).await.unwrap();
        tx.exec(
            "UPDATE videos SET views = $1, likes_count = $2 WHERE id = $3",
            &store::params![row.views, row.likes_count, row.id],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

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

/// All ids of a list, page by page.
async fn by_pages(person: &Person<'_>, query: &str, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    for page in 1.. {
        let path = format!("{VIDEOS}?limit={limit}&page={page}&{query}");
        let found = person.get(&path).await.is(200).at("/data");
        let ids = ids(&found["docs"]);
        assert_eq!(found["pagingCounter"], (page - 1) * limit + 1);
        assert_eq!(found["hasPrevPage"], page > 1);
        all.extend(ids);
        if found["hasNextPage"] == false {
            assert_eq!(found["nextPage"], Value::Null);
            assert_eq!(found["totalDocs"], all.len(), "{query}");
            break;
        }
        assert_eq!(found["nextPage"], page + 1);
        assert_eq!(
            found["docs"].as_array().unwrap().len(),
            limit,
            "only the last page is short"
        );
    }
    all
}

/// All ids of a list, from cursor to cursor.
async fn by_cursors(person: &Person<'_>, query: &str, limit: usize) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{VIDEOS}?limit={limit}&cursor={cursor}&{query}");
        let found = person.get(&path).await.is(200).at("/data");
        assert_eq!(
            found.as_object().unwrap().len(),
            2,
            "items and nextCursor: {found}"
        );
        all.extend(ids(&found["items"]));
        match found["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return all,
        }
        assert_eq!(found["items"].as_array().unwrap().len(), limit);
    }
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
async fn cursors_walk_every_order_to_its_end_just_as_pages_do() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = fifty_seven(&site, &asha).await;
    let position = |order: &str, id: &str| {
        let row = rows.iter().find(|row| row.id.to_string() == id).unwrap();
        match order {
            "createdAt" => (row.created_at.0, String::new()),
            "views" => (row.views, String::new()),
            "duration" => (row.duration_ms, String::new()),
            "likesCount" => (row.likes_count, String::new()),
            _ => (0, row.title.clone()),
        }
    };
    let everyone = site.anyone();
    for order in ORDERS {
        for direction in ["asc", "desc"] {
            let sort = format!("sortBy={order}&sortType={direction}");
            let walked = by_cursors(&everyone, &sort, 10).await;
            assert_eq!(
                walked.iter().collect::<HashSet<_>>().len(),
                57,
                "{sort}: each once"
            );
            let mut ordered: Vec<_> = walked
                .iter()
                .map(|id| (position(order, id), id.clone()))
                .collect();
            if direction == "desc" {
                ordered.reverse();
            }
            assert!(ordered.is_sorted(), "{sort}");
            assert_eq!(by_pages(&everyone, &sort, 10).await, walked, "{sort}");
            let mine = format!("{sort}&userId={}", asha.id);
            assert_eq!(by_cursors(&asha, &mine, 25).await, walked, "{mine}");
            assert_eq!(by_pages(&everyone, &mine, 25).await, walked, "{mine}");
            for filter in ["tag=odd", "query=walk"] {
                let filtered = format!("{sort}&{filter}");
                let some = by_cursors(&everyone, &filtered, 10).await;
                assert_eq!(
                    some.len(),
                    if filter == "tag=odd" { 28 } else { 57 },
                    "{filtered}"
                );
                assert_eq!(by_pages(&everyone, &filtered, 10).await, some, "{filtered}");
                let among: Vec<String> = walked.iter().filter(|id| some.contains(id)).cloned().collect();
                assert_eq!(some, among, "{filtered}");
            }
        }
    }
    assert_eq!(
        by_cursors(&everyone, "", 10).await,
        by_cursors(&everyone, "sortBy=createdAt&sortType=desc", 57).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_by_cursor_is_not_disturbed_by_what_comes_and_goes() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = fifty_seven(&site, &asha).await;
    let before = by_cursors(&site.anyone(), "", 57).await;
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    let mut removed = Vec::new();
    loop {
        let path = format!("{VIDEOS}?limit=10&cursor={cursor}");
        let found = site.anyone().get(&path).await.is(200).at("/data");
        let page = ids(&found["items"]);
        // Newer ones come in front, and the one that the cursor stands on goes.
        add(
            &site,
            &[row(&site, &asha, "newer"), row(&site, &asha, "newer still")],
        )
        .await;
        let last = page.last().unwrap().clone();
        asha.delete(&format!("{VIDEOS}/{last}")).await.is(200);
        removed.push(last);
        walked.extend(page);
        match found["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(walked, before, "each once, none left out");
    let after = by_cursors(&site.anyone(), "", 100).await;
    assert_eq!(after.len(), rows.len() + removed.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_the_list_that_gave_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    fifty_seven(&site, &asha).await;
    let everyone = site.anyone();
    let mut cursors = Vec::new();
    for order in ORDERS {
        for direction in ["asc", "desc"] {
            let sort = format!("sortBy={order}&sortType={direction}");
            let first = everyone.get(&format!("{VIDEOS}?cursor=&{sort}")).await.is(200);
            cursors.push((sort, first.text_at("/data/nextCursor")));
        }
    }
    for (sort, _) in &cursors {
        for (other, cursor) in &cursors {
            let answer = everyone.get(&format!("{VIDEOS}?cursor={cursor}&{sort}")).await;
            if sort == other {
                answer.is(200);
            } else {
                assert_eq!(answer.status, 400, "a cursor of {other} in {sort}");
                answer.refuses(400, "bad_cursor");
            }
        }
    }
    let good = &cursors[1].1;
    let half = &good[..good.len() / 2];
    for bad in [
        "x",
        "AAAA",
        "null",
        "1",
        "%00",
        "bnVsbA",
        "W10",
        "WzEsMl0",
        half,
        &format!("{good}AA"),
        &"A".repeat(4000),
    ] {
        everyone
            .get(&format!("{VIDEOS}?cursor={bad}"))
            .await
            .refuses(400, "bad_cursor");
    }
}

/// Titles that a search finds, in order.
async fn finds(person: &Person<'_>, query: &str) -> Vec<String> {
    let request = person
        .request(reqwest::Method::GET, VIDEOS)
        .query_pair("query", query)
        .query_pair("sortBy", "title")
        .query_pair("sortType", "asc");
    let found = kit::answer(request).await.is(200).at("/data/docs");
    let videos = found.as_array().unwrap();
    videos
        .iter()
        .map(|video| video["title"].as_str().unwrap().to_owned())
        .collect()
}

/// Adds an escaped parameter to the address.
trait QueryPair {
    fn query_pair(self, name: &str, value: &str) -> Self;
}

impl QueryPair for reqwest::RequestBuilder {
    fn query_pair(self, name: &str, value: &str) -> Self {
        let (client, request) = self.build_split();
        let mut request = request.unwrap();
        request.url_mut().query_pairs_mut().append_pair(name, value);
        Self::from_parts(client, request)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_title_description_and_tags_by_their_beginning() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let with = |title: &str, description: &str, tags: &[&str]| VideoRow {
        description: description.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..row(&site, &asha, title)
    };
    add(
        &site,
        &[
            with("Otters at play", "In the river Thaya", &["nature", "slow tv"]),
            with("Über den Fluss", "A ferry crossing", &["river"]),
            with("NEAR the 100% mark", "a_b \"quoted\" AND OR NOT", &["c++"]),
            VideoRow {
                visibility: Visibility::Private,
                ..with("Otters in private", "", &["nature"])
            },
            VideoRow {
                visibility: Visibility::Unlisted,
                ..with("Otters for friends", "", &["nature"])
            },
        ],
    )
    .await;
    let everyone = site.anyone();
    for (query, titles) in [
        ("otters", vec!["Otters at play"]),
        ("OTT", vec!["Otters at play"]),
        ("ters", vec![]),
        ("river", vec!["Otters at play", "Über den Fluss"]),
        ("uber fluss", vec!["Über den Fluss"]),
        ("river otters", vec!["Otters at play"]),
        ("otters crossing", vec![]),
        ("nature", vec!["Otters at play"]),
        ("slow", vec!["Otters at play"]),
        ("near", vec!["NEAR the 100% mark"]),
        ("100%", vec!["NEAR the 100% mark"]),
        ("title:otters", vec![]),
        ("c++", vec!["NEAR the 100% mark", "Über den Fluss"]),
    ] {
        assert_eq!(finds(&everyone, query).await, titles, "{query}");
    }
    let own = asha
        .get(&format!("{VIDEOS}?query=otters&userId={}", asha.id))
        .await
        .is(200);
    assert_eq!(
        own.at("/data/totalDocs"),
        3,
        "one's own include what is not public"
    );
    let others = everyone
        .get(&format!("{VIDEOS}?query=otters&userId={}", asha.id))
        .await
        .is(200);
    assert_eq!(others.at("/data/totalDocs"), 1);

    // A changed title is found by its new words only.
    let id = everyone
        .get(&format!("{VIDEOS}?query=otters"))
        .await
        .is(200)
        .text_at("/data/docs/0/_id");
    asha.patch(&format!("{VIDEOS}/{id}"), &json!({"title": "Beavers"}))
        .await
        .is(200);
    assert_eq!(finds(&everyone, "beavers").await, ["Beavers"]);
    assert!(finds(&everyone, "otters").await.is_empty());
    asha.delete(&format!("{VIDEOS}/{id}")).await.is(200);
    assert!(finds(&everyone, "beavers").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_syntax_of_searches_is_only_text() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    add(&site, &[row(&site, &asha, "A plain title")]).await;
    let everyone = site.anyone();
    for query in [
        "\"",
        "*",
        "\"\"",
        "plain*",
        "^plain",
        "NEAR(",
        "NEAR(plain title, 5)",
        "%",
        "_",
        "%_%",
        "plain\0title",
        "\0",
        "AND",
        "OR",
        "NOT",
        "plain AND",
        "plain NOT title",
        "title : plain",
        "{title}: plain",
        "- title",
        "-title",
        "(",
        ")",
        "((((",
        "+",
        "plain + title",
        "'",
        "';--",
        "' OR 1=1 --",
        "\\",
        "$1",
        "?1",
        "\u{feff}",
        "\u{202e}",
        "🎬",
        "Ⓐ",
        "Ⓐ plain",
        "\u{0301}",
        "क्",
        "ﷺ",
        "\u{10ffff}",
        "a\nb",
    ] {
        let request = everyone
            .request(reqwest::Method::GET, VIDEOS)
            .query_pair("query", query);
        let found = kit::answer(request).await;
        assert_eq!(found.status, 200, "{query:?}: {}", found.json);
        let request = everyone
            .request(reqwest::Method::GET, VIDEOS)
            .query_pair("query", query)
            .query_pair("tag", query)
            .query_pair("cursor", "");
        kit::answer(request).await.is(200);
    }
    for query in ["plain*", "\"plain\"", "^plain", "plain title", "pla ti"] {
        assert_eq!(finds(&everyone, query).await, ["A plain title"], "{query}");
    }
    let longest = "é".repeat(200);
    let request = everyone
        .request(reqwest::Method::GET, VIDEOS)
        .query_pair("query", &longest);
    kit::answer(request).await.is(200);
    for query in ["x".repeat(201), "é".repeat(201), "a ".repeat(500)] {
        let request = everyone
            .request(reqwest::Method::GET, VIDEOS)
            .query_pair("query", &query);
        kit::answer(request)
            .await
            .refuses(400, "invalid_fields")
            .blames("query", "too_long");
    }
    everyone.get(&format!("{VIDEOS}?query=%ff%fe")).await;
    everyone.get(VIDEOS).await.is(200);
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

#[tokio::test(flavor = "multi_thread")]
async fn every_quick_list_is_one_walk_along_an_index() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    fifty_seven(&site, &asha).await;
    let owner: UserId = asha.id.parse().unwrap();
    let id: VideoId = "0123456789abcdef01234567".parse().unwrap();
    let mut asked = 0;
    for scope in [Scope::Listed, Scope::ListedOf(owner), Scope::AllOf(owner)] {
        for sort in [
            Sort::Created,
            Sort::Views,
            Sort::Duration,
            Sort::Title,
            Sort::Likes,
        ] {
            for tag in [None, Some("odd")] {
                for descending in [false, true] {
                    let key = match sort {
                        Sort::Title => SortKey::Text("m".to_owned()),
                        _ => SortKey::Int(5),
                    };
                    for start in [Start::Offset(0), Start::Offset(40), Start::After(key.clone(), id)] {
                        let query = Query {
                            scope,
                            tag,
                            words: None,
                            sort,
                            descending,
                            start,
                            limit: 10,
                        };
                        if is_quick(&query) {
                            explain(&site, &query).await;
                            asked += 1;
                        }
                    }
                }
            }
        }
    }
    // Five orders of all, the newest with a tag, and the newest of a channel for others and its owner.
    assert_eq!(asked, 8 * 2 * 3);
}

async fn explain(site: &Site, query: &Query<'_>) {
    let (text, params) = statement(query);
    let mut tx = site.server.app.core.store.read();
    let plan: Vec<(i64, i64, String)> = tx
        .all(&format!("EXPLAIN QUERY PLAN {text}"), &params, |row| {
            Ok((row.int(0)?, row.int(1)?, row.text(3)?.to_owned()))
        })
        .await
        .unwrap();
    let shown = || {
        let steps: Vec<&str> = plan.iter().map(|(_, _, step)| step.as_str()).collect();
        format!("{query:?}\n{text}\n{steps:#?}")
    };
    let inner = plan
        .iter()
        .find(|(_, _, step)| step == "CO-ROUTINE p" || step == "MATERIALIZE p")
        .unwrap_or_else(|| panic!("the ids are not found first: {}", shown()))
        .0;
    let (within, around): (Vec<_>, Vec<_>) = plan.iter().partition(|(_, parent, _)| *parent == inner);
    assert!(!within.is_empty(), "{}", shown());
    for (_, _, step) in &within {
        assert!(
            step.contains("USING COVERING INDEX"),
            "only an index is read: {}",
            shown()
        );
        assert!(!step.contains("TEMP B-TREE"), "nothing is sorted: {}", shown());
    }
    for (_, _, step) in &around {
        let scans = step.starts_with("SCAN") && step != "SCAN p";
        assert!(!scans, "no table is read through: {}", shown());
    }
    let sorts = around.iter().filter(|(_, _, step)| step.contains("TEMP B-TREE"));
    assert!(sorts.count() <= 1, "at most the page is sorted: {}", shown());
}
