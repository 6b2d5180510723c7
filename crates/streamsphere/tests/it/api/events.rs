//! `GET /events`.

use std::time::Duration;

use bus::{Audience, Event};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::kit::{self, Person, answer, clips};

/// Somebody's stream of events, read piece by piece.
struct Listener {
    response: Response,
    text: String,
}

/// One event as it stands on the wire.
#[derive(Debug)]
struct Told {
    kind: String,
    data: Value,
}

impl Listener {
    async fn on(person: &Person<'_>) -> Self {
        Self::with(person, None).await
    }

    async fn with(person: &Person<'_>, last_id: Option<&str>) -> Self {
        let mut request = person.request(Method::GET, "/api/v1/events");
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut listener = Self {
            response,
            text: String::new(),
        };
        assert_eq!(listener.block().await.as_deref(), Some("retry: 3000"));
        listener
    }

    /// The next block of lines; `None` when the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let piece = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            match piece.await.expect("something comes, or the stream ends") {
                Ok(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The next event; comments are passed over.
    async fn next(&mut self) -> Option<Told> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            if let (Some(kind), Some(data)) = (field("event: "), field("data: ")) {
                return Some(Told {
                    kind: kind.to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }

    /// Passes over events until one of this kind.
    async fn waits_for(&mut self, kind: &str) -> Told {
        loop {
            let told = self.next().await.expect("the stream goes on");
            if told.kind == kind {
                return told;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_hears_how_work_goes_and_nobody_else_does() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (mut ashas, mut belas) = (Listener::on(&asha).await, Listener::on(&bela).await);
    assert_eq!(ashas.response.headers()["content-type"], "text/event-stream");
    assert_eq!(ashas.response.headers()["cache-control"], "private, no-store");
    let video = asha.publishes(&clips::small(), &[]).await;
    let told = ashas.waits_for("job.finished").await.data;
    assert_eq!((&told["video"], &told["state"]), (&json!(video), &json!("done")));
    assert_eq!(
        (&told["progress"], &told["etaSeconds"]),
        (&json!(1.0), &Value::Null)
    );
    let job = asha
        .get(&format!("/api/v1/jobs/{}", told["job"].as_str().unwrap()))
        .await;
    assert_eq!(job.is(200).at("/data/kind"), told["kind"]);

    let own = bela.publishes(&clips::small(), &[]).await;
    let first = belas.next().await.unwrap();
    assert_eq!(
        first.data["video"],
        json!(own),
        "the first thing that she hears is hers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_while_an_encode_runs_and_so_is_its_cancelling() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut listener = Listener::on(&asha).await;
    let video = asha
        .uploads(&clips::slow(), &[])
        .await
        .is(201)
        .text_at("/data/_id");
    let told = loop {
        let told = listener.waits_for("job.progress").await.data;
        if told["etaSeconds"].is_u64() {
            break told;
        }
    };
    assert_eq!(
        (&told["video"], &told["state"]),
        (&json!(video), &json!("running"))
    );
    let progress = told["progress"].as_f64().unwrap();
    assert!(progress > 0.0 && progress <= 1.0, "{told}");
    assert!(
        told["step"].as_str().is_some_and(|step| !step.is_empty()),
        "{told}"
    );
    asha.post(&format!("/api/v1/videos/{video}/cancel"), &json!({}))
        .await
        .is(200);
    let told = listener.waits_for("job.failed").await.data;
    assert_eq!(told["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_told_to_look_again() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut listener = Listener::with(&asha, Some("17")).await;
    assert_eq!(listener.next().await.unwrap().kind, "resync");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_five_streams_at_most() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(Listener::on(&asha).await);
    }
    let sixth = answer(asha.request(Method::GET, "/api/v1/events")).await;
    assert!(!sixth.header("retry-after").is_empty());
    sixth.refuses(429, "too_many_streams");
    Listener::on(&bela).await;
    open.pop();
    kit::until("the place is free again", async || {
        let request = asha.request(Method::GET, "/api/v1/events");
        kit::head_of(request).await.status == 200
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_session() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let elsewhere = site.sign_in("asha").await;
    let (mut ending, mut staying) = (Listener::on(&asha).await, Listener::on(&elsewhere).await);
    asha.post("/api/v1/users/logout", &json!({})).await.is(200);
    assert!(ending.next().await.is_none(), "nothing more comes");
    elsewhere.publishes(&clips::small(), &[]).await;
    staying.waits_for("job.finished").await;
    site.anyone()
        .get("/api/v1/events")
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_too_slow_is_told_so_and_holds_up_nobody() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut listener = Listener::on(&asha).await;
    let payload: std::sync::Arc<str> = format!("\"{}\"", "x".repeat(2_000)).into();
    // More than any buffer between the two takes, while she does not read.
    for id in 0..40_000 {
        site.server.app.core.bus.publish(Event {
            id,
            kind: "test.flood",
            audience: Audience::Everyone,
            payload: std::sync::Arc::clone(&payload),
        });
        if id % 1_000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    listener.waits_for("resync").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_do_not_hold_up_a_stop() {
    let site = kit::with("drain_seconds", "60").start().await;
    let asha = site.person("asha").await;
    let mut listener = Listener::on(&asha).await;
    let report = site.server.stop().await.unwrap();
    assert_eq!(report.cut, 0);
    assert!(listener.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_is_kept_open_by_comments() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut listener = Listener::on(&asha).await;
    assert_eq!(listener.block().await.as_deref(), Some(":"));
}
