//! The server's calls that measures and the crash harness use, by the wire contract.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::error::{BenchError, Doing};
use crate::http::{Answer, Body, Client, MULTIPART, Multipart, expect_ok};

/// The password of every test account: long, and on no list.
pub const PASSWORD: &str = "quiet-Harbour-4471-lantern";

/// Someone who is signed in.
#[derive(Debug)]
pub struct Person {
    /// A client that sends their access token.
    pub http: Client,
    /// Their name.
    pub username: String,
    /// Their current refresh token.
    pub refresh: String,
}

/// Sends a registration.
pub fn register(http: &mut Client, username: &str) -> Result<Answer, io::Error> {
    let body = json!({
        "fullName": format!("Test {username}"),
        "email": format!("{username}@example.org"),
        "username": username,
        "password": PASSWORD,
    });
    http.call("POST", "/api/v1/users/register", &[], Body::Json(&body))
}

/// Sends a sign-in.
pub fn login(http: &mut Client, username: &str) -> Result<Answer, io::Error> {
    let body = json!({ "username": username, "password": PASSWORD });
    http.call("POST", "/api/v1/users/login", &[], Body::Json(&body))
}

/// Sends a refresh.
pub fn refresh(http: &mut Client, token: &str) -> Result<Answer, io::Error> {
    http.call(
        "POST",
        "/api/v1/users/refresh-token",
        &[],
        Body::Json(&json!({ "refreshToken": token })),
    )
}

/// Sends a new title.
pub fn retitle(http: &mut Client, video: &str, title: &str) -> Result<Answer, io::Error> {
    http.call(
        "PATCH",
        &format!("/api/v1/videos/{video}"),
        &[],
        Body::Json(&json!({ "title": title })),
    )
}

/// Sends a video of exactly `length` bytes.
pub fn upload(
    http: &mut Client,
    title: &str,
    bytes: &mut dyn Read,
    length: u64,
) -> Result<Answer, io::Error> {
    let parts = Multipart::new(
        // The same clip is sent over and over, and each time makes a video.
        &[("title", title), ("description", ""), ("allowDuplicate", "true")],
        "videoFile",
        "clip.mp4",
        "video/mp4",
    );
    let body = Body::Stream {
        content_type: MULTIPART,
        before: &parts.before,
        reader: bytes,
        length,
        after: &parts.after,
    };
    http.call("POST", "/api/v1/videos", &[], body)
}

/// `data` of a successful answer, by JSON pointer, as text.
pub fn text_at(answer: &Answer, pointer: &str) -> Option<String> {
    answer
        .json()
        .pointer(&format!("/data{pointer}"))
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// The same; absent is an error.
pub fn need(call: &str, answer: &Answer, pointer: &str) -> Result<String, BenchError> {
    text_at(answer, pointer).ok_or_else(|| BenchError::Shape {
        call: call.to_owned(),
        what: format!("no text at data{pointer}: {}", answer.excerpt()),
    })
}

impl Person {
    /// Registers and signs in.
    pub fn join(server: SocketAddr, username: &str) -> Result<Self, BenchError> {
        let mut http = Client::new(server, Duration::from_mins(5));
        expect_ok("register", register(&mut http, username).doing("register")?)?;
        Self::sign_in(server, username)
    }

    /// Signs in.
    pub fn sign_in(server: SocketAddr, username: &str) -> Result<Self, BenchError> {
        let mut http = Client::new(server, Duration::from_mins(5));
        let answer = expect_ok("login", login(&mut http, username).doing("sign in")?)?;
        http.sign(need("login", &answer, "/accessToken")?);
        Ok(Self {
            http,
            username: username.to_owned(),
            refresh: need("login", &answer, "/refreshToken")?,
        })
    }

    /// Uploads and returns the video's id.
    pub fn uploads(&mut self, title: &str, bytes: &mut dyn Read, length: u64) -> Result<String, BenchError> {
        let answer = expect_ok(
            "upload",
            upload(&mut self.http, title, bytes, length).doing("upload")?,
        )?;
        need("upload", &answer, "/_id")
    }

    /// The `data` of a GET that must succeed.
    pub fn get(&mut self, path: &str) -> Result<Value, BenchError> {
        let answer = self.http.call("GET", path, &[], Body::Empty).doing("get")?;
        Ok(expect_ok(path, answer)?.json()["data"].take())
    }

    /// Waits until the video is `ready`; refused, failed or late is an error.
    pub fn waits_until_ready(&mut self, video: &str, patience: Duration) -> Result<Value, BenchError> {
        let path = format!("/api/v1/videos/{video}");
        let began = Instant::now();
        loop {
            let data = self.get(&path)?;
            match data["status"].as_str() {
                Some("ready") => return Ok(data),
                Some("processing") if began.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                status => {
                    return Err(BenchError::Shape {
                        call: path,
                        what: format!(
                            "status {status:?} after {:?}: {}",
                            began.elapsed(),
                            data["statusReason"]
                        ),
                    });
                }
            }
        }
    }
}

/// The path and query of an absolute URL.
pub fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |slash| &rest[slash..])
}
