//! `keepOriginal`: whether the file that was uploaded stays, said for one video, at the upload or later.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Tus, UPLOADS, V, metadata};
use crate::kit::{self, Person, Site, clips};

async fn video(person: &Person<'_>, id: &str) -> Value {
    person
        .get(&format!("/api/v1/videos/{id}"))
        .await
        .is(200)
        .at("/data")
}

async fn has_original(owner: &Person<'_>, id: &str) -> bool {
    let answer = owner
        .get(&format!("/api/v1/videos/{id}/download?rendition=original"))
        .await;
    if answer.status == 404 {
        answer.refuses(404, "download_not_found");
        return false;
    }
    answer.is(200);
    true
}

/// Bytes that the rows say are stored, and those that are.
async fn counts_what_is_there(site: &Site, owner: &Person<'_>) {
    let findings = app::doctor::examine(&site.server.app, false).await.unwrap();
    assert_eq!(findings, []);
    let said = owner.get("/api/v1/users/storage").await.at("/data/usedBytes");
    let mut tx = site.server.app.core.store.read();
    let counted = tx
        .one(
            "SELECT coalesce(sum(CASE WHEN source_key IS NULL THEN 0 ELSE source_bytes END + progressive_bytes), 0) \
             + (SELECT coalesce(sum(size_bytes), 0) FROM renditions) FROM videos",
            &store::params![],
            |row| row.int(0),
        )
        .await
        .unwrap();
    assert_eq!(said.as_i64(), counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_stays_or_goes_as_its_owner_says_at_the_upload() {
    let site = kit::with("keep_originals", "true").start().await;
    let asha = site.person("asha").await;
    // One that browsers play as it is, and one that they do not.
    for clip in [clips::small(), clips::hevc()] {
        let kept = asha.publishes(&clip, &[]).await;
        let dropped = asha.publishes(&clip, &[("keepOriginal", "false")]).await;
        assert_eq!(video(&asha, &kept).await["keepOriginal"], true);
        assert_eq!(video(&asha, &dropped).await["keepOriginal"], false);
        assert!(has_original(&asha, &kept).await);
        assert!(!has_original(&asha, &dropped).await);
        let plays = video(&asha, &dropped).await["videoFile"].clone();
        site.anyone().get(plays.as_str().unwrap()).await.is(200);
        assert!(video(&site.anyone(), &kept).await.get("keepOriginal").is_none());
    }
    counts_what_is_there(&site, &asha).await;
    asha.uploads(&clips::small(), &[("keepOriginal", "perhaps")])
        .await
        .refuses(400, "invalid_fields")
        .blames("keepOriginal", "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_originals_go_one_video_may_keep_its_own() {
    let site = kit::with("keep_originals", "false").start().await;
    let asha = site.person("asha").await;
    let gone = asha.publishes(&clips::small(), &[]).await;
    let kept = asha.publishes(&clips::small(), &[("keepOriginal", "true")]).await;
    assert!(!has_original(&asha, &gone).await);
    assert!(has_original(&asha, &kept).await);
    // By tus, too.
    let tus = Tus::by(&asha);
    let clip = clips::screen().bytes();
    let said = metadata(&[("filename", "screen.webm"), ("keepOriginal", "true")]);
    let upload = tus.creates(clip.len(), &said).await;
    let reply = tus.adds(&upload, 0, &clip).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    let id = reply.field("streamsphere-video-id").to_owned();
    asha.waits_until(&id, "ready").await;
    assert!(has_original(&asha, &id).await);
    let wrong = metadata(&[("filename", "screen.webm"), ("keepOriginal", "1")]);
    let told = format!("Upload-Metadata: {wrong}");
    let reply = tus
        .says("POST", UPLOADS, &[V, "Upload-Length: 10", &told], b"")
        .await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    counts_what_is_there(&site, &asha).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_that_was_kept_can_go_later_and_the_video_plays_on() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    for clip in [clips::small(), clips::hevc()] {
        let id = asha.publishes(&clip, &[]).await;
        assert!(has_original(&asha, &id).await);
        let path = format!("/api/v1/videos/{id}");
        ben.patch(&path, &json!({"keepOriginal": false}))
            .await
            .refuses(403, "not_the_owner");
        let changed = asha.patch(&path, &json!({"keepOriginal": false})).await.is(200);
        assert_eq!(changed.at("/data/keepOriginal"), false);
        kit::until("the original is gone", async || !has_original(&asha, &id).await).await;
        // A file of its own has taken the place of an original that was itself what played.
        let plays = video(&site.anyone(), &id).await["videoFile"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(plays.contains("/progressive.mp4"), "{plays}");
        site.anyone().get(&plays).await.is(200);
        let stream = site
            .anyone()
            .get(&format!("/api/v1/videos/{id}/stream"))
            .await
            .is(200);
        assert_eq!(stream.header("content-type"), "video/mp4");
        // Asking again changes nothing; a form says it in words.
        let form = reqwest::multipart::Form::new().text("keepOriginal", "false");
        kit::answer(asha.request(Method::PATCH, &path).multipart(form))
            .await
            .is(200);
        let form = reqwest::multipart::Form::new().text("keepOriginal", "no");
        kit::answer(asha.request(Method::PATCH, &path).multipart(form))
            .await
            .refuses(400, "invalid_fields")
            .blames("keepOriginal", "unknown");
        asha.patch(&path, &json!({"keepOriginal": "false"})).await.is(400);
    }
    counts_what_is_there(&site, &asha).await;
}
