//! What every place for blobs keeps, and what only a folder can be asked.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod kit;

use std::path::Path;

use bytes::Bytes;
use objects::{Key, Objects, ObjectsError};
use tempfile::tempdir;

use self::kit::{key, local as folder};

async fn open(folder: &Path) -> Objects {
    Objects::open_local(&folder.join("objects"), &folder.join("tmp"))
        .await
        .unwrap()
}

async fn names(objects: &Objects, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    let after = after.map(key);
    let listed = objects.list(&key(prefix), after.as_ref(), limit).await.unwrap();
    listed.iter().map(Key::to_string).collect()
}

async fn contract(objects: &Objects) {
    blobs_are_read_as_they_were_put(objects).await;
    streams_arrive_whole(objects).await;
    lists_are_ordered(objects).await;
    what_is_removed_is_gone(objects).await;
    blobs_become_files_for_programs(objects).await;
    a_read_of_too_much_is_refused(objects).await;
}

async fn blobs_are_read_as_they_were_put(objects: &Objects) {
    // What was put is read back, whole and in ranges; a range past the end is cut.
    let song = key("songs/1/a.ogg");
    objects.put(&song, Bytes::from_static(b"la la la")).await.unwrap();
    assert_eq!(objects.size(&song).await.unwrap(), Some(8));
    for (range, expected) in [
        (0..u64::MAX, "la la la"),
        (3..5, "la"),
        (6..100, "la"),
        (8..9, ""),
        (50..60, ""),
    ] {
        assert_eq!(
            objects.get(&song, range.clone()).await.unwrap().unwrap(),
            expected,
            "{range:?}"
        );
    }

    // What was never written is absent, also where it is a folder or lies below a blob.
    for absent in ["songs/2", "songs/1", "songs/1/a.ogg/b"] {
        assert_eq!(objects.get(&key(absent), 0..1).await.unwrap(), None, "{absent}");
        assert_eq!(objects.size(&key(absent)).await.unwrap(), None, "{absent}");
        objects.remove(&key("songs/2")).await.unwrap();
    }

    // A second blob of the same key takes the place of the first.
    objects.put(&song, Bytes::from_static(b"hm")).await.unwrap();
    assert_eq!(objects.get(&song, 0..9).await.unwrap().unwrap(), "hm");
}

async fn streams_arrive_whole(objects: &Objects) {
    // A stream of uneven pieces arrives whole, and its digest is that of all of it.
    let whole: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mut staged = objects.stage().await.unwrap();
    let (mut rest, mut size) = (&whole[..], 1);
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(size.min(rest.len()));
        staged.write(Bytes::copy_from_slice(piece)).await.unwrap();
        (rest, size) = (later, size * 7 % 900_001);
    }
    let digest = staged.finish().await.unwrap();
    assert_eq!(
        (digest.blake3, digest.size_bytes),
        (*blake3::hash(&whole).as_bytes(), 5_000_000)
    );
    assert_eq!(objects.head(staged.path(), 100).await.unwrap(), whole[..100]);
    let head = objects.head(staged.path(), 6_000_000).await.unwrap();
    assert_eq!(head.len(), 5_000_000);
    let film = key("films/9/source.mp4");
    assert_eq!(
        objects.size(&film).await.unwrap(),
        None,
        "not there before it is committed"
    );
    objects.commit(staged, &film).await.unwrap();
    assert!(objects.get(&film, 0..u64::MAX).await.unwrap().unwrap() == whole);

    // What a program wrote into a staged folder can be committed file by file.
    let made = objects.stage_dir().await.unwrap();
    std::fs::write(made.path().join("720.mp4"), "frames").unwrap();
    objects
        .commit_file(&made.path().join("720.mp4"), &key("films/9/720.mp4"))
        .await
        .unwrap();
    assert_eq!(
        objects.get(&key("films/9/720.mp4"), 0..9).await.unwrap().unwrap(),
        "frames"
    );
}

async fn lists_are_ordered(objects: &Objects) {
    // Lists are in the order of the keys' bytes and go on where they ended.
    for name in [
        "list/b",
        "list/a-b",
        "list/a/z",
        "list/a/c/d",
        "list/ab",
        "list/c/a",
        "listing/x",
    ] {
        objects.put(&key(name), Bytes::new()).await.unwrap();
    }
    let all = [
        "list/a-b",
        "list/a/c/d",
        "list/a/z",
        "list/ab",
        "list/b",
        "list/c/a",
    ];
    assert_eq!(names(objects, "list", None, 100).await, all);
    for limit in 1..4 {
        let mut seen = Vec::new();
        while let page = names(objects, "list", seen.last().map(String::as_str), limit).await
            && !page.is_empty()
        {
            assert!(page.len() <= limit);
            seen.extend(page);
        }
        assert_eq!(seen, all, "by {limit}");
    }
    assert_eq!(
        names(objects, "list", Some("list/a/d"), 2).await,
        ["list/a/z", "list/ab"]
    );
    assert!(names(objects, "nowhere", None, 9).await.is_empty());
    assert_eq!(objects.list_folders(&key("list")).await.unwrap(), ["a", "c"]);
    assert!(objects.list_folders(&key("nowhere")).await.unwrap().is_empty());
}

async fn what_is_removed_is_gone(objects: &Objects) {
    let film = key("films/9/source.mp4");
    // Removing is for good, of one or of all below, and may be done twice.
    for _ in 0..2 {
        objects.remove(&film).await.unwrap();
        assert_eq!(objects.size(&film).await.unwrap(), None);
    }
    assert_eq!(objects.size(&key("films/9/720.mp4")).await.unwrap(), Some(6));
    for _ in 0..2 {
        objects.remove_prefix(&key("list")).await.unwrap();
        assert!(names(objects, "list", None, 9).await.is_empty());
    }
    assert_eq!(names(objects, "listing", None, 9).await, ["listing/x"]);
    objects.remove_prefix(&key("listing/x")).await.unwrap();
    assert_eq!(objects.size(&key("listing/x")).await.unwrap(), None);
    objects.put(&key("list/a"), Bytes::new()).await.unwrap();
}

async fn blobs_become_files_for_programs(objects: &Objects) {
    let whole = kit::numbers(20_000_000);
    let (film, made) = (key("films/8/source.mp4"), objects.stage_dir().await.unwrap());
    let output = made.path().join("out");
    std::fs::write(&output, &whole).unwrap();
    objects.commit_file(&output, &film).await.unwrap();
    let copy = objects.materialize(&film).await.unwrap().unwrap();
    assert!(std::fs::read(copy.path()).unwrap() == whole);
    drop(copy);
    // Whatever the file was, the blob is still there.
    assert_eq!(objects.size(&film).await.unwrap(), Some(20_000_000));
    assert!(objects.materialize(&key("films/8")).await.unwrap().is_none());
    assert!(objects.materialize(&key("films/7/x")).await.unwrap().is_none());
}

async fn a_read_of_too_much_is_refused(objects: &Objects) {
    let big = key("films/big");
    let made = objects.stage_dir().await.unwrap();
    let file = std::fs::File::create(made.path().join("out")).unwrap();
    file.set_len(objects::MOST_READ_BYTES + 7).unwrap();
    objects.commit_file(&made.path().join("out"), &big).await.unwrap();
    let read = objects.get(&big, 0..u64::MAX).await;
    assert!(matches!(read, Err(ObjectsError::TooLarge { asked_bytes }) if asked_bytes == (64 << 20) + 7));
    let read = objects.get(&big, 8..u64::MAX).await.unwrap().unwrap();
    assert_eq!(read.len(), (64 << 20) - 1);
}

#[tokio::test]
async fn a_local_folder_keeps_the_contract() {
    let (_folder, objects) = folder().await;
    contract(&objects).await;
}

#[tokio::test]
async fn a_bucket_keeps_the_contract() {
    let (_folder, objects) = kit::s3().await;
    contract(&objects).await;
}

fn staged_things(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("tmp")).unwrap().count()
}

/// Removing happens beside; this is over once it has happened.
async fn nothing_is_staged(folder: &Path) {
    let gone = async {
        while staged_things(folder) > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), gone)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_not_committed_vanishes() {
    let root = tempdir().unwrap();
    {
        let objects = open(root.path()).await;
        let mut staged = objects.stage().await.unwrap();
        staged.write(Bytes::from(vec![1; 2_000_000])).await.unwrap();
        let made = objects.stage_dir().await.unwrap();
        std::fs::write(made.path().join("half"), "done").unwrap();
        assert_eq!(staged_things(root.path()), 2);
    }
    nothing_is_staged(root.path()).await;
    assert_eq!(std::fs::read_dir(root.path().join("objects")).unwrap().count(), 0);
}

#[tokio::test]
async fn leftovers_of_an_earlier_process_are_swept_and_our_own_work_is_not() {
    let root = tempdir().unwrap();
    {
        let objects = open(root.path()).await;
        std::fs::write(root.path().join("tmp/upload"), "half").unwrap();
        std::fs::create_dir_all(root.path().join("tmp/job/deep")).unwrap();
        let mut staged = objects.stage().await.unwrap();
        staged.write(Bytes::from_static(b"ours")).await.unwrap();
        assert_eq!(objects.sweep_staging().await.unwrap(), 2);
        objects.commit(staged, &key("kept")).await.unwrap();
        assert_eq!(objects.get(&key("kept"), 0..9).await.unwrap().unwrap(), "ours");
    }
    nothing_is_staged(root.path()).await;
}

#[tokio::test]
async fn a_piece_whose_writer_left_does_not_stop_the_next() {
    use std::task::{Context, Waker};
    let (_folder, objects) = folder().await;
    let mut staged = objects.stage().await.unwrap();
    for _ in 0..20 {
        let mut writing = std::pin::pin!(staged.write(Bytes::from(vec![7; 3_000_000])));
        let _ = writing.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    staged.write(Bytes::from(vec![7; 3_000_000])).await.unwrap();
    let digest = staged.finish().await.unwrap();
    objects.commit(staged, &key("sevens")).await.unwrap();
    let read = objects.get(&key("sevens"), 0..u64::MAX).await.unwrap().unwrap();
    assert_eq!(
        (read.len() as u64, blake3::hash(&read)),
        (digest.size_bytes, digest.blake3.into())
    );
}

#[tokio::test]
async fn free_space_is_known() {
    let (_folder, objects) = folder().await;
    let (_other, bucket) = kit::s3().await;
    assert_eq!(bucket.free_bytes().unwrap().1, objects.free_bytes().unwrap().1);
    let (free, total) = objects.free_bytes().unwrap();
    assert!(0 < free && free <= total);
}

#[tokio::test]
async fn blobs_and_folders_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, objects) = folder().await;
    objects.put(&key("a/b"), Bytes::from_static(b"x")).await.unwrap();
    for (name, expected) in [
        ("objects", 0o700),
        ("tmp", 0o700),
        ("objects/a", 0o700),
        ("objects/a/b", 0o600),
    ] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, expected, "{name}");
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_what_was_there_stays() {
    // A file system of two megabytes needs an administrator; the continuous build has one.
    let root = tempdir().unwrap();
    let Some(_mounted) = small_disk::mount(root.path()) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "in CI a small disk can be mounted"
        );
        return;
    };
    let objects = open(root.path()).await;
    objects
        .put(&key("first"), Bytes::from(vec![1; 500_000]))
        .await
        .unwrap();
    let second = objects.put(&key("second"), Bytes::from(vec![2; 3_000_000])).await;
    assert!(matches!(second, Err(ObjectsError::NoSpace)), "{second:?}");
    assert_eq!(objects.size(&key("second")).await.unwrap(), None);
    assert_eq!(
        objects
            .get(&key("first"), 0..u64::MAX)
            .await
            .unwrap()
            .unwrap()
            .len(),
        500_000
    );
    objects.remove(&key("first")).await.unwrap();
}

mod small_disk {
    //! A file system with room for little.

    use std::path::{Path, PathBuf};

    #[expect(clippy::disallowed_types, reason = "mounting has no other safe way in a test")]
    use std::process::Command;

    pub struct Mounted(PathBuf);

    #[expect(clippy::disallowed_types, reason = "mounting has no other safe way in a test")]
    pub fn mount(at: &Path) -> Option<Mounted> {
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        done.then(|| Mounted(at.to_owned()))
    }

    impl Drop for Mounted {
        #[expect(clippy::disallowed_types, reason = "mounting has no other safe way in a test")]
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        }
    }
}
