//! Days of time zones, and different viewers of several of them.

use model::Clock;
use serde_json::{Value, json};

use super::{Counter, at, noon, series, values, videos};
use crate::kit;

#[tokio::test(flavor = "multi_thread")]
async fn days_are_as_long_as_clocks_make_them() {
    let clock = Clock::manual(at("2026-11-03T12:00:00Z"));
    let site = kit::with_clock(clock).start().await;
    let asha = site.person("asha").await;
    let sea = videos(&site, &asha, &["Sea"]).await[0].id;
    let mut counter = Counter::of(&asha);
    // A view in every hour around the two days on which clocks are set back.
    for day in [23, 24, 25, 26, 31] {
        for hour in 0..24 {
            counter
                .watches(sea, &format!("2026-10-{day:02}T{hour:02}:10:00Z"), 40, 1)
                .await;
        }
    }
    for day in 1..=2 {
        for hour in 0..24 {
            counter
                .watches(sea, &format!("2026-11-{day:02}T{hour:02}:10:00Z"), 40, 1)
                .await;
        }
    }
    for (zone, from, to, expected) in [
        (
            "Europe/Berlin",
            "2026-10-24",
            "2026-10-27",
            vec![24.0, 25.0, 24.0],
        ),
        ("America/New_York", "2026-10-31", "2026-11-02", vec![24.0, 25.0]),
        ("UTC", "2026-10-24", "2026-10-27", vec![24.0, 24.0, 24.0]),
    ] {
        let found = series(&asha, &[("tz", zone), ("from", from), ("to", to)]).await;
        assert_eq!(values(&found), expected, "{zone}");
        assert_eq!(
            (&found["timeZone"], &found["points"][0]["date"]),
            (&json!(zone), &json!(from))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_hours_are_parted_where_minutes_are_kept() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let sea = videos(&site, &asha, &["Sea"]).await[0].id;
    let mut counter = Counter::of(&asha);
    // In Kolkata a day begins at 18:30 of UTC.
    counter.watches(sea, "2026-10-25T18:29:30Z", 40, 1).await;
    counter.watches(sea, "2026-10-25T18:30:00Z", 40, 2).await;
    let days = [
        ("tz", "Asia/Kolkata"),
        ("from", "2026-10-25"),
        ("to", "2026-10-27"),
    ];
    assert_eq!(values(&series(&asha, &days).await), [1.0, 2.0]);
    let last = [
        ("tz", "Asia/Kolkata"),
        ("from", "2026-10-26"),
        ("to", "2026-10-27"),
    ];
    assert_eq!(values(&series(&asha, &last).await), [2.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_of_a_zone_are_those_of_utc_once_hours_are_forgotten() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let sea = videos(&site, &asha, &["Sea"]).await[0].id;
    let mut counter = Counter::of(&asha);
    counter.watches(sea, "2026-10-20T23:30:00Z", 40, 1).await;
    counter.watches(sea, "2026-10-25T23:30:00Z", 40, 1).await;
    let days = [
        ("tz", "Europe/Berlin"),
        ("from", "2026-10-20"),
        ("to", "2026-10-27"),
    ];
    let found = series(&asha, &days).await;
    assert_eq!(found["timeZone"], "Europe/Berlin");
    assert_eq!(values(&found), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);

    let mut tx = site.server.app.core.store.write().await.unwrap();
    let hour = model::analytics::Grain::Hour;
    store::analytics::rollups::sweep(&mut tx, hour, at("2026-10-22"), 100)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let found = series(&asha, &days).await;
    assert_eq!(found["timeZone"], "UTC");
    assert_eq!(found["total"], 2);
    assert_eq!(found["points"][0]["date"], "2026-10-19");
    let hours = [
        ("granularity", "hour"),
        ("from", "2026-10-20"),
        ("to", "2026-10-27"),
    ];
    let found = series(&asha, &hours).await;
    assert_eq!(
        (&found["keptFrom"], &found["total"]),
        (&json!("2026-10-25T23:00:00.000Z"), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn different_viewers_are_told_apart_over_days_and_not_added_up() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let counter = Counter::of(&asha);
    counter.viewers("2026-10-24T23:30:00Z", 0..10).await;
    counter.viewers("2026-10-25T08:00:00Z", 5..15).await;
    counter.viewers("2026-10-25T23:30:00Z", 0..20).await;
    for (zone, expected) in [("UTC", [10.0, 20.0, 0.0]), ("Europe/Berlin", [0.0, 15.0, 20.0])] {
        let query = [
            ("metric", "viewers"),
            ("tz", zone),
            ("from", "2026-10-24"),
            ("to", "2026-10-27"),
        ];
        let found = series(&asha, &query).await;
        assert_eq!(values(&found), expected, "{zone}");
        assert_eq!(found["total"], 20, "{zone}");
    }
    let stats = asha.get("/api/v1/dashboard/stats?from=2026-10-24").await.is(200);
    assert_eq!(stats.at("/data/period/viewers"), 20);
    assert_ne!(stats.at("/data/period/previous"), Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_lost_when_viewers_of_hours_are_forgotten() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let counter = Counter::of(&asha);
    // The first are of the same day of UTC as the next, and of another one in Berlin.
    counter.viewers("2026-10-24T08:00:00Z", 200..240).await;
    counter.viewers("2026-10-24T23:30:00Z", 100..110).await;
    counter.viewers("2026-10-25T08:00:00Z", 5..15).await;
    counter.viewers("2026-10-25T23:30:00Z", 0..20).await;
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let hour = model::analytics::Grain::Hour;
    let gone = store::analytics::sketches::sweep(&mut tx, hour, at("2026-10-25T12:00:00Z"), 100)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(gone, 3);

    let viewers = [("metric", "viewers"), ("tz", "Europe/Berlin")];
    let days = [
        viewers[0],
        viewers[1],
        ("from", "2026-10-24"),
        ("to", "2026-10-27"),
    ];
    let found = series(&asha, &days).await;
    assert_eq!(found["timeZone"], "UTC");
    assert_eq!(values(&found), [0.0, 50.0, 20.0, 0.0]);
    assert_eq!(found["total"], 70);
    // What is still known is told in the zone, but beside what is not.
    let last = [
        viewers[0],
        viewers[1],
        ("from", "2026-10-26"),
        ("to", "2026-10-27"),
    ];
    let found = series(&asha, &last).await;
    assert_eq!(
        (&found["timeZone"], &found["total"]),
        (&json!("Europe/Berlin"), &json!(20))
    );
    let compared = [last[0], last[1], last[2], last[3], ("compare", "previous")];
    let found = series(&asha, &compared).await;
    assert_eq!((&found["timeZone"], &found["total"]), (&json!("UTC"), &json!(20)));
    assert_eq!(found["previous"]["total"], 50);
    assert_eq!(
        found["previous"]["points"].as_array().unwrap().len(),
        found["points"].as_array().unwrap().len()
    );

    // Other numbers are still of the zone; the viewers of all of a range are not more than its hours had.
    let path = "/api/v1/dashboard/stats?tz=Europe/Berlin&from=2026-10-25&to=2026-10-26";
    let stats = asha.get(path).await.is(200);
    assert_eq!(stats.at("/data/period/timeZone"), "Europe/Berlin");
    assert_eq!(stats.at("/data/period/viewers"), 20);
    let hours = [
        ("metric", "viewers"),
        ("granularity", "hour"),
        ("from", "2026-10-24T23:00:00Z"),
        ("to", "2026-10-25T00:00:00Z"),
    ];
    let found = series(&asha, &hours).await;
    assert_eq!((values(&found), &found["total"]), (vec![10.0], &json!(10)));
    let path =
        "/api/v1/dashboard/export?per=channel&format=json&tz=Europe/Berlin&from=2026-10-25&to=2026-10-27";
    let file = asha.get(path).await.is(200).json;
    assert_eq!(
        (&file[0]["viewers"], &file[1]["viewers"]),
        (&Value::Null, &json!(20))
    );
}
