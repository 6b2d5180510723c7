//! What may be asked, and what is only text.

use super::{KINDS, SEARCH, add, described, titles};
use crate::kit;

#[tokio::test(flavor = "multi_thread")]
async fn a_search_must_make_sense() {
    let site = kit::site().await;
    let everyone = site.anyone();
    everyone
        .get(SEARCH)
        .await
        .refuses(400, "invalid_fields")
        .blames("q", "missing");
    for (query, field, code) in [
        (vec![("q", "")], "q", "missing"),
        (vec![("q", " \t\u{a0} ")], "q", "missing"),
        (vec![("q", &*"x".repeat(201))], "q", "too_long"),
        (vec![("q", &*"é".repeat(201))], "q", "too_long"),
        (vec![("q", "x"), ("type", "users")], "type", "unknown"),
        (vec![("q", "x"), ("type", "Videos")], "type", "unknown"),
        (vec![("q", "x"), ("limit", "0")], "limit", "out_of_range"),
        (vec![("q", "x"), ("limit", "51")], "limit", "out_of_range"),
        (vec![("q", "x"), ("limit", "ten")], "limit", "out_of_range"),
    ] {
        everyone
            .asks(SEARCH, &query)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    everyone.asks(SEARCH, &[("q", &"é".repeat(200))]).await.is(200);
    let many_words = "abcd ".repeat(40);
    everyone.asks(SEARCH, &[("q", many_words.trim())]).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn syntax_and_markup_are_only_text() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let nasty = "<script>alert('plain')</script> \"; DROP TABLE videos; --";
    add(
        &site,
        &[
            described(&site, &asha, "A plain title", "", &[]),
            described(&site, &asha, nasty, nasty, &["<b>"]),
        ],
    )
    .await;
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
        "plain\0title",
        "\0",
        "AND",
        "plain AND",
        "plain NOT title",
        "title : plain",
        "{title tags} : plain",
        "-title",
        "(",
        "((((",
        "+",
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
        "<script>",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "{\"$ne\":null}",
        "../../etc/passwd",
        "İstanbul ǅ ß ﬃ",
        "ﬃﬃﬃﬃﬃﬃﬃﬃ",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    ] {
        for kind in KINDS {
            let found = everyone.asks(SEARCH, &[("q", query), ("type", kind)]).await;
            assert!(
                matches!(found.status, 200 | 400),
                "{kind} {query:?}: {}",
                found.json
            );
            assert!(
                found.status == 200 || query.trim().is_empty(),
                "{kind} {query:?}: {}",
                found.json
            );
        }
        everyone.asks(SEARCH, &[("q", query)]).await;
    }
    for query in [
        "plain*",
        "\"plain\" title",
        "^plain title",
        "plain title",
        "pla ti",
    ] {
        assert_eq!(titles(&everyone, query).await[0], "A plain title", "{query}");
    }
    // What is shown of it is the text itself, as JSON.
    let found = everyone
        .asks(SEARCH, &[("q", "script alert"), ("type", "videos")])
        .await
        .is(200);
    assert_eq!(found.header("content-type"), "application/json");
    assert_eq!(found.header("x-content-type-options"), "nosniff");
    assert_eq!(found.at("/data/items/0/highlights/0/text"), nasty);
    everyone.get(&format!("{SEARCH}?q=%ff%fe")).await;
    everyone
        .asks(SEARCH, &[("q", "a"), ("q", "b")])
        .await
        .refuses(400, "invalid_query");
}
