//! Coming from a chai-backend on MongoDB with `streamsphere import mongodb`: from dumps in real BSON, into a site that is
//! then signed in to, watched, and compared.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bson::oid::ObjectId as Oid;
use bson::{DateTime, Document, doc};
use serde_json::{Value, json};
use store::{Store, copy};
use tempfile::TempDir;
use testkit::mongodb::{self, Dump, packed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::kit::media_files::aside;
use crate::kit::program::{Ended, run_with};
use crate::kit::{self, PASSWORD, Site, clips};

/// 2024-01-12T21:46:43Z: when everything here was made, as its ids say.
const MADE_S: u32 = 0x65a1_b2c3;

fn oid(kind: u8, number: u8) -> Oid {
    let [a, b, c, d] = MADE_S.to_be_bytes();
    Oid::from_bytes([a, b, c, d, 0, 0, 0, 0, 0, 0, kind, number])
}

fn user(number: u8) -> Oid {
    oid(1, number)
}

fn video(number: u8) -> Oid {
    oid(2, number)
}

fn at(text: &str) -> DateTime {
    DateTime::parse_rfc3339_str(text).unwrap()
}

/// Ends by itself where the sandbox of a test is slow: cheap to check.
fn hash() -> String {
    bcrypt::hash(PASSWORD, 4).unwrap()
}

/// A site of three people as a chai-backend keeps it, in all the forms that its fields come in, and rows that no site can
/// have.
fn town(files: &str) -> Dump {
    let users = vec![
        doc! {
            "_id": user(1), "username": "asha", "email": "Asha@Videos.example", "fullName": "Asha Rao",
            "avatar": format!("{files}/pictures/asha.png"),
            "coverImage": {"url": format!("{files}/pictures/cover.png"), "public_id": "cover"},
            "password": hash(), "refreshToken": "gone", "createdAt": at("2024-02-01T10:00:00Z"),
            "updatedAt": at("2024-03-01T10:00:00Z"), "watchHistory": [video(2), video(1), video(2), oid(9, 9)],
        },
        // Names in capitals, numbers for texts, no times.
        doc! {
            "_id": user(2), "username": "BELA", "email": "bela@videos.example", "fullName": 42, "password": hash(),
            "avatar": {"url": "", "public_id": ""}, "watchHistory": [video(1).to_hex()],
        },
        // No name that can be one, an address that somebody has, and a password that nobody can check.
        doc! {
            "_id": user(3), "username": "Chitra K!", "email": "asha@videos.example", "fullName": "x".repeat(200),
            "password": "5f4dcc3b5aa765d61d8327deb882cf99",
        },
        // The name of another.
        doc! {"_id": user(4), "username": "Asha", "email": "no address", "fullName": "Asha the second", "password": hash()},
        doc! {"_id": "not an id", "username": "nobody"},
    ];
    let videos = vec![
        doc! {
            "_id": video(1), "videoFile": format!("{files}/clips/small.mp4"), "thumbnail": format!("{files}/pictures/cover.png"),
            "title": "Otters of the river", "description": "All of them", "duration": 4.2, "views": 1234,
            "isPublished": true, "owner": user(1), "tags": ["Otters", "#river"], "createdAt": at("2024-02-02T10:00:00Z"),
            "updatedAt": at("2024-02-03T10:00:00Z"),
        },
        doc! {
            "_id": video(2), "videoFiles": {"360p": {"url": format!("{files}/none/360.mp4"), "public_id": "none"},
            "1080p": {"url": format!("{files}/none/1080.mp4"), "public_id": "clips/second"}},
            "thumbnail": {"url": format!("{files}/none/t.jpg"), "public_id": "cover"},
            "title": "y".repeat(300), "views": "77", "duration": "12.5", "isPublished": false, "owner": user(2).to_hex(),
        },
        doc! {"_id": video(3), "title": "Of nobody", "owner": oid(1, 99)},
        doc! {"_id": video(4), "title": "Lost", "videoFile": format!("{files}/none/lost.mp4"), "owner": user(1)},
    ];
    let comments = vec![
        // The answer stands before what it answers.
        doc! {"_id": oid(3, 2), "content": "An answer", "video": video(1), "owner": user(1), "parent": oid(3, 1)},
        doc! {"_id": oid(3, 3), "content": "An answer to it", "video": video(1), "owner": user(2), "parentComment": oid(3, 2)},
        doc! {"_id": oid(3, 1), "content": "Lovely \u{1f9a6}", "video": video(1), "owner": user(2),
        "createdAt": at("2024-02-04T10:00:00Z"), "updatedAt": at("2024-02-05T10:00:00Z")},
        doc! {"_id": oid(3, 4), "content": " ", "video": video(1), "owner": user(2)},
        doc! {"_id": oid(3, 5), "content": "To nothing", "video": video(1), "owner": user(2), "parent": oid(3, 99)},
        doc! {"_id": oid(3, 6), "content": "Under nothing", "video": video(99), "owner": user(2)},
    ];
    let tweets = vec![
        doc! {"_id": oid(4, 1), "content": "Otters again", "owner": user(1)},
        doc! {"_id": oid(4, 2), "content": "z".repeat(900), "owner": user(2), "video": video(1)},
    ];
    let likes = vec![
        doc! {"_id": oid(5, 1), "video": video(1), "likedBy": user(2)},
        doc! {"_id": oid(5, 2), "video": video(1), "likedBy": user(2)},
        doc! {"_id": oid(5, 3), "comment": oid(3, 1), "likedBy": user(1)},
        doc! {"_id": oid(5, 4), "tweet": oid(4, 1), "likedBy": user(2)},
        doc! {"_id": oid(5, 5), "video": video(99), "likedBy": user(2)},
        doc! {"_id": oid(5, 6), "likedBy": user(2)},
    ];
    let subscriptions = vec![
        doc! {"_id": oid(6, 1), "subscriber": user(2), "channel": user(1), "createdAt": at("2024-02-06T10:00:00Z")},
        doc! {"_id": oid(6, 2), "subscriber": user(2), "channel": user(1)},
        doc! {"_id": oid(6, 3), "subscriber": user(1), "channel": user(1)},
    ];
    let playlists = vec![
        doc! {"_id": oid(7, 1), "name": "Rivers", "description": "Water", "owner": user(1),
        "videos": [video(2), video(1), oid(9, 9), video(1)]},
        doc! {"_id": oid(7, 2), "name": "Of nobody", "owner": oid(1, 99), "videos": []},
    ];
    Dump::default()
        .with("users", users)
        .with("videos", videos)
        .with("comments", comments)
        .with("tweets", tweets)
        .with("likes", likes)
        .with("subscriptions", subscriptions)
        .with("playlists", playlists)
}

/// The files of the town, as they lie on a disk.
fn shelf() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for below in ["clips", "pictures"] {
        std::fs::create_dir_all(folder.path().join(below)).unwrap();
    }
    std::fs::write(folder.path().join("clips/small.mp4"), clips::small().bytes()).unwrap();
    std::fs::write(folder.path().join("clips/second.mp4"), clips::phone().bytes()).unwrap();
    for name in ["asha", "cover"] {
        let path = folder.path().join(format!("pictures/{name}.png"));
        let path = path.display().to_string();
        clips::ffmpeg(&[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360",
            "-frames:v",
            "1",
            &path,
        ]);
    }
    folder
}

fn imports(data: &Path, source: &str, words: &[&str]) -> Ended {
    let shown = data.display().to_string();
    let mut all = vec![
        "import",
        "mongodb",
        source,
        "--data-dir",
        &shown,
        "--disk-reserve-bytes",
        "0",
    ];
    all.extend(words);
    run_with(&all, &[], Path::new("/"), "")
}

/// Asserts that it ended with something left out; answers its report.
#[track_caller]
fn leaves_out(ended: &Ended, report: &Path) -> Value {
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap()
}

fn sums(report: &Value, collection: &str) -> [u64; 4] {
    ["found", "taken", "known", "left_out"]
        .map(|name| report["collections"][collection][name].as_u64().unwrap())
}

fn remarks(report: &Value, list: &str) -> HashMap<String, String> {
    let list = report.pointer(list).unwrap().as_array().unwrap();
    let text = |remark: &Value, name: &str| remark[name].as_str().unwrap().to_owned();
    list.iter()
        .map(|remark| (text(remark, "id"), text(remark, "what")))
        .collect()
}

/// Asserts that two databases hold the same rows.
async fn same(one: &Path, other: &Path) {
    let open = async |path: &Path| Store::open(&store::Settings::sqlite(path)).await.unwrap();
    let (one, other) = (open(one).await, open(other).await);
    let tables = copy::tables(&mut one.read()).await.unwrap();
    let (rows, found) = copy::compare(&mut one.read(), &mut other.read(), &tables, 20, |_, _| {})
        .await
        .unwrap();
    assert!(rows > 50 && found.is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_town_comes_over_with_its_ids_times_counts_and_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let dump = folder.path().join("dump");
    town("https://nowhere.example").folder(&dump, "tube");
    let (dump, report) = (dump.display().to_string(), folder.path().join("report.json"));
    let shelf = shelf();
    let media = shelf.path().display().to_string();
    let shown = report.display().to_string();
    let words = ["--media", &media, "--no-fetch", "--report", &shown];

    // A look at what would come writes nothing, and tells the same.
    let look = imports(&data, &dump, &["--dry-run", "--report", &shown]);
    let looked = leaves_out(&look, &report);
    let first = imports(&data, &dump, &words);
    let told = leaves_out(&first, &report);
    assert_eq!(looked["collections"], told["collections"]);
    assert_eq!(looked["left_out"], told["left_out"]);

    assert_eq!(sums(&told, "users"), [5, 4, 0, 1]);
    assert_eq!(sums(&told, "videos"), [4, 3, 0, 1]);
    assert_eq!(sums(&told, "comments"), [6, 3, 0, 3]);
    assert_eq!(sums(&told, "tweets"), [2, 2, 0, 0]);
    assert_eq!(sums(&told, "likes"), [6, 3, 1, 2]);
    assert_eq!(sums(&told, "subscriptions"), [3, 1, 1, 1]);
    assert_eq!(sums(&told, "playlists"), [2, 1, 0, 1]);
    let left = remarks(&told, "/left_out");
    assert!(left["number 5"].contains("no ObjectId"), "{left:?}");
    assert!(
        left[&oid(3, 5).to_hex()].contains("answers is not there"),
        "{left:?}"
    );
    assert!(left[&oid(6, 3).to_hex()].contains("themselves"), "{left:?}");
    let changed = remarks(&told, "/changed");
    assert!(
        changed[&user(3).to_hex()].contains("reset-password"),
        "{changed:?}"
    );
    let other = &changed[&user(4).to_hex()];
    assert!(other.contains("so it is asha_2 here"), "{changed:?}");
    assert!(
        changed[&video(2).to_hex()].contains("title was cut"),
        "{changed:?}"
    );
    // Avatar, cover, two posters and two videos are in the folder; one video is nowhere.
    assert_eq!(told["files"]["fetched"], 6, "{told:#}");
    let lost = remarks(&told, "/files/failures");
    assert!(lost[&video(4).to_hex()].contains("not in the folder"), "{lost:?}");

    // Again: nothing is doubled, and nothing is another, also not where something is left out each time.
    let database = data.join("streamsphere.db");
    let kept = folder.path().join("kept.db");
    std::fs::copy(&database, &kept).unwrap();
    let again = leaves_out(&imports(&data, &dump, &words), &report);
    for collection in [
        "users",
        "videos",
        "comments",
        "tweets",
        "likes",
        "subscriptions",
        "playlists",
    ] {
        let [found, taken, known, left] = sums(&again, collection);
        assert_eq!((taken, known + left), (0, found), "{collection}");
    }
    same(&kept, &database).await;

    let site = kit::with("disk_reserve_bytes", "0").start_in(folder).await;
    is_the_town(&site).await;
    site.counts_right().await;
    // Views that were counted elsewhere add up as those that are counted here.
    let folder = site.stop().await;
    let shown = folder.path().join("data").display().to_string();
    run_with(
        &["doctor", "--recount", "--data-dir", &shown],
        &[],
        Path::new("/"),
        "",
    )
    .succeeds();
}

async fn is_the_town(site: &Site) {
    let asha = site.sign_in("asha").await;
    let me = asha.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(me.at("/data/_id"), user(1).to_hex());
    assert_eq!(me.at("/data/email"), "asha@videos.example");
    assert_eq!(me.at("/data/createdAt"), "2024-02-01T10:00:00.000Z");
    assert_eq!(me.at("/data/updatedAt"), "2024-03-01T10:00:00.000Z");
    let bela = site.sign_in("bela").await;
    let channel = bela.get("/api/v1/users/c/asha").await.is(200);
    assert_eq!(channel.at("/data/subscribersCount"), 1);
    assert_eq!(channel.at("/data/isSubscribed"), true);
    // Nobody gets in with what was no hash.
    let wrong = json!({"username": "chitra_k_", "password": "password"});
    site.anyone().post("/api/v1/users/login", &wrong).await.is(401);

    let first = video(1).to_hex();
    asha.waits_until(&first, "ready").await;
    bela.waits_until(&video(2).to_hex(), "ready").await;
    let shown = site
        .anyone()
        .get(&format!("/api/v1/videos/{first}"))
        .await
        .is(200);
    assert_eq!(shown.at("/data/title"), "Otters of the river");
    assert_eq!(shown.at("/data/views"), 1234);
    assert_eq!(shown.at("/data/createdAt"), "2024-02-02T10:00:00.000Z");
    assert_eq!(shown.at("/data/tags"), json!(["otters", "river"]));
    let played = site
        .anyone()
        .get(&format!("/api/v1/videos/{first}/hls/master.m3u8"))
        .await;
    assert!(played.status == 200 || played.status == 404, "{played:?}");
    site.anyone()
        .get(&format!("/api/v1/videos/{}", video(2).to_hex()))
        .await
        .is(404);
    let lost = asha
        .get(&format!("/api/v1/videos/{}", video(4).to_hex()))
        .await
        .is(200);
    assert_eq!(lost.at("/data/status"), "failed");

    let comments = site
        .anyone()
        .get(&format!("/api/v1/comments/{first}"))
        .await
        .is(200);
    assert_eq!(comments.at("/data/totalDocs"), 1);
    assert_eq!(comments.at("/data/docs/0/content"), "Lovely \u{1f9a6}");
    assert_eq!(comments.at("/data/docs/0/createdAt"), "2024-02-04T10:00:00.000Z");
    assert_eq!(comments.at("/data/docs/0/likesCount"), 1);
    let found = site.anyone().get("/api/v1/search?q=otters").await.is(200);
    assert_eq!(found.at("/data/videos/0/_id"), first.clone());
    let liked = bela.get("/api/v1/likes/videos").await.is(200);
    assert_eq!(liked.text_at("/data/docs/0/_id").len(), 24);
    let playlist = site
        .anyone()
        .get(&format!("/api/v1/playlist/{}", oid(7, 1).to_hex()))
        .await
        .is(200);
    assert_eq!(playlist.at("/data/name"), "Rivers");
    assert_eq!(playlist.at("/data/videos/0/_id"), first.clone());
    let history = asha.get("/api/v1/users/history").await.is(200);
    assert!(history.at("/data").to_string().contains(&first), "{history:?}");
    // Nobody was told of anything that is long past.
    let told = bela.get("/api/v1/notifications").await.is(200);
    assert_eq!(told.at("/data/unreadCount"), 0, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_removed_here_stays_so_and_what_is_new_comes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let dump = folder.path().join("dump.gz");
    let one = |title: &str| doc! {"_id": video(1), "title": title, "owner": user(1), "isPublished": true};
    let asha = doc! {"_id": user(1), "username": "asha", "email": "asha@videos.example", "password": hash()};
    let tweet =
        |number: u8| doc! {"_id": oid(4, number), "content": format!("Tweet {number}"), "owner": user(1)};
    let write = |videos: Vec<Document>, tweets: Vec<Document>| {
        let dump_of = Dump::default()
            .with("users", vec![asha.clone()])
            .with("videos", videos)
            .with("tweets", tweets);
        std::fs::write(&dump, packed(&dump_of.archive("tube"))).unwrap();
    };
    let source = dump.display().to_string();
    write(vec![one("As it was")], vec![tweet(1), tweet(2)]);
    imports(&data, &source, &["--no-media"]).succeeds();

    let site = kit::with("disk_reserve_bytes", "0").start_in(folder).await;
    let asha = site.sign_in("asha").await;
    asha.patch(
        &format!("/api/v1/videos/{}", video(1).to_hex()),
        &json!({"title": "As it is"}),
    )
    .await
    .is(200);
    asha.delete(&format!("/api/v1/tweets/{}", oid(4, 1).to_hex()))
        .await
        .is(200);
    let folder = site.stop().await;

    write(
        vec![one("As it became there")],
        vec![tweet(1), tweet(2), tweet(3)],
    );
    imports(&data, &source, &["--no-media"]).succeeds();
    let site = kit::with("disk_reserve_bytes", "0").start_in(folder).await;
    let asha = site.sign_in("asha").await;
    let shown = asha
        .get(&format!("/api/v1/videos/{}", video(1).to_hex()))
        .await
        .is(200);
    assert_eq!(shown.at("/data/title"), "As it is");
    let tweets = asha.get("/api/v1/tweets").await.is(200);
    let texts: Vec<Value> = (0..2)
        .map(|at| tweets.at(&format!("/data/docs/{at}/content")))
        .collect();
    assert_eq!(tweets.at("/data/totalDocs"), 2, "{tweets:?}");
    assert!(
        texts.contains(&json!("Tweet 2")) && texts.contains(&json!("Tweet 3")),
        "{texts:?}"
    );
    site.counts_right().await;
}

/// A server of files that loses its connection now and then, and leads elsewhere first.
struct Files {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for Files {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Serves a folder below `/there`; all else leads there. The first answer about a clip ends in its middle.
async fn file_server(folder: &Path) -> Files {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (folder, noted) = (folder.to_owned(), Arc::clone(&asked));
    let listening = tokio::spawn(async move {
        let mut cut = false;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { break };
                head.push(byte);
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
            let range = head.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("range: bytes=")?
                    .trim_end_matches('-')
                    .parse::<usize>()
                    .ok()
            });
            noted
                .lock()
                .unwrap()
                .push(format!("{path} {}", range.unwrap_or(0)));
            let Some(below) = path.strip_prefix("/there/") else {
                let answer = format!(
                    "HTTP/1.1 302 So\r\nlocation: /there{path}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                continue;
            };
            let Ok(bytes) = std::fs::read(folder.join(below)) else {
                let _ = stream
                    .write_all(b"HTTP/1.1 404 So\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .await;
                continue;
            };
            let (from, status) = match range {
                Some(from) => (
                    from,
                    format!(
                        "206 So\r\ncontent-range: bytes {from}-{}/{}",
                        bytes.len() - 1,
                        bytes.len()
                    ),
                ),
                None => (0, "200 So".to_owned()),
            };
            let rest = &bytes[from..];
            let answer = format!(
                "HTTP/1.1 {status}\r\netag: \"one\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                rest.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let ends = if below.starts_with("clips/") && !cut {
                rest.len() / 2
            } else {
                rest.len()
            };
            cut = cut || below.starts_with("clips/");
            let _ = stream.write_all(&rest[..ends]).await;
        }
    });
    Files {
        url,
        asked,
        listening,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_fetched_by_the_rules_of_all_that_goes_out_and_go_on_where_they_were_cut() {
    let shelf = shelf();
    let files = file_server(shelf.path()).await;
    let folder = tempfile::tempdir().unwrap();
    let (data, report) = (folder.path().join("data"), folder.path().join("report.json"));
    let server = mongodb::serve(town(&files.url), "tube", "reader", "secret").await;
    let source = format!("mongodb://reader:secret@{}/tube", server.place);
    let shown = report.display().to_string();
    let run = |words: &'static [&'static str]| {
        let (data, source, shown) = (data.clone(), source.clone(), shown.clone());
        aside(move || {
            let mut all = vec!["--report", shown.as_str()];
            all.extend(words);
            imports(&data, &source, &all)
        })
    };

    // An address in our own network is asked for nothing, unless whoever runs the site says so.
    let told = leaves_out(&run(&["--egress-http", "true"]).await, &report);
    assert_eq!(told["files"]["fetched"], 0, "{told:#}");
    assert!(files.asked.lock().unwrap().is_empty());

    let told = leaves_out(
        &run(&["--egress-http", "true", "--egress-allow", "127.0.0.1"]).await,
        &report,
    );
    assert_eq!(sums(&told, "users"), [5, 0, 4, 1]);
    // What is not there any more did not come.
    assert_eq!(told["files"]["fetched"], 4, "{told:#}");
    assert_eq!(told["files"]["failed"], 3, "{told:#}");
    let asked = files.asked.lock().unwrap().clone();
    let whole = clips::small().bytes().len();
    let went_on = format!("/there/clips/small.mp4 {}", whole / 2);
    assert!(asked.contains(&went_on), "{asked:?}");

    let site = kit::with("disk_reserve_bytes", "0").start_in(folder).await;
    let asha = site.sign_in("asha").await;
    asha.waits_until(&video(1).to_hex(), "ready").await;
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_town_comes_over_to_postgres_too() {
    let url = testkit::fresh_database(&testkit::needed_server()).await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let dump = folder.path().join("dump");
    town("https://nowhere.example").packed_folder(&dump, "tube");
    let shelf = shelf();
    let (source, media) = (dump.display().to_string(), shelf.path().display().to_string());
    // A site that runs while others come to it.
    let site = kit::with("database_url", &url).start_in(folder).await;
    let ended = aside(move || {
        let words = [
            "--media",
            media.as_str(),
            "--no-fetch",
            "--database-url",
            url.as_str(),
        ];
        imports(&data, &source, &words)
    })
    .await;
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    is_the_town(&site).await;
    site.counts_right().await;
}

#[test]
fn whoever_names_no_source_or_one_that_is_none_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let nothing = folder.path().join("nothing").display().to_string();
    assert!(imports(&data, &nothing, &[]).complains().contains("nothing"));
    let empty = folder.path().display().to_string();
    assert!(
        imports(&data, &empty, &[])
            .complains()
            .contains("holds no collection")
    );
    let shown = data.display().to_string();
    let unnamed = run_with(
        &["import", "mongodb", "--data-dir", &shown],
        &[],
        Path::new("/"),
        "",
    );
    assert!(unnamed.complains().contains("MONGODB_URI"));
}
