//! Another file for a video: address, likes and views stay, and the present file plays until the new one is
//! ready.

use reqwest::Method;
use serde_json::json;

use super::{Tus, UPLOADS, V, code, metadata};
use crate::kit::{self, Answer, Person, Site, clips};

async fn replaces(person: &Person<'_>, video: &str, clip: &clips::Clip) -> Answer {
    let part = reqwest::multipart::Part::bytes(clip.bytes()).file_name(clip.name.clone());
    let form = reqwest::multipart::Form::new().part("videoFile", part);
    let request = person.request(Method::PUT, &format!("/api/v1/videos/{video}/file"));
    kit::answer(request.multipart(form)).await
}

/// The making that the video is at or on its way to.
async fn making(site: &Site, video: &str) -> i64 {
    let id = video.parse().unwrap();
    let mut tx = site.server.app.core.store.read();
    let waiting = store::replacements::find(&mut tx, id).await.unwrap();
    let row = store::videos::find(&mut tx, id).await.unwrap().unwrap();
    waiting.map_or(row.media_gen, |waiting| waiting.gen_no)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_file_keeps_the_videos_address_and_plays_until_the_new_one_is_ready() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let before = asha.get(&format!("/api/v1/videos/{id}")).await.is(200);
    let used = asha.get("/api/v1/users/storage").await.at("/data/usedBytes");
    let answer = replaces(&asha, &id, &clips::phone()).await.is(200);
    assert_eq!(answer.text_at("/data/_id"), id);
    assert_eq!(making(&site, &id).await, 1);
    // The address is the same, and something plays all the while.
    let after = asha.get(&format!("/api/v1/videos/{id}")).await.is(200);
    for field in ["/data/_id", "/data/views", "/data/likesCount", "/data/createdAt"] {
        assert_eq!(after.at(field), before.at(field), "{field}");
    }
    let stream = asha.get(&format!("/api/v1/videos/{id}/stream")).await;
    assert_eq!(stream.status, 200);
    // Both files take up room.
    let grown = asha.get("/api/v1/users/storage").await.at("/data/usedBytes");
    assert!(grown.as_u64() > used.as_u64(), "{grown} after {used}");
    // A third file takes the place of the second.
    replaces(&asha, &id, &clips::screen()).await.is(200);
    assert_eq!(making(&site, &id).await, 2);
    let findings = app::doctor::examine(&site.server.app, false).await.unwrap();
    assert_eq!(findings, []);
}

/// Names of the small files that lie directly in a video's folder.
fn beside(site: &Site, id: &str) -> Vec<String> {
    let entries = std::fs::read_dir(site.objects().join("videos").join(id)).unwrap();
    let files = entries
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().unwrap().is_file());
    let names = files.map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with("source")).collect();
    names.sort_unstable();
    names
}

/// Makes tidying due that waits for viewers to move on, and waits until all of it is done.
async fn tidies(site: &Site) {
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let due =
        "UPDATE jobs SET run_at = 0, due = 1 WHERE state = 0 AND kind IN ('sweep_video', 'remove_objects')";
    tx.exec(due, &store::params![]).await.unwrap();
    tx.commit().await.unwrap();
    site.server.app.core.bus.wake(app::jobs::TOPIC);
    site.does_all_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_posters_and_chapters_are_those_of_the_new_file_and_captions_stay() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let source = "testsrc2=size=320x180:rate=10:duration=12";
    let long = clips::made(
        "twelve.mp4",
        &["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-g", "10"],
    );
    let description = "0:00 Intro\n0:05 Middle\n0:10 End";
    let id = asha.publishes(&long, &[("description", description)]).await;
    let page = format!("/api/v1/videos/{id}");
    let request = asha.request(Method::PUT, &format!("{page}/captions/en"));
    let file = "WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n";
    kit::answer(request.header("content-type", "text/vtt").body(file))
        .await
        .is(201);
    let before = asha.get(&page).await.is(200);
    let frames = asha.get(&format!("{page}/thumbnails")).await.at("/data");
    let playback = asha.get(&format!("{page}/playback")).await.is(200);
    assert_eq!(playback.at("/data/chapters").as_array().unwrap().len(), 3);
    tidies(&site).await;
    // What a crash might have left between a file and its row.
    let old = "65a000000000000000000001";
    for name in [
        format!("poster-{old}-480.jpg"),
        format!("candidate-{old}-0.jpg"),
        format!("storyboard-{old}-1-2000-160x90-2000-0.jpg"),
        format!("captions-pt-br-{old}.vtt"),
    ] {
        std::fs::write(site.objects().join("videos").join(&id).join(name), "left over").unwrap();
    }
    let files_before = beside(&site, &id);

    replaces(&asha, &id, &clips::small()).await.is(200);
    kit::until("the new file has taken over", async || {
        asha.get(&page).await.at("/data/duration").as_f64().unwrap() < 3.0
    })
    .await;
    let after = asha.get(&page).await.is(200);
    assert_eq!(after.at("/data/captions"), before.at("/data/captions"));
    for field in ["/data/storyboard", "/data/thumbnail"] {
        assert_ne!(after.text_at(field), before.text_at(field), "{field}");
        site.anyone().get(&after.text_at(field)).await.is(200);
    }
    let storyboard = site.anyone().get(&after.text_at("/data/storyboard")).await;
    let text = String::from_utf8(storyboard.bytes).unwrap();
    assert_eq!(text.matches(" --> ").count(), 1, "{text}");
    let new_frames = asha.get(&format!("{page}/thumbnails")).await.at("/data");
    for frame in new_frames.as_array().unwrap() {
        assert!(frame["at"].as_f64().unwrap() < 2.0, "{frame}");
        assert!(
            !frames
                .as_array()
                .unwrap()
                .iter()
                .any(|old| old["id"] == frame["id"])
        );
        asha.get(frame["url"].as_str().unwrap()).await.is(200);
    }
    // Chapters that lie behind the new end are none.
    let playback = asha.get(&format!("{page}/playback")).await.is(200);
    assert_eq!(playback.at("/data/chapters"), json!([]));
    let track = after.text_at("/data/captions/0/url");
    site.anyone().get(&track).await.is(200);

    tidies(&site).await;
    let files_after = beside(&site, &id);
    let stayed: Vec<&String> = files_after
        .iter()
        .filter(|name| files_before.contains(name))
        .collect();
    assert_eq!(stayed.len(), 1, "{files_before:?} {files_after:?}");
    assert!(stayed[0].starts_with("captions-en-"), "{stayed:?}");
    assert_eq!(app::doctor::examine(&site.server.app, false).await.unwrap(), []);

    asha.delete(&page).await.is(200);
    tidies(&site).await;
    assert!(!site.objects().join("videos").join(&id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_the_owner_sent_stays_when_the_file_is_replaced() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let words = [
        "-f",
        "lavfi",
        "-i",
        "color=c=orange:size=640x360",
        "-frames:v",
        "1",
    ];
    let picture = clips::made("poster.png", &words);
    let part = reqwest::multipart::Part::bytes(picture.bytes()).file_name("poster.png");
    let form = reqwest::multipart::Form::new().part("thumbnail", part);
    let page = format!("/api/v1/videos/{id}");
    let request = asha.request(Method::PATCH, &page);
    let mine = kit::answer(request.multipart(form))
        .await
        .is(200)
        .text_at("/data/thumbnail");
    replaces(&asha, &id, &clips::phone()).await.is(200);
    kit::until("the new file has taken over", async || {
        asha.get(&page).await.at("/data/height") == 640
    })
    .await;
    let shown = asha.get(&page).await.is(200).text_at("/data/thumbnail");
    assert_eq!(shown, mine);
    site.anyone().get(&shown).await.is(200);
    // The frames to choose from are those of the new file all the same.
    let frames = asha.get(&format!("{page}/thumbnails")).await.at("/data");
    let last = frames.as_array().unwrap().last().unwrap().clone();
    assert!(last["at"].as_f64().unwrap() > 2.0, "{frames}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_replaced_by_an_upload_over_several_requests_too() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let tus = Tus::by(&asha);
    let clip = clips::phone().bytes();
    let upload = tus
        .creates(
            clip.len(),
            &metadata(&[("replaces", &id), ("filename", "phone.mp4")]),
        )
        .await;
    let (first, rest) = clip.split_at(1000);
    assert_eq!(tus.adds(&upload, 0, first).await.status, 204);
    let reply = tus.adds(&upload, 1000, rest).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    assert_eq!(reply.field("streamsphere-video-id"), id);
    assert_eq!(reply.field("streamsphere-duplicate-of"), "");
    assert_eq!(making(&site, &id).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_original_of_a_new_file_plays_as_the_one_before_did() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::screen(), &[]).await;
    let page = format!("/api/v1/videos/{id}");
    for clip in [clips::small(), clips::phone()] {
        replaces(&asha, &id, &clip).await.is(200);
        let mut plays = String::new();
        kit::until("the new file has taken over", async || {
            let answer = site.anyone().get(&page).await.is(200);
            plays = answer.text_at("/data/videoFile");
            // Between the two requests the file may change, and what was named before is gone then.
            plays.contains("/source-") && site.anyone().get(&plays).await.bytes == clip.bytes()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_that_a_video_has_is_not_replaced_by_itself() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let answer = replaces(&asha, &id, &clips::small()).await.is(200);
    assert_eq!(answer.at("/data/duplicateOf"), json!(id));
    assert_eq!(making(&site, &id).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_replaces_a_file_and_only_by_a_video() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let id = asha.publishes(&clips::small(), &[]).await;
    let hidden = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    replaces(&ben, &id, &clips::phone()).await.is(403);
    replaces(&ben, &hidden, &clips::phone()).await.is(404);
    let length = "Upload-Length: 10";
    for (video, status) in [(&id, 403), (&hidden, 404)] {
        let said = format!("Upload-Metadata: {}", metadata(&[("replaces", video)]));
        let reply = Tus::by(&ben)
            .says("POST", UPLOADS, &[V, length, &said], b"")
            .await;
        assert_eq!(reply.status, status);
    }
    let tus = Tus::by(&asha);
    let upload = tus.creates(10, &metadata(&[("replaces", &id)])).await;
    let reply = tus.adds(&upload, 0, b"0123456789").await;
    assert_eq!((reply.status, code(&reply).as_str()), (415, "not_a_video"));
    assert_eq!(making(&site, &id).await, 0);
    let sources = std::fs::read_dir(site.objects().join("videos").join(&id)).unwrap();
    let sources = sources.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("source")
    });
    assert_eq!(sources.count(), 1, "nothing of the refused files is left");
}

/// The addresses of bytes that a playlist names.
async fn files_of(site: &Site, playlist: &str) -> Vec<String> {
    let answer = site.anyone().get(playlist).await.is(200);
    let text = String::from_utf8(answer.bytes).unwrap();
    let mut names: Vec<String> = text
        .split(['"', '\n'])
        .filter(|part| part.contains(".mp4?v="))
        .map(|name| playlist.replace("180p.m3u8", name))
        .collect();
    names.dedup();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_names_the_file_before_never_leads_to_the_one_after() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let page = format!("/api/v1/videos/{id}");
    let playlist = format!("/media/{id}/180p.m3u8");
    let old = files_of(&site, &playlist).await;
    assert!(!old.is_empty());
    let sent = site.anyone().get(&old[0]).await.is(200);
    assert!(sent.header("cache-control").contains("immutable"));
    let duration = asha.get(&page).await.at("/data/duration");
    let source = "testsrc2=size=320x180:rate=25:duration=3";
    let other = clips::made(
        "three.mp4",
        &["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-g", "25"],
    );
    replaces(&asha, &id, &other).await.is(200);
    kit::until("the new file has taken over", async || {
        let video = asha.get(&page).await;
        video.at("/data/duration") != duration && video.at("/data/status") == "ready"
    })
    .await;
    for address in &old {
        for reader in [&site.anyone(), &asha] {
            reader.get(address).await.refuses(404, "media_not_found");
        }
    }
    let new = files_of(&site, &playlist).await;
    assert_ne!(new, old);
    for address in &new {
        let sent = site.anyone().get(address).await.is(200);
        assert!(sent.header("cache-control").contains("immutable"));
    }
    // A version that never was is none either; without one the file that is there is sent.
    let (plain, _) = new[0].split_once('?').unwrap();
    for version in ["v=", "v=0", "v=999999"] {
        site.anyone()
            .get(&format!("{plain}?{version}"))
            .await
            .refuses(404, "media_not_found");
    }
    let sent = site.anyone().get(plain).await.is(200);
    assert!(!sent.header("cache-control").contains("immutable"));
}
