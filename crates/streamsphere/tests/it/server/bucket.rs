//! A site whose media lies in a bucket: from the upload to the removal, with outages, and with viewers who are
//! sent to the bucket or to a network before it.

use objects::{Key, Objects};
use reqwest::Method;
use serde_json::Value;

use crate::kit::moto::{self, Relay};
use crate::kit::{self, Answer, Person, Setup, Site, clips};

/// A site on a place in a bucket, reached by way of `address`.
fn on(place: &str, address: std::net::SocketAddr) -> Setup {
    kit::with(
        "objects_url",
        format!("s3://{place}?endpoint=http://{address}&style=path"),
    )
    .with("s3_access_key_id", "tester")
    .with("s3_secret_access_key", "very-hush")
}

/// The same place, looked at without the site.
async fn beside(place: &str) -> (tempfile::TempDir, Objects) {
    moto::node(&moto::settings(moto::server(), place)).await
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

async fn part(person: &Person<'_>, path: &str, range: &str) -> Answer {
    kit::answer(person.request(Method::GET, path).header("range", range)).await
}

/// The address of a rendition's file.
async fn rendition(person: &Person<'_>, id: &str) -> String {
    let playback = person.get(&format!("/api/v1/videos/{id}/playback")).await.is(200);
    let all = playback.at("/data/renditions");
    let one = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["width"] != 0)
        .unwrap();
    let master = playback.text_at("/data/hls");
    let name = one["name"].as_str().unwrap();
    let folder = master.rsplit_once('/').unwrap().0;
    let playlist = person.get(&format!("{folder}/{name}.m3u8")).await.is(200);
    let playlist = String::from_utf8(playlist.bytes).unwrap();
    let file = playlist
        .lines()
        .find(|line| line.contains(".mp4") && !line.starts_with('#'));
    format!("{folder}/{}", file.unwrap())
}

async fn blobs(objects: &Objects, id: &str) -> Vec<Key> {
    objects
        .list(&key(&format!("videos/{id}")), None, 1_000)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_in_a_bucket_is_made_played_kept_and_removed() {
    let place = format!("{}/media", moto::bucket());
    let site = on(&place, moto::server()).start().await;
    let (_folder, bucket) = beside(&place).await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::screen(), &[]).await;

    // All of it is in the bucket below the prefix, and nothing but copies is on the node.
    let there = blobs(&bucket, &id).await;
    assert!(there.len() > 5, "{there:?}");
    assert!(kit::files(&site.objects()).is_empty());
    // The file that all of its jobs have read stays for a little while.
    assert!(kit::files(&site.data().join("tmp")).len() <= 1);
    assert!(kit::files(&site.data().join("uploads")).is_empty());

    // It plays by ranges, as it is in the bucket.
    let anyone = site.anyone();
    let url = rendition(&anyone, &id).await;
    let whole = anyone.get(&url).await.is(200).bytes;
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let blob = there.iter().find(|key| key.as_str().ends_with(name)).unwrap();
    assert!(bucket.get(blob, 0..u64::MAX).await.unwrap().unwrap() == whole);
    for (range, expected) in [
        ("bytes=0-99", &whole[..100]),
        ("bytes=1000-", &whole[1_000..]),
        ("bytes=-17", &whole[whole.len() - 17..]),
    ] {
        let got = part(&anyone, &url, range).await.is(206);
        assert!(got.bytes == expected, "{range}");
    }
    part(&anyone, &url, &format!("bytes={}-", whole.len()))
        .await
        .is(416);
    let head = kit::answer(anyone.request(Method::HEAD, &url)).await.is(200);
    assert_eq!(head.header("content-length"), whole.len().to_string());

    // A player reads it to its end, and what is joined for a download is a whole file.
    let master = anyone
        .get(&format!("/api/v1/videos/{id}/playback"))
        .await
        .text_at("/data/hls");
    clips::ffmpeg(&["-xerror", "-i", &master, "-f", "null", "-"]);
    let download = anyone.get(&format!("/api/v1/videos/{id}/download")).await.is(200);
    let file = site.folder.path().join("download.mp4");
    std::fs::write(&file, download.bytes).unwrap();
    clips::ffmpeg(&["-xerror", "-i", file.to_str().unwrap(), "-f", "null", "-"]);
    let page = anyone.get(&format!("/api/v1/videos/{id}")).await.at("/data");
    anyone.get(page["thumbnail"].as_str().unwrap()).await.is(200);

    // Another node, with nothing on its disk, sends the same.
    drop(anyone);
    drop(asha);
    let folder = site.stop().await;
    std::fs::remove_dir_all(folder.path().join("data/cache")).unwrap();
    let site = on(&place, moto::server()).start_in(folder).await;
    let asha = site.sign_in("asha").await;
    let path = url.split_once("/media/").unwrap().1;
    let again = site.anyone().get(&format!("/media/{path}")).await.is(200);
    assert!(again.bytes == whole);

    // When it is removed, all of it goes.
    asha.delete(&format!("/api/v1/videos/{id}")).await.is(200);
    kit::until("the bucket is empty", async || {
        blobs(&bucket, &id).await.is_empty()
    })
    .await;
    site.anyone().get(&format!("/media/{path}")).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_pieces_ends_in_the_bucket() {
    let place = moto::bucket();
    let site = on(&place, moto::server()).start().await;
    let (_folder, bucket) = beside(&place).await;
    let asha = site.person("asha").await;
    let clip = clips::small().bytes();
    let upload = asha.begins_upload(clip.len()).await;
    let (mut at, mut last) = (0, None);
    for piece in clip.chunks(clip.len() / 3 + 1) {
        let taken = asha.adds_piece(&upload, at, piece).await;
        last = Some(taken.header("streamsphere-video-id").to_owned());
        at += piece.len();
    }
    let id = last.unwrap();
    asha.waits_until(&id, "ready").await;
    let there = blobs(&bucket, &id).await;
    let source = there.iter().find(|key| key.as_str().contains("/source."));
    let bytes = bucket.size(source.unwrap()).await.unwrap();
    assert_eq!(bytes, Some(clip.len() as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_bucket_is_503_for_what_is_not_here_and_nothing_for_what_is() {
    let (place, relay) = (moto::bucket(), Relay::start());
    let site = on(&place, relay.address).start().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let other = asha.publishes(&clips::small(), &[]).await;
    let anyone = site.anyone();
    let url = rendition(&anyone, &id).await;
    let not_here = rendition(&anyone, &other).await;
    let whole = anyone.get(&url).await.is(200).bytes;

    relay.set(moto::BUSY);
    let here = part(&anyone, &url, "bytes=5-").await.is(206);
    assert!(here.bytes == whole[5..]);
    let refused = part(&anyone, &not_here, "bytes=5-")
        .await
        .refuses(503, "storage_unavailable");
    assert_eq!(refused.header("retry-after"), "5");
    let upload = asha.uploads(&clips::small(), &[]).await;
    let refused = upload.refuses(503, "storage_unavailable");
    assert_eq!(refused.header("retry-after"), "5");

    relay.set(moto::PASS);
    part(&anyone, &not_here, "bytes=5-").await.is(206);
    asha.publishes(&clips::small(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_are_sent_to_the_bucket_only_when_they_may_see_the_video() {
    let place = moto::bucket();
    let site = on(&place, moto::server())
        .with("media_redirect", "presigned")
        .start()
        .await;
    let asha = site.person("asha").await;
    let public = asha.publishes(&clips::small(), &[]).await;
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    for id in [&public, &private] {
        let playback = asha.get(&format!("/api/v1/videos/{id}/playback")).await.is(200);
        let progressive = playback.text_at("/data/videoFile");
        let sent = asha.get(&progressive).await;
        assert_eq!(sent.status, 307);
        assert_eq!(sent.header("cache-control"), "private, no-store");
        let (said, bytes) = moto::plain("GET", sent.header("location"));
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        // Asked for in another way, the same bytes come from here.
        let head = kit::answer(asha.request(Method::HEAD, &progressive))
            .await
            .is(200);
        assert_eq!(head.header("content-length"), bytes.len().to_string());
    }
    let stranger = site
        .anyone()
        .get(&format!("/api/v1/videos/{private}/stream"))
        .await;
    assert_eq!((stranger.status, stranger.header("location")), (404, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_is_taken_from_a_network_and_the_rest_from_here() {
    let place = format!("{}/deep/prefix", moto::bucket());
    let site = on(&place, moto::server())
        .with("media_redirect", "https://cdn.example/media/")
        .start()
        .await;
    let asha = site.person("asha").await;
    let public = asha.publishes(&clips::small(), &[]).await;
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let sent = asha.get(&format!("/api/v1/videos/{public}/stream")).await;
    assert_eq!(sent.status, 307);
    let wanted = format!("https://cdn.example/media/videos/{public}/");
    assert!(
        sent.header("location").starts_with(&wanted),
        "{}",
        sent.header("location")
    );
    asha.get(&format!("/api/v1/videos/{private}/stream"))
        .await
        .is(200);
    let page = site.anyone().get(&format!("/embed/{public}")).await.is(200);
    assert!(
        page.header("content-security-policy")
            .contains("media-src 'self' blob: https://cdn.example;")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_the_bucket_are_never_shown() {
    let place = moto::bucket();
    let site: Site = on(&place, moto::server()).start().await;
    let admin = site.admin().await;
    let settings = admin.get("/api/v1/admin/settings").await.is(200);
    let text = settings.json.to_string();
    assert!(
        !text.contains("very-hush") && !text.contains("\"tester\""),
        "{text}"
    );
    let all = settings.at("/data");
    let one = |name: &str| {
        let found = all.as_array().unwrap().iter().find(|one| one["name"] == name);
        found.unwrap().clone()
    };
    assert_eq!(one("s3_secret_access_key")["value"], Value::Null);
    assert_eq!(one("s3_secret_access_key")["source"], "flag");
    assert_eq!(one("objects_url")["value"], format!("s3://{place}?…"));
}
