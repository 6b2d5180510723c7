//! Uploads that are too large, that stop in the middle, or that come to a full disk.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{VIDEOS, entries, leaves_nothing_behind, sends_file};
use crate::kit::wire::{self, Wire};
use crate::kit::{self, Person, Site, clips};

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
    wire.says(chunk(&vec![7; 60_000])).await;
    // A parser holds back what could begin a boundary, so a little more than one byte over.
    wire.says(chunk(&vec![7; 40_200])).await;
    let reply = wire.answer("POST").await;
    assert_eq!(reply.status, 413, "{}", reply.text());
    assert!(reply.text().contains("upload_too_large"));

    // The same with a length that leaves room for the rest of a form.
    sends_file(&asha, "a.mp4", &vec![7; 100_001])
        .await
        .refuses(413, "upload_too_large");
    // What fits is looked at.
    sends_file(&asha, "a.mp4", &vec![7; 100_000])
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

/// Somebody's player tells that it has played the whole of a short video.
async fn tells(site: &Site, video: &str, agent: &str) -> kit::Answer {
    let what = json!({"sessionId": format!("session of {agent}"), "from": 0, "to": 2, "event": "end"});
    let request = site.request(reqwest::Method::POST, &format!("{VIDEOS}/{video}/views"));
    kit::answer(request.header("user-agent", agent).json(&what)).await
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

    // The salt of the day is there before the disk is full.
    tells(&site, &id, "first player").await.is(202);
    let mut viewers = 1;
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

        // What players tell is refused as soon as it cannot be written, and only then.
        let mut is_told = true;
        for n in 0..400 {
            let answer = tells(&site, &id, &format!("player {round} {n}")).await;
            if answer.status != 202 {
                answer.refuses(507, "no_space");
                is_told = false;
                break;
            }
            viewers += 1;
        }
        assert!(!is_told, "the journal fills up");

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
    kit::until("everybody who was answered has counted", async || {
        site.anyone().get(&path).await.is(200).at("/data/views") == viewers
    })
    .await;
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
