//! Finding videos by their words.

use model::videos::Visibility;
use serde_json::json;
use store::videos::VideoRow;

use super::{VIDEOS, add, row};
use crate::kit::{self, Person};

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
