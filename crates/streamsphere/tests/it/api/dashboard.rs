//! `/dashboard/…`: what channels learn of themselves. What is counted is put into the store as the counting does it.

mod files;
mod live;
mod zones;

use model::analytics::device::Device;
use model::analytics::sketch::Sketch;
use model::analytics::{Counts, Grain, Slice, Split, ViewerKey};
use model::{Clock, Millis, UserId, VideoId};
use serde_json::{Value, json};
use store::analytics::flush::{self, Claim, Part, Position, Seen, Watched};
use store::analytics::retention::Retention;
use store::analytics::sketches;
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

/// Monday noon.
const NOW: &str = "2026-10-26T12:00:00Z";

fn at(text: &str) -> Millis {
    model::analytics::zones::Zone::utc().read(text).unwrap()
}

/// A site at noon of a Monday.
async fn noon() -> Site {
    kit::with_clock(Clock::manual(at(NOW))).start().await
}

/// Puts what was watched into the store.
struct Counter<'a> {
    site: &'a Site,
    channel: UserId,
    written: u64,
}

impl<'a> Counter<'a> {
    fn of(person: &Person<'a>) -> Self {
        Self {
            site: person.site,
            channel: person.id.parse().unwrap(),
            written: 0,
        }
    }

    /// Somebody watched a video for some seconds in a minute, which gave so many views.
    async fn watches(&mut self, video: VideoId, when: &str, seconds: i64, views: u64) {
        let at = at(when);
        let slices = vec![Slice::Device(Device::Phone)];
        let watch_ms = seconds * 1000;
        let split = Split {
            watch_ms,
            ..Split::default()
        };
        let watched = Watched {
            video,
            channel: self.channel,
            minute: Grain::Minute.start(at),
            counts: Counts {
                watch_ms,
                viewers: 1,
                sessions: 1,
                startups: 1,
                startup_ms: 500,
                ..Counts::default()
            },
            splits: vec![(slices[0].clone(), split)],
        };
        let claims = (0..views).map(|number| Claim {
            video,
            channel: self.channel,
            viewer: ViewerKey(self.written * 1_000 + number),
            before: None,
            is_own: false,
            at,
            slices: slices.clone(),
        });
        let claims = claims.collect();
        self.writes(vec![watched], claims, Vec::new()).await;
    }

    async fn writes(&mut self, watched: Vec<Watched>, claims: Vec<Claim>, seen: Vec<Seen>) {
        self.written += 1;
        let part = Part {
            shard: 0,
            until: Position {
                segment: 1,
                place: self.written,
            },
            watched,
            claims,
            seen,
        };
        let mut tx = self.site.server.app.core.store.write().await.unwrap();
        flush::apply(&mut tx, "test", &[part]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// These viewers watched the channel in an hour.
    async fn viewers(&self, when: &str, viewers: std::ops::Range<u64>) {
        let at = at(when);
        let mut sketch = Sketch::default();
        viewers.for_each(|viewer| sketch.add(ViewerKey(viewer.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
        let mut tx = self.site.server.app.core.store.write().await.unwrap();
        for grain in [Grain::Hour, Grain::Day] {
            sketches::add(&mut tx, self.channel.into(), grain, grain.start(at), &sketch)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }
}

async fn videos(site: &Site, owner: &Person<'_>, titles: &[&str]) -> Vec<VideoRow> {
    let rows: Vec<VideoRow> = titles.iter().map(|title| row(site, owner, title)).collect();
    add(site, &rows).await;
    rows
}

async fn series(person: &Person<'_>, query: &[(&str, &str)]) -> Value {
    let answer = person.asks("/api/v1/dashboard/timeseries", query).await;
    answer.is(200).at("/data")
}

fn values(series: &Value) -> Vec<f64> {
    let points = series["points"].as_array().unwrap();
    points
        .iter()
        .map(|point| point["value"].as_f64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_channel_has_zeros_and_no_gaps() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let stats = asha.get("/api/v1/dashboard/stats?from=2026-10-01").await.is(200);
    assert_eq!(stats.at("/data/totalViews"), 0);
    assert_eq!(stats.at("/data/period/change/views"), Value::Null);
    assert_eq!(
        asha.get("/api/v1/dashboard/videos").await.is(200).at("/data"),
        json!([])
    );
    for (granularity, count) in [("minute", 61), ("hour", 673), ("day", 28)] {
        for metric in ["views", "viewers", "watchTime", "subscribers"] {
            let found = series(&asha, &[("metric", metric), ("granularity", granularity)]).await;
            let expected = vec![0.0; count];
            assert_eq!(values(&found), expected, "{metric} {granularity}");
            assert_eq!(found["total"].as_f64(), Some(0.0));
        }
    }
    let startup = series(&asha, &[("metric", "startup"), ("compare", "previous")]).await;
    assert_eq!(startup["points"][0]["value"], Value::Null, "no mean of nothing");
    assert_eq!(startup["change"], Value::Null);
    let realtime = asha.get("/api/v1/dashboard/realtime").await.is(200);
    assert_eq!(realtime.at("/data/minutes").as_array().unwrap().len(), 60);
    assert_eq!(realtime.at("/data/viewersNow"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_watched_is_in_every_number_of_its_channel() {
    let site = noon().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = videos(&site, &asha, &["Sea", "Hill"]).await;
    let (sea, hill) = (rows[0].id, rows[1].id);
    let mut counter = Counter::of(&asha);
    counter.watches(sea, "2026-10-26T11:59:30Z", 60, 2).await;
    counter.watches(hill, "2026-10-25T08:00:00Z", 90, 1).await;
    counter.watches(hill, "2026-10-24T08:00:00Z", 30, 1).await;
    bela.put(&format!("/api/v1/likes/v/{sea}")).await.is(200);

    let stats = asha
        .get("/api/v1/dashboard/stats?from=2026-10-25&to=2026-10-27")
        .await
        .is(200)
        .at("/data");
    assert_eq!(
        (&stats["totalViews"], &stats["totalVideos"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(
        (&stats["totalLikes"], &stats["totalWatchTime"]),
        (&json!(1), &json!(180.0))
    );
    assert_eq!(
        (&stats["period"]["views"], &stats["period"]["previous"]["views"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(stats["period"]["change"]["views"], 200.0);
    let list = asha.get("/api/v1/dashboard/videos").await.is(200).at("/data");
    let of = |title: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|video| video["title"] == title)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&of("Sea")["watchTime"], &of("Hill")["watchTime"]),
        (&json!(60.0), &json!(120.0))
    );

    let query = [
        ("from", "2026-10-25"),
        ("to", "2026-10-27"),
        ("compare", "previous"),
    ];
    let views = series(&asha, &query).await;
    assert_eq!(values(&views), [1.0, 2.0]);
    assert_eq!(
        (&views["previous"]["total"], &views["change"]),
        (&json!(1), &json!(200.0))
    );
    let one = series(&asha, &[("videoId", &sea.to_string()), ("metric", "watchTime")]).await;
    assert_eq!(one["total"], 60.0);
    let start = series(&asha, &[("metric", "startup")]).await;
    assert_eq!(start["total"], 0.5);

    let top = asha
        .get("/api/v1/dashboard/top?metric=watchTime")
        .await
        .is(200)
        .at("/data");
    assert_eq!(top["total"], 180.0);
    assert_eq!(
        (&top["items"][0]["video"]["title"], &top["items"][0]["value"]),
        (&json!("Hill"), &json!(120.0))
    );
    let today = asha
        .get("/api/v1/dashboard/top?from=2026-10-26&limit=1")
        .await
        .is(200)
        .at("/data");
    assert_eq!(today["items"][0]["video"]["title"], "Sea");
    assert_eq!(today["items"].as_array().unwrap().len(), 1);
    let ever = asha.get("/api/v1/dashboard/top?from=0").await.is(200).at("/data");
    assert_eq!(
        (&ever["total"], &ever["from"]),
        (&json!(4.0), &json!("1970-01-01T00:00:00.000Z"))
    );
    let apart = asha
        .get("/api/v1/dashboard/top?by=device&metric=watchTime")
        .await
        .is(200)
        .at("/data");
    assert_eq!(
        (&apart["items"][0]["name"], &apart["items"][0]["share"]),
        (&json!("phone"), &json!(1.0))
    );

    let realtime = asha.get("/api/v1/dashboard/realtime").await.is(200).at("/data");
    assert_eq!(
        (&realtime["viewersNow"], &realtime["viewsLast60Minutes"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(realtime["viewsLast48Hours"], 3);
    assert_eq!(realtime["videos"][0]["video"]["title"], "Sea");
    assert_eq!(
        bela.get("/api/v1/dashboard/stats")
            .await
            .is(200)
            .at("/data/totalViews"),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_videos_are_in_no_list() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &["Sea", "Hill"]).await;
    let mut counter = Counter::of(&asha);
    for video in &rows {
        counter.watches(video.id, "2026-10-20T08:00:00Z", 60, 1).await;
        counter.watches(video.id, "2026-10-26T11:00:00Z", 60, 1).await;
    }
    asha.get("/api/v1/dashboard/top").await.is(200);
    asha.delete(&format!("/api/v1/videos/{}", rows[0].id))
        .await
        .is(200);
    let top = asha.get("/api/v1/dashboard/top").await.is(200).at("/data/items");
    assert_eq!(top.as_array().unwrap().len(), 1);
    assert_eq!(
        (&top[0]["video"]["title"], &top[0]["value"]),
        (&json!("Hill"), &json!(2.0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_is_for_the_owner_alone() {
    let site = noon().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut private = row(&site, &asha, "Mine");
    private.visibility = model::videos::Visibility::Private;
    let open = row(&site, &asha, "Ours");
    add(&site, &[private.clone(), open.clone()]).await;
    let mut retention = Retention {
        sessions: 4,
        ..Retention::default()
    };
    retention.counts[..50].fill(4);
    retention.counts[50..].fill(1);
    let seen = Seen {
        video: open.id,
        day: at("2026-10-26"),
        retention,
    };
    Counter::of(&asha)
        .writes(Vec::new(), Vec::new(), vec![seen])
        .await;
    let path = |id: VideoId| format!("/api/v1/dashboard/videos/{id}/retention");
    let found = asha.get(&path(open.id)).await.is(200).at("/data");
    assert_eq!(
        (&found["sessions"], &found["averagePercentageViewed"]),
        (&json!(4), &json!(62.5))
    );
    let points = found["points"].as_array().unwrap();
    assert_eq!(points.len(), 100);
    assert_eq!(
        (&points[49]["watching"], &points[50]["watching"]),
        (&json!(1.0), &json!(0.25))
    );
    assert_eq!(points[50]["position"], 0.5);
    bela.get(&path(open.id)).await.refuses(403, "not_the_owner");
    bela.get(&path(private.id)).await.refuses(404, "video_not_found");
    for call in ["timeseries?", "top?by=source&", "realtime?", "export?", "live?"] {
        for (video, status) in [(open.id, 403), (private.id, 404)] {
            let path = format!("/api/v1/dashboard/{call}videoId={video}");
            bela.get(&path).await.is(status);
            site.anyone().get(&path).await.is(401);
        }
        bela.get(&format!("/api/v1/dashboard/{call}videoId=nonsense"))
            .await
            .is(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused_with_its_reason() {
    let site = noon().await;
    let asha = site.person("asha").await;
    for (query, field, code) in [
        ("metric=money", "metric", "unknown"),
        ("granularity=week", "granularity", "unknown"),
        ("tz=Mars/Phobos", "tz", "unknown"),
        ("from=yesterday", "from", "malformed"),
        ("to=-1", "to", "malformed"),
        ("from=2&to=2", "from", "out_of_range"),
        ("from=0&to=172800001&granularity=minute", "from", "too_long"),
        ("from=0&granularity=hour", "from", "too_long"),
        ("from=0", "from", "too_long"),
        ("compare=next", "compare", "unknown"),
    ] {
        let answer = asha.get(&format!("/api/v1/dashboard/timeseries?{query}")).await;
        answer.refuses(400, "invalid_fields").blames(field, code);
    }
    for (query, field, code) in [
        ("by=name", "by", "unknown"),
        ("metric=sessions", "metric", "unknown"),
        ("by=device&metric=likes", "metric", "not_kept"),
        ("limit=101", "limit", "out_of_range"),
        ("by=device&from=0", "from", "too_long"),
    ] {
        let answer = asha.get(&format!("/api/v1/dashboard/top?{query}")).await;
        answer.refuses(400, "invalid_fields").blames(field, code);
    }
    for (query, field, code) in [
        ("format=xls", "format", "unknown"),
        ("per=country", "per", "unknown"),
        ("granularity=hour", "granularity", "not_kept"),
        ("granularity=total&per=channel", "granularity", "not_applicable"),
    ] {
        let answer = asha.get(&format!("/api/v1/dashboard/export?{query}")).await;
        answer.refuses(400, "invalid_fields").blames(field, code);
    }
}
