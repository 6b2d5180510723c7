//! A small server that keeps the part of the wire contract which the crash harness uses, so that the
//! harness itself can be tested: it must find nothing when this server syncs what it acknowledges, and
//! must find losses when `STREAMSPHERE_SABOTAGE=no-sync` tells it not to.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Multipart, Path as Segment, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::error::{BenchError, Doing};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER);
CREATE TABLE IF NOT EXISTS users (username TEXT PRIMARY KEY, full_name TEXT,
    id TEXT GENERATED ALWAYS AS (username),
    videos_count INTEGER DEFAULT 0, listed_videos_count INTEGER DEFAULT 0,
    avatar_rev TEXT DEFAULT '', cover_rev TEXT);
CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY, username TEXT REFERENCES users, generation INTEGER);
CREATE TABLE IF NOT EXISTS videos (id BLOB PRIMARY KEY, owner_id TEXT, title TEXT, listed INTEGER DEFAULT 0,
    source_key TEXT, source_bytes INTEGER, progressive_key TEXT, progressive_bytes INTEGER DEFAULT 0,
    thumbnail_rev TEXT);
CREATE TABLE IF NOT EXISTS renditions (video_id BLOB, object_key TEXT, size_bytes INTEGER);
";

struct Inner {
    database: Mutex<Connection>,
    objects: PathBuf,
    sync: bool,
    address: String,
}

type Shared = Arc<Inner>;

/// A refusal or failure with its status.
struct Refusal(StatusCode);

impl<E: std::error::Error> From<E> for Refusal {
    fn from(_: E) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "success": false }))).into_response()
    }
}

type Answer = Result<Json<Value>, Refusal>;

fn data(value: &Value) -> Json<Value> {
    Json(json!({ "statusCode": 200, "data": value, "success": true }))
}

fn text(body: &Value, field: &str) -> Result<String, Refusal> {
    body[field]
        .as_str()
        .map(str::to_owned)
        .ok_or(Refusal(StatusCode::BAD_REQUEST))
}

/// Runs until killed, with the environment that the real server takes.
pub fn serve() -> Result<(), BenchError> {
    let setting =
        |name: &str| std::env::var(name).map_err(|_| BenchError::Usage(format!("{name} is not set")));
    let data = PathBuf::from(setting("STREAMSPHERE_DATA_DIR")?);
    let address = setting("STREAMSPHERE_LISTEN")?;
    let sync = std::env::var("STREAMSPHERE_SABOTAGE").is_err();
    let objects = data.join("objects");
    std::fs::create_dir_all(objects.join("videos")).doing("create folders")?;
    std::fs::create_dir_all(objects.join("tmp")).doing("create folders")?;
    let database = Connection::open(data.join("stand-in.db"))?;
    database.pragma_update(None, "journal_mode", "wal")?;
    database.pragma_update(None, "synchronous", if sync { "full" } else { "off" })?;
    database.execute_batch(SCHEMA)?;
    clean(&database, &objects)?;
    if sync {
        let above = data.parent().unwrap_or(&data).to_owned();
        for folder in [
            above,
            data.clone(),
            objects.clone(),
            objects.join("videos"),
            objects.join("tmp"),
        ] {
            sync_folder(&folder).doing("sync a folder")?;
        }
    }
    let shared = Arc::new(Inner {
        database: Mutex::new(database),
        objects,
        sync,
        address: address.clone(),
    });
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/api/v1/users/register", post(register))
        .route("/api/v1/users/login", post(login))
        .route("/api/v1/users/refresh-token", post(refresh))
        .route("/api/v1/users/current-user", get(current_user))
        .route("/api/v1/users/update-account", patch(update_account))
        .route("/api/v1/videos", post(add_video))
        .route("/api/v1/videos/{id}", get(video).patch(retitle).delete(remove))
        .route("/api/v1/videos/{id}/stream", get(stream))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(shared);
    let runtime = tokio::runtime::Runtime::new().doing("start a runtime")?;
    runtime.block_on(async move {
        let mut ends = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .doing("listen for signals")?;
        let listener = tokio::net::TcpListener::bind(&address).await.doing("listen")?;
        tokio::select! {
            served = async { axum::serve(listener, router).await } => served.doing("serve"),
            _ = ends.recv() => Ok(()),
        }
    })
}

fn sync_folder(folder: &Path) -> Result<(), std::io::Error> {
    File::open(folder)?.sync_all()
}

/// Removes what an earlier end left half done.
fn clean(database: &Connection, objects: &Path) -> Result<(), BenchError> {
    for entry in std::fs::read_dir(objects.join("tmp")).doing("clean up")? {
        std::fs::remove_file(entry.doing("clean up")?.path()).doing("clean up")?;
    }
    for entry in std::fs::read_dir(objects.join("videos")).doing("clean up")? {
        let entry = entry.doing("clean up")?;
        let id = entry.file_name().to_string_lossy().into_owned();
        let there: bool = database.query_row(
            "SELECT count(*) > 0 FROM videos WHERE id = unhex(?1)",
            [&id],
            |row| row.get(0),
        )?;
        if !there {
            std::fs::remove_dir_all(entry.path()).doing("clean up")?;
        }
    }
    Ok(())
}

/// The signed-in user; the token is the name, for nobody is to be kept out here.
fn user(headers: &HeaderMap) -> Result<String, Refusal> {
    let value = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .strip_prefix("Bearer ")
        .map(str::to_owned)
        .ok_or(Refusal(StatusCode::UNAUTHORIZED))
}

async fn register(State(shared): State<Shared>, Json(body): Json<Value>) -> Answer {
    let name = text(&body, "username")?;
    let full_name = text(&body, "fullName")?;
    shared.database.lock().execute(
        "INSERT INTO users (username, full_name) VALUES (?1, ?2)",
        params![name, full_name],
    )?;
    Ok(data(&json!({ "username": name })))
}

fn tokens(name: &str, session: i64, generation: i64) -> Json<Value> {
    data(&json!({ "accessToken": name, "refreshToken": format!("{session}.{generation}") }))
}

async fn login(State(shared): State<Shared>, Json(body): Json<Value>) -> Answer {
    let name = text(&body, "username")?;
    let database = shared.database.lock();
    let known: Option<i64> = database
        .query_row("SELECT 1 FROM users WHERE username = ?1", [&name], |row| {
            row.get(0)
        })
        .optional()?;
    if known.is_none() {
        return Err(Refusal(StatusCode::UNAUTHORIZED));
    }
    database.execute(
        "INSERT INTO sessions (username, generation) VALUES (?1, 0)",
        [&name],
    )?;
    Ok(tokens(&name, database.last_insert_rowid(), 0))
}

async fn refresh(State(shared): State<Shared>, Json(body): Json<Value>) -> Answer {
    let token = text(&body, "refreshToken")?;
    let unauthorized = || Refusal(StatusCode::UNAUTHORIZED);
    let (session, generation) = token.split_once('.').ok_or_else(unauthorized)?;
    let (session, generation): (i64, i64) = (session.parse()?, generation.parse()?);
    let database = shared.database.lock();
    let found: Option<(String, i64)> = database
        .query_row(
            "SELECT username, generation FROM sessions WHERE id = ?1",
            [session],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (name, current) = found.ok_or_else(unauthorized)?;
    if generation == current {
        database.execute(
            "UPDATE sessions SET generation = ?1 WHERE id = ?2",
            [current + 1, session],
        )?;
    } else if generation + 1 != current {
        return Err(unauthorized());
    }
    Ok(tokens(&name, session, generation + 1))
}

async fn current_user(State(shared): State<Shared>, headers: HeaderMap) -> Answer {
    let sql = "SELECT full_name FROM users WHERE username = ?1";
    let full_name: String = shared
        .database
        .lock()
        .query_row(sql, [user(&headers)?], |row| row.get(0))?;
    Ok(data(&json!({ "fullName": full_name })))
}

async fn update_account(State(shared): State<Shared>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    let sql = "UPDATE users SET full_name = ?1 WHERE username = ?2";
    shared
        .database
        .lock()
        .execute(sql, [text(&body, "fullName")?, user(&headers)?])?;
    Ok(data(&json!({})))
}

async fn add_video(State(shared): State<Shared>, headers: HeaderMap, mut parts: Multipart) -> Answer {
    let owner = user(&headers)?;
    let (mut title, mut bytes) = (String::new(), None);
    while let Some(part) = parts.next_field().await? {
        match part.name() {
            Some("title") => title = part.text().await?,
            Some("videoFile") => bytes = Some(part.bytes().await?),
            _ => {}
        }
    }
    let bytes = bytes.ok_or(Refusal(StatusCode::BAD_REQUEST))?;
    let database = shared.database.lock();
    let id: String = database.query_row("SELECT lower(hex(randomblob(12)))", [], |row| row.get(0))?;
    let (temporary, folder) = (
        shared.objects.join("tmp").join(&id),
        shared.objects.join("videos").join(&id),
    );
    let mut file = File::create(&temporary)?;
    file.write_all(&bytes)?;
    std::fs::create_dir(&folder)?;
    if shared.sync {
        file.sync_all()?;
    }
    std::fs::rename(&temporary, folder.join("source"))?;
    if shared.sync {
        sync_folder(&folder)?;
        sync_folder(&shared.objects.join("videos"))?;
    }
    database.execute_batch("BEGIN IMMEDIATE")?;
    database.execute(
        "INSERT INTO videos (id, owner_id, title, source_key, source_bytes) VALUES (unhex(?1), ?2, ?3, ?4, ?5)",
        params![id, owner, title, format!("videos/{id}/source"), bytes.len() as i64],
    )?;
    database.execute(
        "UPDATE users SET videos_count = videos_count + 1 WHERE username = ?1",
        [&owner],
    )?;
    commit(&database)?;
    Ok(data(&json!({ "_id": id })))
}

/// A commit that failed leaves no transaction open behind it.
fn commit(database: &Connection) -> Result<(), Refusal> {
    database.execute_batch("COMMIT").inspect_err(|_| {
        // When this fails too, SQLite has rolled back by itself.
        let _ = database.execute_batch("ROLLBACK");
    })?;
    Ok(())
}

async fn video(State(shared): State<Shared>, Segment(id): Segment<String>) -> Answer {
    let title: Option<String> = shared
        .database
        .lock()
        .query_row("SELECT title FROM videos WHERE id = unhex(?1)", [&id], |row| {
            row.get(0)
        })
        .optional()?;
    let title = title.ok_or(Refusal(StatusCode::NOT_FOUND))?;
    let url = format!("http://{}/api/v1/videos/{id}/stream", shared.address);
    Ok(data(
        &json!({ "_id": id, "title": title, "status": "ready", "hls": url }),
    ))
}

async fn retitle(
    State(shared): State<Shared>,
    Segment(id): Segment<String>,
    Json(body): Json<Value>,
) -> Answer {
    let sql = "UPDATE videos SET title = ?1 WHERE id = unhex(?2)";
    match shared.database.lock().execute(sql, [text(&body, "title")?, id])? {
        1 => Ok(data(&json!({}))),
        _ => Err(Refusal(StatusCode::NOT_FOUND)),
    }
}

async fn remove(State(shared): State<Shared>, headers: HeaderMap, Segment(id): Segment<String>) -> Answer {
    let owner = user(&headers)?;
    let database = shared.database.lock();
    database.execute_batch("BEGIN IMMEDIATE")?;
    let removed = database.execute("DELETE FROM videos WHERE id = unhex(?1)", [&id])?;
    database.execute(
        "UPDATE users SET videos_count = videos_count - ?1 WHERE username = ?2",
        params![removed as i64, owner],
    )?;
    commit(&database)?;
    std::fs::remove_dir_all(shared.objects.join("videos").join(&id))?;
    Ok(data(&json!({})))
}

async fn stream(State(shared): State<Shared>, Segment(id): Segment<String>) -> Result<Vec<u8>, Refusal> {
    Ok(std::fs::read(
        shared.objects.join("videos").join(id).join("source"),
    )?)
}
