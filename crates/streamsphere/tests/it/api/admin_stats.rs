//! `GET /api/v1/admin/stats`, and what its numbers are made of.

use model::analytics::{DAY_MS, Grain, HOUR_MS, Subject};
use model::{Clock, Millis, VideoId};
use serde_json::{Value, json};
use store::analytics::bandwidth::{self, Sent};
use store::analytics::{removal, rollups};

use crate::kit::rows::{add, never_scans, plan, row};
use crate::kit::{self, Person, Site, answer, clips};

const STATS: &str = "/api/v1/admin/stats";
/// 2027-01-15T08:00:00Z, early in an hour.
const NOW: i64 = 1_800_000_000_000;

/// Sums of today that everyone has a part in: the site's.
async fn sums(site: &Site, subject: impl Into<Subject>) -> Value {
    let mut tx = site.server.app.core.store.read();
    let at = Grain::Day.start(site.clock.now());
    let found = rollups::find(&mut tx, subject.into(), Grain::Day, at)
        .await
        .unwrap();
    json!([
        found.likes,
        found.comments,
        found.subscribers_gained,
        found.subscribers_lost
    ])
}

/// Waits until nothing waits to be added up.
async fn all_is_added_up(site: &Site) {
    kit::until("all is added up", async || {
        site.count("SELECT count(*) FROM fact_deltas").await == 0
    })
    .await;
}

#[tokio::test]
async fn likes_comments_and_followers_come_into_the_numbers_of_their_channel() {
    let site = kit::site().await;
    let (asha, ravi, mina) = (
        site.person("asha").await,
        site.person("ravi").await,
        site.person("mina").await,
    );
    let clip = row(&site, &asha, "A clip");
    add(&site, std::slice::from_ref(&clip)).await;
    let video = clip.id.to_string();
    let mut changes = site.server.app.core.live.listen();

    let like = format!("/api/v1/likes/v/{video}");
    for _ in 0..3 {
        // The second and the third change nothing.
        ravi.put(&like).await.is(200);
    }
    mina.put(&like).await.is(200);
    mina.delete(&like).await.is(200);
    let top = ravi.comments(&video, "one").await;
    mina.replies(&video, &top, "two").await;
    let third = mina.comments(&video, "three").await;
    mina.delete(&format!("/api/v1/comments/c/{third}")).await.is(200);
    let follow = format!("/api/v1/subscriptions/c/{}", asha.id);
    for person in [&ravi, &mina] {
        person.put(&follow).await.is(200);
    }
    mina.delete(&follow).await.is(200);
    all_is_added_up(&site).await;

    let channel: model::UserId = asha.id.parse().unwrap();
    assert_eq!(sums(&site, clip.id).await, json!([1, 2, 0, 0]));
    assert_eq!(sums(&site, channel).await, json!([1, 2, 2, 1]));
    assert_eq!(sums(&site, Subject::SITE).await, json!([1, 2, 2, 1]));
    let listed = "SELECT sum(likes * 10 + comments) FROM channel_videos WHERE grain = ";
    for grain in [2, 3, 4] {
        assert_eq!(site.count(&format!("{listed}{grain}")).await, 12);
    }
    let told = changes.recv().await.unwrap();
    assert!(told.is_about(channel), "{told:?}");

    // Who leaves takes back what they gave; the thread below goes with its top.
    let leaving = json!({"password": kit::PASSWORD});
    answer(
        ravi.request(reqwest::Method::DELETE, "/api/v1/users/me")
            .json(&leaving),
    )
    .await
    .is(200);
    kit::until("ravi is gone", async || {
        site.count("SELECT count(*) FROM users WHERE username = 'ravi'")
            .await
            == 0
    })
    .await;
    all_is_added_up(&site).await;
    assert_eq!(sums(&site, channel).await, json!([0, 0, 2, 2]));
}

#[tokio::test]
async fn a_comment_that_waited_counts_when_it_is_approved() {
    let clock = Clock::manual(Millis(NOW));
    let site = kit::with_clock(clock.clone()).start().await;
    let (asha, ravi) = (site.person("asha").await, site.person("ravi").await);
    let clip = row(&site, &asha, "A clip");
    add(&site, std::slice::from_ref(&clip)).await;
    let video = clip.id.to_string();
    let path = format!("/api/v1/videos/{video}/comment-settings");
    asha.patch(&path, &json!({"commentsMode": "held"})).await.is(200);
    let held = ravi
        .post(&format!("/api/v1/comments/{video}"), &json!({"content": "Hello"}))
        .await;
    let held = held.text_at("/data/_id");
    assert_eq!(site.count("SELECT count(*) FROM fact_deltas").await, 0);
    clock.advance(2 * DAY_MS);
    let asha = site.sign_in("asha").await;
    asha.post(&format!("/api/v1/comments/{held}/approve"), &json!({}))
        .await
        .is(200);
    all_is_added_up(&site).await;
    assert_eq!(sums(&site, clip.id).await, json!([0, 1, 0, 0]));
    let days = site
        .count("SELECT count(*) FROM rollups WHERE grain = 2 AND comments <> 0")
        .await;
    assert_eq!(days, 3, "one day of the video, the channel, the site");
}

async fn stats(admin: &Person<'_>) -> Value {
    admin.get(STATS).await.is(200).at("/data")
}

#[tokio::test]
async fn what_is_sent_is_counted_by_video_to_the_byte() {
    let site = kit::site().await;
    let (admin, asha) = (site.admin().await, site.person("asha").await);
    let id = asha.publishes(&clips::small(), &[]).await;
    let before = stats(&admin).await;
    let stream = format!("/api/v1/videos/{id}/stream");
    let whole = asha.get(&stream).await.is(200).bytes.len() as i64;
    let range = site
        .request(reqwest::Method::GET, &stream)
        .header("range", "bytes=10-1009");
    assert_eq!(answer(range).await.is(206).bytes.len(), 1000);
    // Of these nothing is sent.
    answer(site.request(reqwest::Method::HEAD, &stream)).await.is(200);
    asha.get(&format!("/media/{id}/none.mp4")).await.is(404);
    let sent = whole + 1000 + before["bandwidth"]["today"]["bytes"].as_i64().unwrap();
    kit::until("it is written down", async || {
        stats(&admin).await["bandwidth"]["today"]["bytes"] == sent
    })
    .await;
    let after = stats(&admin).await;
    assert_eq!(after["bandwidth"]["last28Days"]["bytes"], sent);
    let top = &after["topByBandwidth"][0];
    assert_eq!((&top["_id"], &top["sent"]["bytes"]), (&json!(id), &json!(sent)));
    assert_eq!(after["topByViews"][0]["_id"], json!(id));
    let day = after["days"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&day["sent"]["bytes"], &day["newVideos"], &day["newUsers"]),
        (&json!(sent), &json!(1), &json!(2))
    );
    assert_eq!(after["days"].as_array().unwrap().len(), 28);

    // What is stored is what its owner is told.
    let own = asha.get("/api/v1/users/storage").await.is(200);
    assert_eq!(after["storage"]["totalBytes"], own.at("/data/usedBytes"));
    assert_eq!(after["storage"]["originals"]["files"], 1);
    assert_eq!(after["totals"]["users"], 2);
    assert_eq!(after["totals"]["videos"], 1);
    assert_eq!(after["active"]["users"]["today"], 2);
    assert_eq!(after["encodes"]["running"], 0);

    // Once it is gone, so are its own numbers; the site's stay.
    asha.delete(&format!("/api/v1/videos/{id}")).await.is(200);
    let video: VideoId = id.parse().unwrap();
    kit::until("its numbers are removed", async || {
        let mut tx = site.server.app.core.store.read();
        !removal::any_of_video(&mut tx, video).await.unwrap()
    })
    .await;
    let last = stats(&admin).await;
    assert_eq!(last["bandwidth"]["today"]["bytes"], sent);
    assert_eq!(last["topByBandwidth"], json!([]));
    assert_eq!(last["storage"]["totalBytes"], 0);
    let journal = site.data().join("analytics");
    let wrong = app::recount::examine(&site.server.app, &journal, false)
        .await
        .unwrap();
    assert_eq!(wrong, []);
}

#[tokio::test]
async fn what_was_sent_is_written_down_when_the_server_stops() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let whole = asha
        .get(&format!("/api/v1/videos/{id}/stream"))
        .await
        .is(200)
        .bytes
        .len() as i64;
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    let kept = site.count("SELECT bytes FROM bandwidth WHERE grain = 4").await;
    assert!(kept >= whole, "{kept} of {whole}");
}

#[tokio::test]
async fn a_range_is_of_whole_days_and_bounded() {
    let clock = Clock::manual(Millis(NOW));
    let site = kit::with_clock(clock.clone()).start().await;
    let admin = site.admin().await;
    let found = admin
        .get(&format!("{STATS}?from=2027-01-14&to=2027-01-16"))
        .await
        .is(200);
    let days = found.at("/data/days");
    let names: Vec<&Value> = days.as_array().unwrap().iter().map(|day| &day["day"]).collect();
    assert_eq!(names, ["2027-01-14", "2027-01-15"]);
    assert_eq!(days[1]["newUsers"], 1);
    for wrong in [
        "from=2027-01-16&to=2027-01-16",
        "from=2026-01-01",
        "from=today",
        "to=2027-02-30",
    ] {
        let refused = admin.get(&format!("{STATS}?{wrong}")).await;
        refused.refuses(400, "invalid_fields");
    }
    site.anyone().get(STATS).await.is(404);
}

#[tokio::test]
async fn minutes_and_hours_are_forgotten_in_time_and_days_only_where_somebody_says_so() {
    let clock = Clock::manual(Millis(NOW));
    let site = kit::with_clock(clock.clone())
        .with("analytics_days_keep_days", "200")
        .start()
        .await;
    let asha = site.person("asha").await;
    let clip = row(&site, &asha, "A clip");
    add(&site, std::slice::from_ref(&clip)).await;
    asha.likes(&format!("v/{}", clip.id)).await;
    all_is_added_up(&site).await;
    let core = &site.server.app.core;
    let mut tx = core.store.write().await.unwrap();
    let sent = Sent {
        bytes: 5,
        requests: 1,
    };
    bandwidth::add(&mut tx, &[(clip.id, sent)], clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let left = async || {
        app::analytics::keep::sweep(core).await.unwrap();
        let mut counts = Vec::new();
        for grain in [0, 1, 2, 4] {
            counts.push(
                site.count(&format!("SELECT count(*) FROM rollups WHERE grain = {grain}"))
                    .await,
            );
        }
        counts.push(site.count("SELECT count(*) FROM bandwidth").await);
        counts
    };
    // Of the video, its channel and the site.
    assert_eq!(left().await, [3, 3, 3, 2, 4]);
    clock.advance(49 * HOUR_MS);
    assert_eq!(left().await, [0, 3, 3, 2, 4]);
    clock.advance(90 * DAY_MS);
    assert_eq!(left().await, [0, 0, 3, 2, 3]);
    let journal = site.data().join("analytics");
    let wrong = app::recount::examine(&site.server.app, &journal, false)
        .await
        .unwrap();
    assert_eq!(wrong, [], "what is forgotten is not missed");
    clock.advance(120 * DAY_MS);
    assert_eq!(left().await, [0, 0, 0, 2, 1]);
    let wrong = app::recount::examine(&site.server.app, &journal, false)
        .await
        .unwrap();
    assert_eq!(wrong, []);
}

#[tokio::test]
async fn numbers_of_the_site_are_found_and_not_searched_for() {
    let site = kit::site().await;
    for text in [
        bandwidth::LIST,
        bandwidth::TOP_OF_DAY,
        store::site::DAYS,
        store::analytics::recount::WRONG_VIEWS,
        store::analytics::recount::WRONG_DAYS_OF_VIEWS,
        store::analytics::recount::WRONG_VIEWS_OF_CHANNELS,
        &store::analytics::recount::DAYS,
    ] {
        never_scans(&site, text).await;
    }
    let index_of = async |text: &str, index: &str| {
        let params = (1..200).take_while(|n| text.contains(&format!("${n}"))).count();
        let plan = plan(&site, text, &vec![store::Val::Int(0); params]).await;
        assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:#?}");
        for step in &plan {
            // What was found already, and no table at all.
            let own = ["SCAN found", "SCAN CONSTANT ROW"].contains(&step.as_str());
            assert!(!step.starts_with("SCAN") || own, "{text}\n{plan:#?}");
        }
    };
    index_of(removal::ANY, "bandwidth_video_idx").await;
    index_of(&bandwidth::sums_statement(), "bandwidth_video_idx (video_id=?").await;
    index_of(store::site::ACTIVE, "sessions_used_idx (last_used_at>?)").await;
    index_of(&store::analytics::recount::TOTALS, "SEARCH r USING PRIMARY KEY").await;
    index_of(removal::STRAYS, "r USING PRIMARY KEY (subject_id>?)").await;
}
