//! What becomes of exports: they wait their turn, end, are kept for a time, and go.

use model::{Clock, Millis};
use reqwest::Method;
use serde_json::{Value, json};

use super::{EXPORT, exports, newest, nothing_kept};
use crate::kit::{self, PASSWORD, Person, Site};

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_job_that_waits_its_turn_and_can_be_ended() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    // Workers take jobs from the table; one whose time has not come stays where it can be looked at.
    let holds_back = async |person: &Person<'_>| {
        let mut tx = site.server.app.core.store.write().await.unwrap();
        let asked = app::jobs::export_account::KIND;
        let (id, job) = add_waiting(&site, &mut tx, person, asked).await;
        tx.commit().await.unwrap();
        (id, job)
    };
    let (id, job) = holds_back(&asha).await;
    let again = asha.post(EXPORT, &json!({})).await.is(200);
    assert_eq!(again.at("/data/_id"), id);
    assert_eq!(again.at("/data/status"), "queued");
    assert_eq!(
        (again.at("/data/url"), again.at("/data/expiresAt")),
        (Value::Null, Value::Null)
    );
    asha.get(&format!("{EXPORT}/{id}/file"))
        .await
        .refuses(409, "export_not_ready");
    let seen = asha.get(&format!("/api/v1/jobs/{job}")).await.is(200);
    assert_eq!(seen.at("/data/kind"), "export_account");
    assert_eq!(seen.at("/data/video"), Value::Null);
    asha.post(&format!("/api/v1/jobs/{job}/cancel"), &json!({}))
        .await
        .is(200);
    assert_eq!(newest(&asha).await["status"], "failed");
    asha.post(&format!("/api/v1/jobs/{job}/retry"), &json!({}))
        .await
        .is(200);
    kit::until("it was tried again", async || {
        newest(&asha).await["status"] == "ready"
    })
    .await;

    let bela = site.person("bela").await;
    let (id, job) = holds_back(&bela).await;
    bela.delete(&format!("{EXPORT}/{id}")).await.is(200);
    assert_eq!(bela.get(EXPORT).await.is(200).at("/data"), json!([]));
    let seen = bela.get(&format!("/api/v1/jobs/{job}")).await.is(200);
    assert_eq!(seen.at("/data/state"), "cancelled");
}

/// An export whose job is not to run for an hour; answers both ids.
async fn add_waiting(site: &Site, tx: &mut store::Tx, person: &Person<'_>, kind: &str) -> (String, String) {
    let core = &site.server.app.core;
    let (now, user) = (core.clock.now(), person.id.parse().unwrap());
    let (id, job): (model::ExportId, model::JobId) = (core.ids.next(now), core.ids.next(now));
    let new = store::jobs::New {
        id: job,
        kind,
        payload: &json!({"export": id.to_string()}).to_string(),
        subject_id: None,
        user_id: Some(user),
        lane: model::jobs::Lane::Quick,
        urgency: None,
        priority: 40,
        run_at: now.plus_ms(3_600_000),
        now,
    };
    store::jobs::enqueue(tx, &new).await.unwrap();
    store::exports::add(tx, id, user, job, now, now.plus_ms(7_200_000))
        .await
        .unwrap();
    (id.to_string(), job.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_kept_for_its_time_and_then_goes() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone())
        .with("export_keep_days", "2")
        .start()
        .await;
    let asha = site.person("asha").await;
    let export = exports(&asha).await;
    assert_eq!(export["expiresAt"], "2023-11-16T22:13:20.000Z");
    let file = format!("{EXPORT}/{}/file", export["_id"].as_str().unwrap());
    clock.advance(2 * 24 * 3_600_000 - 1);
    let asha = site.sign_in("asha").await;
    assert_eq!(app::exports::sweep(&site.server.app).await.unwrap(), 0);
    asha.get(&file).await.is(200);
    clock.advance(1);
    asha.get(&file).await.refuses(410, "export_expired");
    assert_eq!(newest(&asha).await["status"], "expired");
    assert!(!nothing_kept(&site));
    assert_eq!(app::exports::sweep(&site.server.app).await.unwrap(), 1);
    kit::until("its bytes are gone", async || nothing_kept(&site)).await;
    assert_eq!(newest(&asha).await["status"], "expired");
    clock.advance(40 * 24 * 3_600_000);
    app::exports::sweep(&site.server.app).await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM exports").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_with_its_owner() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    exports(&asha).await;
    let leaves = asha.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leaves.json(&json!({"password": PASSWORD})))
        .await
        .is(200);
    kit::until("all of it is gone", async || {
        site.count("SELECT count(*) FROM exports").await == 0 && nothing_kept(&site)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_of_an_export_is_removed() {
    let site = kit::site().await;
    let id = {
        let asha = site.person("asha").await;
        exports(&asha).await["_id"].as_str().unwrap().to_owned()
    };
    let folder = site.stop().await;
    let exports = folder.path().join("data/objects/exports");
    // A run that ended between the file and the row, for an export that was never heard of again.
    let made = u32::from_str_radix(&id[..8], 16).unwrap();
    let lost = exports.join(format!("{made:08x}ffffffffff000001"));
    std::fs::create_dir_all(&lost).unwrap();
    std::fs::write(lost.join("lost.zip"), "half").unwrap();
    let site = kit::Setup::default().start_in(folder).await;
    kit::until("only what has a row is left", async || !lost.exists()).await;
    assert_eq!(kit::files(&site.objects().join("exports")).len(), 1);
}
