//! `/api/v1/users`.

use crate::kit;

#[tokio::test(flavor = "multi_thread")]
async fn someone_who_registered_can_sign_in_and_see_themselves() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let me = asha.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(me.text_at("/data/username"), "asha");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_ready_to_stream_soon_after_its_upload() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&kit::clips::small(), &[]).await;
    site.anyone()
        .get(&format!("/media/{id}/master.m3u8"))
        .await
        .is(200);
}
