//! What is not listed is in nothing that lists, for nobody.

use model::videos::Visibility;
use store::videos::VideoRow;

use super::captions::{captions, read};
use super::{KINDS, SEARCH, add, described};
use crate::kit;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_listed_is_found_by_none_of_the_routes() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let with = |title: &str, visibility, watchable| VideoRow {
        visibility,
        watchable,
        ..described(&site, &asha, title, "Quokkas everywhere", &["quokka", "island"])
    };
    let shown = with("A quokka for all", Visibility::Public, true);
    let hidden = [
        with("A private quokka", Visibility::Private, true),
        with("An unlisted quokka", Visibility::Unlisted, true),
        with("A quokka to come", Visibility::Public, false),
    ];
    add(&site, std::slice::from_ref(&shown)).await;
    add(&site, &hidden).await;
    for video in &hidden {
        let said = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello quokka\n";
        captions(&asha, &video.id.to_string(), "en", said).await;
    }
    read(&site).await;
    let admin = site.admin().await;
    let mut asked: Vec<(String, Vec<(&str, &str)>)> = vec![
        ("/api/v1/videos".to_owned(), vec![("limit", "100")]),
        ("/api/v1/trending".to_owned(), vec![("limit", "100")]),
        (format!("/api/v1/videos/{}/related", shown.id), vec![]),
        ("/api/v1/feeds/channel/asha.xml".to_owned(), vec![]),
        ("/feeds/channel/asha.xml".to_owned(), vec![]),
        ("/sitemap.xml".to_owned(), vec![]),
        ("/sitemap-videos.xml".to_owned(), vec![]),
    ];
    for words in [
        "quokka", "quok", "qu", "quokak", "private", "unlisted", "hello", "island",
    ] {
        asked.push((SEARCH.to_owned(), vec![("q", words)]));
        for kind in KINDS {
            asked.push((
                SEARCH.to_owned(),
                vec![("q", words), ("type", kind), ("limit", "50")],
            ));
        }
    }
    let mut found_shown = 0;
    for (path, query) in &asked {
        for person in [&site.anyone(), &ben, &asha, &admin] {
            let answer = person.asks(path, query).await.is(200);
            let text = String::from_utf8(answer.bytes).unwrap();
            for video in &hidden {
                let known = text.contains(&video.id.to_string()) || text.contains(&video.title);
                assert!(!known, "{} in {path} {query:?} by {:?}", video.title, person.name);
            }
            found_shown += usize::from(text.contains(&shown.id.to_string()));
        }
    }
    assert!(found_shown > 40, "what is listed is found: {found_shown}");
}
