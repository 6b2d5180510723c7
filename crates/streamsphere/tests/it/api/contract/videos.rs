//! Section 3: videos, their bytes, and uploads over several requests.

use base64::Engine;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{NO_SUCH_ID, assert_items, enveloped, gives, is_paged};
use crate::kit::rows::{add, row};
use crate::kit::{self, Answer, Person, clips};

const VIDEOS: &str = "/api/v1/videos";

async fn publishes(person: &Person<'_>, form: Form) -> Answer {
    kit::answer(person.request(Method::POST, VIDEOS).multipart(form)).await
}

fn file() -> Part {
    Part::bytes(clips::small().bytes()).file_name("clip.mp4")
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_takes_a_form_in_any_order_and_gives_a_probed_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let form = Form::new()
        .text("visibility", "unlisted")
        .part("videoFile", file())
        .text("tags", "sea, ship")
        .text("description", "Words")
        .text("title", "A clip");
    let video = gives(publishes(&asha, form).await, 201, "single_own_video");
    assert!(video["duration"].as_f64().unwrap() > 1.0, "probed: {video}");
    assert_eq!(video["tags"], json!(["sea", "ship"]));
    let older = Form::new()
        .text("isPublished", "false")
        .text("title", "Another")
        .text("allowDuplicate", "true")
        .part("videoFile", file());
    let hidden = gives(publishes(&asha, older).await, 201, "single_own_video");
    assert_eq!(
        (&hidden["visibility"], &hidden["isPublished"]),
        (&json!("private"), &json!(false))
    );

    let no_file = publishes(&asha, Form::new().text("title", "A clip"))
        .await
        .is(400);
    assert_eq!(no_file.at("/errors/0/field"), "videoFile");
    let no_title = publishes(&asha, Form::new().part("videoFile", file()))
        .await
        .is(400);
    assert_eq!(no_title.at("/errors/0/field"), "title");
    let no_video = Part::bytes(b"no video at all".to_vec()).file_name("clip.mp4");
    publishes(&asha, Form::new().text("title", "A").part("videoFile", no_video))
        .await
        .is(415);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_is_read_changed_and_removed_in_the_forms_of_the_contract() {
    let site = kit::site().await;
    let (asha, bela, anyone) = (
        site.person("asha").await,
        site.person("bela").await,
        site.anyone(),
    );
    let id = asha.publishes(&clips::small(), &[]).await;
    let one = format!("{VIDEOS}/{id}");
    for path in [one.clone(), format!("{VIDEOS}/v/{id}")] {
        gives(asha.get(&path).await, 200, "single_own_video");
        gives(bela.get(&path).await, 200, "single_seen_video");
        let video = gives(anyone.get(&path).await, 200, "single_video");
        for link in ["videoFile", "hls", "thumbnail"] {
            assert!(video[link].is_string(), "{link}: {video}");
        }
        assert_eq!(video["views"], 0, "reading never counts a view");
    }
    let status = enveloped(anyone.get(&format!("{one}/status")).await, 200);
    assert_eq!(
        (&status["status"], &status["progress"]),
        (&json!("ready"), &json!(1.0))
    );
    for person in [&bela, &anyone] {
        gives(person.get(&format!("{one}/playback")).await, 200, "playback");
    }
    gives(
        asha.get(&format!("{one}/playback")).await,
        200,
        "playback original:url",
    );

    let track = asha
        .request(Method::PUT, &format!("{one}/captions/en"))
        .header("content-type", "text/vtt")
        .body("WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n");
    gives(kit::answer(track).await, 201, "caption");
    gives(anyone.get(&format!("{one}/captions/en")).await, 200, "caption");
    assert_items(
        &enveloped(anyone.get(&format!("{one}/captions")).await, 200),
        "caption",
        "tracks",
    );
    assert_items(
        &anyone.get(&one).await.at("/data/captions"),
        "caption",
        "tracks of a video",
    );
    bela.delete(&format!("{one}/captions/en")).await.is(403);
    assert_eq!(
        enveloped(asha.delete(&format!("{one}/captions/en")).await, 200),
        json!({})
    );
    anyone.get(&format!("{one}/captions/en")).await.is(404);

    let words = json!({"title": "Another", "description": "Words", "tags": ["a"], "visibility": "unlisted"});
    gives(asha.patch(&one, &words).await, 200, "single_own_video");
    let form = Form::new().text("title", "By form").text("visibility", "public");
    let by_form = kit::answer(asha.request(Method::PATCH, &one).multipart(form)).await;
    gives(by_form, 200, "single_own_video");
    bela.patch(&one, &words).await.is(403);
    for wrong in [
        json!({"title": ""}),
        json!({"title": "x".repeat(201)}),
        json!({"description": "x".repeat(10_001)}),
        json!({"visibility": "secret"}),
        json!({"tags": (0..31).map(|n| n.to_string()).collect::<Vec<_>>()}),
        json!({"tags": ["x".repeat(41)]}),
    ] {
        asha.patch(&one, &wrong).await.is(400);
    }
    asha.post(&format!("{one}/retry"), &json!({})).await.is(409);

    let toggle = format!("{VIDEOS}/toggle/publish/{id}");
    bela.patch(&toggle, &json!({})).await.is(403);
    let hidden = gives(asha.patch(&toggle, &json!({})).await, 200, "single_own_video");
    assert_eq!(
        (&hidden["visibility"], &hidden["isPublished"]),
        (&json!("private"), &json!(false))
    );
    for person in [&bela, &anyone] {
        person.get(&one).await.refuses(404, "video_not_found");
    }
    bela.patch(&toggle, &json!({})).await.is(404);
    let signed = gives(
        asha.get(&format!("{one}/playback")).await,
        200,
        "playback original:url expiresAt:time",
    );
    assert!(signed["hls"].is_string());
    let shown = gives(asha.patch(&toggle, &json!({})).await, 200, "single_own_video");
    assert_eq!(shown["visibility"], "public");

    bela.delete(&one).await.is(403);
    assert_eq!(enveloped(asha.delete(&one).await, 200), json!({}));
    asha.delete(&one).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn videos_are_listed_by_page_and_by_cursor_in_every_order() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut rows: Vec<_> = ["One", "Two", "Three"]
        .map(|title| row(&site, &asha, title))
        .into();
    for row in &mut rows {
        row.tags = vec!["sea".to_owned()];
    }
    add(&site, &rows).await;
    let labels = ["docs", "videos"];
    is_paged(&site.anyone(), VIDEOS, &labels, &["totalVideos"], "video").await;
    is_paged(&bela, VIDEOS, &labels, &["totalVideos"], "seen_video").await;
    is_paged(&asha, VIDEOS, &labels, &["totalVideos"], "own_video").await;
    for sort_by in ["createdAt", "views", "duration", "title", "likesCount"] {
        for sort_type in ["asc", "desc"] {
            let path = format!("{VIDEOS}?sortBy={sort_by}&sortType={sort_type}");
            is_paged(&bela, &path, &labels, &["totalVideos"], "seen_video").await;
        }
    }
    for filter in [
        format!("userId={}", asha.id),
        "tag=sea".to_owned(),
        "query=two".to_owned(),
    ] {
        is_paged(
            &bela,
            &format!("{VIDEOS}?{filter}"),
            &labels,
            &["totalVideos"],
            "seen_video",
        )
        .await;
    }
    for wrong in ["sortBy=owner", "sortType=up", "userId=me", "page=0"] {
        bela.get(&format!("{VIDEOS}?{wrong}")).await.is(400);
    }
    let related = format!("{VIDEOS}/{}/related", rows[0].id);
    assert_items(&enveloped(bela.get(&related).await, 200), "seen_video", "related");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_of_a_video_answers_ranges_and_conditions() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let stream = format!("{VIDEOS}/{id}/stream");
    let asks = async |method: Method, headers: &[(&str, &str)]| {
        let mut request = site.request(method, &stream);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        kit::answer(request).await
    };
    let whole = asks(Method::GET, &[]).await.is(200);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let tag = whole.header("etag").to_owned();
    let head = asks(Method::HEAD, &[]).await.is(200);
    assert_eq!(head.header("content-length"), whole.bytes.len().to_string());
    let part = asks(Method::GET, &[("range", "bytes=0-9")]).await.is(206);
    assert_eq!(part.bytes, whole.bytes[..10]);
    asks(Method::GET, &[("range", "bytes=0-9"), ("if-range", &tag)])
        .await
        .is(206);
    asks(Method::GET, &[("range", "bytes=0-9"), ("if-range", "\"other\"")])
        .await
        .is(200);
    asks(Method::GET, &[("if-none-match", &tag)]).await.is(304);
    asks(Method::GET, &[("range", "bytes=99999999-")]).await.is(416);
    site.anyone()
        .get(&format!("{VIDEOS}/{NO_SUCH_ID}/stream"))
        .await
        .is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_by_tus_says_at_its_end_which_video_it_became() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let uploads = "/api/v1/uploads";
    let offered = kit::answer(asha.request(Method::OPTIONS, uploads)).await.is(204);
    let extensions = offered.header("tus-extension");
    for extension in [
        "creation",
        "creation-with-upload",
        "termination",
        "checksum",
        "expiration",
        "creation-defer-length",
    ] {
        assert!(
            extensions.split(',').any(|known| known.trim() == extension),
            "{extension}: {extensions}"
        );
    }
    let text = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let metadata = format!(
        "filename {},title {},description {},visibility {},tags {}",
        text("clip.mp4"),
        text("By tus"),
        text("Words"),
        text("unlisted"),
        text("sea,ship")
    );
    let bytes = clips::small().bytes();
    let begun = asha
        .request(Method::POST, uploads)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", bytes.len())
        .header("upload-metadata", metadata)
        .header("content-type", "application/offset+octet-stream")
        .body(bytes);
    let done = kit::answer(begun).await.is(201);
    let id = done.header("streamsphere-video-id");
    let video: Value = gives(asha.get(&format!("{VIDEOS}/{id}")).await, 200, "single_own_video");
    assert_eq!(
        [&video["title"], &video["description"], &video["visibility"]],
        ["By tus", "Words", "unlisted"]
    );
    assert_eq!(video["tags"], json!(["sea", "ship"]));
}
