//! `/api/v1/users/export`: everything of one person in one file, opened by a reader that is not ours.

mod upkeep;

use std::collections::BTreeMap;

use model::{Clock, CommentId, Millis};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::rows::{add, never_scans, row};
use crate::kit::{self, Person, Site, clips, tools};

const EXPORT: &str = "/api/v1/users/export";
/// What every archive has, whoever asks for it.
const ALWAYS: [&str; 18] = [
    "README.txt",
    "avatar.jpg",
    "blocks.json",
    "comment-settings.json",
    "comments.json",
    "held-comments.json",
    "history.json",
    "likes.json",
    "notification-settings.json",
    "playlists.json",
    "profile.json",
    "push-subscriptions.json",
    "reports.json",
    "sessions.json",
    "subscriptions.json",
    "tweets.json",
    "videos.json",
    "webhooks.json",
];

/// A browser's public key (RFC 8291, section 5).
const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

/// Somebody's newest export.
async fn newest(person: &Person<'_>) -> Value {
    person.get(EXPORT).await.is(200).at("/data/0")
}

/// Asks for an export and waits until it is ready; answers it.
async fn exports(person: &Person<'_>) -> Value {
    person.post(EXPORT, &json!({})).await.is(202);
    kit::until("the export is ready", async || {
        let export = newest(person).await;
        assert_ne!(export["status"], "failed", "{export}");
        export["status"] == "ready"
    })
    .await;
    newest(person).await
}

/// The files of an export that is ready.
async fn files(person: &Person<'_>, export: &Value) -> BTreeMap<String, Vec<u8>> {
    let path = format!("{EXPORT}/{}/file", export["_id"].as_str().unwrap());
    let sent = person.get(&path).await.is(200);
    assert_eq!(export["sizeBytes"], sent.bytes.len());
    tools::unzipped(&sent.bytes)
}

#[track_caller]
fn read(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// No file of exports is on the disk.
fn nothing_kept(site: &Site) -> bool {
    kit::files(&site.objects().join("exports")).is_empty()
}

/// A banner, as a form sends it.
async fn puts_up_a_banner(person: &Person<'_>) {
    let source = "testsrc2=size=2400x600:rate=1:duration=1";
    let picture = clips::made("banner.png", &["-f", "lavfi", "-i", source, "-frames:v", "1"]).bytes();
    let part = reqwest::multipart::Part::bytes(picture).file_name("banner.png");
    let form = reqwest::multipart::Form::new().part("coverImage", part);
    let request = person.request(Method::PATCH, "/api/v1/users/cover-image");
    kit::answer(request.multipart(form)).await.is(200);
}

#[expect(
    clippy::too_many_lines,
    reason = "one story: a whole account is filled and read again"
)]
#[tokio::test(flavor = "multi_thread")]
async fn everything_of_a_person_comes_in_one_file() {
    let site = kit::with("push_contact", "mailto:ops@videos.example")
        .start()
        .await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let about = "Filmed from the pier.\nWith \"quotes\" and ünïcödé.";
    let own = asha
        .publishes(
            &clips::small(),
            &[("title", "Ships"), ("description", about), ("tags", "sea,ship")],
        )
        .await;
    let draft = asha
        .publishes(
            &clips::small(),
            &[("title", "A draft"), ("visibility", "private")],
        )
        .await;
    puts_up_a_banner(&asha).await;
    let request = asha.request(Method::PUT, &format!("/api/v1/videos/{own}/captions/en"));
    let text = "WEBVTT\n\n00:00.500 --> 00:01.500\nAhoy\n";
    kit::answer(request.header("content-type", "text/vtt").body(text))
        .await
        .is(201);
    let mut talk = row(&site, &asha, "A talk");
    talk.duration_ms = 60_000;
    "0:00 One\n0:10 Two\n0:20 Three".clone_into(&mut talk.description);
    add(&site, &[talk]).await;
    let mut others = [row(&site, &bela, "Of bela"), row(&site, &bela, "Also of bela")];
    for video in &mut others {
        video.duration_ms = 100_000;
    }
    add(&site, &others).await;
    let [theirs, also] = others.map(|video| video.id.to_string());
    let comment = asha.comments(&theirs, "What a ship 🚢").await;
    let reply = asha.replies(&theirs, &comment, "To myself").await;
    let said = bela.comments(&theirs, "Of bela, to nobody").await;
    let blocks = json!({"blockedWords": ["barnacle"]});
    bela.patch("/api/v1/users/comment-settings", &blocks)
        .await
        .is(200);
    let asks = json!({"approval": "links", "blockedWords": ["Kraken"]});
    asha.patch("/api/v1/users/comment-settings", &asks).await.is(200);
    let waits = asha.comments(&theirs, "A barnacle").await;
    let tweet = asha.tweets("Ahoy").await;
    let heard = bela.tweets("Of bela as well").await;
    for liked in [format!("v/{theirs}"), format!("c/{said}"), format!("t/{heard}")] {
        asha.likes(&liked).await;
    }
    asha.put(&format!("/api/v1/subscriptions/c/{}", bela.id))
        .await
        .is(200);
    let words = json!({"name": "Best of", "description": "All", "visibility": "private"});
    let list = asha
        .post("/api/v1/playlist", &words)
        .await
        .is(201)
        .text_at("/data/_id");
    for (video, list) in [
        (&also, list.as_str()),
        (&theirs, list.as_str()),
        (&own, "watch-later"),
    ] {
        let path = format!("/api/v1/playlist/add/{video}/{list}");
        asha.patch(&path, &json!({})).await.is(200);
    }
    let watched = json!({"sessionId": "a", "from": 0, "to": 12.5, "position": 12.5, "event": "progress"});
    asha.post(&format!("/api/v1/videos/{theirs}/views"), &watched)
        .await
        .is(202);
    asha.patch("/api/v1/notifications/preferences", &json!({"newTweet": false}))
        .await
        .is(200);
    asha.put(&format!("/api/v1/users/blocks/{}", chen.id))
        .await
        .is(200);
    asha.complains_of("tweet", &heard).await.is(201);
    let receiver =
        json!({"url": "https://hooks.example/of-asha", "events": ["tweet.created"], "active": false});
    let hook = asha.post("/api/v1/webhooks", &receiver).await.is(201);
    let keys = json!({"p256dh": POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"});
    let browser = json!({"endpoint": "https://push.example/send/of-ashas-browser", "keys": keys});
    let browser = asha.post("/api/v1/push/subscriptions", &browser).await.is(201);
    asha.patch("/api/v1/users/update-account", &json!({"bio": "I film ships."}))
        .await
        .is(200);

    let export = exports(&asha).await;
    assert_eq!(export["progress"], 1.0);
    let id = export["_id"].as_str().unwrap();
    assert_eq!(export["url"], format!("{}{EXPORT}/{id}/file", site.url));
    let files = files(&asha, &export).await;
    let captions = format!("captions/{own}.en.vtt");
    let mut expected: Vec<&str> = ALWAYS.to_vec();
    expected.extend(["cover.jpg", &captions]);
    expected.sort_unstable();
    assert_eq!(files.keys().collect::<Vec<_>>(), expected);

    let profile = read(&files, "profile.json");
    assert_eq!(profile["_id"], asha.id);
    assert_eq!(profile["email"], "asha@example.com");
    assert_eq!(profile["bio"], "I film ships.");
    assert_eq!(profile["export"], id);
    for picture in ["avatar.jpg", "cover.jpg"] {
        assert!(files[picture].starts_with(&[0xff, 0xd8]), "{picture}");
    }

    let videos = read(&files, "videos.json");
    let (first, second) = (&videos[0], &videos[1]);
    assert_eq!((&first["_id"], &second["_id"]), (&json!(own), &json!(draft)));
    assert_eq!(videos.as_array().unwrap().len(), 3);
    assert_eq!(
        videos[2]["chapters"][1],
        json!({"title": "Two", "start": 10.0, "end": 20.0})
    );
    assert_eq!(first["description"], about);
    assert_eq!(first["tags"], json!(["sea", "ship"]));
    assert_eq!(second["visibility"], "private");
    assert_eq!(second["status"], "ready");
    assert_eq!(first["captions"][0]["file"], captions);
    assert!(String::from_utf8_lossy(&files[&captions]).contains("Ahoy"));
    // What is not in the archive is fetched by its addresses, also of a private video, by its owner alone.
    for video in [first, second] {
        let mut links = vec![
            &video["original"],
            &video["hls"],
            &video["thumbnail"],
            &video["videoFile"],
        ];
        let made = video["renditions"].as_array().unwrap();
        assert!(!made.is_empty());
        links.extend(made.iter().map(|rendition| &rendition["download"]));
        links.extend(
            video["captions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|track| &track["url"]),
        );
        for link in links {
            let link = link.as_str().unwrap();
            asha.get(link).await.is(200);
            if video == second {
                bela.get(link).await.is(404);
            }
        }
    }

    let comments = read(&files, "comments.json");
    assert_eq!(kit::conversation::ids(&comments), [comment.clone(), reply]);
    assert_eq!(comments[0]["content"], "What a ship 🚢");
    assert_eq!(comments[0]["video"], theirs);
    assert_eq!(comments[0]["videoTitle"], "Of bela");
    assert_eq!(comments[1]["parent"], comment);
    assert_eq!(kit::conversation::ids(&read(&files, "tweets.json")), [tweet]);
    let held = read(&files, "held-comments.json");
    assert_eq!(held.as_array().unwrap().len(), 1);
    assert_eq!(
        (&held[0]["_id"], &held[0]["content"], &held[0]["video"]),
        (&json!(waits), &json!("A barnacle"), &json!(theirs))
    );
    assert_eq!(read(&files, "comment-settings.json"), asks);
    let likes = read(&files, "likes.json");
    assert_eq!(likes.as_array().unwrap().len(), 3);
    assert_eq!(likes[0]["video"], theirs);
    assert_eq!(likes[1]["comment"], said);
    assert_eq!(likes[2]["tweet"], heard);
    let subscriptions = read(&files, "subscriptions.json");
    assert_eq!(subscriptions[0]["channel"]["username"], "bela");
    let playlists = read(&files, "playlists.json");
    assert_eq!(playlists[0]["isWatchLater"], true);
    assert_eq!(playlists[0]["videos"][0]["video"], own);
    assert_eq!(playlists[1]["_id"], list);
    assert_eq!(playlists[1]["visibility"], "private");
    let entries = playlists[1]["videos"].as_array().unwrap().iter();
    let titles: Vec<&Value> = entries.map(|entry| &entry["title"]).collect();
    assert_eq!(titles, ["Also of bela", "Of bela"], "in order");
    let history = read(&files, "history.json");
    assert_eq!(history[0]["video"], theirs);
    assert_eq!(history[0]["resumeAt"], 12.5);
    let settings = read(&files, "notification-settings.json");
    assert_eq!(
        (&settings["newTweet"], &settings["reply"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(read(&files, "blocks.json")[0]["user"]["username"], "chen");
    let report = &read(&files, "reports.json")[0];
    assert_eq!(
        (&report["kind"], &report["reason"]),
        (&json!("tweet"), &json!("spam"))
    );
    assert_eq!(report["targetId"], heard);
    let hooks = read(&files, "webhooks.json");
    assert_eq!(hooks.as_array().unwrap().len(), 1);
    for field in [
        "_id",
        "url",
        "events",
        "active",
        "ended",
        "createdAt",
        "updatedAt",
    ] {
        assert_eq!(hooks[0][field], hook.at("/data")[field], "{field}");
    }
    let browsers = read(&files, "push-subscriptions.json");
    assert_eq!(browsers.as_array().unwrap().len(), 1);
    assert_eq!(
        (&browsers[0]["_id"], &browsers[0]["service"]),
        (&browser.at("/data/_id"), &json!("push.example"))
    );
    let sessions = read(&files, "sessions.json");
    assert_eq!(browsers[0]["session"], sessions[0]["_id"]);
    assert!(sessions[0]["createdAt"].as_str().unwrap().ends_with('Z'));

    // Nothing that opens anything, and nothing that others said.
    let mut secrets = vec![asha.refresh_token.clone(), asha.token.clone().unwrap()];
    secrets.push(hook.text_at("/data/secret"));
    secrets.extend(
        [
            "$argon2",
            "password_hash",
            "seed",
            "Of bela, to nobody",
            "bela@example.com",
            "of-ashas-browser",
            POINT,
            "BTBZMqHH6r4Tts7J",
            "whsec_",
        ]
        .map(str::to_owned),
    );
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for secret in secrets.iter().filter(|_| name != "README.txt") {
            assert!(!text.contains(secret.as_str()), "{secret} in {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_see_any_more_is_not_named() {
    let site = kit::site().await;
    let (asha, bela, admin) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    let videos = [
        row(&site, &bela, "Turns private"),
        row(&site, &bela, "Is taken down"),
    ];
    add(&site, &videos).await;
    let ids = videos.map(|video| video.id.to_string());
    for id in &ids {
        for person in [&asha, &admin] {
            person.likes(&format!("v/{id}")).await;
            person.comments(id, "Mine").await;
            person
                .patch(&format!("/api/v1/playlist/add/{id}/watch-later"), &json!({}))
                .await
                .is(200);
            let watched =
                json!({"sessionId": "a", "from": 0, "to": 0.5, "position": 0.5, "event": "progress"});
            person
                .post(&format!("/api/v1/videos/{id}/views"), &watched)
                .await
                .is(202);
        }
    }
    bela.patch(
        &format!("/api/v1/videos/{}", ids[0]),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    admin.takes_down("video", &ids[1], "Not here").await.is(200);
    // Nor do those who look after the site take with them what is not theirs.
    for person in [&asha, &admin] {
        let files = files(person, &exports(person).await).await;
        for (name, bytes) in &files {
            let text = String::from_utf8_lossy(bytes);
            for hidden in ["Turns private", "Is taken down", &ids[0], &ids[1]] {
                assert!(!text.contains(hidden), "{hidden} in {name}");
            }
        }
        let comments = read(&files, "comments.json");
        assert_eq!(
            comments.as_array().unwrap().len(),
            2,
            "what one said stays one's own"
        );
        assert_eq!(comments[0]["video"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_its_owners_and_nobody_elses() {
    let site = kit::site().await;
    let (asha, bela, admin) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    let export = exports(&asha).await;
    let one = format!("{EXPORT}/{}", export["_id"].as_str().unwrap());
    let file = format!("{one}/file");
    for other in [&bela, &admin] {
        other.get(&file).await.refuses(404, "export_not_found");
        other.delete(&one).await.refuses(404, "export_not_found");
        assert_eq!(other.get(EXPORT).await.is(200).at("/data"), json!([]));
    }
    site.anyone().get(&file).await.refuses(401, "unauthenticated");
    asha.get(&format!("{EXPORT}/nothing/file"))
        .await
        .refuses(400, "malformed_id");

    let sent = asha.get(&file).await.is(200);
    assert_eq!(sent.header("content-type"), "application/zip");
    assert_eq!(sent.header("cache-control"), "private, no-store");
    assert_eq!(sent.header("accept-ranges"), "bytes");
    let day = &export["createdAt"].as_str().unwrap()[..10];
    assert!(
        sent.header("content-disposition")
            .starts_with(&format!("attachment; filename=\"streamsphere-export-{day}.zip\""))
    );
    let part = asha.request(Method::GET, &file).header("range", "bytes=4-103");
    let part = kit::answer(part).await.is(206);
    assert_eq!(part.bytes, sent.bytes[4..104]);
    let known = asha
        .request(Method::GET, &file)
        .header("if-none-match", sent.header("etag"));
    kit::answer(known).await.is(304);
    let head = kit::answer(asha.request(Method::HEAD, &file)).await.is(200);
    assert_eq!(head.header("content-length"), sent.bytes.len().to_string());

    asha.delete(&one).await.is(200);
    asha.get(&file).await.refuses(404, "export_not_found");
    asha.delete(&one).await.refuses(404, "export_not_found");
    kit::until("its bytes are gone", async || nothing_kept(&site)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_exports_a_day_are_enough() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let asha = site.person("asha").await;
    for _ in 0..2 {
        exports(&asha).await;
    }
    let third = exports(&asha).await;
    let refused = asha
        .post(EXPORT, &json!({}))
        .await
        .refuses(429, "too_many_exports");
    assert_eq!(refused.header("retry-after"), "86400");
    asha.delete(&format!("{EXPORT}/{}", third["_id"].as_str().unwrap()))
        .await
        .is(200);
    asha.post(EXPORT, &json!({}))
        .await
        .refuses(429, "too_many_exports");
    site.person("bela").await.post(EXPORT, &json!({})).await.is(202);
    clock.advance(24 * 3_600_000);
    exports(&site.sign_in("asha").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_read_page_by_page_along_their_indexes() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &bela, "Much discussed");
    add(&site, std::slice::from_ref(&video)).await;
    let core = &site.server.app.core;
    let mut tx = core.store.write().await.unwrap();
    for n in 0..1_001 {
        for owner in [&asha, &bela] {
            let new = store::comments::New {
                id: core.ids.next::<CommentId>(core.clock.now()),
                video_id: video.id,
                owner_id: owner.id.parse().unwrap(),
                parent_id: None,
                content: &format!("{} {n}", owner.name),
                now: core.clock.now(),
                shown_at: core.clock.now(),
            };
            store::comments::add(&mut tx, &new).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let files = files(&asha, &exports(&asha).await).await;
    let comments = read(&files, "comments.json");
    let said: Vec<&str> = comments
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| comment["content"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (0..1_001).map(|n| format!("asha {n}")).collect();
    assert_eq!(said, expected);
    for statement in store::exports::content::STATEMENTS {
        never_scans(&site, statement).await;
    }
    for statement in [store::exports::LIST, store::exports::PAST] {
        never_scans(&site, statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_account_is_an_archive_of_empty_lists() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let files = files(&asha, &exports(&asha).await).await;
    for (name, bytes) in &files {
        let is_list =
            !name.contains("settings") && !["profile.json", "sessions.json"].contains(&name.as_str());
        if is_list
            && std::path::Path::new(name)
                .extension()
                .is_some_and(|kind| kind == "json")
        {
            assert_eq!(bytes, b"[]\n", "{name}");
        }
    }
    assert_eq!(read(&files, "profile.json")["coverImage"], Value::Null);
}
