//! Incoming files of which a bucket keeps what was told: a node that dies, nodes that take turns.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod kit;

use bytes::Bytes;
use objects::{Hashed, Key, Objects, ObjectsError};

use self::kit::{key, numbers};

const WHOLE: usize = 30_000_000;

/// Brings the bytes of `range`, as one request does.
async fn bring(
    node: &Objects,
    name: &Key,
    whole: &[u8],
    range: std::ops::Range<usize>,
    hashed: Option<Hashed>,
) -> Option<Hashed> {
    let mut incoming = node
        .append_incoming(name, range.start as u64, hashed)
        .await
        .unwrap();
    for piece in whole[range].chunks(700_001) {
        incoming.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    incoming.sync().await.unwrap()
}

/// Ends an upload as the server does; what became of it.
async fn end(node: &Objects, name: &Key, blob: &Key) -> Vec<u8> {
    node.gather_incoming(name, WHOLE as u64).await.unwrap();
    node.commit_incoming(name, blob).await.unwrap();
    let copy = node.materialize(blob).await.unwrap().unwrap();
    std::fs::read(copy.path()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_at_another_node_when_its_own_is_gone() {
    let (bucket, relay, whole) = (kit::bucket(), kit::Relay::start(), numbers(WHOLE));
    let settings = kit::settings(relay.address, &bucket);
    let (name, blob) = (key("1"), key("videos/1/source.mp4"));
    let (folder, first) = kit::node(&settings).await;
    let hashed = bring(&first, &name, &whole, 0..5, None).await;
    let hashed = bring(&first, &name, &whole, 5..17_000_000, hashed).await;
    assert_eq!(hashed.unwrap().digest().size_bytes, 17_000_000);
    // It burns down.
    drop((first, folder));

    let (_folder, second) = kit::node(&settings).await;
    assert_eq!(second.incoming_size(&name).await.unwrap(), Some(17_000_000));
    assert_eq!(second.list_incoming_of_all().await.unwrap(), ["1"]);
    let hashed = bring(&second, &name, &whole, 17_000_000..WHOLE, None).await;
    assert!(hashed.is_none(), "what came before was not seen here");
    assert!(end(&second, &name, &blob).await == whole);
    // Every piece went up once, and the server put the blob together itself.
    assert_eq!(
        relay
            .heads(&format!("put /{bucket}/incoming/1/whole?partnumber"))
            .len(),
        4
    );
    let made = relay.heads(&format!("put /{bucket}/videos"));
    assert!(
        made.len() == 1 && made[0].contains("x-amz-copy-source"),
        "{made:?}"
    );
    let digest = second.digest_incoming(&name).await.unwrap();
    assert_eq!(digest.blake3, *blake3::hash(&whole).as_bytes());

    second.remove_incoming(&name).await.unwrap();
    second.remove_incoming(&name).await.unwrap();
    assert!(second.list(&key("incoming"), None, 9).await.unwrap().is_empty());
    assert_eq!(second.incoming_size(&name).await.unwrap(), None);
    assert_eq!(second.size(&blob).await.unwrap(), Some(WHOLE as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_may_take_turns_at_an_upload() {
    let (settings, whole) = (kit::settings(kit::server(), &kit::bucket()), numbers(WHOLE));
    let (_a, first) = kit::node(&settings).await;
    let (_b, second) = kit::node(&settings).await;
    let name = key("1");
    let cuts = [0, 3_000_000, 8_388_608, 8_388_609, 20_000_000, 25_165_824, WHOLE];
    for (turn, cut) in cuts.windows(2).enumerate() {
        let node = if turn % 2 == 0 { &first } else { &second };
        bring(node, &name, &whole, cut[0]..cut[1], None).await;
    }
    // Whichever node ends it: one that has half of it on its disk, or one that has nothing.
    assert!(end(&first, &name, &key("videos/1/a.mp4")).await == whole);
    let (_c, third) = kit::node(&settings).await;
    assert!(end(&third, &name, &key("videos/1/b.mp4")).await == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_counted_is_not_part_of_it() {
    let (settings, whole) = (kit::settings(kit::server(), &kit::bucket()), numbers(WHOLE));
    let (_a, first) = kit::node(&settings).await;
    let name = key("1");
    bring(&first, &name, &whole, 0..9_000_000, None).await;
    // The node goes down after these are in the bucket and before anyone counts them.
    let wrong = vec![9; WHOLE];
    bring(&first, &name, &wrong, 9_000_000..28_000_000, None).await;

    // The client comes back, and is told where it was: here, and at another node.
    let (_b, second) = kit::node(&settings).await;
    bring(&second, &name, &whole, 9_000_000..18_000_000, None).await;
    bring(&first, &name, &whole, 18_000_000..WHOLE, None).await;
    assert!(end(&first, &name, &key("videos/1/a.mp4")).await == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_before_it_is_committed_is_committed_as_it_is_then() {
    let (_folder, node) = kit::s3().await;
    let (whole, name) = (numbers(WHOLE), key("1"));
    bring(&node, &name, &whole, 0..WHOLE, None).await;
    node.gather_incoming(&name, WHOLE as u64).await.unwrap();
    // Places in it are blanked.
    let path = node.incoming_path(&name);
    let file = std::fs::File::options().write(true).open(path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0; 100], 50).unwrap();
    node.commit_incoming(&name, &key("videos/1/a.mp4")).await.unwrap();
    let read = node.get(&key("videos/1/a.mp4"), 0..200).await.unwrap().unwrap();
    assert!(read[50..150] == [0; 100] && read[..50] == whole[..50] && read[150..] == whole[150..200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_nowhere_are_told() {
    let (_folder, node) = kit::s3().await;
    let name = key("1");
    let lost = node.append_incoming(&name, 10, None).await;
    assert!(matches!(lost, Err(ObjectsError::Lost)), "{lost:?}");
    bring(&node, &name, &numbers(50), 0..50, None).await;
    let lost = node.gather_incoming(&name, 60).await;
    assert!(matches!(lost, Err(ObjectsError::Lost)), "{lost:?}");
}
