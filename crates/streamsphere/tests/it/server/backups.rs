//! Backups of a site that is at work, and what comes back of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use objects::Key;
use reqwest::Method;
use store::{Address, Store, copy};
use tempfile::TempDir;

use crate::kit::media_files::aside;
use crate::kit::moto;
use crate::kit::program::{Ended, run_with};
use crate::kit::{self, Answer, Person, Site, clips};

/// Runs a command on a data folder, without holding up a server in this process.
async fn runs(words: &[&str], data: &Path) -> Ended {
    let mut all: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    all.extend(["--data-dir".to_owned(), data.display().to_string()]);
    all.extend(["--disk-reserve-bytes", "0"].map(ToOwned::to_owned));
    aside(move || {
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        run_with(&words, &[], Path::new("/"), "")
    })
    .await
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A new place with the key file of an old one.
fn elsewhere(old: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::copy(old.join("secret.key"), data.join("secret.key")).unwrap();
    folder
}

async fn again(folder: TempDir) -> Site {
    // On SQLite whatever else tests run on.
    kit::with("database_url", "").start_in(folder).await
}

async fn first_site() -> Site {
    kit::with("database_url", "")
        .with("objects_url", "")
        .start()
        .await
}

/// A part of what plays.
async fn part(person: &Person<'_>, id: &str) -> Answer {
    let path = format!("/api/v1/videos/{id}/download");
    kit::answer(person.request(Method::GET, &path).header("range", "bytes=0-")).await
}

/// Files below a folder, the largest first.
fn largest(folder: &Path) -> Vec<PathBuf> {
    let mut files = kit::files(folder);
    files.sort_by_key(|file| std::cmp::Reverse(file.metadata().unwrap().len()));
    files
}

/// Changes one byte of a file, which does not show in anything but its bytes.
fn rots(file: &Path) {
    let before = file.metadata().unwrap();
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut permissions = before.permissions();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "in a folder of the test's own"
    )]
    permissions.set_readonly(false);
    std::fs::set_permissions(file, permissions).unwrap();
    // In place: another file would have another number.
    let mut open = File::options().write(true).open(file).unwrap();
    std::io::Write::write_all(&mut open, &bytes).unwrap();
    open.set_modified(before.modified().unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_at_work_is_backed_up_and_comes_back_with_all_that_was_acknowledged() {
    let place = tempfile::tempdir().unwrap();
    let to = shown(place.path());
    let site = Arc::new(first_site().await);
    let asha = site.person("asha").await;
    let clip = asha
        .publishes(&clips::small(), &[("title", "Otters of the river")])
        .await;
    let mut texts = Vec::new();
    for number in 0..5 {
        texts.push(format!("Before {number}"));
        asha.comments(&clip, &texts[number]).await;
    }

    // Others go on while it is made.
    let done = Arc::new(AtomicBool::new(false));
    let said = Arc::new(AtomicU64::new(0));
    let busy = {
        let (site, done, said, clip) = (
            Arc::clone(&site),
            Arc::clone(&done),
            Arc::clone(&said),
            clip.clone(),
        );
        tokio::spawn(async move {
            let bela = site.person("bela").await;
            while !done.load(Ordering::Acquire) {
                bela.comments(&clip, "Meanwhile").await;
                bela.likes(&format!("v/{clip}")).await;
                said.fetch_add(1, Ordering::AcqRel);
            }
        })
    };
    kit::until("they have begun", async || said.load(Ordering::Acquire) > 0).await;
    let made = runs(&["backup", "--to", &to], &site.data()).await.succeeds();
    done.store(true, Ordering::Release);
    busy.await.unwrap();
    assert!(made.contains("were copied"), "{made}");

    // Nothing new: nothing is copied but the database.
    let second = runs(&["backup", "--to", &to], &site.data()).await.succeeds();
    assert!(second.contains("of which 0 of 0 bytes"), "{second}");
    let listed = runs(&["backup", "list", "--to", &to], &site.data())
        .await
        .succeeds();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    runs(&["backup", "verify", "--to", &to], &site.data())
        .await
        .succeeds();
    let played = part(&asha, &clip).await;

    // The first of the two, in another place.
    let id = listed.split_whitespace().next().unwrap();
    let folder = elsewhere(&site.data());
    let data = folder.path().join("data");
    let back = runs(&["restore", "--from", &to, "--snapshot", id], &data)
        .await
        .succeeds();
    assert!(back.contains("Everything is there"), "{back}");
    runs(&["doctor"], &data).await.succeeds();
    // There is something there now.
    let refused = runs(&["restore", "--from", &to], &data).await.complains();
    assert!(refused.contains("already"), "{refused}");

    let other = again(folder).await;
    let asha = other.sign_in("asha").await;
    let all = asha.walks(&format!("/api/v1/comments/{clip}"), 50).await;
    let there: Vec<&str> = all.iter().map(|one| one["content"].as_str().unwrap()).collect();
    for text in &texts {
        assert!(there.contains(&text.as_str()), "{text} is lost");
    }
    other.counts_right().await;
    let replayed = part(&asha, &clip).await;
    assert_eq!((replayed.status, &replayed.bytes), (played.status, &played.bytes));
    assert!(!replayed.bytes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rots_is_found_in_the_backup_and_on_the_site() {
    let place = tempfile::tempdir().unwrap();
    let to = shown(place.path());
    let site = first_site().await;
    let asha = site.person("asha").await;
    asha.publishes(&clips::small(), &[]).await;
    let data = site.data();
    runs(&["backup", "--to", &to], &data).await.succeeds();

    rots(&largest(&site.objects())[0]);
    let found = runs(&["doctor", "--verify"], &data).await;
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    assert!(found.stdout.contains("does not hold what it held"), "{found:?}");

    let blob = largest(&place.path().join("blobs")).remove(0);
    rots(&blob);
    let verified = runs(&["backup", "verify", "--to", &to], &data).await;
    assert_eq!(verified.status.code(), Some(3), "{verified:?}");
    assert!(
        verified.stdout.contains("does not hold what was written"),
        "{verified:?}"
    );
    // All else comes back, and the loss has a name.
    let folder = elsewhere(&data);
    let back = runs(&["restore", "--from", &to], &folder.path().join("data")).await;
    assert_eq!(back.status.code(), Some(3), "{back:?}");
    assert!(back.stdout.contains("does not hold what was written"), "{back:?}");
    let other = again(folder).await;
    other.sign_in("asha").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_is_compared_with_what_arrived_where_it_stays_as_it_came() {
    let site = kit::with("database_url", "")
        .with("objects_url", "")
        .with("keep_originals", "true")
        .start()
        .await;
    let asha = site.person("asha").await;
    // Places in these are blanked when they arrive, which is no damage, whether or not viewers are sent them.
    for clip in [clips::small(), hidden()] {
        asha.publishes(&clip, &[]).await;
    }
    let as_it_came = asha.publishes(&matroska(), &[]).await;
    site.does_all_jobs().await;
    let data = site.data();
    runs(&["doctor", "--verify"], &data).await.succeeds();

    // Written anew, so that its time is no sign.
    let folder = site.objects().join("videos").join(&as_it_came);
    let mut files = kit::files(&folder).into_iter();
    let original = files
        .find(|file| file.extension().is_some_and(|ending| ending == "mkv"))
        .unwrap();
    let mut bytes = std::fs::read(&original).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::remove_file(&original).unwrap();
    std::fs::write(&original, bytes).unwrap();
    let found = runs(&["doctor", "--verify"], &data).await;
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    assert!(found.stdout.contains("does not hold what arrived"), "{found:?}");
}

const PICTURE: [&str; 6] = [
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=320x180:rate=25:duration=2",
    "-c:v",
    "libx264",
];

fn matroska() -> clips::Clip {
    clips::made("arrived.mkv", &PICTURE)
}

/// An MP4 that browsers play, with a place in it, and a third track in which more could be hidden.
fn hidden() -> clips::Clip {
    let more = "-pix_fmt yuv420p -timecode 01:00:00:00 -metadata location=+48.2-016.4/ -movflags +faststart";
    let words: Vec<&str> = PICTURE.into_iter().chain(more.split(' ')).collect();
    clips::made("hidden.mp4", &words)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_was_cut_off_keeps_servers_away_and_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let to = shown(place.path());
    let site = first_site().await;
    let asha = site.person("asha").await;
    let clip = asha.publishes(&clips::small(), &[]).await;
    runs(&["backup", "--to", &to], &site.data()).await.succeeds();
    let listed = runs(&["backup", "list", "--to", &to], &site.data())
        .await
        .succeeds();
    let id = listed.split_whitespace().next().unwrap();

    // As one leaves it that ended with half of the files.
    let folder = elsewhere(&site.data());
    let data = folder.path().join("data");
    std::fs::write(data.join("restoring"), id).unwrap();
    let objects = site.objects();
    let files = kit::files(&objects);
    let half: Vec<&PathBuf> = files.iter().take(files.len() / 2).collect();
    for file in &half {
        let target = data.join("objects").join(file.strip_prefix(&objects).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(file, target).unwrap();
    }
    let refused = runs(&["serve", "--listen", "127.0.0.1:0"], &data)
        .await
        .complains();
    assert!(refused.contains("taken back"), "{refused}");
    let back = runs(&["restore", "--from", &to], &data).await.succeeds();
    assert!(
        back.contains(&format!("{} were there already", half.len())),
        "{back}"
    );

    let other = again(folder).await;
    let asha = other.sign_in("asha").await;
    assert_eq!(part(&asha, &clip).await.status, 206);
    other.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_backups_go_with_what_only_they_need() {
    let place = tempfile::tempdir().unwrap();
    let to = shown(place.path());
    let site = first_site().await;
    let asha = site.person("asha").await;
    let gone = asha.publishes(&clips::small(), &[]).await;
    site.does_all_jobs().await;
    runs(&["backup", "--to", &to], &site.data()).await.succeeds();
    let before = kit::files(&place.path().join("blobs")).len();
    asha.delete(&format!("/api/v1/videos/{gone}")).await.is(200);
    site.does_all_jobs().await;
    // What is still played for a while goes at once here.
    let folder = Key::parse(&format!("videos/{gone}")).unwrap();
    site.server.app.core.objects.remove_prefix(&folder).await.unwrap();

    // One that was cut off has no manifest, and is no backup.
    let begun = place.path().join("snapshots/20200101000000-abcdef");
    std::fs::create_dir_all(&begun).unwrap();
    std::fs::write(begun.join("objects.gz"), "half").unwrap();
    let kept = runs(&["backup", "--to", &to, "--keep", "1"], &site.data())
        .await
        .succeeds();
    assert!(kept.contains("Let go of 2 backups"), "{kept}");
    let after = kit::files(&place.path().join("blobs")).len();
    assert!(
        after < before,
        "{before} {after}: {kept} {:#?}",
        kit::files(&site.objects())
    );
    let listed = runs(&["backup", "list", "--to", &to], &site.data())
        .await
        .succeeds();
    assert_eq!(listed.lines().count(), 1, "{listed}");
    runs(&["backup", "verify", "--to", &to], &site.data())
        .await
        .succeeds();

    // While somebody is at work there, nobody prunes; whoever has said nothing for long is not at work.
    let locks = place.path().join("locks");
    std::fs::create_dir_all(&locks).unwrap();
    let now = site.clock.now().0;
    std::fs::write(locks.join("shared-backup-1"), now.to_string()).unwrap();
    let busy = runs(&["backup", "--to", &to, "--keep", "1"], &site.data())
        .await
        .complains();
    assert!(busy.contains("at work"), "{busy}");
    std::fs::write(locks.join("shared-backup-1"), (now - 3_600_000).to_string()).unwrap();
    runs(&["backup", "--to", &to, "--keep", "1"], &site.data())
        .await
        .succeeds();
    assert!(kit::files(&locks).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_on_postgres_goes_to_a_bucket_and_comes_back_to_either_engine() {
    let server = testkit::needed_server();
    let url = testkit::fresh_database(&server).await;
    let site = kit::with("database_url", &url).start().await;
    let asha = site.person("asha").await;
    let clip = asha
        .publishes(&clips::small(), &[("title", "Otters of the river")])
        .await;
    asha.comments(&clip, "Lovely").await;
    site.does_all_jobs().await;
    let data = site.data();
    let place = format!(
        "s3://{}/backups?endpoint=http://{}",
        moto::bucket(),
        moto::server()
    );
    let keys = [
        "--backup-s3-access-key-id",
        "tester",
        "--backup-s3-secret-access-key",
        "hush",
    ];
    let words = |first: &[&'static str], more: &[&str]| {
        let mut words: Vec<String> = first.iter().map(|word| (*word).to_owned()).collect();
        words.extend(more.iter().chain(&keys).map(|word| (*word).to_owned()));
        words
    };
    let run = async |words: Vec<String>, data: &Path| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        runs(&words, data).await
    };
    // Nobody counts anything meanwhile, so that all rows can be compared.
    let folder = site.stop().await;
    run(
        words(&["backup"], &["--to", &place, "--database-url", &url]),
        &data,
    )
    .await
    .succeeds();

    // Back to PostgreSQL: row by row the same.
    let target = testkit::fresh_database(&server).await;
    let there = elsewhere(&folder.path().join("data"));
    let back = words(&["restore"], &["--from", &place, "--database-url", &target]);
    run(back, &there.path().join("data")).await.succeeds();
    let open = async |url: &str| {
        let settings = store::Settings::postgres(Address::parse(url).unwrap());
        Store::open(&settings).await.unwrap()
    };
    let (one, other) = (open(&url).await, open(&target).await);
    let scratch = tempfile::tempdir().unwrap();
    let file = Store::open(&store::Settings::sqlite(scratch.path().join("x.db")))
        .await
        .unwrap();
    let tables: Vec<_> = copy::tables(&mut file.read()).await.unwrap();
    // The backup itself is noted in the one that it is of.
    let tables: Vec<_> = tables
        .into_iter()
        .filter(|table| !["instance", "object_hashes"].contains(&table.name.as_str()))
        .collect();
    let (rows, found) = copy::compare(&mut one.read(), &mut other.read(), &tables, 20, |_, _| {})
        .await
        .unwrap();
    assert!(rows > 20 && found.is_empty(), "{found:?}");
    one.close().await.unwrap();
    other.close().await.unwrap();

    // And to a file.
    let there = elsewhere(&folder.path().join("data"));
    run(
        words(&["restore"], &["--from", &place]),
        &there.path().join("data"),
    )
    .await
    .succeeds();
    let site = again(there).await;
    let asha = site.sign_in("asha").await;
    assert_eq!(part(&asha, &clip).await.status, 206);
    let found = asha.get("/api/v1/search?q=otters").await.is(200);
    assert_eq!(found.at("/data/videos/0/title"), "Otters of the river");
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_made_by_themselves_when_it_is_time() {
    let place = tempfile::tempdir().unwrap();
    let site = kit::with("database_url", "")
        .with("backup_url", shown(place.path()))
        .with("backup_every_hours", "24")
        .start()
        .await;
    let snapshots = place.path().join("snapshots");
    kit::until("a backup is there", async || {
        kit::files(&snapshots)
            .iter()
            .any(|file| file.ends_with("manifest.json"))
    })
    .await;
    kit::until("it is told", async || {
        let metrics = site.anyone().get("/metrics").await;
        String::from_utf8(metrics.bytes)
            .unwrap()
            .contains("streamsphere_backup_last_success_timestamp_seconds")
    })
    .await;
    let listed = runs(&["backup", "list", "--to", &shown(place.path())], &site.data())
        .await
        .succeeds();
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_place_or_one_that_is_none_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let nowhere = runs(&["restore"], &data).await.complains();
    assert!(nowhere.contains("backup_url"), "{nowhere}");
    let place = shown(&folder.path().join("place"));
    let nothing = runs(&["restore", "--from", &place], &data).await.complains();
    assert!(nothing.contains("there is no folder"), "{nothing}");
    assert!(!Path::new(&place).exists());
    std::fs::create_dir(&place).unwrap();
    assert!(
        runs(&["restore", "--from", &place], &data)
            .await
            .complains()
            .contains("no whole backup")
    );
    assert!(
        runs(&["backup", "--to", &place], &data)
            .await
            .complains()
            .contains("no database")
    );
    assert!(
        runs(&["backup", "list", "--to", "ftp://x"], &data)
            .await
            .complains()
            .contains("folder such as")
    );
    let timed = runs(&["serve", "--backup-every-hours", "1"], &data)
        .await
        .complains();
    assert!(timed.contains("backup_url"), "{timed}");
}
