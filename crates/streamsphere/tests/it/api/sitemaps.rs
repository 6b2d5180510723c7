//! `/sitemap.xml`, its pages, and `/robots.txt`.

use model::videos::Visibility;
use serde_json::json;
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Person};

async fn text(person: &Person<'_>, path: &str) -> String {
    String::from_utf8(person.get(path).await.is(200).bytes).unwrap()
}

/// What stands in these elements.
fn all(xml: &str, name: &str) -> Vec<String> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&begin)
        .skip(1)
        .map(|rest| rest.split(&end).next().unwrap().replace("&amp;", "&"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_find_all_public_videos_and_no_other() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = [
        row(&site, &asha, "One"),
        row(&site, &asha, "Two"),
        VideoRow {
            visibility: Visibility::Private,
            ..row(&site, &asha, "Private")
        },
        VideoRow {
            visibility: Visibility::Unlisted,
            ..row(&site, &asha, "Unlisted")
        },
        VideoRow {
            watchable: false,
            ..row(&site, &asha, "Not watchable yet")
        },
    ];
    add(&site, &rows).await;
    let everyone = site.anyone();
    let robots = text(&everyone, "/robots.txt").await;
    assert!(
        robots.contains(&format!("\nSitemap: {}/sitemap.xml\n", site.url)),
        "{robots}"
    );
    let index = everyone.get("/sitemap.xml").await.is(200);
    assert_eq!(index.header("content-type"), "application/xml; charset=utf-8");
    let pages = all(&String::from_utf8(index.bytes).unwrap(), "loc");
    assert_eq!(pages, [format!("{}/sitemap-videos.xml", site.url)]);
    let page = text(&asha, &pages[0]).await;
    let mut found = all(&page, "loc");
    let mut listed: Vec<String> = rows[..2]
        .iter()
        .map(|video| format!("{}/watch/{}", site.url, video.id))
        .collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
    assert_eq!(all(&page, "lastmod")[0], rows[0].updated_at.to_string());

    asha.patch(
        &format!("/api/v1/videos/{}", rows[0].id),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    assert_eq!(
        all(&text(&everyone, &pages[0]).await, "loc"),
        listed_but(&listed, &rows[0])
    );
    for bad in ["x", "1-x", "-", "1-0123456789abcdef0123456", "$1"] {
        everyone
            .asks("/sitemap-videos.xml", &[("after", bad)])
            .await
            .refuses(400, "bad_cursor");
    }
}

fn listed_but(listed: &[String], gone: &VideoRow) -> Vec<String> {
    let gone = gone.id.to_string();
    listed
        .iter()
        .filter(|url| !url.ends_with(&gone))
        .cloned()
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_lose_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows: Vec<VideoRow> = (0..10)
        .map(|n| row(&site, &asha, &format!("Video {n}")))
        .collect();
    add(&site, &rows).await;
    let mut tx = site.server.app.core.store.read();
    // In pages of three, as the index would say if they were that small.
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        seen.extend(store::sitemaps::page(&mut tx, after, 3).await.unwrap());
        match store::sitemaps::page_end(&mut tx, after, 3).await.unwrap() {
            None => break,
            end => after = end,
        }
    }
    assert_eq!(seen.len(), 10);
    let (at, id) = after.unwrap();
    let last = text(
        &site.anyone(),
        &format!("/sitemap-videos.xml?after={}-{id}", at.0),
    )
    .await;
    assert_eq!(all(&last, "loc").len(), 1);
    for (sql, covering) in [(store::sitemaps::PAGE_END, true), (store::sitemaps::PAGE, false)] {
        let plan: Vec<String> = tx
            .all(
                &format!("EXPLAIN QUERY PLAN {sql}"),
                &store::params![0, &[0_u8; 12], 3],
                |row| Ok(row.text(3)?.to_owned()),
            )
            .await
            .unwrap();
        assert_eq!(plan.len(), 1, "nothing is sorted: {plan:#?}");
        assert!(plan[0].contains("videos_listed_created_idx"), "{plan:#?}");
        assert_eq!(plan[0].contains("COVERING"), covering, "{plan:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_must_sign_in_machines_are_sent_away() {
    let site = kit::with("require_sign_in", "true").start().await;
    assert_eq!(
        text(&site.anyone(), "/robots.txt").await,
        "User-agent: *\nDisallow: /\n"
    );
    site.anyone()
        .get("/sitemap.xml")
        .await
        .refuses(401, "unauthenticated");
}
