//! Two requests at one upload: whoever comes later is let in.

use super::{BYTES, Tus, V, noise, titled};
use crate::kit::{self, Site, wire::Wire};

fn files(site: &Site) -> usize {
    std::fs::read_dir(site.data().join("uploads")).unwrap().count()
}

/// Waits until a request has its turn at an upload without bytes: then there is a file.
async fn is_being_written(site: &Site) {
    kit::until("the file is there", async || files(site) == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_ends_a_request_that_hangs_and_tells_what_it_brought() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let upload = tus.creates(100_000, &titled()).await;
    let mut hanging = Wire::to(&site).await;
    tus.begins(
        &mut hanging,
        "PATCH",
        &upload,
        &[V, BYTES, "Upload-Offset: 0"],
        100_000,
    )
    .await;
    hanging.says(noise(60_000)).await;
    is_being_written(&site).await;
    // What the first request has brought so far is told, and stays true.
    let offset = tus.offset(&upload).await;
    assert!(offset <= 60_000);
    assert_eq!(tus.offset(&upload).await, offset);
    assert_eq!(hanging.answer("PATCH").await.status, 409);
    let rest = noise(100_000)[offset..99_999].to_vec();
    assert_eq!(tus.adds(&upload, offset, &rest).await.status, 204);
    assert_eq!(tus.offset(&upload).await, 99_999);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_with_the_same_bytes_exactly_one_brings_them() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    for _ in 0..20 {
        let upload = tus.creates(100_000, &titled()).await;
        let bytes = noise(50_000);
        let (one, other) = tokio::join!(tus.adds(&upload, 0, &bytes), tus.adds(&upload, 0, &bytes));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        // Whoever is let in late may find that the other brought some of them, and comes back for the rest.
        let offset = tus.offset(&upload).await;
        if statuses == [204, 409] {
            assert_eq!(offset, 50_000);
        } else {
            assert_eq!(statuses, [409, 409]);
            assert!(offset > 0 && offset < 50_000, "{offset}");
        }
        assert_eq!(tus.says("DELETE", &upload, &[V], b"").await.status, 204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_ends_a_request_that_hangs() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let upload = tus.creates(100_000, &titled()).await;
    let mut hanging = Wire::to(&site).await;
    tus.begins(
        &mut hanging,
        "PATCH",
        &upload,
        &[V, BYTES, "Upload-Offset: 0"],
        100_000,
    )
    .await;
    hanging.says(noise(60_000)).await;
    is_being_written(&site).await;
    assert_eq!(tus.says("DELETE", &upload, &[V], b"").await.status, 204);
    let status = hanging.answer("PATCH").await.status;
    assert!(matches!(status, 404 | 409), "{status}");
    assert_eq!(tus.head(&upload).await.status, 404);
    assert_eq!(files(&site), 0);
}
