//! Start, stop, lock, signals: what only a real process has.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use store::params;

use crate::kit::program::{Program, patiently, processes, run, serve};
use crate::kit::{self, PASSWORD, answer, clips};

/// Runs `serve` where it must refuse to; answers the complaint.
#[track_caller]
fn refuses_to_serve(data: &Path, words: &[&str]) -> String {
    let shown = data.display().to_string();
    let mut all = vec!["serve", "--data-dir", &shown];
    if !words.contains(&"--listen") {
        all.extend_from_slice(&["--listen", "127.0.0.1:0"]);
    }
    all.extend_from_slice(words);
    run(&all).complains()
}

/// Changes the database of a server that is not running.
async fn change(data: &Path, sql: &str) {
    let store = store::Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let mut tx = store.write().await.unwrap();
    tx.exec(sql, &params![]).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await.unwrap();
}

/// A clip that takes seconds to encode: no browser plays it.
fn long() -> clips::Clip {
    clips::made(
        "long.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=960x540:rate=30:duration=20",
            "-c:v",
            "mpeg4",
            "-q:v",
            "5",
        ],
    )
}

/// A clip of many bytes: more than the buffers of a socket take.
fn heavy() -> clips::Clip {
    clips::made(
        "heavy.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=25:duration=4,noise=alls=80:allf=t",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-qp",
            "8",
            "-g",
            "25",
        ],
    )
}

/// An upload whose client decides how fast it goes.
struct SlowUpload {
    socket: TcpStream,
    rest: Vec<u8>,
}

impl SlowUpload {
    /// Sends the head and the first half of the body, and waits until the server has taken it up.
    fn begins(server: &Program, token: &str, clip: &clips::Clip) -> Self {
        let mut body = b"--edge\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nSlow\r\n--edge\r\n\
            content-disposition: form-data; name=\"videoFile\"; filename=\"slow.mp4\"\r\n\r\n"
            .to_vec();
        body.extend_from_slice(&clip.bytes());
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let rest = body.split_off(body.len() / 2);
        let mut socket = TcpStream::connect(server.address()).unwrap();
        let head = format!(
            "POST /api/v1/videos HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: multipart/form-data; boundary=edge\r\ncontent-length: {}\r\n\r\n",
            server.address(),
            body.len() + rest.len()
        );
        socket.write_all(head.as_bytes()).unwrap();
        socket.write_all(&body).unwrap();
        let staging = server.data.join("tmp");
        patiently("the upload has begun", || {
            std::fs::read_dir(&staging).unwrap().next().is_some()
        });
        Self { socket, rest }
    }

    /// Sends the rest; answers the status and the body.
    fn finishes(mut self) -> (u16, Value) {
        self.socket.write_all(&self.rest).unwrap();
        read_answer(&mut self.socket)
    }
}

/// Reads an answer whose connection the server closes, or that says its length.
fn read_answer(socket: &mut TcpStream) -> (u16, Value) {
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap()) {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                assert!(head.contains("content-type: application/json"), "{head}");
                return (status, serde_json::from_str(body).unwrap());
            }
        }
        let count = socket.read(&mut chunk).unwrap();
        assert!(count > 0, "closed after {text}");
        bytes.extend_from_slice(&chunk[..count]);
    }
}

#[tokio::test]
async fn the_first_words_are_the_address_and_a_code_for_the_first_admin() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    answer(server.request(Method::GET, "/healthz")).await.is(200);
    patiently("the code is printed", || server.setup_code().is_some());
    let body = json!({
        "code": server.setup_code().unwrap(), "username": "asha", "email": "asha@example.com",
        "fullName": "Asha", "password": PASSWORD,
    });
    let admin = server.post("/api/v1/admin/setup", &body).await.is(201);
    assert_eq!(admin.at("/data/role"), "admin");
    server.post("/api/v1/admin/setup", &body).await.is(404);
    server.stops();

    let again = serve(folder.path(), &[]);
    answer(again.request(Method::GET, "/healthz")).await.is(200);
    assert_eq!(again.setup_code(), None);
    let said = again.said();
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_told_which_process_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = serve(folder.path(), &[]);
    let complaint = refuses_to_serve(folder.path(), &[]);
    assert!(
        complaint.contains(&format!(
            "{} is in use by another streamsphere (process {})",
            folder.path().display(),
            first.process()
        )),
        "{complaint}"
    );
    for command in [&["migrate"][..], &["doctor", "--repair"]] {
        let shown = folder.path().display().to_string();
        let complaint = run(&[command, &["--data-dir", &shown]].concat()).complains();
        assert!(
            complaint.contains("in use by another streamsphere"),
            "{complaint}"
        );
    }
    answer(first.request(Method::GET, "/readyz")).await.is(200);
}

#[test]
fn a_port_that_is_taken_is_named_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let complaint = refuses_to_serve(&data, &["--listen", &address]);
    assert!(
        complaint.contains(&format!("cannot listen on {address}: Address already in use")),
        "{complaint}"
    );
    assert!(!data.exists());
}

#[tokio::test]
async fn a_signal_lets_an_upload_finish_but_takes_no_new_connections() {
    let folder = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let server = serve(folder.path(), &["--drain-seconds", "60"]);
        let token = if signal == Signal::TERM {
            server.person("asha").await
        } else {
            server.signs_in("asha").await
        };
        // The same bytes a second time would be known.
        let clip = if signal == Signal::TERM {
            clips::small()
        } else {
            clips::phone()
        };
        let upload = SlowUpload::begins(&server, &token, &clip);
        server.signal(signal);
        patiently("connections are refused", || !server.is_reachable());
        let (status, video) = upload.finishes();
        assert_eq!(status, 201, "{video}");
        assert_eq!(server.ends().status.code(), Some(0));

        let again = serve(folder.path(), &[]);
        let token = again.signs_in("asha").await;
        again
            .prepares(&token, video["data"]["_id"].as_str().unwrap())
            .await;
        again.stops();
    }
}

#[tokio::test]
async fn a_signal_lets_a_slow_viewer_read_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["--drain-seconds", "60"]);
    let token = server.person("asha").await;
    let clip = heavy();
    let id = server.uploads(&token, &clip).await;
    server.prepares(&token, &id).await;
    let mut viewer = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "GET /api/v1/videos/{id}/stream HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address()
    );
    viewer.write_all(head.as_bytes()).unwrap();
    let mut start = vec![0; 4096];
    viewer.read_exact(&mut start).unwrap();
    let head = String::from_utf8_lossy(&start).into_owned();
    let (head, _) = head.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length: usize = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap();
    assert!(length > 10_000_000, "more than what sockets buffer: {length}");

    server.signal(Signal::TERM);
    patiently("connections are refused", || !server.is_reachable());
    let mut rest = Vec::new();
    viewer.read_to_end(&mut rest).unwrap();
    assert_eq!(start.len() + rest.len(), head.len() + 4 + length);
    assert_eq!(server.ends().status.code(), Some(0));
}

#[tokio::test]
async fn what_outlasts_the_drain_time_is_cut_and_the_end_is_still_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["--drain-seconds", "0"]);
    let token = server.person("asha").await;
    let upload = SlowUpload::begins(&server, &token, &clips::small());
    server.stops();
    drop(upload);
    let staging = folder.path().join("tmp");
    assert_eq!(
        std::fs::read_dir(staging).unwrap().count(),
        0,
        "half an upload is not kept"
    );
}

#[tokio::test]
async fn a_second_signal_leaves_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["--drain-seconds", "3600"]);
    let token = server.person("asha").await;
    let _upload = SlowUpload::begins(&server, &token, &clips::small());
    server.signal(Signal::TERM);
    patiently("connections are refused", || !server.is_reachable());
    server.signal(Signal::TERM);
    // Within the patience of a minute, although the drain time is an hour and the upload never ends.
    assert_eq!(server.ends().status.code(), Some(1));
    answer(serve(folder.path(), &[]).request(Method::GET, "/readyz"))
        .await
        .is(200);
}

#[tokio::test]
async fn a_restart_keeps_accounts_sessions_and_videos() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let token = server.person("asha").await;
    let id = server.uploads(&token, &clips::small()).await;
    server.prepares(&token, &id).await;
    let stream = format!("/api/v1/videos/{id}/stream");
    let before = server.get(&stream, &token).await.is(200);
    server.stops();

    let again = serve(folder.path(), &[]);
    let user = again.get("/api/v1/users/current-user", &token).await.is(200);
    assert_eq!(user.at("/data/username"), "asha");
    again.signs_in("asha").await;
    let after = again.get(&stream, &token).await.is(200);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert!(after.bytes == before.bytes);
}

#[tokio::test]
async fn the_log_is_json_and_holds_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["--log-level", "debug"]);
    let mut secrets: Vec<String> = ["planted-pass-word-1", "planted-pass-word-2", "planted.address"]
        .map(str::to_owned)
        .to_vec();
    patiently("the code is printed", || server.setup_code().is_some());
    secrets.push(server.setup_code().unwrap());
    secrets.push(
        std::fs::read_to_string(folder.path().join("secret.key"))
            .unwrap()
            .trim()
            .to_owned(),
    );

    let asha = json!({
        "username": "asha", "email": "planted.address@example.com", "fullName": "Asha",
        "password": "planted-pass-word-1",
    });
    server.post("/api/v1/users/register", &asha).await.is(201);
    server.post("/api/v1/users/register", &asha).await.is(409);
    let mut signed_in = server.post("/api/v1/users/login", &asha).await.is(200);
    let wrong = json!({"email": "planted.address@example.com", "password": "planted-pass-word-2"});
    server.post("/api/v1/users/login", &wrong).await.is(401);
    for _ in 0..2 {
        secrets.push(signed_in.text_at("/data/accessToken"));
        secrets.push(signed_in.text_at("/data/refreshToken"));
        let refresh = json!({"refreshToken": signed_in.text_at("/data/refreshToken")});
        signed_in = server.post("/api/v1/users/refresh-token", &refresh).await.is(200);
    }
    let token = signed_in.text_at("/data/accessToken");
    let refresh_token = signed_in.text_at("/data/refreshToken");
    secrets.extend([token.clone(), refresh_token.clone()]);
    let id = server.uploads(&token, &clips::small()).await;
    let video = server.prepares(&token, &id).await;
    server
        .post(
            "/api/v1/users/refresh-token",
            &json!({"refreshToken": format!("{refresh_token}x")}),
        )
        .await
        .is(401);
    // Into an address, a header, a cookie and a body that is no JSON.
    let path = format!("/api/v1/videos?token={token}&password=planted-pass-word-2");
    server.get(&path, &token).await.is(200);
    server.get(&path, &format!("{token}x")).await.is(401);
    let cookie = format!("accessToken={token}; refreshToken={refresh_token}");
    let request = server
        .request(Method::POST, "/api/v1/users/login")
        .header("cookie", cookie);
    let answered = answer(
        request
            .header("x-requested-with", "test")
            .header("content-type", "application/json")
            .body("{\"password\": \"planted-pass-word-1"),
    );
    answered.await.is(400);
    // A signed link is a credential, too.
    let path = format!("/api/v1/videos/{id}");
    let private = server.request(Method::PATCH, &path).bearer_auth(&token);
    let private = answer(private.json(&json!({"visibility": "private"})))
        .await
        .is(200);
    let link = private.text_at("/data/videoFile");
    let signed = link
        .split('/')
        .find(|part| part.starts_with('~'))
        .unwrap()
        .to_owned();
    secrets.push(signed);
    let path = link.strip_prefix(&server.url).unwrap();
    answer(server.request(Method::GET, path)).await.is(200);
    answer(server.request(Method::GET, &path.replace(".mp4", ".mp5"))).await;
    assert!(video["thumbnail"].is_string());

    let said = server.said();
    let log = server.stops();
    assert!(log.lines().count() > 20, "{log}");
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            ["timestamp", "level", "message"]
                .iter()
                .all(|name| event[*name].is_string()),
            "{line}"
        );
    }
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log: {log}");
    }
    assert!(!said.contains("planted"));
}

#[test]
fn a_key_file_that_others_can_read_or_that_is_weak_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    server.stops();
    let key = folder.path().join("secret.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let complaint = refuses_to_serve(folder.path(), &[]);
    assert!(
        complaint.contains("secret.key can be read by others") && complaint.contains("chmod 600"),
        "{complaint}"
    );

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    for weak in ["", "hunter2", &"7".repeat(64)] {
        std::fs::write(&key, weak).unwrap();
        let complaint = refuses_to_serve(folder.path(), &[]);
        assert!(complaint.contains("does not hold a strong key"), "{complaint}");
        assert!(weak.is_empty() || !complaint.contains(weak), "{complaint}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    serve(folder.path(), &[]).stops();
    change(
        folder.path(),
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (999, 'later', 'x', 0)",
    )
    .await;
    let complaint = refuses_to_serve(folder.path(), &[]);
    assert!(complaint.contains("999"), "{complaint}");
    assert!(complaint.contains("newer"), "{complaint}");
}

/// Waits until an encode runs below this server.
fn encoding(server: &Program) {
    patiently("an encode runs", || {
        server
            .children()
            .iter()
            .any(|(_, words)| words.contains("libx264") && words.starts_with("/usr/bin/ffmpeg"))
    });
}

/// Waits until nothing works on this folder any more.
fn left_alone(data: &Path) {
    let data = data.display().to_string();
    patiently("nothing works on the folder", || {
        !processes().iter().any(|(_, _, words)| words.contains(&data))
    });
}

#[tokio::test]
async fn a_crash_during_an_encode_leaves_no_orphan_and_the_video_becomes_ready() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let token = server.person("asha").await;
    let id = server.uploads(&token, &long()).await;
    encoding(&server);
    server.crashes();
    left_alone(folder.path());

    let again = serve(folder.path(), &[]);
    let video = again.prepares(&token, &id).await;
    assert_eq!(video["progress"], 1.0);
    assert!(
        (video["duration"].as_f64().unwrap() - 20.0).abs() < 0.1,
        "{video}"
    );
    let log = again.stops();
    assert!(log.contains("whose worker went away"), "{log}");
    assert_eq!(std::fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
    let shown = folder.path().display().to_string();
    run(&["doctor", "--data-dir", &shown]).succeeds();
}

#[tokio::test]
async fn a_stop_during_an_encode_puts_the_job_back_and_the_video_becomes_ready() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let token = server.person("asha").await;
    let id = server.uploads(&token, &long()).await;
    encoding(&server);
    server.stops();
    left_alone(folder.path());
    assert_eq!(std::fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
    let store = store::Store::open(&store::Settings::sqlite(folder.path().join("streamsphere.db")))
        .await
        .unwrap();
    let jobs = store
        .read()
        .all(
            "SELECT state, attempts FROM jobs WHERE kind = 'encode_part'",
            &params![],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
        .await
        .unwrap();
    assert!(!jobs.is_empty());
    assert!(
        jobs.iter()
            .all(|(state, attempts)| (*state, *attempts) == (0, 0) || (*state, *attempts) == (2, 1)),
        "what is not done is queued, and its start is not held against it: {jobs:?}"
    );
    store.close().await.unwrap();

    let again = serve(folder.path(), &[]);
    again.prepares(&token, &id).await;
}

/// Sends a raw head; answers the status and the body.
fn says(server: &Program, head: &str) -> (u16, Value) {
    let mut socket = TcpStream::connect(server.address()).unwrap();
    // A server that refuses early may close before all is sent.
    let _ = socket.write_all(head.as_bytes());
    read_answer(&mut socket)
}

#[test]
fn heads_over_the_bounds_and_ambiguous_ones_are_refused_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let long_address = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(9_000));
    let many_fields = format!(
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n{}\r\n",
        "x-field: 1\r\n".repeat(120)
    );
    let large_field = format!(
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-field: {}\r\n\r\n",
        "a".repeat(17_000)
    );
    let two_lengths = "POST /api/v1/users/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\
        transfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    for (head, status, code) in [
        (long_address.as_str(), 414, "uri_too_long"),
        (&many_fields, 431, "headers_too_large"),
        (&large_field, 431, "headers_too_large"),
        (two_lengths, 400, "bad_request"),
    ] {
        let (answered, body) = says(&server, head);
        assert_eq!((answered, &body["code"]), (status, &json!(code)), "{body}");
        assert_eq!(body["statusCode"], status);
        assert_eq!(body["success"], false);
    }
    assert!(server.is_reachable());
    assert!(processes().iter().any(|(pid, _, _)| *pid == server.process()));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-a-folder");
    std::fs::write(&file, "").unwrap();
    let complaint = refuses_to_serve(&file, &[]);
    assert!(
        complaint.contains(&format!("data folder {}", file.display())),
        "{complaint}"
    );
    kit::until("the file is as it was", async || {
        std::fs::read(&file).unwrap().is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_may_be_named_from_where_one_stands() {
    // Programs of the kit start at the root, so this is the same folder by a relative name.
    let folder = tempfile::tempdir().unwrap();
    let relative = folder.path().strip_prefix("/").unwrap();
    let server = serve(relative, &[]);
    let token = server.person("asha").await;
    let id = server.uploads(&token, &clips::phone()).await;
    server.prepares(&token, &id).await;
    server.stops();
}
