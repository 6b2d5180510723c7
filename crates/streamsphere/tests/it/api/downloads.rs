//! `/api/v1/videos/{id}/download`: renditions as files to keep, and the original for its owner.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use crate::kit::{self, Answer, Person, clips};

fn path(id: &str, rendition: &str) -> String {
    format!("/api/v1/videos/{id}/download?rendition={rendition}")
}

async fn asks(person: &Person<'_>, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = person.request(method, path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    kit::answer(request).await
}

/// What ffprobe finds in a file: codec, width and packets of each stream, and the length.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
fn probed(bytes: &[u8]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("download.mp4");
    std::fs::write(&file, bytes).unwrap();
    decodes(&file);
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-count_packets", "-of", "json", "-show_entries"])
        .arg("stream=codec_type,width,height,nb_read_packets:format=duration")
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[expect(clippy::disallowed_types, reason = "tests run the real program")]
fn decodes(file: &Path) {
    let output = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(file)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rendition_is_one_file_with_picture_and_sound() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::screen(), &[("title", "Träume: \"A/B\"")])
        .await;
    let playback = site
        .anyone()
        .get(&format!("/api/v1/videos/{id}/playback"))
        .await
        .is(200);
    let renditions = playback.at("/data/renditions");
    let renditions = renditions.as_array().unwrap();
    let pictures: Vec<&Value> = renditions.iter().filter(|one| one["width"] != 0).collect();
    assert!(pictures.len() >= 2, "{renditions:?}");
    for rendition in pictures {
        let url = rendition["download"].as_str().unwrap();
        let name = rendition["name"].as_str().unwrap();
        assert!(url.ends_with(&path(&id, name)), "{url}");
        let got = site.anyone().get(url).await.is(200);
        assert_eq!(got.header("content-type"), "video/mp4");
        assert_eq!(
            got.header("content-disposition"),
            format!(
                "attachment; filename=\"Tr_ume A B ({name}).mp4\"; filename*=UTF-8''Tr%C3%A4ume%20A%20B%20%28{name}%29.mp4"
            )
        );
        for (field, value) in [
            ("x-content-type-options", "nosniff"),
            ("accept-ranges", "bytes"),
            ("cache-control", "private, no-cache"),
        ] {
            assert_eq!(got.header(field), value, "{field}");
        }
        let found = probed(&got.bytes);
        let streams = found["streams"].as_array().unwrap();
        assert_eq!(streams.len(), 2, "{found}");
        assert_eq!(streams[0]["codec_type"], "video");
        assert_eq!(streams[1]["codec_type"], "audio");
        assert_eq!(streams[0]["width"], rendition["width"]);
        let seconds: f64 = found["format"]["duration"].as_str().unwrap().parse().unwrap();
        assert!((seconds - 3.0).abs() < 0.2, "{found}");
    }
    // Without a name it is the best that plays everywhere; sound alone is sound.
    let best = site
        .anyone()
        .get(&format!("/api/v1/videos/{id}/download"))
        .await
        .is(200);
    assert_eq!(probed(&best.bytes)["streams"][0]["height"], 360);
    let sound = site.anyone().get(&path(&id, "audio")).await.is(200);
    assert_eq!(sound.header("content-type"), "audio/mp4");
    assert!(sound.header("content-disposition").contains("(audio).m4a"));
    for other in ["9000p", "..%2Fsource", "source", "progressive"] {
        site.anyone()
            .get(&path(&id, other))
            .await
            .refuses(404, "download_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_where_it_broke_off() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::screen(), &[]).await;
    let (anyone, from) = (site.anyone(), path(&id, "360p"));
    let whole = anyone.get(&from).await.is(200);
    let length = whole.bytes.len();
    assert_eq!(whole.header("content-length"), length.to_string());
    let tag = whole.header("etag");
    assert!(tag.starts_with('"'), "{tag}");
    // Every cut falls into another part of the file: its head, headers of fragments, media, the index.
    let mut cuts: Vec<usize> = (0..=16).map(|n| length * n / 16).collect();
    cuts.extend([1, 40, length - 1, length - 20]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut joined = Vec::new();
    for pair in cuts.windows(2) {
        let range = format!("bytes={}-{}", pair[0], pair[1] - 1);
        let part = asks(
            &anyone,
            Method::GET,
            &from,
            &[("range", &range), ("if-range", tag)],
        )
        .await;
        assert_eq!(part.status, 206);
        let told = format!("bytes {}-{}/{length}", pair[0], pair[1] - 1);
        assert_eq!(part.header("content-range"), told);
        joined.extend(part.bytes);
    }
    assert!(joined == whole.bytes, "the parts are the whole");
    let tail = asks(&anyone, Method::GET, &from, &[("range", "bytes=-100")]).await;
    assert!(tail.status == 206 && tail.bytes == whole.bytes[length - 100..]);
    let head = asks(&anyone, Method::HEAD, &from, &[]).await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, &*length.to_string())
    );
    let known = asks(&anyone, Method::GET, &from, &[("if-none-match", tag)]).await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let beyond = format!("bytes={length}-");
    asks(&anyone, Method::GET, &from, &[("range", &beyond)])
        .await
        .refuses(416, "range_not_satisfiable");
    let other = [("range", "bytes=0-9"), ("if-range", "\"other\"")];
    assert_eq!(asks(&anyone, Method::GET, &from, &other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_in_ranges_is_put_together_once() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::screen(), &[]).await;
    let (anyone, from) = (site.anyone(), path(&id, "360p"));
    let whole = anyone.get(&from).await.is(200);
    let mut tx = site.server.app.core.store.read();
    let rows = store::renditions::list(&mut tx, id.parse().unwrap(), 0)
        .await
        .unwrap();
    let sound = rows.iter().find(|row| row.name == "audio").unwrap();
    // As when another file takes the video's place in the middle of it: what is open goes on.
    std::fs::remove_file(site.objects().join(&sound.object_key)).unwrap();
    for (start, end) in [(0, 999), (1_000, whole.bytes.len() - 1)] {
        let range = format!("bytes={start}-{end}");
        let part = asks(&anyone, Method::GET, &from, &[("range", &range)])
            .await
            .is(206);
        assert!(part.bytes == whole.bytes[start..=end]);
    }
    // Who may have it is asked each time.
    let hidden = serde_json::json!({"visibility": "private"});
    asha.patch(&format!("/api/v1/videos/{id}"), &hidden).await.is(200);
    anyone.get(&from).await.refuses(404, "video_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_for_those_who_may_watch_and_the_original_for_its_owner() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let admin = site.admin().await;
    let clip = clips::phone();
    let id = asha.publishes(&clip, &[("visibility", "private")]).await;
    for person in [&site.anyone(), &ben] {
        for rendition in ["360p", "original", "nothing"] {
            person
                .get(&path(&id, rendition))
                .await
                .refuses(404, "video_not_found");
        }
    }
    for person in [&asha, &admin] {
        person.get(&format!("/api/v1/videos/{id}/download")).await.is(200);
        let original = person.get(&path(&id, "original")).await.is(200);
        assert!(
            original.bytes == clip.bytes(),
            "the very bytes that were uploaded"
        );
        assert!(
            original
                .header("content-disposition")
                .starts_with("attachment; filename=\"phone.mp4\"")
        );
    }
    let playback = asha.get(&format!("/api/v1/videos/{id}/playback")).await.is(200);
    assert!(
        playback
            .text_at("/data/original")
            .ends_with(&path(&id, "original"))
    );

    asha.patch(
        &format!("/api/v1/videos/{id}"),
        &serde_json::json!({"visibility": "public"}),
    )
    .await
    .is(200);
    ben.get(&format!("/api/v1/videos/{id}/download")).await.is(200);
    ben.get(&path(&id, "original"))
        .await
        .refuses(404, "download_not_found");
    let playback = ben.get(&format!("/api/v1/videos/{id}/playback")).await.is(200);
    assert!(playback.at("/data").get("original").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_video_is_downloaded_as_it_is() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let silent = clips::made(
        "silent-three.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=25:duration=3",
            "-pix_fmt",
            "yuv420p",
        ],
    );
    let id = asha.publishes(&silent, &[]).await;
    let got = site
        .anyone()
        .get(&format!("/api/v1/videos/{id}/download"))
        .await
        .is(200);
    let found = probed(&got.bytes);
    assert_eq!(found["streams"].as_array().unwrap().len(), 1);
    assert_eq!(found["streams"][0]["nb_read_packets"], "75");
}
