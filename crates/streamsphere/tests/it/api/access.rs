//! Who may do what, over every route.
//!
//! The table is written by hand from the contract; a route that it does not know, or that is gone, fails.

mod hidden;
mod links;
mod table;

use model::VideoId;
use model::moderation::{Kind as Subject, Target};
use model::videos::{Status, Visibility};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, Answer, Person, Site, clips};
use store::videos::CaptionTrack;
use table::{Cells, MEDIA, ROUTES, TAKEN, expected};

/// How a video stands; the columns of the table, and one more.
const STATES: [&str; 5] = ["public", "unlisted", "private", "not watchable yet", "taken down"];
/// Whom a private video, a route for operators and a session are not for.
const OUTSIDE: &str = "203.0.113.9";
/// A description with chapters.
const CHAPTERS: &str = "0:00 One\n0:10 Two\n0:20 Three";
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

/// Puts a video into one of the states, by the store's own ways.
async fn stage(site: &Site, id: &str, state: usize) {
    let app = &site.server.app;
    let id: VideoId = id.parse().unwrap();
    let mut tx = app.core.store.write().await.unwrap();
    let before = store::videos::find(&mut tx, id).await.unwrap().unwrap();
    let mut after = before.clone();
    after.visibility = [
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Private,
        Visibility::Public,
        Visibility::Public,
    ][state];
    after.watchable = state != 3;
    after.status = if state == 3 {
        Status::Processing
    } else {
        Status::Ready
    };
    "A clip".clone_into(&mut after.title);
    CHAPTERS.clone_into(&mut after.description);
    after.duration_ms = 60_000;
    // What was allowed to be removed is said to be there again.
    if after.captions.is_empty() {
        after.captions.push(CaptionTrack {
            language: "en".to_owned(),
            label: "English".to_owned(),
            rev: NO_SUCH_ID.to_owned(),
            bytes: 0,
        });
    }
    store::videos::save(&mut tx, &before, after).await.unwrap();
    if state == TAKEN {
        let (target, now) = (Target::new(Subject::Video, id.0), app.core.clock.now());
        let taken = store::takedowns::add(&mut tx, target, "Not a clip", None, now).await;
        assert!(taken.unwrap().is_some());
    }
    tx.commit().await.unwrap();
    app.playback.forget(id);
}

async fn adds_captions(owner: &Person<'_>, id: &str) {
    let request = owner.request(Method::PUT, &format!("/api/v1/videos/{id}/captions/en"));
    let file = "WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n";
    kit::answer(request.header("content-type", "text/vtt").body(file))
        .await
        .is(201);
}

/// People of all kinds and a video of the owner in each state, behind a proxy that says who calls.
struct Scene<'a> {
    site: &'a Site,
    /// Rows of the table: nobody, someone, the owner, an admin; and a moderator.
    people: Vec<Person<'a>>,
    videos: Vec<String>,
    /// The owner's comment under each video, and a tweet of theirs.
    comments: Vec<String>,
    tweet: String,
}

impl<'a> Scene<'a> {
    async fn on(site: &'a Site) -> Self {
        let admin = site.admin().await;
        let moderator = site.moderator("moe", &admin).await;
        let people = vec![
            site.anyone(),
            site.person("other").await,
            site.person("owner").await,
            admin,
            moderator,
        ];
        let (mut videos, mut comments) = (Vec::new(), Vec::new());
        for state in 0..STATES.len() {
            videos.push(people[2].publishes(&clips::small(), &[]).await);
            adds_captions(&people[2], &videos[state]).await;
            stage(site, &videos[state], state).await;
            comments.push(people[2].comments(&videos[state], "Mine").await);
        }
        let tweet = people[2].tweets("Mine").await;
        Self {
            site,
            people,
            videos,
            comments,
            tweet,
        }
    }

    /// Someone asks for a path of the table about the video in a state.
    async fn asks(&self, actor: usize, method: &Method, path: &str, state: usize) -> Answer {
        let path = self.fill(path, state).await;
        let mut request = self.people[actor]
            .request(method.clone(), &path)
            .header("x-forwarded-for", OUTSIDE);
        if !method.is_safe() {
            let about_video = path.starts_with("/api/v1/videos/");
            request = request.json(&if about_video {
                json!({"title": "Mine"})
            } else {
                json!({})
            });
        }
        if path.ends_with("/events") || path.ends_with("/live") {
            // What it is answered never ends.
            return kit::head_of(request).await;
        }
        kit::answer(request).await
    }

    async fn fill(&self, path: &str, state: usize) -> String {
        let id = &self.videos[state];
        let mut path = path
            .replace("/sessions/{id}", &format!("/sessions/{NO_SUCH_ID}"))
            .replace("/jobs/{id}", &format!("/jobs/{NO_SUCH_ID}"));
        if path.contains("{poster}") {
            let mut tx = self.site.server.app.core.store.read();
            let row = store::videos::find(&mut tx, id.parse().unwrap())
                .await
                .unwrap()
                .unwrap();
            path = path.replace("{poster}", &format!("poster-{}-1280", row.thumbnail_rev.unwrap()));
        }
        if path.contains("{captions}") || path.contains("{storyboard}") {
            let mut tx = self.site.server.app.core.store.read();
            let row = store::videos::find(&mut tx, id.parse().unwrap())
                .await
                .unwrap()
                .unwrap();
            path = path
                .replace("{captions}", &app::captions::file_name(&row.captions[0]))
                .replace("{storyboard}", &row.storyboard_rev.unwrap());
        }
        let needs = match path.as_str() {
            "/api/v1/search" => "?q=clip".to_owned(),
            "/oembed" | "/api/v1/oembed" => format!("?url={}/watch/{}", self.site.url, self.videos[0]),
            _ => String::new(),
        };
        if path.contains("{playlistId}") {
            let words = json!({"name": "A playlist"});
            let made = self.people[2].post("/api/v1/playlist", &words).await.is(201);
            path = path.replace("{playlistId}", &made.text_at("/data/_id"));
        }
        path.replace("{id}", id)
            .replace("{commentId}", &self.comments[state])
            .replace("{reportId}", NO_SUCH_ID)
            .replace("{exportId}", NO_SUCH_ID)
            .replace("{kind}/{targetId}", &format!("tweet/{}", self.tweet))
            .replace("{tweetId}", &self.tweet)
            .replace("{videoId}", &self.videos[0])
            .replace("{userId}", &self.people[2].id)
            .replace("{channelId}", &self.people[2].id)
            .replace("{subscriberId}", &self.people[2].id)
            .replace("{username}", "owner")
            .replace("{lang}", "en")
            .replace("{webhookId}", NO_SUCH_ID)
            .replace("{deliveryId}", NO_SUCH_ID)
            .replace("{pushId}", NO_SUCH_ID)
            + &needs
    }

    async fn seen_by_owner(&self, state: usize) -> Value {
        let video = self.people[2]
            .get(&format!("/api/v1/videos/{}", self.videos[state]))
            .await;
        let mut video = video.is(200).at("/data");
        // Signed addresses change with time.
        for link in ["storyboard", "videoFile", "hls", "thumbnail"] {
            video.as_object_mut().unwrap().remove(link);
        }
        for track in video["captions"].as_array_mut().unwrap() {
            track.as_object_mut().unwrap().remove("url");
        }
        video
    }

    /// After a change that was allowed, everything is as before.
    async fn put_back(&mut self, actor: usize, path: &str, state: usize) {
        if path.ends_with("/logout") {
            let name = self.people[actor].name.clone();
            self.people[actor] = self.site.sign_in(&name).await;
        } else if path.starts_with("/api/v1/videos/") {
            let id: VideoId = self.videos[state].parse().unwrap();
            let gone = store::videos::find(&mut self.site.server.app.core.store.read(), id)
                .await
                .unwrap()
                .is_none();
            if gone {
                self.videos[state] = self.people[2].publishes(&clips::small(), &[]).await;
                self.comments[state] = self.people[2].comments(&self.videos[state], "Mine").await;
            }
            stage(self.site, &self.videos[state], state).await;
        } else if path.ends_with("/comments/c/{commentId}") {
            // Removed, where that was allowed.
            self.comments[state] = self.people[2].comments(&self.videos[state], "Mine").await;
        } else if path.ends_with("/users/export") {
            // Another one is begun only where none is under way.
            let exports = self.people[actor].get(path).await.is(200).at("/data");
            for export in exports.as_array().unwrap() {
                let id = export["_id"].as_str().unwrap();
                self.people[actor].delete(&format!("{path}/{id}")).await.is(200);
            }
        } else if path.ends_with("/tweets/{tweetId}") {
            self.tweet = self.people[2].tweets("Mine").await;
        }
    }
}

fn assert_well_formed(answer: &Answer, what: &str) {
    if answer.status == 401 {
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what}");
    }
    let is_page = what.contains(" /watch/") || what.contains(" /embed/");
    if answer.status >= 400 && !is_page && !what.starts_with("HEAD") {
        assert_eq!(answer.json["statusCode"], json!(answer.status), "{what}");
        assert_eq!(answer.json["success"], false, "{what}");
    }
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
}

#[expect(
    clippy::needless_range_loop,
    reason = "a state is a column of the table, by number"
)]
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_everyone_as_the_table_says() {
    let site = kit::with("trusted_proxies", "127.0.0.1").start().await;
    let mut scene = Scene::on(&site).await;
    let mut wrong = Vec::new();
    for (method, path, cells) in ROUTES {
        let method: Method = method.parse().unwrap();
        let about_video = path.contains("{commentId}")
            || path.contains("{id}")
                && !["/sessions/", "/jobs/", "/uploads/"]
                    .iter()
                    .any(|other| path.contains(other));
        for actor in 0..scene.people.len() {
            for state in 0..if about_video { STATES.len() } else { 1 } {
                let expected = expected(method.as_str(), path, cells, actor, state);
                let before = if about_video {
                    scene.seen_by_owner(state).await
                } else {
                    Value::Null
                };
                let answer = scene.asks(actor, &method, path, state).await;
                let what = format!(
                    "{method} {path} by {:?}, {}",
                    scene.people[actor].name, STATES[state]
                );
                assert_well_formed(&answer, &what);
                if answer.status != expected {
                    wrong.push(format!("{what}: {} instead of {expected}", answer.status));
                }
                if about_video && (method.is_safe() || answer.status >= 400) {
                    assert_eq!(
                        scene.seen_by_owner(state).await,
                        before,
                        "{what} changed something"
                    );
                } else if answer.status < 400 {
                    scene.put_back(actor, path, state).await;
                }
                if method == Method::GET {
                    let head = scene.asks(actor, &Method::HEAD, path, state).await;
                    assert_eq!(head.status, answer.status, "HEAD for {what}");
                    assert!(head.bytes.is_empty());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(
    clippy::needless_range_loop,
    reason = "a state is a column of the table, by number"
)]
#[tokio::test(flavor = "multi_thread")]
async fn every_media_path_answers_everyone_as_the_table_says() {
    let site = kit::with("trusted_proxies", "127.0.0.1").start().await;
    let scene = Scene::on(&site).await;
    let mut wrong = Vec::new();
    for (path, cells) in MEDIA {
        for actor in 0..scene.people.len() {
            for state in 0..STATES.len() {
                let expected = expected("GET", path, cells, actor, state);
                for method in [Method::GET, Method::HEAD] {
                    let answer = scene.asks(actor, &method, path, state).await;
                    let what = format!(
                        "{method} {path} by {:?}, {}",
                        scene.people[actor].name, STATES[state]
                    );
                    assert_well_formed(&answer, &what);
                    if answer.status != expected {
                        wrong.push(format!("{what}: {} instead of {expected}", answer.status));
                    }
                    let kept = answer.header("cache-control");
                    let public = state == 0 && answer.status == 200;
                    assert_eq!(kept.contains("no-store"), !public, "{what}: {kept}");
                }
            }
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = scene.asks(2, &method, path, 0).await;
            assert_eq!(answer.status, 405, "{method} {path}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_every_route_and_no_other() {
    let mut in_router: Vec<String> = api::routes::routes()
        .iter()
        .flat_map(|route| route.paths.iter().map(|path| format!("{} {path}", route.method)))
        .collect();
    let mut in_table: Vec<String> = ROUTES
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    in_router.sort();
    in_table.sort();
    let missing: Vec<_> = in_router
        .iter()
        .filter(|route| !in_table.contains(route))
        .collect();
    let gone: Vec<_> = in_table
        .iter()
        .filter(|route| !in_router.contains(route))
        .collect();
    assert!(missing.is_empty(), "say who may call these: {missing:#?}");
    assert!(gone.is_empty(), "these are gone: {gone:#?}");
    assert_eq!(in_router, in_table, "each stands once");
}

#[test]
fn the_routes_for_anyone_are_these() {
    let mut anyone: Vec<String> = api::routes::routes()
        .iter()
        .filter(|route| route.policy == api::routes::Policy::Anyone)
        .flat_map(|route| route.paths.iter().map(|path| format!("{} {path}", route.method)))
        .collect();
    anyone.sort();
    assert_eq!(
        anyone,
        [
            "GET /api/docs",
            "GET /api/docs/page.css",
            "GET /api/docs/page.js",
            "GET /api/v1/healthcheck",
            "GET /api/v1/openapi.json",
            "GET /healthz",
            "GET /readyz",
            "GET /robots.txt",
            "GET /watch/player.js",
            "OPTIONS /api/v1/uploads",
            "OPTIONS /api/v1/uploads/{id}",
            "POST /api/v1/admin/setup",
            "POST /api/v1/users/login",
            "POST /api/v1/users/refresh-token",
            "POST /api/v1/users/register",
            "POST /users/login",
            "POST /users/refresh-token",
            "POST /users/register",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_signing_in_is_required_nobody_else_reads_anything() {
    let site = kit::with("require_sign_in", "true")
        .with("trusted_proxies", "127.0.0.1")
        .start()
        .await;
    let scene = Scene::on(&site).await;
    let closed = |cells: &Cells, path: &str| -> u16 {
        // What anyone may call stays as it is; what the table opens to readers is closed.
        let open = api::routes::routes()
            .into_iter()
            .any(|route| route.policy == api::routes::Policy::Anyone && route.paths.contains(&path));
        if open || cells[0][0] >= 400 {
            cells[0][0]
        } else {
            401
        }
    };
    for (method, path, cells) in ROUTES {
        let method: Method = method.parse().unwrap();
        if path.contains("logout") || (!method.is_safe() && path.contains("/videos/")) {
            continue;
        }
        let answer = scene.asks(0, &method, path, 0).await;
        assert_eq!(answer.status, closed(cells, path), "{method} {path}");
        if method.is_safe() {
            let answer = scene.asks(1, &method, path, 0).await;
            assert_eq!(answer.status, cells[1][0], "{method} {path}, signed in");
        }
    }
    for (path, cells) in MEDIA {
        for (state, name) in STATES.iter().enumerate() {
            let answer = scene.asks(0, &Method::GET, path, state).await;
            assert_eq!(answer.status, 401, "{path}, {name}");
            let answer = scene.asks(1, &Method::GET, path, state).await;
            let expected = expected("GET", path, cells, 1, state);
            assert_eq!(answer.status, expected, "{path}, {name}, signed in");
        }
        let path = path.replace("{id}", NO_SUCH_ID);
        let answer = scene.asks(0, &Method::GET, &path, 0).await;
        assert_eq!(answer.status, 401, "what is not there looks the same: {path}");
    }
}
