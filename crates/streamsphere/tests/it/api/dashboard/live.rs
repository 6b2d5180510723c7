//! The dashboard while it changes.

use app::analytics::live::Changed;
use serde_json::json;

use super::{Counter, noon, videos};
use crate::kit::listener::Listener;

const LIVE: &str = "/api/v1/dashboard/live";

#[tokio::test(flavor = "multi_thread")]
async fn an_open_dashboard_begins_with_everything_and_hears_what_changes() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let sea = videos(&site, &asha, &["Sea"]).await[0].id;
    let mut whole = Listener::at(&asha, LIVE).await;
    let mut one = Listener::at(&asha, &format!("{LIVE}?videoId={sea}")).await;
    for listener in [&mut whole, &mut one] {
        let (stats, realtime) = (listener.next().await.unwrap(), listener.next().await.unwrap());
        assert_eq!((&*stats.kind, &*realtime.kind), ("stats", "realtime"));
        assert_eq!(
            (&stats.data["totalViews"], &realtime.data["viewersNow"]),
            (&json!(0), &json!(0))
        );
    }
    Counter::of(&asha)
        .watches(sea, "2026-10-26T12:00:00Z", 60, 3)
        .await;
    site.server
        .app
        .core
        .live
        .tell(Changed::of([(sea, asha.id.parse().unwrap())]));
    for listener in [&mut whole, &mut one] {
        let (stats, realtime) = (listener.next().await.unwrap(), listener.next().await.unwrap());
        assert_eq!((&*stats.kind, &*realtime.kind), ("stats", "realtime"));
        assert_eq!(
            (&stats.data["totalViews"], &realtime.data["viewersNow"]),
            (&json!(3), &json!(1))
        );
    }
    // Somebody who comes later begins with the state as it is now.
    let mut late = Listener::at(&asha, LIVE).await;
    assert_eq!(late.waits_for("stats").await.data["totalViews"], 3);
    assert_eq!(
        late.waits_for("realtime").await.data["videos"][0]["video"]["title"],
        "Sea"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_dashboard_ends_with_the_session() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let bela = site.person("bela").await;
    let (mut theirs, mut other) = (Listener::at(&asha, LIVE).await, Listener::at(&bela, LIVE).await);
    theirs.waits_for("realtime").await;
    other.waits_for("realtime").await;
    asha.post("/api/v1/users/logout", &json!({})).await.is(200);
    assert!(theirs.next().await.is_none());
    // The other goes on.
    let sea = videos(&site, &bela, &["Sea"]).await[0].id;
    site.server
        .app
        .core
        .live
        .tell(Changed::of([(sea, bela.id.parse().unwrap())]));
    assert_eq!(other.waits_for("stats").await.data["totalVideos"], 1);
}
