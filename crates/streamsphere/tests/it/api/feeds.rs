//! `/feeds/channel/{username}.xml`: a channel as RSS.

use reqwest::Method;
use serde_json::json;
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Answer, Site, clips};

const FEED: &str = "/api/v1/feeds/channel/asha.xml";

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

async fn feed(site: &Site) -> String {
    text(&site.anyone().get(FEED).await.is(200))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_has_the_newest_public_videos_with_their_files() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    site.person("ben").await;
    let id = asha
        .publishes(
            &clips::small(),
            &[("title", "Otters & <b>friends</b>"), ("tags", "river")],
        )
        .await;
    for visibility in ["private", "unlisted"] {
        asha.publishes(
            &clips::small(),
            &[("title", "Secret"), ("visibility", visibility)],
        )
        .await;
    }
    let answer = site.anyone().get(FEED).await.is(200);
    assert_eq!(
        answer.header("content-type"),
        "application/rss+xml; charset=utf-8"
    );
    assert_eq!(
        answer.header("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    let xml = text(&answer);
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\""));
    assert!(
        xml.contains("<title>Otters &amp; &lt;b&gt;friends&lt;/b&gt;</title>"),
        "{xml}"
    );
    assert!(xml.contains(&format!("<link>{}/watch/{id}</link>", site.url)));
    assert!(xml.contains(&format!(
        "<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{}{FEED}\"/>",
        site.url
    )));
    assert!(xml.contains("<category>river</category>") && xml.contains("<itunes:duration>"));
    assert!(!xml.contains("Secret"), "{xml}");

    // The file is there, and as long as it is said to be.
    let enclosure = xml
        .split("<enclosure ")
        .nth(1)
        .unwrap()
        .split("/>")
        .next()
        .unwrap();
    let attribute = |name: &str| {
        let value = enclosure.split(&format!("{name}=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().replace("&amp;", "&")
    };
    let file = site.anyone().get(&attribute("url")).await.is(200);
    assert_eq!(file.bytes.len().to_string(), attribute("length"));
    assert_eq!(file.header("content-type"), attribute("type"));

    for (path, status) in [
        ("/feeds/channel/asha.xml", 200),
        ("/feeds/channel/ASHA.xml", 200),
        ("/api/v1/feeds/channel/asha", 200),
        ("/api/v1/feeds/channel/nobody.xml", 404),
        ("/api/v1/feeds/channel/.xml", 404),
        ("/api/v1/feeds/channel/%3Cx%3E.xml", 404),
    ] {
        assert_eq!(site.anyone().get(path).await.status, status, "{path}");
    }
    let ben = text(&site.anyone().get("/feeds/channel/ben.xml").await.is(200));
    assert!(!ben.contains("<item>"));
    let seen_by_owner = text(&asha.get(FEED).await.is(200));
    assert_eq!(seen_by_owner, xml, "the same for its owner");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_feed_is_not_sent_again() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    add(&site, &[row(&site, &asha, "One")]).await;
    let first = site.anyone().get(FEED).await.is(200);
    let (tag, date) = (
        first.header("etag").to_owned(),
        first.header("last-modified").to_owned(),
    );
    assert!(!tag.is_empty() && date.ends_with(" GMT"));
    let asks = async |name: &'static str, value: &str| {
        let request = site.request(Method::GET, FEED).header(name, value);
        kit::answer(request).await
    };
    let same = asks("if-none-match", &tag).await.is(304);
    assert!(same.bytes.is_empty());
    assert_eq!(same.header("etag"), tag);
    asks("if-modified-since", &date).await.is(304);
    asks("if-none-match", "\"other\"").await.is(200);
    asks("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")
        .await
        .is(200);

    let id = site
        .anyone()
        .get("/api/v1/videos")
        .await
        .is(200)
        .text_at("/data/docs/0/_id");
    asha.patch(&format!("/api/v1/videos/{id}"), &json!({"visibility": "private"}))
        .await
        .is(200);
    let changed = asks("if-none-match", &tag).await.is(200);
    assert!(!text(&changed).contains("<item>"));
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_people_write_stays_text() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let nasty = [
        "]]><script>alert(1)</script>",
        "\"/><x y='",
        "&amp; &lt; &#0; &xxe;",
        "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
        "\u{0}\u{b}\u{1f}\u{fffe}\u{ffff}",
        "<?php ?> --> <!-- <![CDATA[",
        "🎬 ﷺ \u{202e}",
    ];
    let rows: Vec<VideoRow> = nasty
        .iter()
        .map(|text| VideoRow {
            description: (*text).to_owned(),
            tags: vec![(*text).to_owned()],
            ..row(&site, &asha, text)
        })
        .collect();
    add(&site, &rows).await;
    let xml = feed(&site).await;
    assert_eq!(xml.matches("<item>").count(), nasty.len());
    // What is left without our own tags has no markup in it.
    let names = [
        "rss",
        "channel",
        "title",
        "link",
        "description",
        "atom:link",
        "image",
        "url",
        "itunes:author",
        "itunes:image",
        "item",
        "guid",
        "pubDate",
        "itunes:duration",
        "category",
        "enclosure",
        "media:thumbnail",
        "?xml",
    ];
    for tag in xml.split('<').skip(1) {
        let (inside, after) = tag.split_once('>').unwrap();
        let name = inside.trim_start_matches('/').split([' ', '/']).next().unwrap();
        assert!(names.contains(&name), "<{tag}");
        assert!(!after.contains('>'), "<{tag}");
    }
    let allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
    assert!(
        xml.chars()
            .all(|c| allowed(c) && !matches!(c, '\u{fffe}' | '\u{ffff}'))
    );
    for part in xml.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
        assert!(known.iter().any(|name| part.starts_with(name)), "&{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_has_at_most_fifty_videos() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows: Vec<VideoRow> = (0..53)
        .map(|n| row(&site, &asha, &format!("Video {n}")))
        .collect();
    add(&site, &rows).await;
    assert_eq!(feed(&site).await.matches("<item>").count(), 50);
}
