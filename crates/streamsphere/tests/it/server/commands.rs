//! Commands, most of them beside a running server.

use std::path::Path;

use serde_json::{Value, json};
use store::params;

use crate::kit::program::{Ended, run, run_with};
use crate::kit::{self, PASSWORD, Site, clips};

/// Runs a command on this folder.
fn on(data: &Path, words: &[&str], input: &str) -> Ended {
    let shown = data.display().to_string();
    let words = [words, &["--data-dir", &shown]].concat();
    run_with(&words, &[], Path::new("/"), input)
}

/// Changes the database beside whoever uses it.
async fn change(data: &Path, sql: &str) {
    let store = store::Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let mut tx = store.write().await.unwrap();
    assert!(tx.exec(sql, &params![]).await.unwrap() > 0, "{sql}");
    tx.commit().await.unwrap();
    store.close().await.unwrap();
}

#[test]
fn config_print_tells_each_value_and_what_set_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("streamsphere.toml");
    std::fs::write(
        &file,
        "[server]\nlisten = \"127.0.0.1:1111\"\ndrain_seconds = 11\nrequire_sign_in = true\n\
         trusted_proxies = [\"10.0.0.1\", \"10.0.0.2\"]\n",
    )
    .unwrap();
    let environment = [
        ("STREAMSPHERE_DRAIN_SECONDS", "22"),
        ("STREAMSPHERE_LISTEN", "127.0.0.1:2222"),
    ];
    let words = ["config", "print", "--listen", "127.0.0.1:3333"];
    let printed = run_with(&words, &environment, folder.path(), "").succeeds();
    for line in [
        "listen = \"127.0.0.1:3333\"  # flag",
        "drain_seconds = \"22\"  # environment",
        "require_sign_in = \"true\"  # file",
        "trusted_proxies = \"10.0.0.1,10.0.0.2\"  # file",
        "data_dir = \"./data\"  # default",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line} in {printed}"
        );
    }
    assert_eq!(printed.lines().count(), streamsphere::settings::SETTINGS.len());

    // A named file goes before the one in the present folder.
    let named = folder.path().join("named.toml");
    std::fs::write(&named, "[server]\nlisten = \"127.0.0.1:4444\"\n").unwrap();
    let words = ["config", "print", "--config", named.to_str().unwrap()];
    let printed = run_with(&words, &[], folder.path(), "").succeeds();
    assert!(
        printed.contains("listen = \"127.0.0.1:4444\"  # file"),
        "{printed}"
    );
    assert!(printed.contains("drain_seconds = \"10\"  # default"), "{printed}");
}

#[test]
fn settings_that_mean_nothing_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("streamsphere.toml");
    let data = folder.path().join("data");
    for (text, name) in [
        ("[server]\nlisen = \"127.0.0.1:1\"\n", "server.lisen"),
        ("[sever]\nlisten = \"127.0.0.1:1\"\n", "sever.listen"),
        ("listen = \"127.0.0.1:1\"\n", "listen"),
        ("[media]\nlisten = \"127.0.0.1:1\"\n", "media.listen"),
        ("[server]\nlisten = \"somewhere\"\n", "`listen`: `somewhere`"),
        ("[server]\nlisten = \n", "streamsphere.toml"),
    ] {
        std::fs::write(&file, text).unwrap();
        for words in [
            &["config", "print"][..],
            &["serve", "--data-dir", data.to_str().unwrap()],
        ] {
            let complaint = run_with(words, &[], folder.path(), "");
            let code = complaint.status.code();
            assert_eq!(code, Some(1), "{complaint:?}");
            assert!(complaint.stderr.contains(name), "{name} in {complaint:?}");
        }
    }
    assert!(!data.exists());
    std::fs::remove_file(&file).unwrap();
    let complaint = run_with(&["config", "print", "--lisen", "x"], &[], folder.path(), "");
    assert_eq!(complaint.status.code(), Some(2));
    assert!(complaint.stderr.contains("--lisen"), "{complaint:?}");
    let absent = run(&["config", "print", "--config", "/nowhere.toml"]).complains();
    assert!(absent.contains("/nowhere.toml"), "{absent}");
}

#[test]
fn the_example_file_is_printed_as_it_is_committed() {
    let printed = run(&["config", "print", "--example"]).succeeds();
    assert_eq!(printed, include_str!("../../../../../streamsphere.example.toml"));
}

#[tokio::test]
async fn the_openapi_document_is_printed_as_it_is_served() {
    let printed: Value = serde_json::from_str(&run(&["openapi"]).succeeds()).unwrap();
    assert!(printed["openapi"].as_str().unwrap().starts_with("3."));
    let site = kit::site().await;
    let served = site.anyone().get("/api/v1/openapi.json").await.is(200);
    assert_eq!(served.json, printed);
}

#[tokio::test]
async fn migrate_makes_a_database_that_a_server_takes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    on(&data, &["migrate"], "").succeeds();
    on(&data, &["migrate"], "").succeeds();
    let site = kit::Setup::default().start_in(folder).await;
    site.person("asha").await;
}

#[tokio::test]
async fn doctor_finds_what_does_not_match_and_repairs_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = asha.publishes(&clips::small(), &[]).await;
    let comment = asha.comments(&video, "x").await;
    asha.likes(&format!("c/{comment}")).await;
    let data = site.data();
    assert!(
        on(&data, &["doctor"], "")
            .succeeds()
            .contains("Everything is as it should be")
    );

    change(&data, "UPDATE users SET videos_count = videos_count + 7").await;
    change(
        &data,
        "UPDATE counters SET value = 40 WHERE name = 'videos.listed'",
    )
    .await;
    change(&data, "UPDATE comments SET likes_count = 2").await;
    let found = on(&data, &["doctor"], "");
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    assert!(found.stdout.contains("counters of user"), "{found:?}");
    let line = format!("counters of comment {comment} do not match");
    assert!(found.stdout.contains(&line), "{found:?}");
    assert!(
        found.stdout.contains("40 listed videos are kept, 1 counted"),
        "{found:?}"
    );
    let running = on(&data, &["doctor", "--repair"], "").complains();
    assert!(running.contains("in use"), "{running}");

    let folder = site.stop().await;
    let repaired = on(&data, &["doctor", "--repair"], "");
    assert!(repaired.stdout.contains("repaired: "), "{repaired:?}");
    assert_eq!(repaired.status.code(), Some(0), "{repaired:?}");
    on(&data, &["doctor"], "").succeeds();
    drop(folder);
}

#[tokio::test]
async fn doctor_proves_numbers_against_each_other_and_repairs_them() {
    let site = kit::site().await;
    let (asha, ravi) = (site.person("asha").await, site.person("ravi").await);
    let row = kit::rows::row(&site, &asha, "A clip");
    kit::rows::add(&site, std::slice::from_ref(&row)).await;
    let video = row.id.to_string();
    ravi.likes(&format!("v/{video}")).await;
    ravi.comments(&video, "x").await;
    kit::until("both are added up", async || {
        site.count("SELECT count(*) FROM fact_deltas").await == 0
            && site
                .count("SELECT sum(likes + comments) FROM rollups WHERE grain = 2")
                .await
                == 6
    })
    .await;
    let data = site.data();
    let words = ["doctor", "--recount"];
    on(&data, &words, "").succeeds();

    for sql in [
        "UPDATE videos SET views = 7",
        "UPDATE users SET views_count = 5 WHERE username = 'asha'",
        "UPDATE site_numbers SET value = value + 3 WHERE metric = 1 AND day = -1",
        "UPDATE rollups SET likes = likes + 4 WHERE grain = 2 AND subject_id = x'000000000000000000000000'",
        "INSERT INTO retention (video_id, day, sessions, counts) SELECT id, 0, 1, x'02000000' FROM videos",
        "INSERT INTO rollups SELECT x'0102030405060708090a0b0c', grain, at, views, own_views, viewers, watch_ms, \
         own_watch_ms, likes, comments, subscribers_gained, subscribers_lost, sessions, startups, startup_ms, \
         stalls, stall_ms, errors FROM rollups WHERE grain = 4 AND subject_id = x'000000000000000000000000'",
    ] {
        change(&data, sql).await;
    }
    let found = on(&data, &words, "");
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    for line in [
        format!("views of video {video} do not match its sums: +7"),
        format!("views of channel {} do not match its sums: +5", asha.id),
        "videos of the site do not match: +3".to_owned(),
        "of the site does not match its hours".to_owned(),
        "all time of the site does not match its days".to_owned(),
        format!("more sessions saw a part of video {video}"),
    ] {
        assert!(found.stdout.contains(&line), "{line} in {found:?}");
    }
    // What is not asked for is not looked at.
    on(&data, &["doctor"], "").succeeds();

    let folder = site.stop().await;
    let repaired = on(&data, &["doctor", "--recount", "--repair"], "");
    assert_eq!(repaired.status.code(), Some(0), "{repaired:?}");
    let strays = "repaired: numbers of 1 videos or channels that are gone";
    assert!(repaired.stdout.contains(strays), "{repaired:?}");
    on(&data, &words, "").succeeds();
    drop(folder);
}

#[tokio::test]
async fn doctor_says_when_more_of_the_journal_was_counted_than_there_is() {
    let site = kit::site().await;
    let data = site.data();
    change(
        &data,
        "INSERT INTO analytics_position (node, shard, segment, place) VALUES ('main', 3, 4, 500), \
         ('elsewhere', 3, 9, 500)",
    )
    .await;
    let folder = data.join("analytics");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("journal-000004"), [0; 500]).unwrap();
    on(&data, &["doctor", "--recount"], "").succeeds();
    std::fs::write(folder.join("journal-000004"), [0; 499]).unwrap();
    let found = on(&data, &["doctor", "--recount"], "");
    let line = "shard 3 of main is counted up to 4:500, and the journal ends at 4:499";
    assert!(found.stdout.contains(line), "{found:?}");
    // The journal of another node is with that.
    assert!(!found.stdout.contains("elsewhere"), "{found:?}");
}

#[tokio::test]
async fn doctor_reports_a_missing_file_and_does_not_claim_to_have_repaired_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::screen(), &[]).await;
    let data = site.data();
    let media = files(&site.objects().join("videos").join(&id));
    let lost = media.iter().find(|path| path.ends_with("audio.mp4")).unwrap();
    std::fs::remove_file(lost).unwrap();
    let folder = site.stop().await;
    for words in [&["doctor"][..], &["doctor", "--repair"], &["doctor"]] {
        let found = on(&data, words, "");
        assert_eq!(found.status.code(), Some(1), "{found:?}");
        let line = found
            .stdout
            .lines()
            .find(|line| line.contains("is missing"))
            .unwrap();
        assert!(line.contains(&id) && line.contains("audio.mp4"), "{found:?}");
        assert!(!line.contains("repaired"), "{found:?}");
    }
    drop(folder);
}

#[tokio::test]
async fn doctor_misses_pictures_and_captions_too() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let request = asha.request(
        reqwest::Method::PUT,
        &format!("/api/v1/videos/{id}/captions/zh-hant"),
    );
    let file = "WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n";
    kit::answer(request.header("content-type", "text/vtt").body(file))
        .await
        .is(201);
    let (data, folder) = (site.data(), site.objects().join("videos").join(&id));
    let kept = site.stop().await;
    on(&data, &["doctor"], "").succeeds();
    let mut lost = 0;
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let one_of_each = ["-480.jpg", "-0.jpg", "captions-zh-hant"];
        if one_of_each.iter().any(|part| name.contains(part)) {
            std::fs::remove_file(&path).unwrap();
            lost += 1;
            let found = on(&data, &["doctor"], "");
            assert_eq!(found.status.code(), Some(1), "{found:?}");
            assert!(found.stdout.contains(name), "{found:?}");
        }
    }
    // A poster, a frame to choose, a sheet of previews, a caption file.
    assert_eq!(lost, 4);
    drop(kept);
}

#[tokio::test]
async fn doctor_repair_removes_folders_without_a_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let (data, objects) = (site.data(), site.objects());
    let folder = site.stop().await;
    let orphan = objects.join("videos").join("00000000000000000000000f");
    std::fs::create_dir_all(&orphan).unwrap();
    std::fs::write(orphan.join("source.mp4"), "left over").unwrap();
    on(&data, &["doctor", "--repair"], "").succeeds();
    assert!(!orphan.exists());
    assert!(objects.join("videos").join(id).exists());
    on(&data, &["doctor"], "").succeeds();
    drop(folder);
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Runs an admin command beside the site.
fn admin(site: &Site, words: &[&str], input: &str) -> Ended {
    on(&site.data(), &[&["admin"], words].concat(), input)
}

#[tokio::test]
async fn an_account_that_a_command_makes_can_sign_in_at_once() {
    let site = kit::with("registration", "closed").start().await;
    let password = format!("{PASSWORD}\n");
    let said = admin(&site, &["create", "Boss", "Boss@Example.com"], &password).succeeds();
    assert!(said.starts_with("Made boss ("), "{said}");
    let words = [
        "create",
        "bela",
        "bela@example.com",
        "--user",
        "--full-name",
        "Bela B.",
    ];
    admin(&site, &words, &password).succeeds();

    let boss = site.sign_in("boss").await;
    let me = boss.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(
        (me.at("/data/role"), me.at("/data/email")),
        (json!("admin"), json!("boss@example.com"))
    );
    let bela = site.sign_in("bela").await;
    let me = bela.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(
        (me.at("/data/role"), me.at("/data/fullName")),
        (json!("user"), json!("Bela B."))
    );

    let listed = admin(&site, &["list-users"], "").succeeds();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(
        listed.contains(&format!("{} boss boss@example.com admin", boss.id)),
        "{listed}"
    );
    assert!(
        listed.contains(&format!("{} bela bela@example.com user", bela.id)),
        "{listed}"
    );

    let taken = admin(&site, &["create", "boss", "other@example.com"], &password);
    assert_eq!(taken.status.code(), Some(1), "{taken:?}");
    for (words, input) in [
        (["create", "x", "x@example.com"], password.as_str()),
        (["create", "carla", "no-address"], &password),
        (["create", "carla", "carla@example.com"], "short\n"),
        (["create", "carla", "carla@example.com"], "password\n"),
        (["create", "carla", "carla@example.com"], ""),
    ] {
        let refused = admin(&site, &words, input).complains();
        assert!(!refused.contains(PASSWORD), "{refused}");
    }
    assert_eq!(admin(&site, &["list-users"], "").succeeds().lines().count(), 2);
}

#[tokio::test]
async fn ending_sessions_by_command_signs_out_at_the_running_server() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let again = site.sign_in("asha").await;
    let listed = admin(&site, &["list-sessions", "asha"], "").succeeds();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    asha.get("/api/v1/users/current-user").await.is(200);

    let said = admin(&site, &["end-sessions", "ASHA"], "").succeeds();
    assert!(said.contains("2 sessions ended"), "{said}");
    for person in [&asha, &again] {
        kit::until("the token is refused", async || {
            person.get("/api/v1/users/current-user").await.status == 401
        })
        .await;
        let refresh = json!({"refreshToken": person.refresh_token});
        let refused = site.anyone().post("/api/v1/users/refresh-token", &refresh).await;
        refused.is(401);
    }
    assert_eq!(admin(&site, &["list-sessions", "asha"], "").succeeds(), "");
    bela.get("/api/v1/users/current-user").await.is(200);
    site.sign_in("asha").await;
}

#[tokio::test]
async fn a_password_that_a_command_sets_holds_at_the_running_server() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    asha.get("/api/v1/users/current-user").await.is(200);
    admin(&site, &["reset-password", "asha"], "brand-new-otter-85\n").succeeds();
    kit::until("the old sign-in is refused", async || {
        asha.get("/api/v1/users/current-user").await.status == 401
    })
    .await;
    let sign_in = async |password: &str| {
        let body = json!({"username": "asha", "password": password});
        site.anyone().post("/api/v1/users/login", &body).await.status
    };
    assert_eq!(sign_in(PASSWORD).await, 401);
    assert_eq!(sign_in("brand-new-otter-85").await, 200);
    let weak = admin(&site, &["reset-password", "asha"], "12345678\n").complains();
    assert!(!weak.contains("12345678"), "{weak}");
    assert_eq!(sign_in("brand-new-otter-85").await, 200);
}

#[tokio::test]
async fn an_account_is_switched_off_and_on_beside_the_running_server() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    admin(&site, &["disable", "asha"], "").succeeds();
    kit::until("the token is refused", async || {
        asha.get("/api/v1/users/current-user").await.status == 401
    })
    .await;
    let body = json!({"username": "asha", "password": PASSWORD});
    site.anyone().post("/api/v1/users/login", &body).await.is(401);
    assert!(
        admin(&site, &["list-users"], "")
            .succeeds()
            .contains("user disabled")
    );
    admin(&site, &["enable", "asha"], "").succeeds();
    site.sign_in("asha").await;
    assert!(!admin(&site, &["list-users"], "").succeeds().contains("disabled"));
}

#[tokio::test]
async fn an_admin_that_a_command_makes_is_one_at_the_running_server() {
    let site = kit::with("trusted_proxies", "127.0.0.1").start().await;
    let asha = site.person("asha").await;
    let metrics = async || {
        let request = asha.request(reqwest::Method::GET, "/metrics");
        kit::answer(request.header("x-forwarded-for", "203.0.113.9"))
            .await
            .status
    };
    assert_eq!(metrics().await, 404);
    admin(&site, &["make-admin", "asha"], "").succeeds();
    kit::until("asha is an admin", async || metrics().await == 200).await;
    // The code that was printed is worth nothing now.
    let body = json!({
        "code": site.server.setup_code, "username": "eve", "email": "eve@example.com", "fullName": "Eve",
        "password": PASSWORD,
    });
    site.anyone().post("/api/v1/admin/setup", &body).await.is(404);
}

#[tokio::test]
async fn a_command_about_nobody_says_so() {
    let site = kit::site().await;
    for command in ["end-sessions", "disable", "enable", "make-admin", "list-sessions"] {
        let complaint = admin(&site, &[command, "nobody"], "").complains();
        assert_eq!(complaint, "streamsphere: there is no user nobody", "{command}");
    }
    let complaint = admin(&site, &["reset-password", "nobody"], "x\n").complains();
    assert_eq!(complaint, "streamsphere: there is no user nobody");
}
