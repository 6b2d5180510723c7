//! The same bytes from the same person: the link, not an error and not a second video.

use serde_json::json;

use super::{Tus, metadata, titled};
use crate::kit::{self, Person, clips};

const ONCE: &[(&str, &str)] = &[("allowDuplicate", "false")];

async fn count(person: &Person<'_>) -> serde_json::Value {
    let own = person.get(&format!("/api/v1/videos?userId={}", person.id)).await;
    own.is(200).at("/data/totalDocs")
}

/// Uploads a clip by tus; answers the video and the one that it repeats.
async fn sends(person: &Person<'_>, bytes: &[u8], said: &str) -> (String, String) {
    let tus = Tus::by(person);
    let upload = tus.creates(bytes.len(), said).await;
    let reply = tus.adds(&upload, 0, bytes).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    // A look afterwards tells the same.
    let head = tus.head(&upload).await;
    for name in ["streamsphere-video-id", "streamsphere-duplicate-of"] {
        assert_eq!(head.field(name), reply.field(name), "{name}");
    }
    (
        reply.field("streamsphere-video-id").to_owned(),
        reply.field("streamsphere-duplicate-of").to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_uploads_a_file_again_is_shown_the_video_that_there_is() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::small();
    let first = asha.uploads(&clip, ONCE).await.is(201);
    assert!(first.json.pointer("/data/duplicateOf").is_none());
    let id = first.text_at("/data/_id");
    let again = asha
        .uploads(&clip, &[("allowDuplicate", "false"), ("title", "Another title")])
        .await
        .is(200);
    assert_eq!(again.json["message"], "You uploaded this already");
    assert_eq!(again.text_at("/data/_id"), id);
    assert_eq!(again.text_at("/data/duplicateOf"), id);
    assert_eq!(again.text_at("/data/title"), "A clip", "it is as it was");
    assert_eq!(sends(&asha, &clip.bytes(), &titled()).await, (id.clone(), id));
    assert_eq!(count(&asha).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_a_second_video_of_the_same_bytes_gets_one() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::small();
    let id = asha.uploads(&clip, ONCE).await.is(201).text_at("/data/_id");
    asha.uploads(&clip, &[("allowDuplicate", "true")]).await.is(201);
    let said = metadata(&[("title", "A clip"), ("allowDuplicate", "true")]);
    let (third, repeats) = sends(&asha, &clip.bytes(), &said).await;
    assert_ne!(third, id);
    assert_eq!(repeats, "");
    assert_eq!(count(&asha).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_uploaded_is_not_told() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let clip = clips::small();
    let id = asha.uploads(&clip, ONCE).await.is(201).text_at("/data/_id");
    let (other, repeats) = sends(&ben, &clip.bytes(), &titled()).await;
    assert_ne!(other, id);
    assert_eq!(repeats, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_failed_or_is_gone_does_not_stand_in_the_way() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::small();
    let id = asha.uploads(&clip, ONCE).await.is(201).text_at("/data/_id");
    asha.waits_until(&id, "ready").await;
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let before = store::videos::find(&mut tx, id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let mut after = before.clone();
    after.status = model::videos::Status::Rejected;
    store::videos::save(&mut tx, &before, after).await.unwrap();
    tx.commit().await.unwrap();
    let second = asha.uploads(&clip, ONCE).await.is(201).text_at("/data/_id");
    asha.delete(&format!("/api/v1/videos/{second}")).await.is(200);
    asha.uploads(&clip, ONCE).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_sent_several_times_at_once_makes_one_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::small();
    let answers = tokio::join!(
        asha.uploads(&clip, ONCE),
        asha.uploads(&clip, ONCE),
        asha.uploads(&clip, ONCE),
        asha.uploads(&clip, ONCE)
    );
    let mut statuses = [
        answers.0.status,
        answers.1.status,
        answers.2.status,
        answers.3.status,
    ];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 201]);
    assert_eq!(count(&asha).await, json!(1));
    let folders = std::fs::read_dir(site.objects().join("videos")).unwrap().count();
    assert_eq!(folders, 1, "and its files once");
}
