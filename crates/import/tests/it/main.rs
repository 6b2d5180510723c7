//! Sources of every form, read to their end: what they hold comes out the same, and one that is damaged is refused as a
//! whole.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::path::Path;

use bson::oid::ObjectId as Oid;
use bson::{Document, doc};
use import::rows::Row;
use import::{Collection, ImportError, Origin, Source};
use testkit::mongodb::{self, Dump, packed};

const ROOM: u64 = 1 << 30;

fn oid(number: u8) -> Oid {
    Oid::from_bytes([0x65, 0xa1, 0xb2, 0xc3, 0, 0, 0, 0, 0, 0, 0, number])
}

fn people(count: u8) -> Vec<Document> {
    (1..=count)
        .map(|number| doc! {"_id": oid(number), "username": format!("person{number}"), "email": format!("p{number}@videos.example")})
        .collect()
}

/// Eleven people and four videos, of which others may be read.
fn small() -> Dump {
    let videos = (1..=4)
        .map(|number| doc! {"_id": oid(100 + number), "title": format!("Video {number}"), "owner": oid(1)});
    Dump::default()
        .with("users", people(11))
        .with("videos", videos)
        .with(
            "sessions",
            vec![doc! {"_id": "somebody's", "data": "no business of ours"}],
        )
}

async fn open(words: &str, database: Option<&str>) -> Result<(Source, tempfile::TempDir), ImportError> {
    let spool = tempfile::tempdir().unwrap();
    let origin = Origin::parse(words)?;
    let source = Source::open(&origin, database, spool.path(), ROOM).await?;
    Ok((source, spool))
}

fn names(source: &Source) -> Vec<String> {
    let mut documents = source.documents(Collection::Users).unwrap().unwrap();
    let mut names = Vec::new();
    while let Some(bytes) = documents.next_document().unwrap() {
        names.push(Row::read(bytes).unwrap().user().username.unwrap());
    }
    names
}

fn holds_all(source: &Source) {
    let expected: Vec<String> = (1..=11).map(|number| format!("person{number}")).collect();
    assert_eq!(names(source), expected);
    assert_eq!(source.count(Collection::Users), 11);
    assert_eq!(source.count(Collection::Videos), 4);
    assert_eq!(source.count(Collection::Likes), 0);
    assert!(source.documents(Collection::Likes).unwrap().is_none());
}

fn words(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn folders_packed_folders_and_archives_hold_the_same() {
    let at = tempfile::tempdir().unwrap();
    let (plain, tight) = (at.path().join("plain"), at.path().join("tight"));
    small().folder(&plain, "tube");
    small().packed_folder(&tight, "tube");
    let (archive, packed_archive) = (at.path().join("dump"), at.path().join("dump.gz"));
    std::fs::write(&archive, small().archive("tube")).unwrap();
    std::fs::write(&packed_archive, packed(&small().archive("tube"))).unwrap();

    for place in [&plain, &tight, &archive, &packed_archive, &plain.join("tube")] {
        let (source, _spool) = open(&words(place), None).await.unwrap();
        holds_all(&source);
    }
}

#[tokio::test]
async fn a_server_is_read_in_many_answers_by_somebody_who_signs_in() {
    let server = mongodb::serve(small(), "tube", "read:er", "p@ss/word").await;
    let (source, _spool) = open(
        &format!(
            "mongodb://read%3Aer:p%40ss%2Fword@{}/tube?authSource=admin",
            server.place
        ),
        None,
    )
    .await
    .unwrap();
    holds_all(&source);
    // The one database that is not the server's own.
    let (source, _spool) = open(
        &format!("mongodb://read%3Aer:p%40ss%2Fword@{}", server.place),
        None,
    )
    .await
    .unwrap();
    holds_all(&source);

    for wrong in ["read%3Aer:other@", "else:p%40ss%2Fword@", ""] {
        let refused = open(&format!("mongodb://{wrong}{}/tube", server.place), None).await;
        let Err(ImportError::Server(said)) = refused else {
            panic!("{wrong}: {refused:?}");
        };
        assert!(said.contains("uthentication"), "{said}");
    }
}

#[tokio::test]
async fn over_tls_a_server_is_read_when_somebody_vouches_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = mongodb::serve_tls(small(), "tube", "reader", "secret", folder.path()).await;
    let place = format!("mongodb://reader:secret@{}/tube?tls=true", server.place);
    let vouched = format!("{place}&tlsCAFile={}", folder.path().join("ca.crt").display());
    let (source, _spool) = open(&vouched, None).await.unwrap();
    holds_all(&source);
    // Those whom the system trusts do not know it; nothing is told to it then.
    let refused = open(&place, None).await;
    assert!(matches!(
        refused,
        Err(ImportError::Unreachable(_) | ImportError::Address(_))
    ));
}

#[tokio::test]
async fn nobody_who_answers_is_told_so() {
    let place = format!("mongodb://127.0.0.1:{}/tube", testkit::free_port());
    assert!(matches!(
        open(&place, None).await,
        Err(ImportError::Unreachable(_))
    ));
    let srv = open("mongodb+srv://cluster.example/tube", None).await;
    assert!(matches!(srv, Err(ImportError::Address(said)) if said.contains("mongodump")));
}

#[tokio::test]
async fn of_several_databases_one_has_to_be_named() {
    let at = tempfile::tempdir().unwrap();
    small().folder(at.path(), "tube");
    Dump::default()
        .with("users", people(2))
        .folder(at.path(), "other");
    let asked = open(&words(at.path()), None).await;
    assert!(matches!(asked, Err(ImportError::Several { names, .. }) if names == "other, tube"));
    let (source, _spool) = open(&words(at.path()), Some("tube")).await.unwrap();
    holds_all(&source);
    assert!(matches!(
        open(&words(at.path()), Some("none")).await,
        Err(ImportError::Nothing(_))
    ));
}

#[tokio::test]
async fn what_is_damaged_is_refused_as_a_whole() {
    let at = tempfile::tempdir().unwrap();
    let archive = small().archive("tube");
    let whole = at.path().join("dump");
    // Cut off anywhere: within a document, within a head, between blocks, before the last sum.
    for cut in [
        3,
        4,
        20,
        archive.len() / 3,
        archive.len() / 2,
        archive.len() - 5,
        archive.len() - 60,
    ] {
        std::fs::write(&whole, &archive[..cut]).unwrap();
        assert!(open(&words(&whole), None).await.is_err(), "cut at {cut}");
        std::fs::write(&whole, packed(&archive)[..].split_at(cut.min(200)).0).unwrap();
        assert!(open(&words(&whole), None).await.is_err(), "packed, cut at {cut}");
    }
    // A letter of somebody's name is another: the sum finds it.
    let place = archive.windows(7).position(|bytes| bytes == b"person7").unwrap();
    let mut flipped = archive.clone();
    flipped[place] ^= 1;
    std::fs::write(&whole, &flipped).unwrap();
    let refused = open(&words(&whole), None).await;
    assert!(matches!(refused, Err(ImportError::Archive(said)) if said.contains("sum")));

    let folder = at.path().join("folder");
    small().folder(&folder, "tube");
    let users = folder.join("tube/users.bson");
    let bytes = std::fs::read(&users).unwrap();
    for cut in [1, 3, 10, bytes.len() - 1] {
        std::fs::write(&users, &bytes[..cut]).unwrap();
        let refused = open(&words(&folder), None).await;
        assert!(
            matches!(refused, Err(ImportError::Damaged { .. })),
            "cut at {cut}"
        );
    }
    // A length that nobody has room for.
    std::fs::write(&users, [0xff, 0xff, 0xff, 0x7f, 0, 0]).unwrap();
    assert!(matches!(
        open(&words(&folder), None).await,
        Err(ImportError::Damaged { .. })
    ));
    std::fs::write(&whole, "neither").unwrap();
    assert!(matches!(
        open(&words(&whole), None).await,
        Err(ImportError::NotADump(_))
    ));
}

#[tokio::test]
async fn a_source_that_does_not_fit_is_not_unpacked_further() {
    let at = tempfile::tempdir().unwrap();
    let whole = at.path().join("dump.gz");
    let big = Dump::default().with("users", vec![doc! {"_id": oid(1), "bio": "x".repeat(4 << 20)}]);
    std::fs::write(&whole, packed(&big.archive("tube"))).unwrap();
    let origin = Origin::parse(&words(&whole)).unwrap();
    let refused = Source::open(&origin, None, at.path(), 1 << 20).await;
    assert!(matches!(refused, Err(ImportError::TooLarge(_))));
}
