//! People who act, a site to act on, and clips to upload.
//!
//! A test begins with `let site = kit::site().await;` and `let asha = site.person("asha").await;`, and reads
//! like a story from there. Waiting is for a condition, never for a time.

pub mod clips;
pub mod conversation;
pub mod dice;
pub mod listener;
pub mod media_files;
pub mod moderation;
#[path = "../../../../objects/tests/kit/mod.rs"]
pub mod moto;
pub mod program;
pub mod receiver;
pub mod rows;
pub mod tools;
pub mod tus;
pub mod wire;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::Clock;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use serde_json::{Value, json};
use streamsphere::server::{self, Server};
use streamsphere::settings::Chosen;
use tempfile::TempDir;

/// The password of every person here.
pub const PASSWORD: &str = "tangled-otter-84";

/// The program that confines ffmpeg: the built binary, not the test's.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_streamsphere"))
}

/// A running server on a folder of its own.
pub struct Site {
    pub server: Server,
    pub url: String,
    pub clock: Clock,
    pub folder: TempDir,
    client: Client,
}

/// How a site differs from a fresh one with defaults.
#[derive(Default)]
pub struct Setup {
    settings: Vec<(&'static str, String)>,
    clock: Option<Clock>,
}

/// A client to be built: those of this library want to know once who encrypts, even where nothing is.
pub fn client() -> ClientBuilder {
    // Only the first can choose.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

/// A fresh site with default settings (but no rate limits), its own folder and port.
pub async fn site() -> Site {
    Setup::default().start().await
}

/// The store of a site that was started in this folder, whichever engine tests run on.
pub async fn store_of(folder: &Path) -> store::Store {
    let settings = match testkit::database_of(folder).await {
        Some(url) => store::Settings::postgres(store::Address::parse(&url).unwrap()),
        None => store::Settings::sqlite(folder.join("data/streamsphere.db")),
    };
    store::Store::open(&settings).await.unwrap()
}

/// A site with other settings: `kit::with("registration", "closed").start().await`.
pub fn with(name: &'static str, value: impl Into<String>) -> Setup {
    Setup::default().with(name, value)
}

/// A site whose clock the test moves.
pub fn with_clock(clock: Clock) -> Setup {
    Setup {
        clock: Some(clock),
        ..Setup::default()
    }
}

impl Setup {
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    pub async fn start(self) -> Site {
        let folder = tempfile::tempdir().unwrap();
        self.start_in(folder).await
    }

    /// Starts on a folder that was used before.
    pub async fn start_in(self, folder: TempDir) -> Site {
        let mut values = vec![
            ("listen", "127.0.0.1:0".to_owned()),
            ("data_dir", folder.path().join("data").display().to_string()),
            ("rate_limits", "off".to_owned()),
            // Whether the app was built before the tests must not matter to them.
            ("web_app", "off".to_owned()),
            ("disk_reserve_bytes", "0".to_owned()),
            ("drain_seconds", "2".to_owned()),
        ];
        if let Some(url) = testkit::database_of(folder.path()).await {
            values.push(("database_url", url));
        }
        // All tests can be made to run on a bucket; those that look into the folder of media fail there.
        if std::env::var("STREAMSPHERE_TEST_OBJECTS").is_ok_and(|kind| kind == "s3") {
            let place = format!("s3://{}?endpoint=http://{}", moto::bucket(), moto::server());
            values.push(("objects_url", place));
            values.push(("s3_access_key_id", "tester".to_owned()));
            values.push(("s3_secret_access_key", "hush".to_owned()));
        }
        values.extend(self.settings);
        let settings = Chosen::with(&values).settings().unwrap();
        let clock = self.clock.unwrap_or_else(Clock::system);
        let server = server::start(settings, Some(program()), clock.clone())
            .await
            .unwrap();
        let url = format!("http://{}", server.address);
        let client = client()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Site {
            server,
            url,
            clock,
            folder,
            client,
        }
    }
}

impl Site {
    /// A request without any credentials; `path` begins with a slash, or is a whole address.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.url)
        };
        self.client.request(method, url)
    }

    /// Someone who is not signed in.
    pub fn anyone(&self) -> Person<'_> {
        Person {
            site: self,
            name: String::new(),
            id: String::new(),
            token: None,
            refresh_token: String::new(),
        }
    }

    /// Registers and signs in someone of this name.
    pub async fn person(&self, name: &str) -> Person<'_> {
        let body = json!({
            "username": name, "email": format!("{name}@example.com"), "fullName": name, "password": PASSWORD,
        });
        self.anyone().post("/api/v1/users/register", &body).await.is(201);
        self.sign_in(name).await
    }

    /// Signs someone in who is registered already.
    pub async fn sign_in(&self, name: &str) -> Person<'_> {
        let answer = self
            .anyone()
            .post(
                "/api/v1/users/login",
                &json!({"username": name, "password": PASSWORD}),
            )
            .await
            .is(200);
        Person {
            site: self,
            name: name.to_owned(),
            id: answer.text_at("/data/user/_id"),
            token: Some(answer.text_at("/data/accessToken")),
            refresh_token: answer.text_at("/data/refreshToken"),
        }
    }

    /// The first admin, made with the printed code.
    pub async fn admin(&self) -> Person<'_> {
        let code = self.server.setup_code.clone().unwrap();
        let body = json!({
            "code": code, "username": "root", "email": "root@example.com", "fullName": "Root", "password": PASSWORD,
        });
        self.anyone().post("/api/v1/admin/setup", &body).await.is(201);
        self.sign_in("root").await
    }

    /// Where the server keeps its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where the server keeps media.
    pub fn objects(&self) -> PathBuf {
        self.data().join("objects")
    }

    /// Stops the server; its folder stays.
    pub async fn stop(self) -> TempDir {
        self.server.stop().await;
        self.folder
    }
}

/// Someone who acts on a site.
pub struct Person<'a> {
    pub site: &'a Site,
    pub name: String,
    pub id: String,
    pub token: Option<String>,
    pub refresh_token: String,
}

impl Person<'_> {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.site.request(method, path);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// GET with parameters, escaped as a browser does.
    /// The ids of all items of a list of pages, which `path` asks for with a limit, from its first page to its last.
    pub async fn reads_through(&self, path: &str) -> Vec<String> {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}&cursor={cursor}")).await.is(200);
            let items = page.at("/data/items");
            let ids = items.as_array().unwrap().iter().map(|item| &item["_id"]);
            seen.extend(ids.map(|id| id.as_str().unwrap().to_owned()));
            match page.at("/data/nextCursor").as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return seen,
            }
        }
    }

    pub async fn asks(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.site.url), query).unwrap();
        self.get(url.as_str()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn put(&self, path: &str) -> Answer {
        answer(self.request(Method::PUT, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// Uploads a clip as a public video, or with these fields. Clips are shared by tests, so the same bytes
    /// make another video each time, unless a field `allowDuplicate` says otherwise.
    pub async fn uploads(&self, clip: &clips::Clip, fields: &[(&'static str, &str)]) -> Answer {
        let mut form = reqwest::multipart::Form::new();
        if !fields.iter().any(|(name, _)| *name == "title") {
            form = form.text("title", "A clip");
        }
        if !fields.iter().any(|(name, _)| *name == "allowDuplicate") {
            form = form.text("allowDuplicate", "true");
        }
        for (name, value) in fields {
            form = form.text(*name, (*value).to_owned());
        }
        let part = reqwest::multipart::Part::bytes(clip.bytes()).file_name(clip.name.clone());
        answer(
            self.request(Method::POST, "/api/v1/videos")
                .multipart(form.part("videoFile", part)),
        )
        .await
    }

    /// Uploads a clip and waits until it is ready; answers the video's id.
    pub async fn publishes(&self, clip: &clips::Clip, fields: &[(&'static str, &str)]) -> String {
        let id = self.uploads(clip, fields).await.is(201).text_at("/data/_id");
        self.waits_until(&id, "ready").await;
        id
    }

    /// Waits until a video has this status; answers the video.
    pub async fn waits_until(&self, id: &str, status: &str) -> Value {
        let path = format!("/api/v1/videos/{id}");
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let video = self.get(&path).await.is(200).at("/data");
            if video["status"] == status {
                return video;
            }
            assert!(
                video["status"] == "processing",
                "{} instead of {status}: {video}",
                video["status"]
            );
            assert!(Instant::now() < deadline, "still not {status}: {video}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

/// Waits until `done` answers true, asking again and again for at most half a minute.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

/// Sends a request and reads the whole answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap().to_vec();
    let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        bytes,
        json,
    }
}

/// Sends a request and reads only the head of an answer that is a success: its body may have no end.
pub async fn head_of(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = if status < 400 {
        Vec::new()
    } else {
        response.bytes().await.unwrap().to_vec()
    };
    let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        bytes,
        json,
    }
}

impl Answer {
    /// Asserts the status; in an envelope the body must say the same.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        if let Some(said) = self.json.get("statusCode") {
            assert_eq!(said, &json!(status));
            assert_eq!(self.json["success"], json!(status < 400));
        }
        self
    }

    /// Asserts a refusal: its status, its code, and the whole of the error envelope.
    #[track_caller]
    pub fn refuses(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.json["code"], code, "{}", answer.json);
        assert_eq!(answer.json["data"], Value::Null);
        assert!(
            answer.json["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
        assert!(answer.json["errors"].is_array());
        answer
    }

    /// Asserts that exactly this field is blamed, with this code.
    #[track_caller]
    pub fn blames(self, field: &str, code: &str) -> Self {
        let blamed = &self.json["errors"][0];
        assert_eq!(
            (blamed["field"].as_str(), blamed["code"].as_str()),
            (Some(field), Some(code)),
            "{}",
            self.json
        );
        self
    }

    /// The value at a JSON pointer.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        self.json
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in {}", self.json))
            .clone()
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        self.at(pointer)
            .as_str()
            .unwrap_or_else(|| panic!("{pointer} is no text in {}", self.json))
            .to_owned()
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// All files below a folder; none where there is no folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}
