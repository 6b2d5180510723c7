//! From one machine to many with `streamsphere move`: from SQLite to PostgreSQL, and from a folder to a bucket.

use std::path::Path;

use serde_json::json;
use store::{Address, Store, params};

use crate::kit::media_files::aside;
use crate::kit::moto;
use crate::kit::program::{Ended, run_with};
use crate::kit::rows::{add, row};
use crate::kit::{self, Site, clips};

fn moves(data: &Path, url: &str) -> Ended {
    let shown = data.display().to_string();
    run_with(
        &["move", "--to", url, "--data-dir", &shown],
        &[],
        Path::new("/"),
        "",
    )
}

/// A site with some of everything, on SQLite whatever else tests run on.
async fn lively() -> Site {
    let site = kit::with("database_url", "").start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &asha, "Otters of the river");
    add(&site, std::slice::from_ref(&video)).await;
    let top = bela
        .comments(&video.id.to_string(), "Lovely otters \u{1f9a6}")
        .await;
    asha.replies(&video.id.to_string(), &top, "Thank you").await;
    bela.likes(&format!("v/{}", video.id)).await;
    bela.post(&format!("/api/v1/subscriptions/c/{}", asha.id), &json!({}))
        .await
        .is(200);
    asha.tweets("Otters again").await;
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_moves_to_postgres_with_all_that_it_has() {
    let url = testkit::fresh_database(&testkit::needed_server()).await;
    let site = lively().await;
    let data = site.data();

    let complaint = moves(&data, &url).complains();
    assert!(complaint.contains("in use"), "{complaint}");
    let folder = site.stop().await;
    let done = moves(&data, &url).succeeds();
    assert!(done.contains("all are the same"), "{done}");
    // There is something there now, which nothing is copied over.
    let complaint = moves(&data, &url).complains();
    assert!(complaint.contains("has rows in"), "{complaint}");

    let site = kit::with("database_url", &url).start_in(folder).await;
    let bela = site.sign_in("bela").await;
    for (path, field, text) in [
        (
            "/api/v1/search?q=otters",
            "/data/videos/0/title",
            "Otters of the river",
        ),
        (
            "/api/v1/videos?query=river",
            "/data/docs/0/title",
            "Otters of the river",
        ),
        (
            "/api/v1/tweets?query=again",
            "/data/docs/0/content",
            "Otters again",
        ),
    ] {
        let found = bela.get(path).await.is(200);
        assert_eq!(found.at(field), text, "{path}");
    }
    site.counts_right().await;
    // What comes now stands beside what came before.
    bela.tweets("Here now").await;
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_cut_off_goes_on_and_finds_what_differs() {
    let url = testkit::fresh_database(&testkit::needed_server()).await;
    let site = lively().await;
    let data = site.data();
    let _folder = site.stop().await;

    // Cut off behind the users: as if the program had been killed there.
    let from = Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let to = Store::open(&store::Settings::postgres(Address::parse(&url).unwrap()))
        .await
        .unwrap();
    let tables = store::copy::tables(&mut from.read()).await.unwrap();
    let (arrived, cut) = tokio::sync::oneshot::channel();
    let mut arrived = Some(arrived);
    let mut source = from.read();
    let copying = store::copy::copy(&mut source, &to, &tables, |table, _| {
        if table == "videos" {
            let _ = arrived.take().map(|arrived| arrived.send(()));
        }
    });
    tokio::select! {
        biased;
        _ = cut => {}
        done = copying => panic!("it was not cut off: {done:?}"),
    }
    assert!(
        to.read()
            .one("SELECT 1 FROM users LIMIT 1", &params![], |row| row.int(0))
            .await
            .unwrap()
            .is_some()
    );
    from.close().await.unwrap();

    moves(&data, &url).succeeds();
    // The first requests there are planned with what is known of the tables.
    let known = "SELECT count(*) FROM pg_class WHERE relname = 'videos' AND reltuples >= 1";
    let known = to.read().one(known, &params![], |row| row.int(0)).await.unwrap();
    assert_eq!(known, Some(1));

    // Somebody changes a row there: the comparison says which.
    let mut tx = to.write().await.unwrap();
    tx.exec(
        "UPDATE comments SET content = 'Something else' WHERE parent_id IS NULL",
        &params![],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let from = Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let (_, found) = store::copy::compare(&mut from.read(), &mut to.read(), &tables, 10, |_, _| ())
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].table, "comments");
}

const KEYS: [(&str, &str); 2] = [
    ("s3_access_key_id", "tester"),
    ("s3_secret_access_key", "very-hush"),
];

async fn runs(words: &[&str], data: &Path) -> Ended {
    let mut all: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    all.extend(["--data-dir".to_owned(), data.display().to_string()]);
    all.extend(["--disk-reserve-bytes", "0"].map(ToOwned::to_owned));
    for (name, value) in KEYS {
        all.extend([format!("--{}", name.replace('_', "-")), value.to_owned()]);
    }
    aside(move || {
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        run_with(&words, &[], Path::new("/"), "")
    })
    .await
}

/// How many files a move has copied.
fn copied(told: &str) -> u64 {
    let behind = told.split("of which ").nth(1).unwrap();
    behind.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn media_moves_to_a_bucket_while_the_site_is_at_work() {
    let site = kit::with("database_url", "")
        .with("objects_url", "")
        .start()
        .await;
    let asha = site.person("asha").await;
    let first = asha.publishes(&clips::small(), &[("title", "First")]).await;
    let data = site.data();
    let place = format!(
        "s3://{}/media?endpoint=http://{}&style=path",
        moto::bucket(),
        moto::server()
    );

    let told = runs(&["move", "--objects", &place], &data).await.succeeds();
    assert!(told.contains("run this once more"), "{told}");
    let there = kit::files(&site.objects());
    assert_eq!(copied(&told), there.len() as u64, "{told} {there:#?}");
    // Again: nothing is new. Then somebody is, and a file in the bucket is lost.
    let told = runs(&["move", "--objects", &place], &data).await.succeeds();
    assert_eq!(copied(&told), 0, "{told}");
    let before = kit::files(&site.objects()).len();
    let second = asha.publishes(&clips::phone(), &[("title", "Second")]).await;
    site.does_all_jobs().await;
    let added = kit::files(&site.objects()).len() - before;
    let (_node, bucket) = moto::node(&moto::settings(moto::server(), &place_of(&place))).await;
    let folder = objects::Key::parse(&format!("videos/{first}")).unwrap();
    let lost = bucket.list(&folder, None, 1).await.unwrap().remove(0);
    bucket.remove(&lost).await.unwrap();
    // Somebody's upload is not whole yet: more than one part of it has come.
    let film = padded(&clips::small().bytes(), 9 << 20);
    let upload = asha.begins_upload(film.len()).await;
    asha.adds_piece(&upload, 0, &film[..film.len() - 1_000]).await;
    let folder = site.stop().await;

    let told = runs(&["move", "--objects", &place], &data).await.succeeds();
    assert!(told.contains("Everything is there"), "{told}");
    assert!(told.contains("1 unfinished uploads go on there"), "{told}");
    assert_eq!(copied(&told), added as u64 + 1, "{told}");
    let verified = runs(&["doctor", "--verify", "--objects-url", &place], &data)
        .await
        .succeeds();
    // What was known of the files here is known of those there.
    assert!(verified.contains("; 0 for the first time"), "{verified}");

    std::fs::remove_dir_all(data.join("objects")).unwrap();
    let site = kit::with("database_url", "")
        .with("objects_url", &place)
        .with(KEYS[0].0, KEYS[0].1)
        .with(KEYS[1].0, KEYS[1].1)
        .start_in(folder)
        .await;
    let asha = site.sign_in("asha").await;
    for id in [&first, &second] {
        let path = format!("/api/v1/videos/{id}/download");
        let part = asha
            .request(reqwest::Method::GET, &path)
            .header("range", "bytes=0-99");
        assert_eq!(kit::answer(part).await.bytes.len(), 100);
    }
    // The upload goes on where it was, also when this node has lost what it had of it.
    let offset = asha.upload_offset(&upload).await;
    assert_eq!(offset, film.len() - 1_000);
    for file in kit::files(&data.join("uploads")) {
        std::fs::remove_file(file).unwrap();
    }
    let taken = asha.adds_piece(&upload, offset, &film[offset..]).await;
    let third = taken.header("streamsphere-video-id").to_owned();
    asha.waits_until(&third, "ready").await;
    let original = asha
        .get(&format!("/api/v1/videos/{third}/download?rendition=original"))
        .await;
    assert!(original.is(200).bytes == film);
    site.counts_right().await;
}

/// The film with more media behind it, which nobody plays.
fn padded(film: &[u8], by: u32) -> Vec<u8> {
    let mut padded = film.to_vec();
    padded.extend_from_slice(&by.to_be_bytes());
    padded.extend_from_slice(b"mdat");
    padded.resize(film.len() + by as usize, 7);
    padded
}

/// The part of an address that names bucket and prefix.
fn place_of(url: &str) -> String {
    let rest = url.strip_prefix("s3://").unwrap();
    rest.split('?').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn media_is_not_moved_over_that_of_others_nor_without_keys() {
    let site = kit::with("database_url", "")
        .with("objects_url", "")
        .start()
        .await;
    site.person("asha").await;
    let place = format!(
        "s3://{}/media?endpoint=http://{}&style=path",
        moto::bucket(),
        moto::server()
    );
    let (_node, bucket) = moto::node(&moto::settings(moto::server(), &place_of(&place))).await;
    let key = objects::Key::parse("videos/of-others.mp4").unwrap();
    bucket.put(&key, "theirs".into()).await.unwrap();
    let refused = runs(&["move", "--objects", &place], &site.data())
        .await
        .complains();
    assert!(refused.contains("did not come from here"), "{refused}");
    let shown = site.data().display().to_string();
    let keyless = aside(move || {
        let words = ["move", "--objects", place.as_str(), "--data-dir", shown.as_str()];
        run_with(&words, &[], Path::new("/"), "")
    });
    assert!(keyless.await.complains().contains("s3_access_key_id"));
    let nowhere = runs(&["move", "--objects", "/mnt/folder"], &site.data())
        .await
        .complains();
    assert!(nowhere.contains("bucket"), "{nowhere}");
}
