//! `/oembed` and `/embed/{id}`: our videos on other sites.

use serde_json::json;

use crate::kit::rows::{add, row};
use crate::kit::{self, clips};

const OEMBED: &str = "/api/v1/oembed";

#[tokio::test(flavor = "multi_thread")]
async fn another_site_learns_how_to_show_a_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::small(), &[("title", "A \"nice\" <i>clip</i>")])
        .await;
    let page = format!("{}/watch/{id}", site.url);
    let shown = site.anyone().asks(OEMBED, &[("url", &page)]).await.is(200);
    assert_eq!(shown.header("content-type"), "application/json");
    assert_eq!(shown.json["type"], "video");
    assert_eq!(shown.json["version"], "1.0");
    assert_eq!(shown.json["title"], "A \"nice\" <i>clip</i>");
    assert_eq!(shown.json["author_name"], "asha");
    assert_eq!(shown.json["provider_name"], "StreamSphere");
    assert_eq!(
        (&shown.json["width"], &shown.json["height"]),
        (&json!(1280), &json!(720))
    );
    let html = shown.text_at("/html");
    assert!(html.starts_with(&format!(
        "<iframe src=\"{}/embed/{id}\" width=\"1280\" height=\"720\"",
        site.url
    )));
    assert!(
        !html.contains("<i>") && html.contains("&quot;nice&quot;"),
        "{html}"
    );
    site.anyone().get(&shown.text_at("/thumbnail_url")).await.is(200);
    assert!(shown.json["thumbnail_width"].is_i64() && shown.json["thumbnail_height"].is_i64());

    let small = site
        .anyone()
        .asks(
            "/oembed",
            &[
                ("url", &page),
                ("maxwidth", "320"),
                ("maxheight", "1000"),
                ("format", "json"),
            ],
        )
        .await
        .is(200);
    assert_eq!(
        (&small.json["width"], &small.json["height"]),
        (&json!(320), &json!(180))
    );

    // The page itself says where this is.
    let html = String::from_utf8(site.anyone().get(&page).await.is(200).bytes).unwrap();
    let link = html.split("application/json+oembed").nth(1).unwrap();
    let link = link.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let found = site.anyone().get(&link.replace("&amp;", "&")).await.is(200);
    assert_eq!(found.json, shown.json);
    assert!(html.contains(&format!("{}/api/v1/feeds/channel/asha.xml", site.url)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_for_everyone_is_not_for_other_sites() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ids = [
        asha.publishes(&clips::small(), &[("visibility", "private")])
            .await,
        asha.publishes(&clips::small(), &[("visibility", "unlisted")])
            .await,
    ];
    let page = |id: &str| format!("{}/watch/{id}", site.url);
    for person in [&site.anyone(), &asha] {
        person
            .asks(OEMBED, &[("url", &page(&ids[0]))])
            .await
            .refuses(404, "video_not_found");
        // Whoever has the address of an unlisted video may watch it, and so may their readers.
        let unlisted = person.asks(OEMBED, &[("url", &page(&ids[1]))]).await.is(200);
        assert!(
            unlisted.json.get("thumbnail_url").is_none(),
            "its address would end some day"
        );
    }
    let html = String::from_utf8(asha.get(&page(&ids[0])).await.is(200).bytes).unwrap();
    assert!(!html.contains("oembed"), "there is nothing to discover");
    for foreign in [
        format!("https://elsewhere.example/watch/{}", ids[1]),
        page("0123456789abcdef01234567"),
        page("x"),
        "javascript:alert(1)".to_owned(),
        "<script>".to_owned(),
        format!("{}@evil.example/watch/{}", site.url, ids[1]),
    ] {
        site.anyone()
            .asks(OEMBED, &[("url", &foreign)])
            .await
            .refuses(404, "video_not_found");
    }
    let known = page(&ids[1]);
    let answer = site
        .anyone()
        .asks(OEMBED, &[("url", &known), ("format", "xml")])
        .await;
    answer.refuses(501, "format_not_offered");
    for (name, value) in [("maxwidth", "0"), ("maxheight", "-5"), ("maxwidth", "x")] {
        site.anyone()
            .asks(OEMBED, &[("url", &known), (name, value)])
            .await
            .refuses(400, "invalid_fields")
            .blames(name, "out_of_range");
    }
    let none = site.anyone().get(OEMBED).await;
    none.refuses(400, "invalid_fields").blames("url", "missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_player_may_be_framed_and_the_page_may_not() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = row(&site, &asha, "</title><script>alert(1)</script>");
    add(&site, std::slice::from_ref(&video)).await;
    let framed = site.anyone().get(&format!("/embed/{}", video.id)).await.is(200);
    let page = site.anyone().get(&format!("/watch/{}", video.id)).await.is(200);
    assert!(
        framed
            .header("content-security-policy")
            .ends_with("frame-ancestors *")
    );
    assert!(
        page.header("content-security-policy")
            .ends_with("frame-ancestors 'none'")
    );
    for answer in [&framed, &page] {
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        let html = String::from_utf8(answer.bytes.clone()).unwrap();
        assert!(!html.contains("<script"), "{html}");
    }
    let html = String::from_utf8(framed.bytes).unwrap();
    assert!(
        !html.contains("<a ") && !html.contains("<form"),
        "nothing to be tricked into: {html}"
    );
}
