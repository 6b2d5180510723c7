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
