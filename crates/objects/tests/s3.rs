//! What only a bucket can be asked: the cache in front of it, who else gets in, and what an outage does.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod kit;

use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::time::Duration;

use bytes::Bytes;
use objects::{Cached, Objects, ObjectsError};

use self::kit::{Relay, key, numbers};

/// Puts a film of so many bytes; what it holds.
async fn film(objects: &Objects, name: &str, size: usize) -> Vec<u8> {
    let whole = numbers(size);
    let mut staged = objects.stage().await.unwrap();
    for piece in whole.chunks(1 << 20) {
        staged.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    objects.commit(staged, &key(name)).await.unwrap();
    whole
}

/// Reads a range the way delivery does: takes hold of some, reads it, lets go, goes on.
async fn read(cached: &Cached, from: u64, end: u64) -> Result<Vec<u8>, ObjectsError> {
    let mut out = vec![0; usize::try_from(end - from).unwrap()];
    let mut at = from;
    while at < end {
        let held = match cached.hold(at, end - at) {
            Some(held) => held,
            None => cached.fetch(at, end - at).await?,
        };
        assert!(0 < held && held <= end - at);
        let start = usize::try_from(at - from).unwrap();
        let piece = &mut out[start..][..usize::try_from(held).unwrap()];
        cached.file().read_exact_at(piece, at).unwrap();
        cached.release(at);
        at += held;
    }
    Ok(out)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_asks_for_one_range_costs_the_bucket_one_request_for_each_block() {
    let (bucket, relay) = (kit::bucket(), Relay::start());
    let (_maker, objects) = kit::node(&kit::settings(kit::server(), &bucket)).await;
    let whole = film(&objects, "v/1.mp4", 9_000_001).await;
    let (_folder, node) = kit::node(&kit::settings(relay.address, &bucket)).await;

    let crowd = (0..40).map(|_| {
        let node = node.clone();
        tokio::spawn(async move {
            let cached = node.cached(&key("v/1.mp4")).await.unwrap().unwrap();
            assert_eq!(cached.size_bytes(), 9_000_001);
            read(&cached, 100, 9_000_001).await.unwrap()
        })
    });
    for reader in crowd.collect::<Vec<_>>() {
        assert!(reader.await.unwrap() == whole[100..]);
    }

    assert_eq!(relay.heads("head ").len(), 1);
    let mut asked: Vec<(u64, u64)> = relay
        .heads("get ")
        .iter()
        .filter_map(|head| {
            let range = head.lines().find_map(|line| line.strip_prefix("range: bytes="))?;
            let (first, last) = range.split_once('-')?;
            Some((first.parse().ok()?, last.parse().ok()?))
        })
        .collect();
    asked.sort_unstable();
    // Laid end to end, they are the film and nothing twice.
    let mut at = 0;
    for (first, last) in asked {
        assert_eq!(first, at);
        at = last + 1;
    }
    assert_eq!(at, 9_000_001);
    let before = relay.heads("").len();
    let cached = node.cached(&key("v/1.mp4")).await.unwrap().unwrap();
    assert!(read(&cached, 0, 9_000_001).await.unwrap() == whole);
    assert_eq!(
        relay.heads("").len(),
        before,
        "what is there is not asked for again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_stays_within_its_bound_and_what_is_read_is_right_all_the_same() {
    let bucket = kit::bucket();
    let mut settings = kit::settings(kit::server(), &bucket);
    settings.cache_bytes = 24 << 20;
    let (folder, objects) = kit::node(&settings).await;
    let mut films = Vec::new();
    for number in 0..3 {
        films.push(film(&objects, &format!("v/{number}.mp4"), 20_000_000 + number).await);
    }
    // Several walk through all films at once, in different orders, more than fits.
    let walks = (0..4).map(|walk: usize| {
        let (objects, films) = (objects.clone(), films.clone());
        tokio::spawn(async move {
            for step in 0..6 {
                let number = (walk + step) % films.len();
                let film = &films[number];
                let name = key(&format!("v/{number}.mp4"));
                let cached = objects.cached(&name).await.unwrap().unwrap();
                let (from, end) = ((step * 1_000_003) as u64, film.len() as u64 - walk as u64);
                let there = read(&cached, from, end).await.unwrap();
                assert!(there == film[step * 1_000_003..film.len() - walk]);
            }
        })
    });
    for walk in walks.collect::<Vec<_>>() {
        walk.await.unwrap();
    }
    // One fetch more than the bound may be under way for each of the readers.
    assert!(
        objects.cached_bytes() <= (24 << 20) + 4 * (4 << 20),
        "{}",
        objects.cached_bytes()
    );
    let on_disk: u64 = std::fs::read_dir(folder.path().join("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().blocks() * 512)
        .sum();
    assert!(on_disk <= (24 << 20) + 4 * (4 << 20), "{on_disk}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_takes_nothing_from_those_who_wait() {
    let (_folder, objects) = kit::s3().await;
    let whole = film(&objects, "v/1.mp4", 3_000_000).await;
    let cached = objects.cached(&key("v/1.mp4")).await.unwrap().unwrap();
    {
        // The first asks and is gone at once.
        use std::task::{Context, Waker};
        let mut asking = std::pin::pin!(cached.fetch(0, 3_000_000));
        assert!(
            asking
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    assert!(read(&cached, 0, 3_000_000).await.unwrap() == whole);
    let held = cached.fetch_all([10..20, 2_999_990..4_000_000]).await.unwrap();
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_or_replaced_is_not_sent_again() {
    let (folder, objects) = kit::s3().await;
    film(&objects, "v/1/a.mp4", 1_000_000).await;
    let old = objects.cached(&key("v/1/a.mp4")).await.unwrap().unwrap();
    let before = read(&old, 0, 1_000_000).await.unwrap();

    objects
        .put(&key("v/1/a.mp4"), Bytes::from(vec![7; 500]))
        .await
        .unwrap();
    let new = objects.cached(&key("v/1/a.mp4")).await.unwrap().unwrap();
    assert_eq!(read(&new, 0, new.size_bytes()).await.unwrap(), [7; 500]);
    assert!(
        read(&old, 0, 1_000_000).await.unwrap() == before,
        "who has it open reads on"
    );

    objects.remove_prefix(&key("v/1")).await.unwrap();
    assert!(objects.cached(&key("v/1/a.mp4")).await.unwrap().is_none());
    drop((old, new));
    assert_eq!(objects.cached_bytes(), 0);
    assert_eq!(std::fs::read_dir(folder.path().join("cache")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_believed_of_a_cache_that_another_process_left() {
    let settings = kit::settings(kit::server(), &kit::bucket());
    let (folder, objects) = kit::node(&settings).await;
    film(&objects, "v/1.mp4", 1_000_000).await;
    let cached = objects.cached(&key("v/1.mp4")).await.unwrap().unwrap();
    read(&cached, 0, 10).await.unwrap();
    std::fs::write(folder.path().join("cache/left"), "by a crash").unwrap();
    assert_eq!(objects.sweep_staging().await.unwrap(), 1, "ours stays");
    assert_eq!(read(&cached, 0, 10).await.unwrap(), numbers(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_with_other_prefixes_do_not_see_each_other() {
    let bucket = kit::bucket();
    let (_a, first) = kit::node(&kit::settings(kit::server(), &format!("{bucket}/one"))).await;
    let (_b, second) = kit::node(&kit::settings(kit::server(), &format!("{bucket}/one-more"))).await;
    let (_c, same) = kit::node(&kit::settings(kit::server(), &format!("{bucket}/one"))).await;
    let (_d, all) = kit::node(&kit::settings(kit::server(), &bucket)).await;
    first.put(&key("v/1"), Bytes::from_static(b"mine")).await.unwrap();
    assert!(second.list(&key("v"), None, 9).await.unwrap().is_empty());
    assert_eq!(second.size(&key("v/1")).await.unwrap(), None);
    second.remove_prefix(&key("v")).await.unwrap();
    assert_eq!(same.get(&key("v/1"), 0..9).await.unwrap().unwrap(), "mine");
    assert_eq!(all.list_folders(&key("one")).await.unwrap(), ["v"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_bucket_opens_by_a_signed_address_only() {
    let bucket = kit::bucket();
    let (_folder, objects) = kit::node(&kit::settings(kit::server(), &bucket)).await;
    objects
        .put(&key("v/1.mp4"), Bytes::from_static(b"frames"))
        .await
        .unwrap();
    let (head, _) = kit::plain("GET", &format!("http://{}/{bucket}/v/1.mp4", kit::server()));
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");

    let lasts = Duration::from_mins(5);
    let signed = objects
        .presigned_url(&key("v/1.mp4"), lasts, "video/mp4")
        .await
        .unwrap()
        .unwrap();
    assert!(
        signed.contains("X-Amz-Expires=300") && !signed.contains("hush"),
        "{signed}"
    );
    let (head, body) = kit::plain("GET", &signed);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        head.to_ascii_lowercase().contains("content-type: video/mp4"),
        "{head}"
    );
    assert_eq!(body, b"frames");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_after_a_bounded_number_of_tries_and_is_over_when_it_is_over() {
    let (relay, bucket) = (Relay::start(), kit::bucket());
    let (_folder, objects) = kit::node(&kit::settings(relay.address, &bucket)).await;
    let whole = film(&objects, "v/1.mp4", 2_000_000).await;
    let cached = objects.cached(&key("v/1.mp4")).await.unwrap().unwrap();
    assert!(read(&cached, 0, 300_000).await.unwrap() == whole[..300_000]);

    for mode in [kit::BUSY, kit::CUT] {
        relay.set(mode);
        let before = relay.heads("").len();
        let failed = objects.get(&key("v/2.mp4"), 0..9).await;
        assert!(matches!(failed, Err(ObjectsError::Unavailable(_))), "{failed:?}");
        let tries = relay.heads("").len() - before;
        assert!((2..=8).contains(&tries), "{tries} tries");
        let failed = read(&cached, 1_500_000, 2_000_000).await;
        assert!(matches!(failed, Err(ObjectsError::Unavailable(_))), "{failed:?}");
        // What is on the disk needs no bucket.
        assert!(read(&cached, 0, 1_000).await.unwrap() == whole[..1_000]);
    }

    relay.set(kit::PASS);
    assert!(read(&cached, 0, 2_000_000).await.unwrap() == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_told_at_the_start() {
    let (folder, settings) = (
        tempfile::tempdir().unwrap(),
        kit::settings(kit::server(), "no-such-bucket"),
    );
    let opened = Objects::open_s3(&settings, &folder.path().join("c"), &folder.path().join("t")).await;
    assert!(opened.is_err(), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_fails_leaves_nothing_to_see() {
    let (relay, bucket) = (Relay::start(), kit::bucket());
    let (_folder, objects) = kit::node(&kit::settings(relay.address, &bucket)).await;
    let made = objects.stage_dir().await.unwrap();
    let file = made.path().join("out.mp4");
    std::fs::write(&file, numbers(30_000_000)).unwrap();
    relay.set(kit::BUSY);
    let failed = objects.commit_file(&file, &key("v/1.mp4")).await;
    assert!(matches!(failed, Err(ObjectsError::Unavailable(_))), "{failed:?}");
    relay.set(kit::PASS);
    assert_eq!(objects.size(&key("v/1.mp4")).await.unwrap(), None);
    objects.commit_file(&file, &key("v/1.mp4")).await.unwrap();
    assert_eq!(objects.size(&key("v/1.mp4")).await.unwrap(), Some(30_000_000));
}
