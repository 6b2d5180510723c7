//! `/api/v1/videos`: publishing, changing and removing, and what a bad upload gets and leaves behind.

mod refused;
mod room;

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::clips::{self, Clip, made};
use crate::kit::wire;
use crate::kit::{self, Answer, Person};

const VIDEOS: &str = "/api/v1/videos";

/// Every field of a video as its owner sees it.
const VIDEO_FIELDS: [&str; 28] = [
    "_id",
    "captions",
    "commentsCount",
    "createdAt",
    "dash",
    "description",
    "duration",
    "height",
    "hls",
    "isLiked",
    "isPublished",
    "keepOriginal",
    "likesCount",
    "owner",
    "progress",
    "publishedAt",
    "resumeAt",
    "status",
    "statusReason",
    "storyboard",
    "tags",
    "thumbnail",
    "title",
    "updatedAt",
    "videoFile",
    "views",
    "visibility",
    "width",
];

/// Every field of the owner on a single video.
const OWNER_FIELDS: [&str; 6] = [
    "_id",
    "avatar",
    "fullName",
    "isSubscribed",
    "subscribersCount",
    "username",
];

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Publishes a form that was built by hand.
async fn sends(person: &Person<'_>, form: Vec<u8>) -> Answer {
    let request = person
        .request(Method::POST, VIDEOS)
        .header("content-type", wire::form_type());
    kit::answer(request.body(form)).await
}

/// Publishes these bytes under a title.
async fn sends_file(person: &Person<'_>, name: &str, bytes: &[u8]) -> Answer {
    let form = wire::form(&[
        wire::text("title", "A clip"),
        wire::file("videoFile", name, bytes),
    ]);
    sends(person, form).await
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).map_or_else(
        |_| Vec::new(),
        |entries| entries.map(|entry| entry.unwrap().path()).collect(),
    )
}

/// No file, no row: as if the upload had never been.
async fn leaves_nothing_behind(person: &Person<'_>) {
    let site = person.site;
    kit::until("nothing of the upload is left", async || {
        entries(&site.data().join("tmp")).is_empty() && entries(&site.objects().join("videos")).is_empty()
    })
    .await;
    let own = person
        .get(&format!("{VIDEOS}?userId={}", person.id))
        .await
        .is(200);
    assert_eq!(own.at("/data/totalDocs"), 0);
    assert_eq!(own.at("/data/docs"), json!([]));
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// One red picture.
fn red() -> Clip {
    made(
        "red.png",
        &["-f", "lavfi", "-i", "color=red:size=640x360", "-frames:v", "1"],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_can_be_published_with_its_fields_in_any_order() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = wire::file("videoFile", "holiday.mp4", &clips::small().bytes());
    let title = wire::text("title", "Two seconds of colour");
    let description = wire::text("description", "First line\nSecond line");
    let tags = wire::text("tags", "Test, #colour,test");
    let again = wire::text("allowDuplicate", "true");
    for parts in [
        vec![
            clip.clone(),
            title.clone(),
            description.clone(),
            tags.clone(),
            again.clone(),
        ],
        vec![
            title.clone(),
            again.clone(),
            clip.clone(),
            tags.clone(),
            description.clone(),
        ],
        vec![again, description, tags, title, clip],
    ] {
        let published = sends(&asha, wire::form(&parts)).await.is(201);
        let video = published.at("/data");
        assert_eq!(keys(&video), VIDEO_FIELDS);
        assert_eq!(keys(&video["owner"]), OWNER_FIELDS);
        assert_eq!(video["title"], "Two seconds of colour");
        assert_eq!(video["description"], "First line\nSecond line");
        assert_eq!(video["tags"], json!(["test", "colour"]));
        assert_eq!(
            (&video["visibility"], &video["isPublished"]),
            (&json!("public"), &json!(true))
        );
        assert_eq!((&video["width"], &video["height"]), (&json!(320), &json!(180)));
        assert!(
            (1.9..2.2).contains(&video["duration"].as_f64().unwrap()),
            "{video}"
        );
        assert_eq!(video["owner"]["username"], "asha");
        assert_eq!((&video["views"], &video["likesCount"]), (&json!(0), &json!(0)));

        let id = published.text_at("/data/_id");
        let seen = asha.get(&format!("{VIDEOS}/{id}")).await.is(200);
        assert_eq!(keys(&seen.at("/data")), VIDEO_FIELDS);
        let own = asha.get(&format!("{VIDEOS}?userId={}", asha.id)).await.is(200);
        assert_eq!(own.at("/data/docs/0/_id"), id.as_str(), "newest first");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_browsers_play_is_watched_by_others_at_once() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .uploads(&clips::small(), &[])
        .await
        .is(201)
        .text_at("/data/_id");
    let seen = site.anyone().get(&format!("{VIDEOS}/{id}")).await.is(200);
    site.anyone().get(&seen.text_at("/data/videoFile")).await.is(200);
    assert!(
        seen.at("/data").get("resumeAt").is_none(),
        "only for who is signed in"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_words_that_are_allowed_are_taken() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tags: Vec<String> = (0..30).map(|n| format!("{n:0>40}")).collect();
    let (title, description) = ("ü".repeat(200), "é".repeat(10_000));
    let tag_list = json!(tags).to_string();
    let fields = [
        ("title", title.as_str()),
        ("description", description.as_str()),
        ("tags", tag_list.as_str()),
    ];
    let video = asha.uploads(&clips::small(), &fields).await.is(201).at("/data");
    assert_eq!(video["title"], title.as_str());
    assert_eq!(video["description"], description.as_str());
    assert_eq!(video["tags"], json!(tags));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thumbnail_that_the_owner_gave_outlives_processing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let parts = [
        wire::text("title", "With a picture"),
        wire::file("thumbnail", "red.png", &red().bytes()),
        wire::file("videoFile", "a.mp4", &clips::small().bytes()),
    ];
    let published = sends(&asha, wire::form(&parts)).await.is(201);
    let (id, given) = (
        published.text_at("/data/_id"),
        published.text_at("/data/thumbnail"),
    );
    let ready = asha.waits_until(&id, "ready").await;
    assert_eq!(ready["thumbnail"], given.as_str(), "processing leaves it alone");
    let picture = site.anyone().get(&given).await.is(200);
    assert_eq!(picture.header("content-type"), "image/jpeg");
    assert!(picture.bytes.starts_with(&[0xff, 0xd8]), "encoded anew");

    // Another one takes its place under another address.
    let parts = [wire::file("thumbnail", "frame.png", &frame().bytes())];
    let request = asha
        .request(Method::PATCH, &format!("{VIDEOS}/{id}"))
        .header("content-type", wire::form_type());
    let changed = kit::answer(request.body(wire::form(&parts))).await.is(200);
    assert_ne!(changed.text_at("/data/thumbnail"), given);
    site.anyone()
        .get(&changed.text_at("/data/thumbnail"))
        .await
        .is(200);
    site.anyone().get(&given).await.is(404);
}

fn frame() -> Clip {
    made(
        "frame.png",
        &["-f", "lavfi", "-i", "testsrc2=size=640x360", "-frames:v", "1"],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_changes_a_video_by_json_and_by_form() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let path = format!("{VIDEOS}/{id}");

    let change = json!({"title": "By JSON", "tags": ["One", "two"], "owner": "someone", "views": 99, "status": "failed"});
    let changed = asha.patch(&path, &change).await.is(200).at("/data");
    assert_eq!(keys(&changed), VIDEO_FIELDS);
    assert_eq!(
        (&changed["title"], &changed["tags"]),
        (&json!("By JSON"), &json!(["one", "two"]))
    );
    assert_eq!(
        (&changed["views"], &changed["status"]),
        (&json!(0), &json!("ready"))
    );
    assert_eq!(changed["owner"]["username"], "asha");
    assert_eq!(changed["description"], "", "what is not sent stays");

    let parts = [
        wire::text("description", "By form"),
        wire::text("tags", "three"),
        wire::text("visibility", "unlisted"),
    ];
    let request = asha
        .request(Method::PATCH, &path)
        .header("content-type", wire::form_type());
    let changed = kit::answer(request.body(wire::form(&parts)))
        .await
        .is(200)
        .at("/data");
    assert_eq!(
        (&changed["title"], &changed["description"]),
        (&json!("By JSON"), &json!("By form"))
    );
    assert_eq!(
        (&changed["tags"], &changed["visibility"]),
        (&json!(["three"]), &json!("unlisted"))
    );
    assert_eq!(asha.get(&path).await.is(200).at("/data/description"), "By form");

    let refused = asha.patch(&path, &json!({"title": ""})).await;
    refused.refuses(400, "invalid_fields").blames("title", "missing");
    let refused = asha.patch(&path, &json!({"visibility": "everyone"})).await;
    refused
        .refuses(400, "invalid_fields")
        .blames("visibility", "unknown");
    asha.patch(&path, &json!({}))
        .await
        .refuses(400, "nothing_to_change");
    asha.patch(&path, &json!({"title": {"$ne": null}}))
        .await
        .refuses(400, "wrong_type");
    asha.patch(&path, &json!({"description": "x".repeat(70_000)}))
        .await
        .is(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_is_toggled_between_private_and_public() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let (path, toggle) = (format!("{VIDEOS}/{id}"), format!("{VIDEOS}/toggle/publish/{id}"));
    let nothing = json!({});
    for public in [false, true, false] {
        let request = asha.request(Method::PATCH, &toggle);
        let video = kit::answer(request).await.is(200).at("/data");
        assert_eq!(video["isPublished"], public);
        assert_eq!(video["visibility"], if public { "public" } else { "private" });
        let seen = site.anyone().get(&path).await;
        assert_eq!(seen.status, if public { 200 } else { 404 });
        let stream = site.anyone().get(&format!("{path}/stream")).await;
        assert_eq!(stream.status, if public { 200 } else { 404 });
    }
    // A body is not needed, and does no harm.
    asha.patch(&toggle, &nothing).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_published_as_not_published_is_private() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha
        .uploads(&clips::small(), &[("isPublished", "false")])
        .await
        .is(201);
    assert_eq!(video.at("/data/visibility"), "private");
    assert_eq!(video.at("/data/isPublished"), false);
    let id = video.text_at("/data/_id");
    asha.waits_until(&id, "ready").await;
    for stranger in [&bela, &site.anyone()] {
        for end in ["", "/stream", "/playback", "/status"] {
            stranger.get(&format!("{VIDEOS}/{id}{end}")).await.is(404);
        }
        for file in [
            "master.m3u8",
            "180p.m3u8",
            "180p.mp4",
            "audio.mp4",
            "source.mp4",
            "progressive.mp4",
        ] {
            stranger.get(&format!("/media/{id}/{file}")).await.is(404);
        }
    }
    asha.get(&format!("{VIDEOS}/{id}/stream")).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_changes_a_video_and_what_is_hidden_stays_hidden() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let public = asha.publishes(&clips::small(), &[]).await;
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let unlisted = asha
        .publishes(&clips::small(), &[("visibility", "unlisted")])
        .await;
    let unknown = "0123456789abcdef01234567";

    for (id, status, code) in [
        (public.as_str(), 403, "not_the_owner"),
        (&private, 404, "video_not_found"),
        (&unlisted, 404, "video_not_found"),
        (unknown, 404, "video_not_found"),
    ] {
        let path = format!("{VIDEOS}/{id}");
        bela.patch(&path, &json!({"title": "Mine"}))
            .await
            .refuses(status, code);
        bela.delete(&path).await.refuses(status, code);
        let toggle = bela.request(Method::PATCH, &format!("{VIDEOS}/toggle/publish/{id}"));
        kit::answer(toggle).await.refuses(status, code);
        bela.post(&format!("{path}/retry"), &json!({}))
            .await
            .refuses(status, code);
        let form = wire::form(&[wire::text("title", "Mine")]);
        let request = bela
            .request(Method::PATCH, &path)
            .header("content-type", wire::form_type());
        kit::answer(request.body(form)).await.refuses(status, code);
        site.anyone().delete(&path).await.refuses(401, "unauthenticated");
    }
    for id in [public, private, unlisted] {
        assert_eq!(
            asha.get(&format!("{VIDEOS}/{id}"))
                .await
                .is(200)
                .at("/data/title"),
            "A clip"
        );
    }
    bela.get(&format!("{VIDEOS}/not-an-id"))
        .await
        .refuses(400, "malformed_id");
    bela.delete(&format!("{VIDEOS}/not-an-id"))
        .await
        .refuses(400, "malformed_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_video_is_gone_with_its_bytes() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let stays = asha.publishes(&clips::small(), &[]).await;
    let video = asha.get(&format!("{VIDEOS}/{id}")).await.is(200);
    let (file, thumbnail) = (video.text_at("/data/videoFile"), video.text_at("/data/thumbnail"));
    site.anyone().get(&file).await.is(200);

    let gone = asha.delete(&format!("{VIDEOS}/{id}")).await.is(200);
    assert_eq!(gone.at("/data"), json!({}));
    for path in [
        format!("{VIDEOS}/{id}"),
        format!("{VIDEOS}/{id}/stream"),
        format!("{VIDEOS}/{id}/playback"),
        format!("/media/{id}/master.m3u8"),
        format!("/media/{id}/180p.mp4"),
        file,
        thumbnail,
    ] {
        asha.get(&path).await.is(404);
    }
    asha.delete(&format!("{VIDEOS}/{id}"))
        .await
        .refuses(404, "video_not_found");
    let folder = |id: &str| site.objects().join("videos").join(id);
    kit::until("the bytes are gone", async || !folder(&id).exists()).await;
    assert!(folder(&stays).exists());
    let mine = asha.get(&format!("{VIDEOS}?userId={}", asha.id)).await.is(200);
    assert_eq!(mine.at("/data/totalDocs"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_deleted_while_it_is_processed_leaves_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for clip in [clips::small(), clips::hevc()] {
        let id = asha.uploads(&clip, &[]).await.is(201).text_at("/data/_id");
        asha.delete(&format!("{VIDEOS}/{id}")).await.is(200);
        asha.get(&format!("{VIDEOS}/{id}")).await.is(404);
    }
    leaves_nothing_behind(&asha).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_failed_is_tried_again() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let retry = format!("{VIDEOS}/{id}/retry");
    asha.post(&retry, &json!({})).await.refuses(409, "not_failed");
    site.anyone()
        .post(&retry, &json!({}))
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_that_no_browser_plays_is_encoded_and_streams() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for clip in [clips::screen(), clips::hevc()] {
        let uploaded = asha.uploads(&clip, &[]).await.is(201);
        let id = uploaded.text_at("/data/_id");
        let early = site.anyone().get(&format!("{VIDEOS}/{id}")).await;
        assert!(
            early.status == 404 || early.json["data"]["status"] == "ready",
            "others see it when it is watchable: {}",
            early.json
        );
        asha.waits_until(&id, "ready").await;
        let video = site.anyone().get(&format!("{VIDEOS}/{id}")).await.is(200);
        assert!(video.text_at("/data/videoFile").contains("/progressive.mp4"));
        let file = site.anyone().get(&video.text_at("/data/videoFile")).await.is(200);
        assert_eq!(file.header("content-type"), "video/mp4");
        assert_eq!(&file.bytes[4..8], b"ftyp");
        let master = site.anyone().get(&video.text_at("/data/hls")).await.is(200);
        assert!(master.bytes.starts_with(b"#EXTM3U"));
        let playback = site
            .anyone()
            .get(&format!("{VIDEOS}/{id}/playback"))
            .await
            .is(200);
        assert_eq!(
            playback.at("/data/renditions").as_array().unwrap().len(),
            3,
            "two sizes of the picture, and the sound"
        );
        let source = clip.name.rsplit('.').next().unwrap();
        site.anyone()
            .get(&format!("/media/{id}/source.{source}"))
            .await
            .is(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_filmed_upright_is_upright() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let uploaded = asha.uploads(&clips::phone(), &[]).await.is(201);
    assert_eq!(
        (uploaded.at("/data/width"), uploaded.at("/data/height")),
        (json!(360), json!(640))
    );
    let ready = asha.waits_until(&uploaded.text_at("/data/_id"), "ready").await;
    assert_eq!((&ready["width"], &ready["height"]), (&json!(360), &json!(640)));
}

/// Where the clips below say that they were filmed.
const PLACE: &str = "+48.8577+002.2950/";

#[tokio::test(flavor = "multi_thread")]
async fn where_a_clip_was_filmed_is_in_no_byte_that_the_public_gets() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let (flat, film) = (clips::small().path, clips::hevc().path);
    let (flat, film) = (flat.display().to_string(), film.display().to_string());
    let location = format!("location={PLACE}");
    let apple = format!("com.apple.quicktime.location.ISO6709={PLACE}");
    let copy = ["-c", "copy", "-metadata"];
    let android = made(
        "gps-android.mp4",
        &[&["-i", &flat], &copy[..], &[&location]].concat(),
    );
    let phone = made(
        "gps-apple.mp4",
        &[
            &["-i", &flat],
            &copy[..],
            &[&apple, "-movflags", "use_metadata_tags"],
        ]
        .concat(),
    );
    let quicktime = made("gps.mov", &[&["-i", &flat], &copy[..], &[&location]].concat());
    let matroska = made("gps.mkv", &[&["-i", &film], &copy[..], &[&location]].concat());
    // The box of numbers that MP4 has for it: 16.16 fixed point, longitude before latitude.
    let numbers = [2.295_f64, 48.8577]
        .map(|degrees| ((degrees * 65536.0) as i32).to_be_bytes())
        .concat();
    for (clip, needle) in [
        (android, &numbers[..7]),
        (phone, PLACE.as_bytes()),
        (quicktime, PLACE.as_bytes()),
        (matroska, PLACE.as_bytes()),
    ] {
        let clean = |bytes: &[u8]| {
            !contains(bytes, needle) && !contains(bytes, b"48.85") && !contains(bytes, &numbers[..7])
        };
        assert!(
            contains(&clip.bytes(), needle),
            "{}: the fixture has a location",
            clip.name
        );
        let id = asha.uploads(&clip, &[]).await.is(201).text_at("/data/_id");
        // At once, and when it is ready.
        for ready in [false, true] {
            if ready {
                asha.waits_until(&id, "ready").await;
            }
            let mut served = 0;
            for path in [
                format!("{VIDEOS}/{id}"),
                format!("{VIDEOS}/{id}/stream"),
                format!("{VIDEOS}/{id}/playback"),
                format!("/media/{id}/source.mp4"),
                format!("/media/{id}/source.mov"),
                format!("/media/{id}/source.mkv"),
                format!("/media/{id}/progressive.mp4"),
                format!("/media/{id}/180p.mp4"),
                format!("/media/{id}/240p.mp4"),
                format!("/media/{id}/360p.mp4"),
                format!("/media/{id}/audio.mp4"),
                format!("/media/{id}/master.m3u8"),
                format!("/media/{id}/manifest.mpd"),
            ] {
                let answer = site.anyone().get(&path).await;
                assert!(clean(&answer.bytes), "{} at {path}", clip.name);
                served += usize::from(answer.status == 200);
            }
            assert!(!ready || served >= 7, "{}: {served}", clip.name);
            let video = site.anyone().get(&format!("{VIDEOS}/{id}")).await;
            if let Some(thumbnail) = video.json["data"]["thumbnail"].as_str() {
                assert!(clean(&site.anyone().get(thumbnail).await.is(200).bytes));
            }
        }
    }
}
