//! Signed addresses of media: for whom they work, on what, and until when.

use model::{Clock, Millis};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, Person, Site, clips};

/// Addresses that the playback route hands out, and the files that the playlist names.
async fn links(person: &Person<'_>, video: &str) -> Vec<String> {
    let playback = person
        .get(&format!("/api/v1/videos/{video}/playback"))
        .await
        .is(200)
        .at("/data");
    let page = person
        .get(&format!("/api/v1/videos/{video}"))
        .await
        .is(200)
        .at("/data");
    let master = playback["hls"].as_str().unwrap().to_owned();
    let base = master.strip_suffix("master.m3u8").unwrap().to_owned();
    let mut all = vec![
        playback["videoFile"].as_str().unwrap().to_owned(),
        page["thumbnail"].as_str().unwrap().to_owned(),
    ];
    for rendition in playback["renditions"].as_array().unwrap() {
        let name = rendition["name"].as_str().unwrap();
        all.push(format!("{base}{name}.m3u8"));
        all.push(format!("{base}{name}.mp4"));
    }
    all.push(master);
    all
}

#[track_caller]
fn token_of(link: &str) -> &str {
    let (_, signed) = link.split_once("/media/~").expect("a signed address");
    signed.split_once('/').unwrap().0
}

async fn assert_all(site: &Site, links: &[String], status: u16, why: &str) {
    for link in links {
        let answer = site.anyone().get(link).await;
        assert_eq!(answer.status, status, "{why}: {link}");
        assert!(answer.header("cache-control").contains("no-store"), "{link}");
        if status == 404 {
            answer.refuses(404, "media_not_found");
        }
    }
}

fn clock() -> Clock {
    Clock::manual(Millis(1_780_000_000_000))
}

fn millis(time: &Value) -> i64 {
    // 2026-05-28T20:26:40.000Z and the like: whole minutes, so seconds since the test's midnight do.
    let text = time.as_str().unwrap();
    let number = |from: usize| text[from..from + 2].parse::<i64>().unwrap();
    ((number(11) * 60 + number(14)) * 60 + number(17)) * 1000
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owners_link_to_a_private_video_dies_with_their_session() {
    let site = kit::site().await;
    let laptop = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    let video = laptop
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let (of_laptop, of_phone) = (links(&laptop, &video).await, links(&phone, &video).await);
    assert_ne!(token_of(&of_laptop[0]), token_of(&of_phone[0]));
    assert_all(&site, &of_laptop, 200, "a player needs no cookie").await;
    laptop.post("/api/v1/users/logout", &json!({})).await.is(200);
    assert_all(&site, &of_laptop, 404, "after signing out").await;
    assert_all(&site, &of_phone, 200, "another sign-in").await;
    let other = site.person("ben").await;
    other.get(&of_laptop[0]).await.refuses(404, "media_not_found");
    let body = json!({"oldPassword": kit::PASSWORD, "newPassword": "quiet-harbour-3915"});
    let tablet = site.sign_in("asha").await;
    tablet.post("/api/v1/users/change-password", &body).await.is(200);
    assert_all(&site, &of_phone, 404, "after a new password").await;
    tablet.get(&of_phone[0]).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_private_video_works_for_at_most_ten_minutes() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    let video = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let playback = asha
        .get(&format!("/api/v1/videos/{video}/playback"))
        .await
        .is(200);
    let now = json!(site.clock.now().to_string());
    let lives_ms = millis(&playback.at("/data/expiresAt")) - millis(&now);
    assert!((500_000..=600_000).contains(&lives_ms), "{lives_ms}");
    let all = links(&asha, &video).await;
    site.clock.advance(lives_ms - 1_000);
    assert_all(&site, &all, 200, "a second before").await;
    site.clock.advance(1_000);
    assert_all(&site, &all, 404, "when it says").await;
    site.clock.advance(-3_600_000);
    assert_all(&site, &all, 200, "by the clock alone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_videos_link_works_for_anyone_until_the_video_is_private() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    let video = asha
        .publishes(&clips::small(), &[("visibility", "unlisted")])
        .await;
    let path = format!("/api/v1/videos/{video}");
    let given = links(&site.anyone(), &video).await;
    assert_all(&site, &given, 200, "whoever has the address").await;
    assert_all(
        &site,
        &[format!("/media/{video}/master.m3u8")],
        404,
        "but not the plain one",
    )
    .await;
    asha.patch(&path, &json!({"visibility": "private"})).await.is(200);
    assert_all(&site, &given, 404, "at once").await;
    asha.patch(&path, &json!({"visibility": "unlisted"}))
        .await
        .is(200);
    assert_all(&site, &given, 404, "and for good").await;
    let given = links(&site.anyone(), &video).await;
    assert_all(&site, &given, 200, "a new one").await;
    site.clock.advance(12 * 3_600_000);
    assert_all(&site, &given, 404, "after half a day").await;
    let asha = site.sign_in("asha").await;
    let given = links(&site.anyone(), &video).await;
    asha.delete(&path).await.is(200);
    assert_all(&site, &given, 404, "removed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_video_that_it_was_made_for() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    let videos = [
        asha.publishes(&clips::small(), &[("visibility", "private")])
            .await,
        asha.publishes(&clips::small(), &[("visibility", "unlisted")])
            .await,
        ben.publishes(&clips::small(), &[("visibility", "private")]).await,
        ben.publishes(&clips::small(), &[("visibility", "unlisted")])
            .await,
    ];
    let mut tokens = Vec::new();
    for (n, video) in videos.iter().enumerate() {
        let owner = if n < 2 { &asha } else { &ben };
        tokens.push(token_of(&links(owner, video).await[0]).to_owned());
    }
    for (n, token) in tokens.iter().enumerate() {
        for (m, video) in videos.iter().enumerate() {
            let link = format!("/media/~{token}/{video}/master.m3u8");
            let answer = site.anyone().get(&link).await;
            assert_eq!(answer.status, if n == m { 200 } else { 404 }, "{n} on {m}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_tampered_with_opens_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for visibility in ["private", "unlisted"] {
        let video = asha
            .publishes(&clips::small(), &[("visibility", visibility)])
            .await;
        let link = links(&asha, &video).await.pop().unwrap();
        let token = token_of(&link).to_owned();
        assert_eq!(token.len(), 43);
        for at in 0..token.len() - 1 {
            let letter = if token.as_bytes()[at] == b'A' { 'B' } else { 'A' };
            let changed = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
            let answer = site.anyone().get(&link.replace(&token, &changed)).await;
            answer.refuses(404, "media_not_found");
        }
        for wrong in [
            "",
            "x",
            &token[..42],
            &format!("{token}A"),
            &format!("{token}="),
            &token.to_lowercase(),
            &"A".repeat(43),
            asha.token.as_ref().unwrap(),
            &asha.refresh_token,
        ] {
            let answer = site.anyone().get(&link.replace(&token, wrong)).await;
            assert_eq!(answer.status, 404, "{wrong}");
        }
        site.anyone().get(&link).await.is(200);
        let in_query = format!("/media/{video}/master.m3u8?token={token}");
        site.anyone().get(&in_query).await.refuses(404, "media_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_original_file_is_its_owners_unless_it_may_be_sent_as_it_is() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    let root = site.admin().await;
    for visibility in ["public", "unlisted", "private"] {
        let video = asha
            .publishes(&clips::screen(), &[("visibility", visibility)])
            .await;
        let plain = format!("/media/{video}/source.webm");
        for person in [&site.anyone(), &ben] {
            person.get(&plain).await.refuses(404, "media_not_found");
        }
        for person in [&asha, &root] {
            let sent = person.get(&plain).await.is(200);
            assert_eq!(sent.bytes, clips::screen().bytes(), "{visibility}");
        }
        if visibility == "unlisted" {
            let link = links(&site.anyone(), &video).await.pop().unwrap();
            let source = link.replace("master.m3u8", "source.webm");
            site.anyone().get(&link).await.is(200);
            site.anyone().get(&source).await.refuses(404, "media_not_found");
            asha.get(&source).await.is(200);
        }
        if visibility == "private" {
            let link = links(&asha, &video).await.pop().unwrap();
            site.anyone()
                .get(&link.replace("master.m3u8", "source.webm"))
                .await
                .is(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_link_dies_with_the_admins_session() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let root = site.admin().await;
    let video = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let given = links(&root, &video).await;
    assert_all(&site, &given, 200, "while signed in").await;
    root.delete("/api/v1/users/sessions").await.is(200);
    assert_all(&site, &given, 200, "this session stays").await;
    let logout = root.request(Method::POST, "/api/v1/users/logout");
    kit::answer(logout).await.is(200);
    assert_all(&site, &given, 404, "signed out").await;
}
