//! `/api/v1/videos`: publishing, changing and removing, and what a bad upload gets and leaves behind.

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::clips::{self, Clip, made};
use crate::kit::wire::{self, Wire};
use crate::kit::{self, Answer, Person, Site};

const VIDEOS: &str = "/api/v1/videos";

/// Every field of a video as its owner sees it.
const VIDEO_FIELDS: [&str; 27] = [
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

/// The head of an upload, as far as the fields that say how long it is.
fn head(person: &Person<'_>, framing: &str) -> String {
    format!(
        "Authorization: Bearer {}\r\nContent-Type: {}\r\n{framing}",
        person.token.as_deref().unwrap(),
        wire::form_type()
    )
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
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
    for parts in [
        vec![clip.clone(), title.clone(), description.clone(), tags.clone()],
        vec![title.clone(), clip.clone(), tags.clone(), description.clone()],
        vec![description, tags, title, clip],
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
async fn what_is_wrong_with_the_words_of_an_upload_is_said_by_field() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = wire::file("videoFile", "a.mp4", &clips::small().bytes());

    let no_title = sends(&asha, wire::form(std::slice::from_ref(&clip))).await;
    no_title.refuses(400, "invalid_fields").blames("title", "missing");
    let no_file = sends(&asha, wire::form(&[wire::text("title", "No file")])).await;
    no_file
        .refuses(400, "invalid_fields")
        .blames("videoFile", "missing");

    let many = (0..31).map(|n| format!("tag{n}")).collect::<Vec<_>>().join(",");
    for (field, value, code) in [
        ("title", "x".repeat(201), "too_long"),
        ("title", " \t ".to_owned(), "missing"),
        ("title", "a\u{0}b".to_owned(), "control_character"),
        ("title", "a\u{202e}b".to_owned(), "control_character"),
        ("description", "x".repeat(10_001), "too_long"),
        ("tags", "x".repeat(41), "too_long"),
        ("tags", many, "too_many"),
        ("visibility", "secret".to_owned(), "unknown"),
    ] {
        let mut parts = vec![wire::text(field, &value), clip.clone()];
        if field != "title" {
            parts.push(wire::text("title", "A clip"));
        }
        let answer = sends(&asha, wire::form(&parts)).await;
        answer.refuses(400, "invalid_fields").blames(field, code);
    }
    let both = [
        wire::text("title", &"x".repeat(201)),
        wire::text("visibility", "secret"),
        clip,
    ];
    let both = sends(&asha, wire::form(&both))
        .await
        .refuses(400, "invalid_fields");
    assert_eq!(
        both.at("/errors").as_array().unwrap().len(),
        2,
        "all of it is said at once"
    );
    leaves_nothing_behind(&asha).await;
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
async fn a_form_has_at_most_twenty_parts() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bytes = clips::small().bytes();
    let with_extras = |extras: usize| {
        let mut parts: Vec<Vec<u8>> = (0..extras)
            .map(|n| wire::text(&format!("extra{n}"), "x"))
            .collect();
        parts.push(wire::text("title", "Old clients send more than is read"));
        parts.push(wire::file("videoFile", "a.mp4", &bytes));
        wire::form(&parts)
    };
    sends(&asha, with_extras(19)).await.refuses(413, "too_many_parts");
    leaves_nothing_behind(&asha).await;
    sends(&asha, with_extras(18)).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_breaks_the_rules_is_refused_and_leaves_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bytes = clips::small().bytes();
    let (title, clip) = (
        wire::text("title", "A clip"),
        wire::file("videoFile", "a.mp4", &bytes),
    );

    let twice = wire::form(&[title.clone(), clip.clone(), clip.clone()]);
    sends(&asha, twice).await.refuses(400, "repeated_part");
    let wordy = wire::form(&[
        wire::text("description", &"x".repeat((1 << 20) + 1)),
        title.clone(),
    ]);
    sends(&asha, wordy).await.refuses(413, "body_too_large");
    let not_text = wire::form(&[
        [wire::text("description", "a").as_slice(), b"\xff\xfe\r\n"].concat(),
        title.clone(),
    ]);
    assert_eq!(sends(&asha, not_text).await.status, 400);

    let whole = wire::form(&[title, clip]);
    for boundary in [
        String::new(),
        "; boundary=".to_owned(),
        "; boundary=\"\"".to_owned(),
        format!("; boundary={}", "b".repeat(71)),
        "; boundary=another-one".to_owned(),
    ] {
        let request = asha
            .request(Method::POST, VIDEOS)
            .header("content-type", format!("multipart/form-data{boundary}"));
        let answer = kit::answer(request.body(whole.clone())).await.is(400);
        assert!(
            ["bad_boundary", "bad_form"].contains(&answer.text_at("/code").as_str()),
            "{boundary}: {}",
            answer.json
        );
    }
    asha.post(VIDEOS, &json!({"title": "No form"}))
        .await
        .refuses(415, "not_multipart");

    // Cut off in the head of a part, in the file, and before the last boundary.
    for end in [30, 130, whole.len() / 2, whole.len() - 20, whole.len() - 4] {
        sends(&asha, whole[..end].to_vec()).await.refuses(400, "bad_form");
    }
    leaves_nothing_behind(&asha).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_video_is_refused_and_leaves_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let zip = [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), &[7; 3000]].concat();
    let picture = red().bytes();
    let page = b"<!doctype html><html><body><script>alert(1)</script></body></html>".as_slice();
    for (name, bytes) in [
        (
            "notes.txt",
            b"Dear diary, today I did not film anything.".as_slice(),
        ),
        ("data.json", br#"{"title":"not a video"}"#),
        ("page.html", page),
        ("picture.png", &picture),
        ("archive.zip", &zip),
        ("one-byte.mp4", b"x"),
        ("zeros.mp4", &[0; 100_000]),
        ("picture-named.mp4", &picture),
    ] {
        let answer = sends_file(&asha, name, bytes).await;
        assert_eq!(answer.status, 415, "{name}: {}", answer.json);
        answer.refuses(415, "not_a_video");
    }
    sends_file(&asha, "empty.mp4", b"")
        .await
        .refuses(422, "empty_file");

    let tone = ["-f", "lavfi", "-i", "sine=duration=1"];
    for name in ["song.m4a", "song.ogg", "song.mka"] {
        let song = made(name, &tone).bytes();
        sends_file(&asha, name, &song)
            .await
            .refuses(422, "no_video_stream");
    }
    let song = made("song.mp3", &tone).bytes();
    sends_file(&asha, "song.mp3", &song)
        .await
        .refuses(415, "not_a_video");
    leaves_nothing_behind(&asha).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_was_cut_off_never_ends_as_more_than_it_is() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let late = clips::small().bytes();
    sends_file(&asha, "no-index.mp4", &late[..late.len() / 2])
        .await
        .refuses(415, "not_a_video");
    leaves_nothing_behind(&asha).await;

    let small = clips::small().path.display().to_string();
    let early = made(
        "small-front.mp4",
        &["-i", &small, "-c", "copy", "-movflags", "+faststart"],
    )
    .bytes();
    let index_at = early.windows(4).position(|kind| kind == b"mdat").unwrap();
    // Nothing but the index; a little media; half of it.
    for end in [index_at + 4, index_at + 600, early.len() / 2] {
        let answer = sends_file(&asha, "cut.mp4", &early[..end]).await;
        if answer.status == 415 || answer.status == 422 {
            continue;
        }
        let id = answer.is(201).text_at("/data/_id");
        let video = ends(&asha, &id).await;
        if video["status"] == "ready" {
            // What can be saved of it plays.
            let hls = video["hls"].as_str().unwrap();
            site.anyone().get(hls).await.is(200);
        } else {
            assert_eq!(video["status"], "rejected", "{end}: {video}");
            let reason = video["statusReason"].as_str().unwrap();
            assert!(reason.starts_with("The file"), "{reason}");
            assert!(!reason.contains("ffmpeg") && !reason.contains('/'), "{reason}");
            site.anyone()
                .get(&format!("{VIDEOS}/{id}"))
                .await
                .refuses(404, "video_not_found");
        }
    }
}

/// Waits until a video is not being processed any more; answers it.
async fn ends(person: &Person<'_>, id: &str) -> Value {
    let path = format!("{VIDEOS}/{id}");
    let mut video = Value::Null;
    kit::until("processing has ended", async || {
        video = person.get(&path).await.is(200).at("/data");
        video["status"] != "processing"
    })
    .await;
    video
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_says_it_is_too_large_is_refused_before_it_is_read() {
    let site = kit::with("max_upload_bytes", "100000").start().await;
    let asha = site.person("asha").await;
    for expect in ["", "Expect: 100-continue\r\n"] {
        let mut wire = Wire::to(&site).await;
        let framing = format!("Content-Length: 99999999\r\n{expect}");
        wire.asks("POST", VIDEOS, &head(&asha, &framing)).await;
        let reply = wire.answer("POST").await;
        assert_eq!(reply.status, 413, "{}", reply.text());
        assert!(reply.text().contains("upload_too_large"));
    }
    leaves_nothing_behind(&asha).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_turns_out_too_large_is_refused_at_the_first_byte_over_the_limit() {
    let site = kit::with("max_upload_bytes", "100000").start().await;
    let asha = site.person("asha").await;

    let mut wire = Wire::to(&site).await;
    wire.asks("POST", VIDEOS, &head(&asha, "Transfer-Encoding: chunked\r\n"))
        .await;
    let begin = [
        wire::text("title", "Long"),
        wire::file_begins("videoFile", "a.mp4"),
    ]
    .concat();
    wire.says(chunk(&begin)).await;
    wire.says(chunk(&[7; 60_000])).await;
    // A parser holds back what could begin a boundary, so a little more than one byte over.
    wire.says(chunk(&[7; 40_200])).await;
    let reply = wire.answer("POST").await;
    assert_eq!(reply.status, 413, "{}", reply.text());
    assert!(reply.text().contains("upload_too_large"));

    // The same with a length that leaves room for the rest of a form.
    sends_file(&asha, "a.mp4", &[7; 100_001])
        .await
        .refuses(413, "upload_too_large");
    // What fits is looked at.
    sends_file(&asha, "a.mp4", &[7; 100_000])
        .await
        .refuses(415, "not_a_video");
    leaves_nothing_behind(&asha).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_in_the_middle_leaves_nothing_behind() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let begin = [
        wire::text("title", "Gone"),
        wire::file_begins("videoFile", "a.mp4"),
    ]
    .concat();
    let media = clips::small().bytes();
    for framing in ["Content-Length: 50000000\r\n", "Transfer-Encoding: chunked\r\n"] {
        let chunked = framing.starts_with('T');
        let mut wire = Wire::to(&site).await;
        wire.asks("POST", VIDEOS, &head(&asha, framing)).await;
        let begin = if chunked { chunk(&begin) } else { begin.clone() };
        wire.says(begin).await;
        for _ in 0..20 {
            wire.says(if chunked { chunk(&media) } else { media.clone() })
                .await;
        }
        kit::until("the upload has begun", async || {
            !entries(&site.data().join("tmp")).is_empty()
        })
        .await;
        drop(wire);
        leaves_nothing_behind(&asha).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_leave_the_reserve_on_the_disk_alone() {
    let site = kit::with("disk_reserve_bytes", "9000000000000000").start().await;
    let asha = site.person("asha").await;
    let refused = asha.uploads(&clips::small(), &[]).await.refuses(507, "no_space");
    assert!(!refused.header("retry-after").is_empty());
    leaves_nothing_behind(&asha).await;
}

/// A file system of its own, unmounted when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    #[expect(clippy::disallowed_types, reason = "tests run the real program")]
    fn mount(at: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "streamsphere-test"])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at.to_owned()))
    }

    /// Writes until there is no room for another byte.
    fn fill(&self) {
        use std::io::Write;
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![1; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    #[expect(clippy::disallowed_types, reason = "tests run the real program")]
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_is_left_behind_when_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("data"), "24m") else {
        eprintln!("skipped: this machine does not let the test mount a file system");
        return;
    };
    let site = kit::Setup::default().start_in(folder).await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[("title", "Before")]).await;
    let path = format!("{VIDEOS}/{id}");

    for round in 0..3 {
        disk.fill();
        asha.uploads(&clips::small(), &[]).await.refuses(507, "no_space");
        // Without a length the disk is found full only when the bytes are written.
        let parts = [
            wire::text("title", "Full"),
            wire::file("videoFile", "a.mp4", &clips::small().bytes()),
        ];
        let mut wire = Wire::to(&site).await;
        wire.asks("POST", VIDEOS, &head(&asha, "Transfer-Encoding: chunked\r\n"))
            .await;
        wire.says(chunk(&wire::form(&parts))).await;
        wire.says("0\r\n\r\n").await;
        let reply = wire.answer("POST").await;
        assert_eq!(reply.status, 507, "{}", reply.text());

        // Small writes go on until the database has no room either; what was acknowledged counts.
        let mut kept = asha.get(&path).await.is(200).text_at("/data/title");
        let mut refused = false;
        for n in 0..400 {
            let title = format!("Round {round}, change {n}");
            let long = format!("{n} ").repeat(2000);
            let answer = asha
                .patch(&path, &json!({"title": title, "description": long}))
                .await;
            if answer.status == 200 {
                kept = title;
            } else {
                answer.refuses(507, "no_space");
                refused = true;
                break;
            }
        }
        assert!(refused, "the database fills up as well");
        let seen = site.anyone().get(&path).await.is(200);
        assert_eq!(seen.text_at("/data/title"), kept);
        site.anyone().get(&seen.text_at("/data/videoFile")).await.is(200);
        site.anyone().get(&seen.text_at("/data/hls")).await.is(200);

        disk.free();
        kit::until("the server takes uploads again", async || {
            asha.uploads(&clips::small(), &[("title", "After")]).await.status == 201
        })
        .await;
        assert_eq!(asha.get(&path).await.is(200).text_at("/data/title"), kept);
        let mine = asha.get(&format!("{VIDEOS}?userId={}", asha.id)).await.is(200);
        let docs = mine.at("/data/docs");
        for video in docs.as_array().unwrap() {
            asha.waits_until(video["_id"].as_str().unwrap(), "ready").await;
        }
    }
    let folder = site.stop().await;
    // Rows and files are there for the next start as well.
    let site = kit::Setup::default().start_in(folder).await;
    let mine = site
        .anyone()
        .get(&format!("{VIDEOS}?userId={}", asha_id(&site).await))
        .await
        .is(200);
    assert!(mine.at("/data/totalDocs").as_i64().unwrap() >= 4, "{}", mine.json);
    let folder = site.stop().await;
    drop(disk);
    drop(folder);
}

async fn asha_id(site: &Site) -> String {
    site.sign_in("asha").await.id
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
async fn a_thumbnail_that_is_no_picture_stops_the_upload() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".as_slice();
    for bytes in [svg, b"<html></html>", b"GIF89a", b"\x89PNG\r\n\x1a\nbroken"] {
        let parts = [
            wire::text("title", "With a trick"),
            wire::file("thumbnail", "x.png", bytes),
            wire::file("videoFile", "a.mp4", &clips::small().bytes()),
        ];
        let answer = sends(&asha, wire::form(&parts)).await;
        assert!([400, 415, 422].contains(&answer.status), "{}", answer.json);
    }
    leaves_nothing_behind(&asha).await;
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
            "video.m3u8",
            "video.mp4",
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
        format!("/media/{id}/video.mp4"),
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
            2,
            "picture and sound"
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
                format!("/media/{id}/video.mp4"),
                format!("/media/{id}/audio.mp4"),
                format!("/media/{id}/master.m3u8"),
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
