//! What people may store: refused before the bytes come, counted while they do, given back when they go.

use serde_json::json;

use super::{BYTES, Tus, UPLOADS, V, code, noise, titled};
use crate::kit::{self, Answer, Person, clips, program};

const STORAGE: &str = "/api/v1/users/storage";

async fn storage(person: &Person<'_>) -> Answer {
    person.get(STORAGE).await.is(200)
}

fn size_of(clip: &clips::Clip) -> u64 {
    std::fs::metadata(&clip.path).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_beyond_the_quota_is_refused_before_it_starts() {
    let site = kit::with("user_quota_bytes", "1000").start().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let tus = Tus::by(&asha);
    let said = format!("Upload-Metadata: {}", titled());
    let refused = tus
        .says("POST", UPLOADS, &[V, "Upload-Length: 1001", &said], b"")
        .await;
    assert_eq!((refused.status, code(&refused).as_str()), (413, "quota_exceeded"));
    assert!(refused.text().contains("1.0 kB"), "{}", refused.text());

    // An open upload counts with all that it will have.
    let open = tus.creates(700, &titled()).await;
    let refused = tus
        .says("POST", UPLOADS, &[V, "Upload-Length: 301", &said], b"")
        .await;
    assert_eq!((refused.status, code(&refused).as_str()), (413, "quota_exceeded"));
    assert!(refused.text().contains("300 bytes"), "{}", refused.text());
    tus.creates(300, &titled()).await;
    assert_eq!(storage(&asha).await.at("/data/reservedBytes"), 1000);
    // A form is refused by the length that it declares.
    let form = asha.uploads(&clips::small(), &[]).await;
    form.refuses(413, "quota_exceeded");

    // What is given up is free again; others have their own.
    assert_eq!(tus.says("DELETE", &open, &[V], b"").await.status, 204);
    tus.creates(700, &titled()).await;
    Tus::by(&ben).creates(1000, &titled()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_begun_at_the_same_time_do_not_share_the_same_room() {
    let site = kit::with("user_quota_bytes", "1000").start().await;
    let asha = site.person("asha").await;
    let begin = || async {
        let request = asha
            .request(reqwest::Method::POST, UPLOADS)
            .header("tus-resumable", "1.0.0")
            .header("upload-length", "300")
            .header("upload-metadata", titled());
        kit::answer(request).await.status
    };
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let (a, b, c, d) = tokio::join!(begin(), begin(), begin(), begin());
        statuses.extend([a, b, c, d]);
    }
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(413)), (3, 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_unknown_length_takes_its_room_as_it_grows() {
    let site = kit::with("user_quota_bytes", "1000").start().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let said = format!("Upload-Metadata: {}", titled());
    let created = tus
        .says("POST", UPLOADS, &[V, "Upload-Defer-Length: 1", &said], b"")
        .await;
    let upload = created.field("location").to_owned();
    assert_eq!(tus.adds(&upload, 0, &noise(600)).await.status, 204);
    assert_eq!(storage(&asha).await.at("/data/reservedBytes"), 600);
    let refused = tus.adds(&upload, 600, &noise(500)).await;
    assert_eq!((refused.status, code(&refused).as_str()), (413, "quota_exceeded"));
    assert_eq!(tus.offset(&upload).await, 600);
    let declared = tus
        .says(
            "PATCH",
            &upload,
            &[V, BYTES, "Upload-Offset: 600", "Upload-Length: 1001"],
            b"",
        )
        .await;
    assert_eq!(
        (declared.status, code(&declared).as_str()),
        (413, "quota_exceeded")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_has_its_own_bound_and_what_is_removed_does_not_make_it_longer() {
    let clip = clips::small();
    let bound = size_of(&clip) + 20_000;
    let site = kit::with("user_daily_bytes", bound.to_string()).start().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clip, &[]).await;
    asha.delete(&format!("/api/v1/videos/{id}")).await.is(200);
    let shown = storage(&asha).await;
    assert_eq!(shown.at("/data/usedBytes"), 0);
    assert_eq!(shown.at("/data/dailyUsedBytes"), json!(size_of(&clip)));
    assert_eq!(shown.at("/data/dailyBytes"), json!(bound));
    let refused = asha.uploads(&clip, &[]).await;
    let refused = refused.refuses(413, "quota_exceeded");
    assert!(refused.text_at("/message").contains("today"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_up_the_room_is_shown_by_video_and_page() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::small();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(asha.publishes(&clip, &[]).await);
    }
    let shown = storage(&asha).await;
    let items = shown.at("/data/videos/items");
    let items = items.as_array().unwrap();
    assert_eq!(items.len(), 3);
    let mut sum = 0;
    for item in items {
        let bytes = item["bytes"].as_u64().unwrap();
        let original = item["original"].as_u64().unwrap();
        let renditions = item["renditions"].as_array().unwrap();
        assert_eq!(original, size_of(&clip));
        assert!(renditions.iter().all(|one| one["bytes"].as_u64() > Some(0)));
        assert!(!renditions.is_empty() && bytes >= original);
        sum += bytes;
    }
    assert_eq!(shown.at("/data/usedBytes"), json!(sum));
    assert_eq!(shown.at("/data/quotaBytes"), json!(null));
    assert_eq!(shown.at("/data/videos/nextCursor"), json!(null));
    // By pages, newest first, each once.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for _ in 0..3 {
        let page = asha
            .get(&format!("{STORAGE}?limit=1&cursor={cursor}"))
            .await
            .is(200);
        seen.push(page.text_at("/data/videos/items/0/_id"));
        page.at("/data/videos/nextCursor")
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut cursor);
    }
    ids.reverse();
    assert_eq!(seen, ids);
    assert_eq!(cursor, "");
    asha.get(&format!("{STORAGE}?cursor=nonsense"))
        .await
        .refuses(400, "bad_cursor");
    asha.get(&format!("{STORAGE}?limit=0"))
        .await
        .refuses(400, "invalid_fields");
    // Removed, it is not there.
    for id in ids {
        asha.delete(&format!("/api/v1/videos/{id}")).await.is(200);
    }
    assert_eq!(storage(&asha).await.at("/data/usedBytes"), 0);
    let findings = app::doctor::examine(&site.server.app, false).await.unwrap();
    assert_eq!(findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sets_what_one_person_may_store() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let shown = data.display().to_string();
    let server = program::serve(&data, &["--user-quota-bytes", "1000"]);
    let token = server.person("asha").await;
    let quota = async || {
        let answer = server.get(STORAGE, &token).await.is(200);
        answer.at("/data/quotaBytes")
    };
    let says = |words: &[&str]| {
        let mut all = vec!["admin"];
        all.extend_from_slice(words);
        all.extend_from_slice(&["--data-dir", &shown, "--user-quota-bytes", "1000"]);
        program::run(&all)
    };
    assert_eq!(quota().await, 1000);
    says(&["set-quota", "asha", "5000"]).succeeds();
    assert_eq!(quota().await, 5000);
    says(&["set-quota", "asha", "none"]).succeeds();
    assert_eq!(quota().await, json!(null));
    assert!(
        says(&["storage"])
            .succeeds()
            .contains("asha stored 0 reserved 0 quota none")
    );
    says(&["set-quota", "asha", "default"]).succeeds();
    assert_eq!(quota().await, 1000);
    for bad in ["0", "5.5", "many", "99999999999999999999"] {
        assert!(
            says(&["set-quota", "asha", bad]).complains().contains(bad),
            "{bad}"
        );
    }
    server.stops();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_count_of_stored_bytes_is_found_and_put_right() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    asha.publishes(&clips::small(), &[]).await;
    let app = &site.server.app;
    let mut tx = app.core.store.write().await.unwrap();
    tx.exec("UPDATE users SET stored_bytes = stored_bytes + 7", &[])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let findings = app::doctor::examine(app, true).await.unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].repaired && findings[0].text.contains("counters of user"));
    assert_eq!(app::doctor::examine(app, false).await.unwrap(), []);
}
