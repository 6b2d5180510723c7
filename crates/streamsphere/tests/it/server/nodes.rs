//! Several nodes over one PostgreSQL, one NATS server and one place for media.

use std::path::Path;

use model::Clock;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use testkit::nats::Nats;

use crate::kit::conversation::ids;
use crate::kit::listener::Listener;
use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Setup, Site, clips, until};

/// What the nodes of one site share.
struct Town {
    database: String,
    nats: Nats,
    shared: TempDir,
}

impl Town {
    async fn fresh() -> Self {
        Self {
            database: testkit::fresh_database(&testkit::needed_server()).await,
            nats: Nats::start(),
            shared: tempfile::tempdir().unwrap(),
        }
    }

    /// A node with a data folder of its own.
    async fn node(&self, role: &str) -> Site {
        self.settings(role).start().await
    }

    fn settings(&self, role: &str) -> Setup {
        let shared: &Path = self.shared.path();
        kit::with("database_url", &self.database)
            .with("bus_url", self.nats.url("town"))
            .with("key_file", shared.join("secret.key").display().to_string())
            .with("objects_url", shared.join("objects").display().to_string())
            .with("role", role)
    }
}

/// The same person at another node.
fn at<'a>(site: &'a Site, person: &Person<'_>) -> Person<'a> {
    Person {
        site,
        name: person.name.clone(),
        id: person.id.clone(),
        token: person.token.clone(),
        refresh_token: person.refresh_token.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_at_one_node_is_heard_at_the_other_and_goes_on_there() {
    let town = Town::fresh().await;
    let (here, there) = (town.node("all").await, town.node("web").await);
    let (asha, bela) = (here.person("asha").await, here.person("bela").await);
    let video = row(&here, &asha, "Otters");
    add(&here, std::slice::from_ref(&video)).await;
    let video = video.id.to_string();

    let asha_there = at(&there, &asha);
    let mut listener = Listener::on(&asha_there).await;
    let comment = bela.comments(&video, "Lovely").await;
    let told = listener.waits_for("notification.created").await;
    let last = told.id.unwrap();
    drop(listener);

    // Whoever loses the connection there hears here what came meanwhile, and once.
    bela.comments(&video, "And again").await;
    let mut back = Listener::back(&asha, "", &last).await;
    back.waits_for("notification.created").await;
    // A node that starts only now knows it too.
    let late = town.node("web").await;
    let asha_late = at(&late, &asha);
    let mut back = Listener::back(&asha_late, "", &last).await;
    back.waits_for("notification.created").await;

    // What was written at one node is read at the other at once.
    let seen = bela_reads(&there, &bela, &video).await;
    assert!(seen.contains(&comment));
    bela.likes(&format!("v/{video}")).await;
    let liked = at(&there, &bela)
        .get(&format!("/api/v1/videos/{video}"))
        .await
        .is(200);
    assert_eq!(
        (liked.at("/data/isLiked"), liked.at("/data/likesCount")),
        (json!(true), json!(1))
    );
}

async fn bela_reads(site: &Site, bela: &Person<'_>, video: &str) -> Vec<String> {
    let answer = at(site, bela)
        .get(&format!("/api/v1/comments/{video}"))
        .await
        .is(200);
    ids(&answer.at("/data/comments"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_at_one_node_is_out_at_all() {
    let town = Town::fresh().await;
    let (here, there) = (town.node("web").await, town.node("web").await);
    let asha = here.person("asha").await;
    let asha_there = at(&there, &asha);
    asha_there.get("/api/v1/notifications").await.is(200);
    let mut listener = Listener::on(&asha_there).await;
    asha.post("/api/v1/users/logout", &json!({})).await.is(200);
    until("the other node lets nobody in with that", async || {
        asha_there.get("/api/v1/notifications").await.status == 401
    })
    .await;
    while listener.block().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_that_are_guessed_at_one_node_count_at_all() {
    let town = Town::fresh().await;
    let here = town.settings("web").with("rate_limits", "on").start().await;
    let there = town.settings("web").with("rate_limits", "on").start().await;
    here.person("asha").await;
    let guesses = async |site: &Site| {
        let body = json!({ "username": "asha", "password": "not the one" });
        kit::answer(site.request(Method::POST, "/api/v1/users/login").json(&body))
            .await
            .status
    };
    for _ in 0..10 {
        assert_eq!(guesses(&here).await, 401);
    }
    assert_eq!(guesses(&here).await, 429);

    // Alone, the other node would allow ten more.
    let mut allowed = 0;
    while guesses(&there).await != 429 {
        allowed += 1;
        assert!(allowed < 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_has_just_named_is_there_at_the_other() {
    let town = Town::fresh().await;
    let (here, there) = (town.node("all").await, town.node("web").await);
    let asha = here.person("asha").await;
    let video = asha.publishes(&clips::small(), &[("title", "Otters")]).await;
    let path = |url: String| {
        let at = url.find("/media/").unwrap();
        url[at..].to_owned()
    };
    let page = format!("/api/v1/videos/{video}");
    let mut named = path(here.anyone().get(&page).await.text_at("/data/thumbnail"));
    for color in ["red", "green", "blue"] {
        // The other node believes that this is all there is.
        there.anyone().get(&named).await.is(200);
        let source = format!("color={color}:size=640x360:rate=1:duration=1");
        let words = ["-f", "lavfi", "-i", source.as_str(), "-frames:v", "1"];
        let picture = clips::made(&format!("all-{color}.png"), &words).bytes();
        let part = reqwest::multipart::Part::bytes(picture).file_name("poster.png");
        let form = reqwest::multipart::Form::new().part("thumbnail", part);
        let changed = kit::answer(asha.request(Method::PATCH, &page).multipart(form)).await;
        let before = std::mem::replace(&mut named, path(changed.is(200).text_at("/data/thumbnail")));
        assert_ne!(named, before);
        there.anyone().get(&named).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_takes_uploads_and_another_works_on_them() {
    let town = Town::fresh().await;
    let (web, worker) = (town.node("web").await, town.node("worker").await);
    let asha = web.person("asha").await;
    let video = asha.publishes(&clips::small(), &[("title", "A film")]).await;
    let shown = web.anyone().get(&format!("/api/v1/videos/{video}")).await.is(200);
    let hls = shown.text_at("/data/hls");
    let path = hls.strip_prefix(&web.url).unwrap_or(&hls).to_owned();
    web.anyone().get(&path).await.is(200);

    // A worker says how it is, and nothing else.
    for (path, status) in [
        ("/readyz", 200),
        ("/metrics", 200),
        ("/api/v1/videos", 404),
        ("/", 404),
    ] {
        let answer = worker.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_tidies_and_another_takes_over_when_it_leaves() {
    let town = Town::fresh().await;
    let (one, other) = (town.node("web").await, town.node("web").await);
    let ours = |site: &Site| site.server.app.turns.is_ours();
    until("it is somebody's turn", async || ours(&one) || ours(&other)).await;
    assert!(!(ours(&one) && ours(&other)));
    let (leaves, stays) = if ours(&one) { (one, other) } else { (other, one) };
    leaves.stop().await;
    until("the other takes over", async || ours(&stays)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_another_key_does_not_start() {
    let town = Town::fresh().await;
    let here = town.node("web").await;
    let folder = tempfile::tempdir().unwrap();
    let settings = streamsphere::settings::Chosen::with(&[
        ("listen", "127.0.0.1:0".to_owned()),
        ("data_dir", folder.path().join("data").display().to_string()),
        ("database_url", town.database.clone()),
    ]);
    let refused = streamsphere::server::start(
        settings.settings().unwrap(),
        Some(kit::program()),
        Clock::system(),
    )
    .await;
    assert!(refused.unwrap_err().to_string().contains("is not the one"));
    here.stop().await;
}
