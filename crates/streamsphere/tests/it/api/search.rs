//! `GET /api/v1/search`: finding videos, channels, tweets, and what is said in videos.

mod asked;
mod captions;
mod filters;
mod hidden;
mod people;
mod plans;

use model::Millis;
use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Answer, Person, Site};

const SEARCH: &str = "/api/v1/search";
const KINDS: [&str; 4] = ["videos", "channels", "tweets", "captions"];

async fn search(person: &Person<'_>, kind: &str, words: &str) -> Answer {
    person
        .asks(SEARCH, &[("q", words), ("type", kind), ("limit", "50")])
        .await
        .is(200)
}

/// One field of everything that is found, best first.
async fn finds(person: &Person<'_>, kind: &str, words: &str, field: &str) -> Vec<String> {
    let found = search(person, kind, words).await.at("/data/items");
    let items = found.as_array().unwrap();
    items
        .iter()
        .map(|item| item[field].as_str().unwrap().to_owned())
        .collect()
}

async fn titles(person: &Person<'_>, words: &str) -> Vec<String> {
    finds(person, "videos", words, "title").await
}

fn described(site: &Site, owner: &Person<'_>, title: &str, description: &str, tags: &[&str]) -> VideoRow {
    VideoRow {
        description: description.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..row(site, owner, title)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_in_the_title_goes_before_a_tag_and_that_before_the_description() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    add(
        &site,
        &[
            described(&site, &asha, "Watching the river", "An otter came by", &[]),
            described(&site, &asha, "In the morning", "", &["otter", "river"]),
            described(&site, &asha, "The otter", "", &[]),
            described(&site, &asha, "Cooking", "Nothing of it", &["kitchen"]),
            VideoRow {
                visibility: Visibility::Private,
                ..described(&site, &asha, "Otter in private", "otter", &["otter"])
            },
            VideoRow {
                visibility: Visibility::Unlisted,
                ..described(&site, &asha, "Otter for friends", "otter", &["otter"])
            },
            VideoRow {
                watchable: false,
                ..described(&site, &asha, "Otter to come", "otter", &["otter"])
            },
        ],
    )
    .await;
    let everyone = site.anyone();
    for person in [&everyone, &asha] {
        assert_eq!(
            titles(person, "otter").await,
            ["The otter", "In the morning", "Watching the river"]
        );
    }
    assert_eq!(
        titles(&everyone, "river OTTER").await.len(),
        2,
        "every word has to be there"
    );
    assert_eq!(
        titles(&everyone, "Ötter").await.len(),
        3,
        "accents and case do not matter"
    );
    assert!(titles(&everyone, "otter cooking").await.is_empty());

    let found = search(&everyone, "videos", "the ott").await;
    let first = found.at("/data/items/0");
    assert_eq!(first["title"], "The otter");
    assert_eq!(
        first["highlights"],
        json!([{"field": "title", "text": "The otter", "ranges": [[0, 3], [4, 9]]}])
    );
    assert_eq!(found.at("/data/type"), "videos");
    assert_eq!(found.at("/data/nextCursor"), Value::Null);
    let tagged = search(&everyone, "videos", "kitchen").await;
    assert_eq!(
        tagged.at("/data/items/0/highlights"),
        json!([{"field": "tags", "text": "kitchen", "ranges": [[0, 7]]}])
    );
    let described = search(&everyone, "videos", "came").await;
    assert_eq!(
        described.at("/data/items/0/highlights"),
        json!([{"field": "description", "text": "An otter came by", "ranges": [[9, 13]]}])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equals_the_watched_and_the_new_go_first_and_a_common_word_still_finds_both() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let year_ago = Millis(site.clock.now().0 - 365 * 24 * 3_600_000);
    let mut rows: Vec<VideoRow> = (0..600)
        .map(|_| VideoRow {
            created_at: year_ago,
            ..described(&site, &asha, "Common video", "", &[])
        })
        .collect();
    rows[3].title = "Common video watched".to_owned();
    rows.push(described(&site, &asha, "Common video new", "", &[]));
    add(&site, &rows).await;
    let mut tx = site.server.app.core.store.write().await.unwrap();
    tx.exec(
        "UPDATE videos SET views = $1 WHERE title = $2",
        &store::params![2_000_000, "Common video watched"],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    // The one of the oldest is among candidates because it is watched, whatever the number of the others.
    let found = titles(&site.anyone(), "common").await;
    let watched = found
        .iter()
        .position(|title| title == "Common video watched")
        .unwrap();
    let new = found
        .iter()
        .position(|title| title == "Common video new")
        .unwrap();
    assert!(watched < 2 && new < 2, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_typed_and_a_mistyped_word_find_what_was_meant() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    add(
        &site,
        &[
            described(&site, &asha, "Television history", "", &["broadcast"]),
            described(&site, &asha, "The otter river", "", &[]),
            VideoRow {
                visibility: Visibility::Private,
                ..described(&site, &asha, "Submarine", "", &["confidential"])
            },
        ],
    )
    .await;
    let everyone = site.anyone();
    for beginning in ["te", "tel", "tele", "televisi", "broad"] {
        assert_eq!(
            titles(&everyone, beginning).await,
            ["Television history"],
            "{beginning}"
        );
    }
    for (typed, meant, title) in [
        ("televison", "television", "Television history"),
        ("Telivisoin history", "television history", "Television history"),
        ("elevision", "television", "Television history"),
        ("oter", "otter", "The otter river"),
        ("the \"ottre\"!", "the \"otter\"!", "The otter river"),
        ("rivre", "river", "The otter river"),
        ("boradcast", "broadcast", "Television history"),
    ] {
        let found = search(&everyone, "videos", typed).await;
        assert_eq!(found.at("/data/correctedQuery"), meant, "{typed}");
        assert_eq!(found.at("/data/items/0/title"), title, "{typed}");
        let mixed = everyone.asks(SEARCH, &[("q", typed)]).await.is(200);
        assert_eq!(mixed.at("/data/correctedQuery"), meant, "{typed}");
        assert_eq!(mixed.at("/data/videos/0/title"), title, "{typed}");
        assert!(found.at("/data/items/0/highlights/0/ranges").is_array());
    }
    let right = search(&everyone, "videos", "television").await;
    assert_eq!(right.at("/data/correctedQuery"), Value::Null);
    for nobody_knows in ["submarin", "submarnie", "confidentail", "otr", "xyzzyxyzzy"] {
        let found = search(&everyone, "videos", nobody_knows).await;
        assert_eq!(found.at("/data/correctedQuery"), Value::Null, "{nobody_knows}");
        assert_eq!(found.at("/data/items"), json!([]), "{nobody_knows}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_follows_every_change_at_once() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    add(&site, &[described(&site, &asha, "Badgers", "", &["forest"])]).await;
    let everyone = site.anyone();
    let id = search(&everyone, "videos", "badgers")
        .await
        .text_at("/data/items/0/_id");
    let path = format!("/api/v1/videos/{id}");
    let corrected = async |typed| {
        search(&everyone, "videos", typed)
            .await
            .at("/data/correctedQuery")
    };
    assert_eq!(corrected("bagders").await, "badgers");

    asha.patch(&path, &json!({"title": "Weasels", "tags": ["meadow"]}))
        .await
        .is(200);
    assert_eq!(titles(&everyone, "weasels").await, ["Weasels"]);
    assert_eq!(titles(&everyone, "meadow").await, ["Weasels"]);
    assert!(titles(&everyone, "badgers").await.is_empty());
    assert!(titles(&everyone, "forest").await.is_empty());
    assert_eq!(corrected("bagders").await, Value::Null, "no word of it is left");
    assert_eq!(corrected("waesels").await, "weasels");

    for visibility in ["private", "unlisted"] {
        asha.patch(&path, &json!({ "visibility": visibility }))
            .await
            .is(200);
        assert!(titles(&everyone, "weasels").await.is_empty(), "{visibility}");
        assert!(
            titles(&asha, "weasels").await.is_empty(),
            "everyone finds the same"
        );
        assert_eq!(corrected("waesels").await, Value::Null, "{visibility}");
        asha.patch(&path, &json!({"title": format!("Weasels {visibility}")}))
            .await
            .is(200);
    }
    asha.patch(&path, &json!({"visibility": "public"})).await.is(200);
    assert_eq!(titles(&everyone, "weasels").await, ["Weasels unlisted"]);
    // The words that its owner searches are where they were.
    let own = asha
        .get(&format!("/api/v1/videos?query=weasels&userId={}", asha.id))
        .await
        .is(200);
    assert_eq!(own.at("/data/totalDocs"), 1);
    asha.delete(&path).await.is(200);
    assert!(titles(&everyone, "weasels").await.is_empty());
    assert_eq!(corrected("waesels").await, Value::Null);
    let left = site
        .server
        .app
        .core
        .store
        .read()
        .one(
            "SELECT (SELECT count(*) FROM search_terms WHERE term <> 'asha') + (SELECT count(*) FROM video_search_rows) \
             + (SELECT count(*) FROM search_typos WHERE term <> 'asha')",
            &store::params![],
            |row| row.int(0),
        )
        .await;
    assert_eq!(left.unwrap(), Some(0), "nothing stays behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_last_one_ended() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows: Vec<VideoRow> = (0..35)
        .map(|n| described(&site, &asha, &format!("River {n}"), "", &[]))
        .collect();
    add(&site, &rows).await;
    let everyone = site.anyone();
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = everyone
            .asks(
                SEARCH,
                &[
                    ("q", "river"),
                    ("type", "videos"),
                    ("limit", "10"),
                    ("cursor", &cursor),
                ],
            )
            .await
            .is(200);
        let items = page.at("/data/items");
        seen.extend(
            items
                .as_array()
                .unwrap()
                .iter()
                .map(|video| video["_id"].to_string()),
        );
        pages += 1;
        match page.at("/data/nextCursor") {
            Value::Null => break,
            next => next.as_str().unwrap().clone_into(&mut cursor),
        }
    }
    assert_eq!((pages, seen.len()), (4, 35));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 35, "each once");
    for (kind, words, cursor) in [
        ("videos", "other", cursor.as_str()),
        ("channels", "river", &cursor),
        ("videos", "river", "x"),
        ("videos", "river", "e30"),
        ("videos", "river", &"A".repeat(5_000)),
    ] {
        everyone
            .asks(SEARCH, &[("q", words), ("type", kind), ("cursor", cursor)])
            .await
            .refuses(400, "bad_cursor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_kind_a_few_of_each_are_found() {
    let site = kit::site().await;
    let asha = site.person("river_asha").await;
    let rows: Vec<VideoRow> = (0..9)
        .map(|n| described(&site, &asha, &format!("River {n}"), "", &[]))
        .collect();
    add(&site, &rows).await;
    let count = |answer: &Answer, kind: &str| answer.at(&format!("/data/{kind}")).as_array().unwrap().len();
    let found = site.anyone().asks(SEARCH, &[("q", "river")]).await.is(200);
    assert_eq!(count(&found, "videos"), 5);
    assert_eq!(count(&found, "channels"), 1);
    assert_eq!(count(&found, "tweets") + count(&found, "captions"), 0);
    let two = site
        .anyone()
        .asks(SEARCH, &[("q", "river"), ("limit", "2")])
        .await
        .is(200);
    assert_eq!(count(&two, "videos"), 2);
}
