//! `/jobs`, `/admin/jobs` and `/videos/{id}/cancel`.

use serde_json::{Value, json};

use crate::kit::program::processes;
use crate::kit::{self, Person, Site, clips};

/// Waits until work on a video runs in the lane that takes long; answers the job.
async fn running(person: &Person<'_>, video: &str) -> Value {
    let mut found = Value::Null;
    kit::until("an encode of the video runs", async || {
        let page = person.get("/api/v1/jobs?state=running").await.is(200);
        let items = page.at("/data/items");
        let of_video = items.as_array().unwrap().iter().find(|job| {
            job["video"] == video
                && job["kind"]
                    .as_str()
                    .is_some_and(|kind| kind.starts_with("encode"))
        });
        found = of_video.cloned().unwrap_or(Value::Null);
        !found.is_null()
    })
    .await;
    found
}

/// Waits until no ffmpeg works on the site's folder.
async fn no_ffmpeg(site: &Site) {
    let folder = site.data().display().to_string();
    kit::until("no ffmpeg is left", async || {
        !processes()
            .iter()
            .any(|(_, _, words)| words.contains("ffmpeg") && words.contains(&folder))
    })
    .await;
}

fn id_of(job: &Value) -> &str {
    job["_id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_the_ffmpeg_and_the_video_can_be_tried_again() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = asha
        .uploads(&clips::slow(), &[])
        .await
        .is(201)
        .text_at("/data/_id");
    let job = running(&asha, &video).await;
    assert_eq!(job["user"], asha.id);
    assert_eq!(
        (&job["priority"], &job["attempts"]),
        (&json!("normal"), &json!(1))
    );
    assert_eq!(
        (&job["lastError"], &job["queuePosition"]),
        (&Value::Null, &Value::Null)
    );
    for time in ["createdAt", "updatedAt", "startedAt", "runAt"] {
        assert!(
            job[time].as_str().is_some_and(|time| time.ends_with('Z')),
            "{time}: {job}"
        );
    }
    assert!(job.get("detail").is_none(), "that is for admins");

    let path = format!("/api/v1/jobs/{}", id_of(&job));
    let cancelled = asha.post(&format!("{path}/cancel"), &json!({})).await.is(200);
    assert_eq!(cancelled.at("/data/state"), "cancelled");
    assert_eq!(cancelled.at("/data/lastError"), "Processing was cancelled.");
    let shown = asha.get(&format!("/api/v1/videos/{video}/status")).await.is(200);
    assert_eq!(shown.at("/data/status"), "failed");
    assert_eq!(shown.at("/data/statusReason"), "Processing was cancelled.");
    no_ffmpeg(&site).await;
    asha.post(&format!("{path}/cancel"), &json!({}))
        .await
        .refuses(409, "job_ended");

    let retried = asha.post(&format!("{path}/retry"), &json!({})).await.is(200);
    assert_eq!(retried.at("/data/video"), video);
    assert!(["queued", "running"].contains(&retried.text_at("/data/state").as_str()));
    let again = running(&asha, &video).await;
    assert_ne!(again["_id"], job["_id"]);

    // This time by the video.
    let path = format!("/api/v1/videos/{video}/cancel");
    let ended = asha.post(&path, &json!({})).await.is(200);
    assert_eq!(ended.at("/data/status"), "failed");
    no_ffmpeg(&site).await;
    asha.post(&path, &json!({})).await.refuses(409, "not_processing");
    let live = site.server.app.queue.depths().await.unwrap();
    assert!(
        live.iter()
            .all(|lane| lane.ready + lane.later + lane.running == 0),
        "{live:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_others_are_not_there_but_for_admins() {
    let site = kit::site().await;
    let (asha, other, admin) = (
        site.person("asha").await,
        site.person("other").await,
        site.admin().await,
    );
    let video = asha.publishes(&clips::small(), &[]).await;
    let all = asha.get("/api/v1/jobs").await.is(200).at("/data/items");
    let job = id_of(&all[0]).to_owned();
    assert!(all.as_array().unwrap().iter().all(|job| job["user"] == asha.id));
    let path = format!("/api/v1/jobs/{job}");

    assert_eq!(
        other.get("/api/v1/jobs").await.is(200).at("/data/items"),
        json!([])
    );
    other.get(&path).await.refuses(404, "job_not_found");
    for what in ["cancel", "retry"] {
        let refused = other.post(&format!("{path}/{what}"), &json!({})).await;
        refused.refuses(404, "job_not_found");
    }
    for person in [&other, &asha] {
        person
            .get("/api/v1/admin/jobs")
            .await
            .refuses(404, "route_not_found");
        let change = json!({"priority": "urgent"});
        let refused = person.patch(&format!("/api/v1/admin/jobs/{job}"), &change).await;
        refused.refuses(404, "route_not_found");
    }

    assert_eq!(admin.get(&path).await.is(200).at("/data/video"), video);
    let of_asha = admin
        .get(&format!("/api/v1/admin/jobs?userId={}", asha.id))
        .await
        .is(200);
    assert_eq!(of_asha.at("/data/items/0/_id"), job);
    let mine = admin.get("/api/v1/jobs").await.is(200);
    assert_eq!(mine.at("/data/items"), json!([]), "an admin's own are their own");
    let of_nobody = format!("/api/v1/admin/jobs?userId={}", "0123456789abcdef01234567");
    assert_eq!(admin.get(&of_nobody).await.is(200).at("/data/items"), json!([]));
    asha.post(&format!("{path}/retry"), &json!({}))
        .await
        .refuses(409, "job_not_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_walked_by_its_cursor_and_filtered_by_state() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for _ in 0..3 {
        asha.publishes(&clips::small(), &[]).await;
    }
    let whole = asha.get("/api/v1/jobs?limit=100").await.is(200);
    assert_eq!(whole.at("/data/nextCursor"), Value::Null);
    let whole = whole.at("/data/items").as_array().unwrap().clone();
    assert!(whole.len() >= 3);
    let times: Vec<&str> = whole
        .iter()
        .map(|job| job["createdAt"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");

    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = asha
            .get(&format!("/api/v1/jobs?limit=1&cursor={cursor}"))
            .await
            .is(200);
        let items = page.at("/data/items").as_array().unwrap().clone();
        assert!(items.len() <= 1);
        walked.extend(items);
        match page.at("/data/nextCursor") {
            Value::Null => break,
            next => next.as_str().unwrap().clone_into(&mut cursor),
        }
        assert!(walked.len() <= whole.len(), "the walk has an end");
    }
    let ids = |jobs: &[Value]| -> Vec<String> { jobs.iter().map(|job| id_of(job).to_owned()).collect() };
    assert_eq!(ids(&walked), ids(&whole));

    let done = asha.get("/api/v1/jobs?state=done&limit=100").await.is(200);
    assert_eq!(done.at("/data/items").as_array().unwrap().len(), whole.len());
    assert_eq!(done.at("/data/items/0/progress"), 1.0);
    let dead = asha.get("/api/v1/jobs?state=dead").await.is(200);
    assert_eq!(dead.at("/data/items"), json!([]));
    for (query, field, code) in [
        ("state=stuck", "state", "unknown"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=101", "limit", "out_of_range"),
        ("cursor=x", "cursor", "malformed"),
    ] {
        let answer = asha.get(&format!("/api/v1/jobs?{query}")).await;
        answer.refuses(400, "invalid_fields").blames(field, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_says_what_is_urgent() {
    let site = kit::with("encode_jobs", "1").start().await;
    let (asha, bela, admin) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    let first = asha
        .uploads(&clips::slow(), &[])
        .await
        .is(201)
        .text_at("/data/_id");
    running(&asha, &first).await;
    let second = bela
        .uploads(&clips::slow(), &[])
        .await
        .is(201)
        .text_at("/data/_id");
    let mut waiting = Value::Null;
    kit::until("the other encode waits", async || {
        let page = bela.get("/api/v1/jobs?state=queued").await.is(200);
        waiting = page.json["data"]["items"][0].clone();
        waiting["kind"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("encode"))
    })
    .await;
    assert_eq!(waiting["video"], second);
    assert!(
        waiting["queuePosition"].as_i64().is_some_and(|place| place >= 1),
        "{waiting}"
    );
    let path = format!("/api/v1/admin/jobs/{}", id_of(&waiting));
    let urgent = admin.patch(&path, &json!({"priority": "urgent"})).await.is(200);
    assert_eq!(urgent.at("/data/priority"), "urgent");
    let seen = bela
        .get(&format!("/api/v1/jobs/{}", id_of(&waiting)))
        .await
        .is(200);
    assert_eq!(seen.at("/data/priority"), "urgent");
    let wrong = admin.patch(&path, &json!({"priority": "now"})).await;
    wrong.refuses(400, "invalid_fields").blames("priority", "unknown");

    for (person, video) in [(&asha, &first), (&bela, &second)] {
        let path = format!("/api/v1/videos/{video}/cancel");
        person.post(&path, &json!({})).await.is(200);
    }
    let ended = admin.patch(&path, &json!({"priority": "low"})).await;
    ended.refuses(409, "job_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_is_not_brought_back_by_cancelling() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let app = &site.server.app;
    // A removal that waits for tomorrow.
    let payload = app::jobs::remove_objects::Payload::below("videos/nothing".to_owned());
    let now = site.clock.now();
    let job = app::jobs::new(&app.core, &payload, None, Some(asha.id.parse().unwrap()), now).unwrap();
    let job = job.run_at(now.plus_ms(86_400_000));
    let mut tx = app.core.store.write().await.unwrap();
    store::jobs::enqueue(&mut tx, &job.as_row()).await.unwrap();
    tx.commit().await.unwrap();
    let path = format!("/api/v1/jobs/{}", job.id());
    let seen = asha.get(&path).await.is(200);
    assert_eq!(seen.at("/data/state"), "queued");
    let refused = asha.post(&format!("{path}/cancel"), &json!({})).await;
    refused.refuses(409, "not_cancellable");
}
