//! Uploads that are cut, left alone, or outlive the server.

use model::{Clock, Millis, UploadId};
use rustix::process::Signal;

use super::{BYTES, Tus, UPLOADS, V, code, noise, source_of, titled};
use crate::kit::wire::Wire;
use crate::kit::{self, Answer, Person, Site, clips, program};

/// A playable clip of this size: what is added is media that no track refers to.
pub(super) fn padded(bytes: usize) -> Vec<u8> {
    let mut clip = clips::small().bytes();
    let more = bytes - clip.len();
    clip.extend_from_slice(&u32::try_from(more).unwrap().to_be_bytes());
    clip.extend_from_slice(b"mdat");
    clip.extend_from_slice(&noise(more - 8));
    clip
}

/// How often a connection is cut.
const CUTS: usize = 8;

/// The same numbers in every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

fn files(site: &Site) -> Vec<u64> {
    let entries = std::fs::read_dir(site.data().join("uploads")).unwrap();
    entries
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .collect()
}

async fn videos_of(person: &Person<'_>) -> Vec<String> {
    let own = person
        .get(&format!("/api/v1/videos?userId={}", person.id))
        .await
        .is(200);
    let docs = own.at("/data/docs");
    let ids = docs.as_array().unwrap().iter();
    ids.map(|video| video["_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_byte_makes_a_video_of_exactly_what_was_sent() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let clip = clips::small().bytes();
    let upload = tus.creates(clip.len(), &titled()).await;
    let mut offset = 0;
    for piece in clip.chunks(10_000) {
        let reply = tus.adds(&upload, offset, piece).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
        offset += piece.len();
        assert_eq!(reply.field("upload-offset"), offset.to_string());
        let last = offset == clip.len();
        assert_eq!(reply.field("streamsphere-video-id").is_empty(), !last);
        assert_eq!(reply.field("upload-expires").is_empty(), last);
    }
    let video = tus.head(&upload).await.field("streamsphere-video-id").to_owned();
    let ready = asha.waits_until(&video, "ready").await;
    assert_eq!(ready["title"], "A clip");
    assert!(source_of(&site, &video).await == clip, "not what was sent");
    assert_eq!(videos_of(&asha).await, [video]);
    assert!(files(&site).is_empty(), "its bytes lie with the video now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_may_bring_the_whole_file() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::small().bytes();
    let length = format!("Upload-Length: {}", clip.len());
    let said = format!("Upload-Metadata: {}", titled());
    let reply = Tus::by(&asha)
        .says("POST", UPLOADS, &[V, BYTES, &length, &said], &clip)
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    asha.waits_until(reply.field("streamsphere-video-id"), "ready")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_last_request_makes_no_second_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let clip = clips::small().bytes();
    let upload = tus.creates(clip.len(), &titled()).await;
    let first = tus.adds(&upload, 0, &clip).await;
    let video = first.field("streamsphere-video-id").to_owned();
    // The answer was lost: the client asks, and some send the last request once more.
    assert_eq!(tus.head(&upload).await.field("streamsphere-video-id"), video);
    let again = tus.adds(&upload, clip.len(), b"").await;
    assert_eq!(again.status, 204);
    assert_eq!(again.field("streamsphere-video-id"), video);
    assert_eq!(videos_of(&asha).await, [video]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_video_is_refused_once_and_gone() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let upload = tus.creates(1000, &titled()).await;
    let reply = tus.adds(&upload, 0, &noise(1000)).await;
    assert_eq!((reply.status, code(&reply).as_str()), (415, "not_a_video"));
    assert_eq!(tus.head(&upload).await.status, 404);
    assert!(files(&site).is_empty());
    assert!(videos_of(&asha).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_the_server_was_restarted() {
    let site = kit::site().await;
    let clip = padded(300_000);
    let upload = {
        let asha = site.person("asha").await;
        let tus = Tus::by(&asha);
        let upload = tus.creates(clip.len(), &titled()).await;
        assert_eq!(tus.adds(&upload, 0, &clip[..123_456]).await.status, 204);
        upload
    };
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    let asha = site.sign_in("asha").await;
    let tus = Tus::by(&asha);
    assert_eq!(tus.offset(&upload).await, 123_456);
    let reply = tus.adds(&upload, 123_456, &clip[123_456..]).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    let video = reply.field("streamsphere-video-id").to_owned();
    asha.waits_until(&video, "ready").await;
    // The sum was made anew from the file: it is that of all of it.
    let mut tx = site.server.app.core.store.read();
    let row = store::videos::find(&mut tx, video.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let whole = tus.creates(clip.len(), &titled()).await;
    let again = tus.adds(&whole, 0, &clip).await;
    assert_eq!(again.field("streamsphere-duplicate-of"), video);
    assert_eq!(row.source_bytes, 300_000);
    assert!(source_of(&site, &video).await == clip, "not what was sent");
}

/// Says a tus request to a program.
async fn tells(
    server: &program::Program,
    token: &str,
    method: &str,
    path: &str,
    lines: &[(&str, String)],
    body: Vec<u8>,
) -> Answer {
    let mut request = server
        .request(method.parse().unwrap(), path)
        .bearer_auth(token)
        .header("tus-resumable", "1.0.0");
    for (name, value) in lines {
        request = request.header(*name, value);
    }
    kit::answer(request.body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_survives_a_crash_in_the_middle_of_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let clip = padded(2_000_000);
    let mut server = program::serve(&data, &[]);
    let mut token = server.person("asha").await;
    let created = tells(
        &server,
        &token,
        "POST",
        UPLOADS,
        &[
            ("upload-length", clip.len().to_string()),
            ("upload-metadata", titled()),
        ],
        Vec::new(),
    )
    .await
    .is(201);
    let upload = created.header("location").to_owned();
    let (mut dice, mut told, mut video) = (Dice(7), 0, String::new());
    for crash in 0.. {
        let head = tells(&server, &token, "HEAD", &upload, &[], Vec::new())
            .await
            .is(200);
        let offset: usize = head.header("upload-offset").parse().unwrap();
        assert!(offset >= told, "{offset} after {told} had been told");
        if crash < 4 {
            // A piece that is answered, and one that the crash cuts.
            let end = offset + 100_000 + dice.below(200_000);
            let bytes = [
                ("upload-offset", offset.to_string()),
                ("content-type", "application/offset+octet-stream".to_owned()),
            ];
            let reply = tells(
                &server,
                &token,
                "PATCH",
                &upload,
                &bytes,
                clip[offset..end].to_vec(),
            )
            .await;
            assert_eq!(reply.status, 204);
            told = end;
            let mut cut = tokio::net::TcpStream::connect(server.address()).await.unwrap();
            let head = format!(
                "PATCH {upload} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{V}\r\n{BYTES}\r\n\
                 Upload-Offset: {end}\r\nContent-Length: {}\r\n\r\n",
                clip.len() - end
            );
            let some = end + dice.below(clip.len() - end);
            tokio::io::AsyncWriteExt::write_all(&mut cut, head.as_bytes())
                .await
                .unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut cut, &clip[end..some])
                .await
                .unwrap();
            server.signal(Signal::KILL);
            server.ends();
            server = program::serve(&data, &[]);
            token = server.signs_in("asha").await;
            continue;
        }
        let bytes = [
            ("upload-offset", offset.to_string()),
            ("content-type", "application/offset+octet-stream".to_owned()),
        ];
        let reply = tells(&server, &token, "PATCH", &upload, &bytes, clip[offset..].to_vec()).await;
        assert_eq!(reply.status, 204, "{}", String::from_utf8_lossy(&reply.bytes));
        reply.header("streamsphere-video-id").clone_into(&mut video);
        break;
    }
    server.prepares(&token, &video).await;
    let source = server.data.join("objects/videos").join(&video).join("source.mp4");
    assert!(std::fs::read(source).unwrap() == clip, "not what was sent");
    server.stops();
    program::run(&["doctor", "--data-dir", &data.display().to_string()]).succeeds();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_keeps_what_arrived_wherever_it_is_cut() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let clip = padded(400_000);
    for seed in 1..=12 {
        let mut dice = Dice(seed);
        let said = super::metadata(&[("title", "A clip"), ("allowDuplicate", "true")]);
        let upload = tus.creates(clip.len(), &said).await;
        let (mut offset, mut furthest, mut cuts) = (0, 0, 0);
        while cuts < CUTS && offset < clip.len() - 1 {
            let mut wire = Wire::to(&site).await;
            let at = format!("Upload-Offset: {offset}");
            tus.begins(&mut wire, "PATCH", &upload, &[V, BYTES, &at], clip.len() - offset)
                .await;
            let sent = dice.below((clip.len() - offset).min(100_000));
            wire.says(&clip[offset..offset + sent]).await;
            let politely = dice.below(2) == 0;
            if politely {
                drop(wire);
            } else {
                wire.breaks();
            }
            furthest = furthest.max(offset + sent);
            let now = tus.offset(&upload).await;
            assert!((offset..=furthest).contains(&now), "{now}");
            offset = now;
            cuts += 1;
        }
        // The server may have heard of the new request before the rest of the old one; then it says so, and
        // the client asks again.
        let mut reply = tus.adds(&upload, offset, &clip[offset..]).await;
        for _ in 0..CUTS {
            if reply.status == 409 {
                offset = tus.offset(&upload).await;
                reply = tus.adds(&upload, offset, &clip[offset..]).await;
            }
        }
        assert_eq!(reply.status, 204, "seed {seed}: {}", reply.text());
        let video = reply.field("streamsphere-video-id");
        assert!(source_of(&site, video).await == clip, "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polite_end_in_the_middle_loses_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let upload = tus.creates(100_000, &titled()).await;
    let mut wire = Wire::to(&site).await;
    tus.begins(
        &mut wire,
        "PATCH",
        &upload,
        &[V, BYTES, "Upload-Offset: 0"],
        100_000,
    )
    .await;
    wire.says(noise(77_777)).await;
    wire.ends_politely().await;
    assert_eq!(wire.answer("PATCH").await.status, 400);
    assert_eq!(tus.offset(&upload).await, 77_777);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_whose_checksum_cannot_be_told_are_not_kept() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let upload = tus.creates(100_000, &titled()).await;
    assert_eq!(tus.adds(&upload, 0, &noise(10)).await.status, 204);
    let mut wire = Wire::to(&site).await;
    let sum = "Upload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    tus.begins(
        &mut wire,
        "PATCH",
        &upload,
        &[V, BYTES, "Upload-Offset: 10", sum],
        50_000,
    )
    .await;
    wire.says(noise(40_000)).await;
    wire.ends_politely().await;
    assert_eq!(wire.answer("PATCH").await.status, 400);
    assert_eq!(tus.offset(&upload).await, 10);
    assert_eq!(files(&site), [10]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_left_alone_is_gone_and_its_space_comes_back() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone())
        .with("upload_expire_hours", "2")
        .start()
        .await;
    let asha = site.person("asha").await;
    let upload = Tus::by(&asha).creates(1000, &titled()).await;
    assert_eq!(Tus::by(&asha).adds(&upload, 0, &noise(500)).await.status, 204);
    clock.advance(3_600_000);
    let asha = site.sign_in("asha").await;
    let tus = Tus::by(&asha);
    let reply = tus.adds(&upload, 500, &noise(10)).await;
    assert_eq!(reply.status, 204);
    assert_eq!(
        reply.field("upload-expires"),
        "Wed, 15 Nov 2023 01:13:20 GMT",
        "two hours from now"
    );
    clock.advance(7_200_000);
    let asha = site.sign_in("asha").await;
    let tus = Tus::by(&asha);
    for method in ["HEAD", "DELETE"] {
        assert_eq!(tus.says(method, &upload, &[V], b"").await.status, 410, "{method}");
    }
    let reply = tus.adds(&upload, 510, &noise(10)).await;
    assert_eq!((reply.status, code(&reply).as_str()), (410, "upload_expired"));
    app::uploads::sweep::once(&site.server.app.uploads).await.unwrap();
    assert!(files(&site).is_empty());
    assert_eq!(tus.head(&upload).await.status, 404);
    let storage = asha.get("/api/v1/users/storage").await.is(200);
    assert_eq!(storage.at("/data/reservedBytes"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_without_an_upload_and_uploads_without_their_bytes_are_swept() {
    let site = kit::site().await;
    let (kept, lost) = {
        let asha = site.person("asha").await;
        let tus = Tus::by(&asha);
        let (kept, lost) = (
            tus.creates(1000, &titled()).await,
            tus.creates(1000, &titled()).await,
        );
        for upload in [&kept, &lost] {
            assert_eq!(tus.adds(upload, 0, &noise(500)).await.status, 204);
        }
        (kept, lost)
    };
    let folder = site.stop().await;
    let uploads = folder.path().join("data/uploads");
    let name = |upload: &str| upload.rsplit('/').next().unwrap().to_owned();
    std::fs::remove_file(uploads.join(name(&lost))).unwrap();
    std::fs::write(uploads.join("0123456789abcdef01234567"), "nobody's").unwrap();
    // More than was told: a crash came before it was.
    let mut more = noise(500);
    more.extend_from_slice(b"torn");
    std::fs::write(uploads.join(name(&kept)), &more).unwrap();
    let site = kit::Setup::default().start_in(folder).await;
    let asha = site.sign_in("asha").await;
    let tus = Tus::by(&asha);
    kit::until("the sweep has been through", async || {
        tus.head(&lost).await.status == 404 && files(&site).len() == 1
    })
    .await;
    assert_eq!(tus.offset(&kept).await, 500);
    assert_eq!(tus.adds(&kept, 500, &noise(100)).await.status, 204);
    assert_eq!(files(&site), [600], "the torn end is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_last_byte_and_the_video_is_made_good_by_the_next_look() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let clip = clips::small().bytes();
    let upload = tus.creates(clip.len(), &titled()).await;
    // As the crash would leave it: all bytes are there and told, and nothing was made of them.
    let id: UploadId = upload.rsplit('/').next().unwrap().parse().unwrap();
    std::fs::write(site.data().join("uploads").join(id.to_string()), &clip).unwrap();
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let mut row = store::uploads::find(&mut tx, id).await.unwrap().unwrap();
    row.offset_bytes = clip.len() as u64;
    assert!(store::uploads::advance(&mut tx, &row, 0).await.unwrap());
    tx.commit().await.unwrap();
    let reply = tus.head(&upload).await;
    assert_eq!(reply.status, 200);
    let video = reply.field("streamsphere-video-id").to_owned();
    asha.waits_until(&video, "ready").await;
    assert_eq!(videos_of(&asha).await, std::slice::from_ref(&video));
    assert!(source_of(&site, &video).await == clip, "not what was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_leaves_no_bytes_of_its_uploads() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let upload = tus.creates(1000, &titled()).await;
    assert_eq!(tus.adds(&upload, 0, &noise(500)).await.status, 204);
    let password = serde_json::json!({"password": kit::PASSWORD});
    let left = asha.request(reqwest::Method::DELETE, "/api/v1/users/me");
    kit::answer(left.json(&password)).await.is(200);
    kit::until("its bytes are gone", async || {
        app::uploads::sweep::once(&site.server.app.uploads).await.unwrap();
        files(&site).is_empty()
    })
    .await;
}
