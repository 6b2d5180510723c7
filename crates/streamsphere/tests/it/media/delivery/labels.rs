//! The headers of media: for caches, for players on other pages, for browsers.

use super::ways;
use crate::kit::{self, clips};

#[tokio::test(flavor = "multi_thread")]
async fn public_media_is_labelled_for_caches_players_and_browsers() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let video = site.anyone().get(&format!("/api/v1/videos/{id}")).await.is(200);
    let local = |url: &str| url.strip_prefix(&site.url).unwrap().to_owned();
    let forever = "public, max-age=31536000, immutable";
    let ask_again = "public, max-age=0, must-revalidate";
    let (file, thumbnail) = (
        local(&video.text_at("/data/videoFile")),
        local(&video.text_at("/data/thumbnail")),
    );
    let playlist = "application/vnd.apple.mpegurl";
    for (name, mut way) in ways(&site).await {
        let media = way.asks("GET", &format!("/media/{id}/180p.m3u8"), &[]).await;
        let text = String::from_utf8(media.body).unwrap();
        let at = text.find("180p.mp4?v=").unwrap();
        let versioned = text[at..].split(['"', '\n']).next().unwrap();
        for (path, content_type, caching) in [
            (format!("/media/{id}/{versioned}"), "video/mp4", forever),
            (file.clone(), "video/mp4", forever),
            (thumbnail.clone(), "image/jpeg", forever),
            (format!("/media/{id}/180p.mp4"), "video/mp4", ask_again),
            (format!("/media/{id}/audio.mp4"), "audio/mp4", ask_again),
            (format!("/api/v1/videos/{id}/stream"), "video/mp4", ask_again),
            (format!("/media/{id}/master.m3u8"), playlist, ask_again),
            (format!("/media/{id}/180p.m3u8"), playlist, ask_again),
            (format!("/media/{id}/audio.m3u8"), playlist, ask_again),
        ] {
            for method in ["GET", "HEAD"] {
                let got = way
                    .asks(method, &path, &[("origin", "https://player.example")])
                    .await;
                let what = format!("{method} {path} {name}");
                assert_eq!(got.status, 200, "{what}");
                assert_eq!(got.field("content-type"), content_type, "{what}");
                assert_eq!(got.field("cache-control"), caching, "{what}");
                assert_eq!(got.field("x-content-type-options"), "nosniff", "{what}");
                assert_eq!(
                    got.field("content-security-policy"),
                    "sandbox; default-src 'none'",
                    "{what}"
                );
                assert_eq!(
                    got.field("cross-origin-resource-policy"),
                    "cross-origin",
                    "{what}"
                );
                assert_eq!(got.field("access-control-allow-origin"), "*", "{what}");
                assert!(
                    got.field("access-control-expose-headers")
                        .contains("Content-Range"),
                    "{what}"
                );
                assert_eq!(got.field("set-cookie"), "", "{what}");
                assert!(got.field("etag").starts_with('"'), "{what}");
                assert_eq!(method == "HEAD", got.body.is_empty(), "{what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn playlists_are_kept_until_they_change() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    for (name, mut way) in ways(&site).await {
        for file in ["master.m3u8", "180p.m3u8", "audio.m3u8"] {
            let path = format!("/media/{id}/{file}");
            let got = way.asks("GET", &path, &[]).await;
            assert!(got.body.starts_with(b"#EXTM3U\n"), "{name}");
            let tag = got.field("etag").to_owned();
            let list = format!("\"x\", W/{tag}");
            for known in [tag.as_str(), &list, "*"] {
                let same = way.asks("GET", &path, &[("if-none-match", known)]).await;
                assert_eq!((same.status, same.body.len()), (304, 0), "{known} {name}");
                assert_eq!(same.field("etag"), tag);
            }
            let other = way.asks("GET", &path, &[("if-none-match", "\"x\"")]).await;
            assert_eq!((other.status, &other.body), (200, &got.body), "{name}");
            // A range of a text that is made now is not worth having.
            let whole = way.asks("GET", &path, &[("range", "bytes=0-3")]).await;
            assert_eq!((whole.status, &whole.body), (200, &got.body), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_media_is_kept_by_nobody_and_read_by_no_other_page() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let video = asha.get(&format!("/api/v1/videos/{id}")).await.is(200);
    let signed = video
        .text_at("/data/hls")
        .strip_prefix(&site.url)
        .unwrap()
        .to_owned();
    let base = signed.strip_suffix("/master.m3u8").unwrap().to_owned();
    assert!(base.starts_with("/media/~"), "{base}");
    let bearer = format!("Bearer {}", asha.token.as_deref().unwrap());
    for (name, mut way) in ways(&site).await {
        for file in [
            "master.m3u8",
            "180p.m3u8",
            "180p.mp4",
            "audio.mp4",
            "source.mp4?v=0",
        ] {
            for method in ["GET", "HEAD"] {
                let opened = way
                    .asks(
                        method,
                        &format!("{base}/{file}"),
                        &[("origin", "https://evil.example")],
                    )
                    .await;
                let own = format!("/media/{id}/{file}");
                let mine = way.asks(method, &own, &[("authorization", &bearer)]).await;
                for got in [opened, mine] {
                    let what = format!("{method} {file} {name}");
                    assert_eq!(got.status, 200, "{what}");
                    assert_eq!(got.field("cache-control"), "private, no-store", "{what}");
                    assert_eq!(got.field("cross-origin-resource-policy"), "same-site", "{what}");
                    assert_eq!(got.field("access-control-allow-origin"), "", "{what}");
                    assert_eq!(got.field("x-content-type-options"), "nosniff", "{what}");
                }
                let strange = way.asks(method, &own, &[]).await;
                assert_eq!(strange.status, 404, "{method} {file} {name}");
                assert_eq!(strange.field("cache-control"), "no-store");
            }
        }
        let stream = format!("/api/v1/videos/{id}/stream");
        let got = way.asks("GET", &stream, &[("authorization", &bearer)]).await;
        assert_eq!(
            (got.status, got.field("cache-control")),
            (200, "private, no-store")
        );
        assert_eq!(way.asks("GET", &stream, &[]).await.status, 404);

        // A signed part that was touched, and one on another video, open nothing.
        let token = base.split('/').nth(2).unwrap();
        let touched = format!("{}x", &token[..token.len() - 1]);
        for bad in [
            &touched,
            "~",
            "~~",
            &token[..20],
            &format!("{token}{token}"),
            "~%2e%2e",
        ] {
            let path = format!("/media/{bad}/{id}/180p.mp4");
            let status = way.asks("GET", &path, &[]).await.status;
            // The last digit carries bits that are not used: the same token in other words.
            assert!(
                status == 404 || bad == touched.as_str() && status == 200,
                "{path} {name}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_listed_origins_may_read_private_media_with_their_cookies() {
    let site = kit::with("cors_origins", "https://front.example").start().await;
    let asha = site.person("asha").await;
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let public = asha.publishes(&clips::small(), &[]).await;
    let cookie = format!("accessToken={}", asha.token.as_deref().unwrap());
    let listed = "https://front.example";
    for (name, mut way) in ways(&site).await {
        for origin in [
            listed,
            "https://front.example.evil",
            "http://front.example",
            "null",
        ] {
            let fields = [("origin", origin), ("cookie", cookie.as_str())];
            for file in ["180p.mp4", "master.m3u8"] {
                let what = format!("{file} {origin} {name}");
                let got = way
                    .asks("GET", &format!("/media/{private}/{file}"), &fields)
                    .await;
                let allowed = if origin == listed {
                    (listed, "true")
                } else {
                    ("", "")
                };
                assert_eq!(got.status, 200, "{what}");
                let (said, credentials) = (
                    got.field("access-control-allow-origin"),
                    got.field("access-control-allow-credentials"),
                );
                assert_eq!((said, credentials), allowed, "{what}");
                if origin == listed {
                    assert!(
                        got.field("access-control-expose-headers")
                            .contains("Content-Range")
                            || got
                                .field("access-control-expose-headers")
                                .contains("content-range"),
                        "{what}"
                    );
                    assert!(got.field("vary").to_lowercase().contains("origin"), "{what}");
                }

                let got = way
                    .asks("GET", &format!("/media/{public}/{file}"), &[("origin", origin)])
                    .await;
                assert_eq!(got.status, 200, "{what}");
                let (said, credentials) = (
                    got.field("access-control-allow-origin"),
                    got.field("access-control-allow-credentials"),
                );
                assert!(
                    (said, credentials) == ("*", "") || (said == listed && origin == listed),
                    "{said} {credentials}: {what}"
                );
            }
        }
    }
}
