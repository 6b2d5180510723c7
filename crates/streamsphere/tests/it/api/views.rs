//! `POST /api/v1/videos/{id}/views`: what counts as a view, for whom, and how beacons may be sent.

use model::analytics::{DAY_MS, Grain, Subject};
use model::videos::Visibility;
use model::{Clock, Millis, VideoId};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use store::analytics::rollups;
use store::params;
use store::videos::VideoRow;

use crate::kit::listener::Listener;
use crate::kit::rows::{add, row};
use crate::kit::{self, Answer, Person, Site};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const IPHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1";
/// 2024-03-01T12:00:00.000Z.
const NOON: Millis = Millis(1_709_294_400_000);

/// A video of this length that anyone may watch.
async fn video(site: &Site, owner: &Person<'_>, seconds: i64) -> VideoRow {
    let mut row = row(site, owner, "A film");
    row.duration_ms = seconds * 1000;
    add(site, std::slice::from_ref(&row)).await;
    row
}

fn path(video: &VideoRow) -> String {
    format!("/api/v1/videos/{}/views", video.id)
}

/// A request of somebody's browser.
fn request(person: &Person<'_>, video: &VideoRow, agent: &str) -> RequestBuilder {
    person
        .request(Method::POST, &path(video))
        .header("user-agent", agent)
}

async fn tells(person: &Person<'_>, video: &VideoRow, agent: &str, what: &Value) -> Answer {
    kit::answer(request(person, video, agent).json(what)).await
}

/// A stretch that was watched.
fn stretch(from: f64, to: f64) -> Value {
    json!({"event": "progress", "from": from, "to": to, "position": to})
}

/// Says with one request that a stretch was watched in a session of its own.
async fn watches(person: &Person<'_>, video: &VideoRow, agent: &str, to: f64) {
    let session = format!("{:032x}", rand(video));
    let what = json!({"sessionId": session, "beacons": [stretch(0.0, to)]});
    tells(person, video, agent, &what).await.is(202);
}

/// Names of sessions, another one each time.
fn rand(video: &VideoRow) -> u128 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let id = video.id.as_bytes();
    u128::from(id[11]) << 64 | next
}

async fn views(site: &Site, video: &VideoRow) -> Value {
    let path = format!("/api/v1/videos/{}", video.id);
    site.anyone().get(&path).await.is(200).at("/data/views")
}

/// What a subject's rows of one grain come to.
async fn sums(site: &Site, subject: Subject, grain: Grain) -> model::analytics::Counts {
    let mut tx = site.server.app.core.store.read();
    let rows = rollups::list(&mut tx, subject, grain, Millis(0), Millis(i64::MAX), 1_000)
        .await
        .unwrap();
    let mut all = model::analytics::Counts::default();
    for (_, counts) in rows {
        all += counts;
    }
    all
}

/// Waits until everything that was answered until now is in the store: marked by a view of a video of its own.
async fn settled(site: &Site, owner: &Person<'_>) {
    let marker = video(site, owner, 4).await;
    watches(&site.anyone(), &marker, "settling player", 2.0).await;
    kit::until("the marker has its view", async || {
        views(site, &marker).await == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_minute_is_a_view_that_everybody_sees_and_the_same_viewer_gives_none_for_six_hours() {
    let clock = Clock::manual(NOON);
    let site = kit::with_clock(clock.clone()).start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let film = video(&site, &bela, 100).await;
    let anyone = site.anyone();
    let session = "0123456789abcdef";
    for (n, to) in [10.0, 20.0, 29.9].into_iter().enumerate() {
        let mut beacon = stretch(if n == 0 { 0.0 } else { [10.0, 20.0][n - 1] }, to);
        beacon["sessionId"] = session.into();
        tells(&anyone, &film, FIREFOX, &beacon).await.is(202);
        clock.advance(10_000);
    }
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 0, "a tenth of a second is missing");
    let mut beacon = stretch(29.9, 30.0);
    beacon["sessionId"] = session.into();
    tells(&anyone, &film, FIREFOX, &beacon).await.is(202);
    kit::until("there is a view", async || views(&site, &film).await == 1).await;

    // The same browser again, in another session; then another browser; then somebody who is signed in, twice.
    watches(&anyone, &film, FIREFOX, 30.0).await;
    watches(&anyone, &film, IPHONE, 30.0).await;
    watches(&asha, &film, FIREFOX, 30.0).await;
    watches(&asha, &film, IPHONE, 30.0).await;
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 3);
    clock.advance(6 * 3_600_000 - 60_000);
    watches(&anyone, &film, FIREFOX, 30.0).await;
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 3, "a minute too soon");
    clock.advance(60_000);
    watches(&anyone, &film, FIREFOX, 30.0).await;
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 4);

    // Lists and the channel show the same.
    let found = anyone
        .get("/api/v1/videos?query=film&sortBy=views&sortType=desc")
        .await
        .is(200);
    assert_eq!(found.at("/data/docs/0/views"), 4);
    let counts = sums(&site, film.id.into(), Grain::Day).await;
    assert_eq!((counts.views, counts.sessions, counts.watch_ms), (4, 7, 210_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn midnight_makes_no_second_view_and_old_salts_are_thrown_away() {
    // Ten minutes to midnight.
    let clock = Clock::manual(Millis(NOON.0 + DAY_MS / 2 - 600_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    let salts = async || {
        let mut tx = site.server.app.core.store.read();
        let text = store::counters::fact(&mut tx, "analytics.salts").await.unwrap();
        let text = text.unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    watches(&site.anyone(), &film, FIREFOX, 2.0).await;
    settled(&site, &bela).await;
    let evening = salts().await;
    assert_eq!((views(&site, &film).await, evening.len()), (json!(1), 1));
    clock.advance(3_600_000);
    watches(&site.anyone(), &film, FIREFOX, 2.0).await;
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 1, "the same viewer, by another name");
    let night = salts().await;
    assert_eq!(night.len(), 2);
    assert!(night.contains(&evening[0]));
    clock.advance(6 * 3_600_000);
    kit::until("the salt of yesterday is gone", async || {
        salts().await
            == night
                .iter()
                .filter(|salt| **salt != evening[0])
                .cloned()
                .collect::<Vec<_>>()
    })
    .await;
    watches(&site.anyone(), &film, FIREFOX, 2.0).await;
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_watching_and_that_of_programs_is_in_no_public_number() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    watches(&bela, &film, FIREFOX, 4.0).await;
    for program in ["curl/8.5.0", "", "Mozilla/5.0 (compatible; Googlebot/2.1)"] {
        watches(&site.anyone(), &film, program, 4.0).await;
    }
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 0);
    let counts = sums(&site, film.id.into(), Grain::Minute).await;
    assert_eq!((counts.views, counts.watch_ms, counts.sessions), (0, 0, 0));
    assert_eq!((counts.own_views, counts.own_watch_ms), (1, 4_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_time_allows_does_not_count_and_what_comes_twice_counts_once() {
    let clock = Clock::manual(NOON);
    let site = kit::with_clock(clock.clone()).start().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 3_600).await;
    let what = json!({"sessionId": "0123456789abcdef", "beacons": [
        {"event": "start", "seq": 1, "position": 0, "startupMs": 250},
        {"event": "progress", "seq": 2, "from": 0, "to": 3_600, "position": 3_600},
    ]});
    for _ in 0..3 {
        tells(&site.anyone(), &film, FIREFOX, &what).await.is(202);
    }
    settled(&site, &bela).await;
    let counts = sums(&site, film.id.into(), Grain::Day).await;
    assert_eq!(
        (counts.watch_ms, counts.startups, counts.startup_ms),
        (30_000, 1, 250)
    );
    clock.advance(10_000);
    let more = json!({"sessionId": "0123456789abcdef", "beacons": [
        {"seq": 3, "from": 100, "to": 3_000}, {"seq": 3, "from": 100, "to": 3_000},
    ]});
    tells(&site.anyone(), &film, FIREFOX, &more).await.is(202);
    settled(&site, &bela).await;
    let counts = sums(&site, film.id.into(), Grain::Day).await;
    assert_eq!((counts.watch_ms, counts.sessions, counts.views), (50_000, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_beacons_come_at_once_also_as_text_and_too_many_or_too_large_are_refused() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let film = video(&site, &bela, 100).await;
    let anyone = site.anyone();
    let beacons: Vec<Value> = (0..100)
        .map(|n| json!({"seq": n, "from": f64::from(n) / 10.0, "to": f64::from(n + 1) / 10.0}))
        .collect();
    let body = json!({"sessionId": "abcdefgh-1", "beacons": beacons});
    let text = request(&asha, &film, FIREFOX)
        .header("content-type", "text/plain;charset=UTF-8")
        .body(body.to_string());
    kit::answer(text).await.is(202);
    let resumed = asha.get(&format!("/api/v1/videos/{}", film.id)).await.is(200);
    assert_eq!(resumed.at("/data/resumeAt"), 10.0, "the last of them");
    // What says no place is fine among several, and so is nothing.
    for beacons in [
        json!([]),
        json!([{"event": "error"}, {"event": "stall", "stallMs": 20}]),
    ] {
        let body = json!({"sessionId": "abcdefgh-1", "beacons": beacons});
        tells(&anyone, &film, FIREFOX, &body).await.is(202);
    }
    let much: Vec<&Value> = beacons.iter().chain(beacons.first()).collect();
    tells(&anyone, &film, FIREFOX, &json!({"beacons": much}))
        .await
        .refuses(422, "too_long")
        .blames("beacons", "too_long");
    tells(
        &anyone,
        &film,
        FIREFOX,
        &json!({"sessionId": "x".repeat(101), "position": 1}),
    )
    .await
    .refuses(422, "too_long")
    .blames("sessionId", "too_long");
    for (beacon, field) in [
        (json!({"from": 5, "to": 4}), "to"),
        (json!({"from": 5, "to": 400}), "to"),
        (json!({"seq": 1_u64 << 40}), "seq"),
        (json!({"startupMs": -1}), "startupMs"),
        (json!({"stallMs": -1}), "stallMs"),
    ] {
        let body = json!({"sessionId": "abcdefgh-2", "beacons": [stretch(0.0, 40.0), beacon]});
        tells(&anyone, &film, FIREFOX, &body)
            .await
            .refuses(422, "impossible_claim")
            .blames(field, "impossible");
    }
    for wrong in [
        json!({"beacons": {"from": 1}}),
        json!({"beacons": [1]}),
        json!({"position": 1, "source": ["search"]}),
        json!({"position": 1, "seq": -1}),
    ] {
        tells(&anyone, &film, FIREFOX, &wrong)
            .await
            .refuses(400, "wrong_type");
    }
    let long = json!({"position": 1, "referrer": "x".repeat(64 * 1024)});
    tells(&anyone, &film, FIREFOX, &long)
        .await
        .refuses(413, "body_too_large");
    let form = request(&anyone, &film, FIREFOX)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("position=1");
    kit::answer(form).await.refuses(415, "not_json");
    settled(&site, &bela).await;
    let counts = sums(&site, film.id.into(), Grain::Hour).await;
    assert_eq!(
        (counts.watch_ms, counts.errors, counts.stalls),
        (10_000, 1, 1),
        "nothing of what was refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_elsewhere_cannot_write_into_somebodys_history() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let film = video(&site, &bela, 100).await;
    let cookie = format!("accessToken={}", asha.token.as_deref().unwrap());
    let sent = |origin: &str| {
        request(&site.anyone(), &film, FIREFOX)
            .header("cookie", &cookie)
            .header("origin", origin)
            .header("content-type", "text/plain")
            .body(json!({"position": 42}).to_string())
    };
    kit::answer(sent("https://elsewhere.example"))
        .await
        .refuses(403, "cross_site");
    let list = asha.get("/api/v1/users/history").await.is(200);
    assert_eq!(list.at("/data"), json!([]));
    kit::answer(sent(&site.url)).await.is(202);
    let list = asha.get("/api/v1/users/history").await.is(200);
    assert_eq!(list.at("/data/0/resumeAt"), 42.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_one_may_not_see_nothing_counts() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    watches(&site.anyone(), &film, FIREFOX, 2.0).await;
    // What was believed of it a moment ago is not believed any more.
    let change = json!({"visibility": "private"});
    bela.patch(&format!("/api/v1/videos/{}", film.id), &change)
        .await
        .is(200);
    tells(
        &site.anyone(),
        &film,
        IPHONE,
        &json!({"sessionId": "abcdefgh", "beacons": [stretch(0.0, 4.0)]}),
    )
    .await
    .refuses(404, "video_not_found");
    settled(&site, &bela).await;
    let shown = bela.get(&format!("/api/v1/videos/{}", film.id)).await.is(200);
    assert_eq!(shown.at("/data/views"), 1, "of the time before");
    let mut hidden = film;
    hidden.visibility = Visibility::Private;
    watches(&bela, &hidden, FIREFOX, 4.0).await;
}

async fn slices(site: &Site, video: VideoId) -> Vec<(i64, String, i64)> {
    let mut tx = site.server.app.core.store.read();
    tx.all(
        "SELECT dimension, value, views FROM rollup_splits WHERE subject_id = $1 AND grain = 2 AND views > 0 \
         ORDER BY dimension, value LIMIT 100",
        &params![Subject::from(video).0],
        |row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.int(2)?)),
    )
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_are_told_apart_by_where_they_come_from_unless_they_ask_not_to_be() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    let sent = |session: &str, agent: &str, more: Value| {
        let mut body = json!({"sessionId": session, "beacons": [stretch(0.0, 4.0)]});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        request(&site.anyone(), &film, agent).json(&body)
    };
    let news = json!({"referrer": "https://www.news.example/users/asha?token=1"});
    kit::answer(sent("session-1", FIREFOX, json!({"source": "search"})))
        .await
        .is(202);
    kit::answer(sent("session-2", IPHONE, news.clone())).await.is(202);
    for (n, header) in ["dnt", "sec-gpc"].into_iter().enumerate() {
        let agent = format!("{IPHONE} {n}");
        let mut told = news.clone();
        told["beacons"] = json!([stretch(0.0, 4.0)]);
        told["beacons"][0]["rendition"] = "720p".into();
        let private = sent(&format!("session-{header}"), &agent, told).header(header, "1");
        kit::answer(private).await.is(202);
    }
    settled(&site, &bela).await;
    assert_eq!(views(&site, &film).await, 4, "their views count");
    let found: Vec<(i64, String, i64)> = [
        (0, "external", 1),
        (0, "search", 1),
        (1, "news.example", 1),
        (2, "desktop", 1),
        (2, "phone", 1),
    ]
    .map(|(dimension, value, views)| (dimension, value.to_owned(), views))
    .to_vec();
    assert_eq!(slices(&site, film.id).await, found);
    kit::until("the different viewers are known", async || {
        sums(&site, film.id.into(), Grain::Day).await.viewers == 2
    })
    .await;

    // Nothing in the journal says who it was.
    let folder = site.data().join("analytics");
    let written: Vec<u8> = kit::files(&folder)
        .iter()
        .flat_map(|file| std::fs::read(file).unwrap())
        .collect();
    assert!(written.len() > 100, "there is a journal");
    for secret in ["127.0.0.1", "Firefox", "iPhone", "/users/asha", "session-1"] {
        let is_there = written
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!is_there, "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_says_so_the_signals_are_not_heeded() {
    let site = kit::with("analytics_respect_privacy_signals", "false")
        .start()
        .await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    let body = json!({"sessionId": "session-1", "source": "search", "beacons": [stretch(0.0, 4.0)]});
    kit::answer(
        request(&site.anyone(), &film, FIREFOX)
            .header("dnt", "1")
            .json(&body),
    )
    .await
    .is(202);
    settled(&site, &bela).await;
    let found = [(0, "search".to_owned(), 1), (2, "desktop".to_owned(), 1)];
    assert_eq!(slices(&site, film.id).await, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_that_tells_too_much_is_slowed_down_and_others_are_not() {
    let clock = Clock::manual(NOON);
    let site = kit::with_clock(clock.clone())
        .with("rate_limits", "on")
        .start()
        .await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 100).await;
    let body = |session: &str| json!({"sessionId": session, "position": 1});
    let mut refused = None;
    for _ in 0..100 {
        let answer = tells(&site.anyone(), &film, FIREFOX, &body("session-1")).await;
        if answer.status != 202 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap().refuses(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    tells(&site.anyone(), &film, FIREFOX, &body("session-2"))
        .await
        .is(202);
    clock.advance(1_000);
    tells(&site.anyone(), &film, FIREFOX, &body("session-1"))
        .await
        .is(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_counted_once_however_often_the_server_starts() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 100).await;
    let body = json!({"sessionId": "session-1", "beacons": [{"seq": 1, "from": 0, "to": 20}]});
    tells(&site.anyone(), &film, FIREFOX, &body).await.is(202);
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    let counts = sums(&site, film.id.into(), Grain::Day).await;
    assert_eq!(
        (counts.watch_ms, counts.viewers),
        (20_000, 1),
        "a clean stop writes everything"
    );
    // The session goes on: what came before comes again, and enough for a view.
    let body = json!({"sessionId": "session-1", "beacons": [
        {"seq": 1, "from": 0, "to": 20}, {"seq": 2, "from": 20, "to": 30},
    ]});
    tells(&site.anyone(), &film, FIREFOX, &body).await.is(202);
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    let counts = sums(&site, film.id.into(), Grain::Day).await;
    assert_eq!((counts.watch_ms, counts.views, counts.sessions), (30_000, 1, 1));
    assert_eq!(views(&site, &film).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counting_can_be_watched() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let ready = site.anyone().get("/readyz").await.is(200);
    assert_eq!(ready.json["analytics"], true);
    settled(&site, &bela).await;
    let metrics = site.anyone().get("/metrics").await.is(200);
    let text = String::from_utf8(metrics.bytes).unwrap();
    for name in [
        "streamsphere_beacons_total{outcome=\"accepted\"}",
        "streamsphere_watching_sessions",
        "streamsphere_analytics_rows_waiting",
        "streamsphere_analytics_segment_bytes",
        "streamsphere_analytics_flushes_total",
    ] {
        assert!(
            text.lines().any(|line| line.starts_with(name)),
            "{name} in {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_takes_nothing_beacons_are_taken_and_counted_afterwards() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let film = video(&site, &bela, 4).await;
    settled(&site, &bela).await;
    let mut busy = site.server.app.core.store.write().await.unwrap();
    store::counters::save_fact(&mut busy, "test", "busy")
        .await
        .unwrap();
    for viewer in 0..20 {
        watches(&site.anyone(), &film, &format!("player {viewer}"), 2.0).await;
    }
    let mut paused = stretch(0.0, 2.0);
    (paused["sessionId"], paused["event"]) = ("session-of-asha".into(), "pause".into());
    tells(&asha, &film, FIREFOX, &paused).await.is(202);
    assert_eq!(views(&site, &film).await, 0);
    let path = format!("/api/v1/videos/{}", film.id);
    assert_eq!(asha.get(&path).await.is(200).at("/data/resumeAt"), 2.0);
    busy.commit().await.unwrap();
    kit::until("all have counted", async || views(&site, &film).await == 21).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_signs_out_on_a_page_is_another_viewer_from_then_on() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    let told = |seq: u32, beacon: Value| {
        let mut beacon = beacon;
        beacon["seq"] = seq.into();
        json!({"sessionId": "the-same-page", "beacons": [beacon]})
    };
    tells(&bela, &film, FIREFOX, &told(1, stretch(0.0, 1.0)))
        .await
        .is(202);
    tells(&site.anyone(), &film, FIREFOX, &told(2, stretch(1.0, 4.0)))
        .await
        .is(202);
    settled(&site, &bela).await;
    let found = sums(&site, film.id.into(), Grain::Day).await;
    assert_eq!((found.views, found.sessions, found.watch_ms), (1, 1, 3_000));
    assert_eq!((found.own_views, found.own_watch_ms), (0, 1_000));
    let (start, end) = (Millis(0), Millis(i64::MAX));
    let mut tx = site.server.app.core.store.read();
    let seen = store::analytics::retention::sum(&mut tx, film.id, start, end, 10)
        .await
        .unwrap();
    assert_eq!((seen.sessions, seen.counts[10], seen.counts[60]), (1, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_after_a_video_is_gone_goes_as_well() {
    let clock = Clock::manual(NOON);
    let site = kit::with_clock(clock.clone()).start().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    watches(&site.anyone(), &film, FIREFOX, 3.0).await;
    let path = format!("/api/v1/videos/{}", film.id);
    bela.delete(&path).await.is(200);
    // Everything that was accepted is written, the different viewers too.
    kit::until("the sums of the site are there", async || {
        sums(&site, Subject::SITE, Grain::Day).await.viewers == 1
    })
    .await;
    clock.advance(61_000);
    let left = async || {
        let mut sum = 0;
        for table in ["rollups", "rollup_splits", "rollup_sketches"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE subject_id = $1");
            let mut tx = site.server.app.core.store.read();
            let found = tx.one(&sql, &params![film.id], |row| row.int(0)).await.unwrap();
            sum += found.unwrap();
        }
        sum
    };
    kit::until("nothing of it is left", async || left().await == 0).await;
    let counted = sums(&site, film.owner_id.into(), Grain::Day).await;
    assert_eq!(
        (counted.views, counted.watch_ms),
        (1, 3_000),
        "its channel keeps them"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_gone_costs_what_was_in_it_and_nothing_that_comes_later() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    watches(&site.anyone(), &film, FIREFOX, 2.0).await;
    settled(&site, &bela).await;
    let folder = site.stop().await;
    std::fs::remove_dir_all(folder.path().join("data/analytics")).unwrap();
    let site = kit::Setup::default().start_in(folder).await;
    watches(&site.anyone(), &film, IPHONE, 2.0).await;
    kit::until("it counts as before", async || views(&site, &film).await == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_show_a_video_and_dashboards_are_told_when_its_numbers_change() {
    let site = kit::site().await;
    let bela = site.person("bela").await;
    let film = video(&site, &bela, 4).await;
    let mut live = site.server.app.core.live.listen();
    let mut page = Listener::watching(&site.anyone(), &[&film.id.to_string()]).await;
    watches(&site.anyone(), &film, FIREFOX, 2.0).await;
    let changed = live.recv().await.unwrap();
    assert_eq!(
        (changed.videos.as_slice(), changed.viewed.as_slice()),
        (&[film.id][..], &[film.id][..])
    );
    assert!(changed.is_about(film.owner_id));
    assert_eq!(views(&site, &film).await, 1, "it is there when it is told");
    let told = page.waits_for("views.changed").await;
    assert_eq!(told.data, json!({"video": film.id.to_string(), "views": 1}));
}
