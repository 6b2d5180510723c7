//! Uploads that are no video, or that break a rule: what they get, and that nothing of them stays.

use reqwest::Method;
use serde_json::{Value, json};

use super::{VIDEOS, leaves_nothing_behind, red, sends, sends_file};
use crate::kit::clips::{self, made};
use crate::kit::{self, Person, wire};

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
        ("zeros.mp4", &vec![0; 100_000]),
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
