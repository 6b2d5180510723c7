//! Files that grow over several requests and restarts.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod kit;

use std::path::Path;

use bytes::Bytes;
use objects::{Objects, ObjectsError};

use self::kit::{key, local as folder};

async fn open(folder: &Path) -> Objects {
    Objects::open_local(&folder.join("objects"), &folder.join("tmp"))
        .await
        .unwrap()
}

fn numbers(count: u32) -> Vec<u8> {
    (0..count).map(|n| (n % 251) as u8).collect()
}

#[tokio::test]
async fn pieces_of_several_requests_become_one_blob_with_one_digest() {
    for (_folder, objects) in [folder().await, kit::s3().await] {
        pieces_become_one_blob(&objects).await;
        what_is_taken_back_is_gone(&objects).await;
    }
}

async fn pieces_become_one_blob(objects: &Objects) {
    let (name, whole) = (key("1"), numbers(3_000_000));
    let (mut at, mut hashed) = (0, None);
    for end in [1, 700_000, 700_001, 2_999_999, 3_000_000] {
        let mut incoming = objects.append_incoming(&name, at as u64, hashed).await.unwrap();
        for piece in whole[at..end].chunks(123_457) {
            incoming.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        assert_eq!(incoming.received_bytes(), end as u64);
        hashed = incoming.sync().await.unwrap();
        at = end;
    }
    let digest = hashed.unwrap().digest();
    assert_eq!(digest.blake3, *blake3::hash(&whole).as_bytes());
    assert_eq!(digest.size_bytes, 3_000_000);
    assert_eq!(objects.digest_incoming(&name).await.unwrap(), digest);

    let blob = key("videos/1/source.mp4");
    objects.gather_incoming(&name, 3_000_000).await.unwrap();
    objects.commit_incoming(&name, &blob).await.unwrap();
    assert!(objects.get(&blob, 0..u64::MAX).await.unwrap().unwrap() == whole);
    // It is still there until its upload is ended, whatever happens in between.
    assert_eq!(objects.incoming_size(&name).await.unwrap(), Some(3_000_000));
    objects.remove_incoming(&name).await.unwrap();
    objects.remove_incoming(&name).await.unwrap();
    assert_eq!(objects.incoming_size(&name).await.unwrap(), None);
    assert!(objects.get(&blob, 0..u64::MAX).await.unwrap().unwrap() == whole);
}

#[tokio::test]
async fn a_start_leaves_incoming_files_alone_and_a_torn_end_is_cut_off() {
    let (folder, objects) = folder().await;
    let (name, whole) = (key("1"), numbers(1_000_000));
    let mut incoming = objects.append_incoming(&name, 0, None).await.unwrap();
    incoming
        .write(Bytes::copy_from_slice(&whole[..600_000]))
        .await
        .unwrap();
    let stale = incoming.sync().await.unwrap();
    // More came after that, and the server went down before anyone was told.
    incoming.write(Bytes::from(vec![9; 300_000])).await.unwrap();
    incoming.sync().await.unwrap();
    drop((incoming, objects));

    let objects = open(folder.path()).await;
    objects.sweep_staging().await.unwrap();
    assert_eq!(
        objects.list_incoming().await.unwrap(),
        [("1".to_owned(), 900_000)]
    );
    let mut incoming = objects.append_incoming(&name, 600_000, None).await.unwrap();
    incoming
        .write(Bytes::copy_from_slice(&whole[600_000..]))
        .await
        .unwrap();
    assert!(
        incoming.sync().await.unwrap().is_none(),
        "what came before was not seen"
    );
    let digest = objects.digest_incoming(&name).await.unwrap();
    assert_eq!(digest.blake3, *blake3::hash(&whole).as_bytes());
    assert_eq!(digest.size_bytes, 1_000_000);

    // A hash that ends elsewhere is not gone on from.
    let mut incoming = objects.append_incoming(&name, 700_000, stale).await.unwrap();
    incoming.write(Bytes::from_static(b"x")).await.unwrap();
    assert!(incoming.sync().await.unwrap().is_none());
}

async fn what_is_taken_back_is_gone(objects: &Objects) {
    let name = key("2");
    let mut incoming = objects.append_incoming(&name, 0, None).await.unwrap();
    incoming.write(Bytes::from_static(b"kept.")).await.unwrap();
    incoming.sync().await.unwrap();
    incoming.write(Bytes::from(vec![1; 2_000_000])).await.unwrap();
    incoming.cut_back(5).await.unwrap();
    assert_eq!(objects.incoming_size(&name).await.unwrap(), Some(5));
    objects.gather_incoming(&name, 5).await.unwrap();
    assert_eq!(std::fs::read(objects.incoming_path(&name)).unwrap(), b"kept.");
}

#[tokio::test]
async fn a_file_that_lost_bytes_is_not_gone_on_with() {
    let (folder, objects) = folder().await;
    let lost = objects.append_incoming(&key("1"), 10, None).await;
    assert!(matches!(lost, Err(ObjectsError::Lost)), "{lost:?}");
    std::fs::write(folder.path().join("uploads/2"), "short").unwrap();
    let lost = objects.append_incoming(&key("2"), 10, None).await;
    assert!(matches!(lost, Err(ObjectsError::Lost)), "{lost:?}");
}
