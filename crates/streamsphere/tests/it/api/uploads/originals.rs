//! `keepOriginal`: whether the file that was uploaded stays, said for one video, at the upload or later.

use media::ladder::COPY_NAME;
use model::{Clock, Millis};
use reqwest::Method;
use serde_json::{Value, json};
use store::renditions::{self, RenditionRow};

use super::{Tus, UPLOADS, V, metadata};
use crate::kit::{self, Answer, Person, Site, clips};

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

/// What a player asks for that jumps to another place.
async fn seeks(person: &Person<'_>, url: &str, tag: &str) -> Answer {
    let request = person
        .request(Method::GET, url)
        .header("range", "bytes=1000-1999");
    kit::answer(request.header("if-range", tag)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_plays_an_original_that_is_dropped_plays_on_while_its_bytes_stay() {
    let site = kit::with_clock(Clock::manual(Millis(1_780_000_000_000)))
        .start()
        .await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let id = asha.publishes(&clips::small(), &[]).await;
    let page = format!("/api/v1/videos/{id}");
    let plays = video(&site.anyone(), &id).await["videoFile"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(plays.contains("/source.mp4"), "{plays}");
    let tag = site.anyone().get(&plays).await.is(200).header("etag").to_owned();
    asha.patch(&page, &json!({"keepOriginal": false})).await.is(200);
    kit::until("the original is gone", async || !has_original(&asha, &id).await).await;
    assert_ne!(video(&site.anyone(), &id).await["videoFile"], plays);

    let bytes = clips::small().bytes();
    for person in [&site.anyone(), &ben, &asha] {
        let more = seeks(person, &plays, &tag).await.is(206);
        assert_eq!(more.bytes, bytes[1000..2000]);
        // It is not for caches any more.
        assert_eq!(more.header("cache-control"), "public, max-age=0, must-revalidate");
    }
    // It is as hidden as the video is.
    asha.patch(&page, &json!({"visibility": "private"})).await.is(200);
    for person in [&site.anyone(), &ben] {
        seeks(person, &plays, &tag).await.refuses(404, "media_not_found");
    }
    asha.patch(&page, &json!({"visibility": "public"})).await.is(200);
    seeks(&site.anyone(), &plays, &tag).await.is(206);
    site.clock.advance(15 * 60_000);
    seeks(&site.anyone(), &plays, &tag)
        .await
        .refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_that_only_its_owner_might_have_is_nobody_elses_when_it_is_dropped() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let id = asha.publishes(&clips::screen(), &[]).await;
    let source = format!("/media/{id}/source.webm");
    let sent = asha.get(&source).await.is(200);
    let tag = sent.header("etag");
    let page = format!("/api/v1/videos/{id}");
    asha.patch(&page, &json!({"keepOriginal": false})).await.is(200);
    kit::until("the original is gone", async || !has_original(&asha, &id).await).await;
    let more = seeks(&asha, &source, tag).await.is(206);
    assert_eq!(more.bytes, sent.bytes[1000..2000]);
    for person in [&site.anyone(), &ben] {
        seeks(person, &source, tag).await.refuses(404, "media_not_found");
    }
    asha.delete(&page).await.is(200);
    seeks(&asha, &source, tag).await.refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_shown_for_the_meantime_is_not_taken_for_the_original() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::phone(), &[]).await;
    let (app, video) = (&site.server.app, id.parse().unwrap());
    let made = renditions::list(&mut app.core.store.read(), video, 0)
        .await
        .unwrap();
    let rung = made.iter().find(|row| row.name == "360p").unwrap();
    // As it is until the ladder is complete.
    let copy = RenditionRow {
        name: COPY_NAME.to_owned(),
        ..rung.clone()
    };
    let mut tx = app.core.store.write().await.unwrap();
    renditions::save(&mut tx, &copy).await.unwrap();
    tx.commit().await.unwrap();
    app.playback.forget(video);
    let playlist = site
        .anyone()
        .get(&format!("/media/{id}/{COPY_NAME}.m3u8"))
        .await
        .is(200);
    let playlist = String::from_utf8(playlist.bytes).unwrap();
    let file = playlist
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\"")?.split('"').next())
        .unwrap();
    let served = site.anyone().get(&format!("/media/{id}/{file}")).await.is(200);
    let rung = site.anyone().get(&format!("/media/{id}/360p.mp4")).await.is(200);
    assert!(served.bytes == rung.bytes, "{file}");
}
