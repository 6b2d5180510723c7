//! Addresses of media that lead nowhere, and methods that change nothing.

use super::{on_disk, ways};
use crate::kit::wire::Wire;
use crate::kit::{self, clips};

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "most of it is a table")]
async fn no_path_leads_out_of_a_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let hidden = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let key = std::fs::read(site.data().join("secret.key")).unwrap();
    let passwd = std::fs::read("/etc/passwd").unwrap();
    let mut paths = Vec::new();
    for base in [
        format!("/media/{id}"),
        "/media".to_owned(),
        format!("/media/~x/{id}"),
    ] {
        for up in [
            "..",
            "%2e%2e",
            "%2E%2e",
            ".%2e",
            "..%2f..",
            "..%5c..",
            "..\\..",
            "%252e%252e",
            "....",
            "..;",
            ".",
            "%c0%ae%c0%ae",
        ] {
            for target in [
                "secret.key",
                "data.sqlite",
                "etc/passwd",
                &format!("{hidden}/source.mp4"),
                &format!("{hidden}/180p.mp4"),
            ] {
                for depth in [1, 2, 6] {
                    paths.push(format!("{base}/{}/{target}", vec![up; depth].join("/")));
                }
            }
        }
        for file in [
            "",
            "/",
            "//etc/passwd",
            "/etc/passwd",
            "180p.mp4/",
            "180p.mp4/..",
            "180p.mp4%00",
            "180p.mp4%00.jpg",
            "%00",
            "video%2emp4",
            "VIDEO.MP4",
            "video.MP4",
            "180p.mp4.mp4",
            ".mp4",
            "video.",
            "video",
            "source.key",
            "source.mkv",
            "source.",
            "poster-.jpg",
            "poster-0-1280.jpg",
            "*",
            "file:///etc/passwd",
            "http://127.0.0.1/",
            "\\etc\\passwd",
            "%5cetc%5cpasswd",
            "%2fetc%2fpasswd",
            "con.mp4",
            "nul.m3u8",
            "master.m3u8%0d%0aX:y",
        ] {
            paths.push(format!("{base}/{file}"));
        }
        paths.push(format!("{base}/{}.mp4", "a".repeat(5000)));
    }
    for user in [format!("/media/users/{}", asha.id), "/media/users".to_owned()] {
        for file in [
            "../../secret.key",
            "%2e%2e/avatar.jpg",
            "..",
            "x.jpg",
            "avatar-.jpg",
            "%00.jpg",
            "/etc/passwd.jpg",
            "..jpg",
        ] {
            paths.push(format!("{user}/{file}"));
        }
    }
    paths.push("/api/v1/videos/../../secret.key/stream".to_owned());
    paths.push(format!("/api/v1/videos/{id}/../{hidden}/stream"));
    paths.push(format!("/api/v1/videos/{id}%2f..%2f{hidden}/stream"));
    for name in ["sendfile", "user space"] {
        for path in &paths {
            let mut wire = Wire::to(&site).await;
            if name != "sendfile" {
                wire.asks("GET", "/api/v1/healthcheck", "").await;
                assert_eq!(wire.answer("GET").await.status, 200);
            }
            wire.asks("GET", path, "").await;
            let reply = wire.answer("GET").await;
            assert!(
                [400, 404].contains(&reply.status),
                "{} for {path}, {name}",
                reply.status
            );
            assert_eq!(reply.field("content-type"), "application/json", "{path}");
            for secret in [&key, &passwd] {
                assert!(
                    !reply
                        .body
                        .windows(secret.len())
                        .any(|part| part == secret.as_slice()),
                    "{path}"
                );
            }
        }
    }
    // Bytes that no address may hold end the connection with a refusal.
    for raw in [
        "/media/\0",
        "/media/x\0y",
        "/media/a b",
        "/media/\x7f",
        "/media/\u{e9}/180p.mp4",
    ] {
        let mut wire = Wire::to(&site).await;
        wire.asks("GET", raw, "").await;
        let reply = wire.answer("GET").await;
        assert!([400, 404].contains(&reply.status), "{} for {raw:?}", reply.status);
    }
    // An absolute address names the same thing, and only on a host of ours.
    for (target, status) in [
        (format!("{}/media/{id}/180p.mp4", site.url), 200),
        (format!("http://evil.example/media/{id}/180p.mp4"), 421),
    ] {
        let mut wire = Wire::to(&site).await;
        wire.asks("GET", &target, "").await;
        assert_eq!(wire.answer("GET").await.status, status, "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_none_and_methods_that_change_are_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let unknown = "0123456789abcdef01234567";
    let long = "a".repeat(25);
    for (name, mut way) in ways(&site).await {
        for bad in [
            "x",
            "1",
            &id[1..],
            &long,
            "zzzzzzzzzzzzzzzzzzzzzzzz",
            "%00",
            "-1",
            "null",
        ] {
            let got = way
                .asks("GET", &format!("/api/v1/videos/{bad}/stream"), &[])
                .await;
            assert_eq!(got.status, 400, "{bad} {name}");
            let got = way.asks("GET", &format!("/media/{bad}/180p.mp4"), &[]).await;
            assert!([400, 404].contains(&got.status), "{bad} {name}");
        }
        for path in [
            format!("/api/v1/videos/{unknown}/stream"),
            format!("/media/{unknown}/180p.mp4"),
            format!("/media/{unknown}/master.m3u8"),
            format!("/media/users/{unknown}/avatar-x-512.jpg"),
        ] {
            assert_eq!(way.asks("GET", &path, &[]).await.status, 404, "{path} {name}");
            assert_eq!(way.asks("HEAD", &path, &[]).await.status, 404, "{path} {name}");
        }
    }
    for path in [
        format!("/media/{id}/180p.mp4"),
        format!("/media/{id}/master.m3u8"),
        format!("/api/v1/videos/{id}/stream"),
        "/media/nothing".to_owned(),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for (name, mut way) in ways(&site).await {
                let got = way.asks(method, &path, &[("content-length", "0")]).await;
                assert_eq!(got.status, 405, "{method} {path} {name}");
                assert!(
                    got.field("allow").contains("GET"),
                    "{method} {path} {name}: {}",
                    got.field("allow")
                );
            }
        }
    }
    let bytes = on_disk(&site, &id, "180p.mp4");
    let still = site.anyone().get(&format!("/media/{id}/180p.mp4")).await.is(200);
    assert!(still.bytes == bytes);
}
