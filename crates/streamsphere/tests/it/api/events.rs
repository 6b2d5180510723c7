//! `GET /events`.

use bus::{Audience, Event};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::listener::{Listener, Told, rings};
use crate::kit::{self, Person, Site, answer, clips};

/// Passes over events until a video is told with this title.
async fn waits_for_title(listener: &mut Listener, title: &str) -> Told {
    loop {
        let told = listener.waits_for("video.updated").await;
        if told.data["title"] == title {
            return told;
        }
    }
}

async fn renames(person: &Person<'_>, video: &str, title: &str) {
    person
        .patch(&format!("/api/v1/videos/{video}"), &json!({"title": title}))
        .await
        .is(200);
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
async fn who_comes_back_with_a_number_from_elsewhere_is_told_to_look_again() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for last in ["17", "99999999999999999", "x", ""] {
        let mut listener = Listener::back(&asha, "", last).await;
        assert_eq!(listener.next().await.unwrap().kind, "resync", "{last:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_ten_streams_at_most() {
    let site = kit::with("rate_limits", "on").start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(Listener::on(&asha).await);
    }
    let eleventh = answer(asha.request(Method::GET, "/api/v1/events")).await;
    assert!(!eleventh.header("retry-after").is_empty());
    eleventh.refuses(429, "too_many_streams");
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

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_hears_what_happened_meanwhile_once_and_in_order() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha.publishes(&clips::small(), &[]).await;
    let mut listener = Listener::on(&asha).await;
    renames(&asha, &video, "One").await;
    let heard = waits_for_title(&mut listener, "One").await;
    drop(listener);
    for title in ["Two", "Three", "Four"] {
        renames(&asha, &video, title).await;
    }
    let last = heard.id.unwrap();
    let mut back = Listener::back(&asha, "", &last).await;
    for title in ["Two", "Three", "Four"] {
        assert_eq!(back.waits_for("video.updated").await.data["title"], title);
    }
    renames(&asha, &video, "Five").await;
    let told = back.waits_for("video.updated").await;
    assert_eq!(told.data["title"], "Five", "and goes on");

    let mut other = Listener::back(&bela, "", &last).await;
    rings(&site);
    assert_eq!(
        other.next().await.unwrap().kind,
        "test.bell",
        "what was hers stays hers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_video_was_called_while_it_was_private_is_told_to_nobody_later() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha.publishes(&clips::small(), &[]).await;
    let mut belas = Listener::watching(&bela, &[&video]).await;
    renames(&asha, &video, "Before").await;
    let last = waits_for_title(&mut belas, "Before").await.id.unwrap();
    let path = format!("/api/v1/videos/{video}");
    asha.patch(&path, &json!({"visibility": "private"})).await.is(200);
    renames(&asha, &video, "A draft").await;
    renames(&asha, &video, "After").await;
    asha.patch(&path, &json!({"visibility": "public"})).await.is(200);
    let mut back = Listener::back(&bela, &format!("?videos={video}"), &last).await;
    rings(&site);
    let titles: Vec<Value> = back
        .hears_until("test.bell")
        .await
        .iter()
        .map(|told| told.data["title"].clone())
        .filter(|title| !title.is_null())
        .collect();
    assert_eq!(titles, ["After"], "as it is now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_becomes_private_is_not_told_to_strangers_any_more() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha.publishes(&clips::small(), &[]).await;
    let (path, query) = (format!("/api/v1/videos/{video}"), format!("?videos={video}"));
    let nobody = site.anyone();
    let mut strangers = [
        Listener::watching(&bela, &[&video]).await,
        Listener::watching(&nobody, &[&video]).await,
    ];
    let mut ashas = Listener::watching(&asha, &[&video]).await;
    renames(&asha, &video, "Seen").await;
    let mut last = String::new();
    for listener in &mut strangers {
        let told = waits_for_title(listener, "Seen").await;
        assert_eq!(told.data["owner"], json!(asha.id));
        last = told.id.unwrap();
    }

    asha.patch(&path, &json!({"visibility": "private"})).await.is(200);
    renames(&asha, &video, "Hidden").await;
    rings(&site);
    for listener in &mut strangers {
        let heard = listener.hears_until("test.bell").await;
        let kinds: Vec<_> = heard.iter().map(|told| told.kind.as_str()).collect();
        assert_eq!(kinds, ["video.removed"]);
        assert_eq!(heard[0].data, json!({"video": video}));
    }
    let heard = ashas.hears_until("test.bell").await;
    assert!(heard.iter().all(|told| told.kind != "video.removed"));
    let last_title = heard.iter().rfind(|told| told.kind == "video.updated");
    assert_eq!(
        last_title.unwrap().data["title"],
        "Hidden",
        "its owner hears all of it"
    );

    // Nor is it told to those who come back, and it is as absent as one that never was.
    let unknown = "0123456789abcdef01234567";
    for person in [&bela, &nobody] {
        let mut back = Listener::back(person, &format!("{query},{unknown}"), &last).await;
        let heard = back.hears_until("test.bell").await;
        let mut absent: Vec<_> = heard
            .iter()
            .map(|told| {
                (
                    told.kind.as_str(),
                    told.data["video"].as_str().unwrap(),
                    told.id.is_some(),
                )
            })
            .collect();
        absent.sort_unstable();
        let mut both = [video.as_str(), unknown].map(|id| ("video.removed", id, false));
        both.sort_unstable();
        assert_eq!(absent, both);
    }
    // Once it is shown again, those who still have it open are told.
    asha.patch(&path, &json!({"visibility": "unlisted"}))
        .await
        .is(200);
    for listener in &mut strangers {
        let told = listener.waits_for("video.updated").await;
        assert_eq!(told.data["visibility"], "unlisted");
    }
    asha.delete(&path).await.is(200);
    for listener in strangers.iter_mut().chain([&mut ashas]) {
        listener.waits_for("video.removed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_hears_of_the_videos_they_name_and_nothing_else() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let nobody = site.anyone();
    nobody.get("/api/v1/events").await.refuses(401, "unauthenticated");
    nobody
        .get("/api/v1/events?videos=,")
        .await
        .refuses(401, "unauthenticated");
    nobody
        .get("/api/v1/events?videos=x")
        .await
        .refuses(400, "invalid_fields")
        .blames("videos", "malformed");
    let many: Vec<String> = (0..21).map(|n| format!("{n:024x}")).collect();
    nobody
        .get(&format!("/api/v1/events?videos={}", many.join(",")))
        .await
        .refuses(400, "invalid_fields")
        .blames("videos", "too_many");

    let (one, other) = (
        asha.publishes(&clips::small(), &[]).await,
        asha.publishes(&clips::small(), &[]).await,
    );
    let mut listener = Listener::watching(&nobody, &[&one]).await;
    renames(&asha, &other, "Not asked for").await;
    renames(&asha, &one, "Asked for").await;
    loop {
        let told = listener.waits_for("video.updated").await;
        assert_eq!(told.data["video"], json!(one));
        if told.data["title"] == "Asked for" {
            break;
        }
    }

    let closed = kit::with("require_sign_in", "true").start().await;
    closed
        .anyone()
        .get(&format!("/api/v1/events?videos={one}"))
        .await
        .refuses(401, "unauthenticated");
}

/// Ends things as another program beside this server does: only the store knows.
async fn elsewhere(site: &Site, person: &Person<'_>, what: &str) {
    let core = &site.server.app.core;
    let (user, now) = (person.id.parse().unwrap(), core.clock.now());
    let mut tx = core.store.write().await.unwrap();
    match what {
        "sessions end" => {
            let ended = store::sessions::end_all(&mut tx, user, None, "test", now).await;
            assert_eq!(ended.unwrap().len(), 1);
        }
        _ => store::users::save_disabled(&mut tx, user, Some(now))
            .await
            .unwrap(),
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_another_program_ends_the_session_or_switches_the_account_off() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let mut ending = [Listener::on(&asha).await, Listener::on(&bela).await];
    let mut staying = Listener::on(&chen).await;
    elsewhere(&site, &asha, "sessions end").await;
    elsewhere(&site, &bela, "account off").await;
    for listener in &mut ending {
        assert!(listener.next().await.is_none());
    }
    rings(&site);
    assert_eq!(staying.next().await.unwrap().kind, "test.bell");
    for person in [&asha, &bela] {
        kit::until("the token is worth nothing", async || {
            let request = person.request(Method::GET, "/api/v1/events");
            kit::head_of(request.header("last-event-id", "1")).await.status == 401
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn likes_are_told_as_they_stand_and_not_each_by_itself() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = asha.publishes(&clips::small(), &[]).await;
    let mut listener = Listener::watching(&site.anyone(), &[&video]).await;
    let core = &site.server.app.core;
    let id: model::VideoId = video.parse().unwrap();
    let mut tx = core.store.write().await.unwrap();
    tx.exec(
        "UPDATE videos SET likes_count = 300 WHERE id = $1",
        &store::params![id],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    for _ in 0..300 {
        core.bus.publish(Event {
            id: 0,
            kind: "like.changed",
            audience: Audience::Watchers {
                video: id,
                owner: None,
            },
            payload: "{}".into(),
        });
    }
    let told = listener.waits_for("like.changed").await;
    assert_eq!(told.data, json!({"video": video, "likesCount": 300}));
    rings(&site);
    let more = listener.hears_until("test.bell").await;
    assert!(more.len() < 10, "one for many: {}", more.len());
    // Whoever comes back learns how the likes stand.
    let last = told.id.unwrap();
    let mut back = Listener::back(&site.anyone(), &format!("?videos={video}"), &last).await;
    assert_eq!(back.waits_for("like.changed").await.data["likesCount"], 300);
}
