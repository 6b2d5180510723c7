//! Health, readiness, metrics.

use reqwest::Method;
use serde_json::json;

use crate::kit::{self, answer, clips};

#[tokio::test]
async fn health_is_plain_and_readiness_says_what_works() {
    let site = kit::site().await;
    let health = site.anyone().get("/healthz").await.is(200);
    assert_eq!(health.json, json!({"status": "OK"}));
    assert_eq!(health.header("cache-control"), "no-store");
    assert_eq!(health.header("content-type"), "application/json");

    let ready = site.anyone().get("/readyz").await.is(200);
    assert_eq!(ready.header("cache-control"), "no-store");
    for (name, value) in [
        ("ready", json!(true)),
        ("database", json!(true)),
        ("disk", json!(true)),
        ("jobsQueued", json!(0)),
        ("jobsRunning", json!(0)),
    ] {
        assert_eq!(ready.json[name], value, "{name}");
    }
    assert!(ready.json["sandbox"].is_boolean());
    answer(site.request(Method::HEAD, "/healthz")).await.is(200);
    answer(site.request(Method::HEAD, "/readyz")).await.is(200);
}

#[tokio::test]
async fn readiness_tells_when_uploads_have_no_room() {
    let site = kit::with("disk_reserve_bytes", i64::MAX.to_string())
        .start()
        .await;
    let ready = site.anyone().get("/readyz").await.is(503);
    assert_eq!(ready.json["ready"], false);
    assert_eq!(ready.json["disk"], false);
    assert_eq!(ready.json["database"], true);
    site.anyone().get("/healthz").await.is(200);
}

#[tokio::test]
async fn the_old_health_check_answers_in_the_envelope_without_signing_in() {
    let site = kit::with("require_sign_in", "on").start().await;
    let health = site.anyone().get("/api/v1/healthcheck").await.is(200);
    assert_eq!(health.at("/data"), json!({"status": "OK"}));
    assert_eq!(health.at("/success"), true);
    assert_eq!(health.at("/statusCode"), 200);
    assert!(health.at("/message").is_string());
}

/// The value of the sample that begins with these words.
fn sample(text: &str, words: &str) -> f64 {
    let line = text
        .lines()
        .find(|line| line.starts_with(words))
        .unwrap_or_else(|| panic!("no {words} in {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn metrics_count_requests_and_bytes_in_the_form_of_prometheus() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let stream = format!("/api/v1/videos/{id}/stream");
    let first = asha.get(&stream).await.is(200);
    let read = async || {
        let metrics = site.anyone().get("/metrics").await.is(200);
        assert!(
            metrics
                .header("content-type")
                .starts_with("text/plain; version=0.0.4")
        );
        String::from_utf8(metrics.bytes).unwrap()
    };
    let before = read().await;
    for line in before.lines().filter(|line| !line.is_empty()) {
        let is_comment = line.starts_with("# TYPE ") || line.starts_with("# HELP ");
        let has_value = line
            .rsplit_once(' ')
            .is_some_and(|(name, value)| !name.is_empty() && value.parse::<f64>().is_ok());
        assert!(is_comment || has_value, "{line}");
    }
    let requests = "streamsphere_http_requests_total{status=\"2xx\"}";
    let refusals = "streamsphere_http_requests_total{status=\"4xx\"}";
    for name in ["streamsphere_jobs_queued", "streamsphere_jobs_running"] {
        assert!(sample(&before, name).abs() < f64::EPSILON, "{name}");
    }
    assert!(sample(&before, "streamsphere_disk_free_bytes") > 0.0);

    asha.get(&stream).await.is(200);
    asha.get("/api/v1/videos").await.is(200);
    asha.get("/nowhere").await.is(404);
    let whole = first.bytes.len() as f64;
    let bytes = |text: &str| {
        // By whichever way they went: a connection that began with other requests has no sendfile.
        let ways = ["sendfile", "user_space"]
            .map(|way| format!("streamsphere_delivery_bytes_total{{path=\"{way}\"}}"));
        ways.iter().map(|name| sample(text, name)).sum::<f64>()
    };
    // The last bytes are counted by the server after we have read them.
    kit::until("all is counted", async || {
        let after = read().await;
        let more = |name: &str| {
            let earlier = if before.contains(name) {
                sample(&before, name)
            } else {
                0.0
            };
            sample(&after, name) - earlier
        };
        more(requests) >= 2.0 && more(refusals) >= 1.0 && (bytes(&after) - bytes(&before) - whole).abs() < 0.5
    })
    .await;
}

#[tokio::test]
async fn metrics_tell_what_the_whole_site_comes_to() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let stored = asha
        .get("/api/v1/users/storage")
        .await
        .is(200)
        .at("/data/usedBytes");
    let read = async || {
        let metrics = site.anyone().get("/metrics").await.is(200);
        String::from_utf8(metrics.bytes).unwrap()
    };
    let sent = "streamsphere_media_sent_bytes_total";
    let before = sample(&read().await, sent);
    let whole = asha
        .get(&format!("/api/v1/videos/{id}/stream"))
        .await
        .is(200)
        .bytes
        .len() as f64;
    kit::until("what was sent is counted", async || {
        (sample(&read().await, sent) - before - whole).abs() < 0.5
    })
    .await;
    let text = read().await;
    let number = |words: &str| sample(&text, words);
    let kinds = ["originals", "renditions", "captions"];
    let bytes = kinds.map(|kind| number(&format!("streamsphere_storage_bytes{{kind=\"{kind}\"}}")));
    assert!((bytes.iter().sum::<f64>() - stored.as_f64().unwrap()).abs() < 0.5);
    let top = number(&format!("streamsphere_video_sent_bytes_today{{video=\"{id}\"}}"));
    assert!((top - number(sent)).abs() < 0.5);
    for (words, least) in [
        ("streamsphere_users", 1.0),
        ("streamsphere_videos", 1.0),
        ("streamsphere_comments", 0.0),
        ("streamsphere_views_total", 0.0),
        ("streamsphere_watch_seconds_total", 0.0),
        ("streamsphere_media_requests_total", 1.0),
        ("streamsphere_viewers", 0.0),
        ("streamsphere_event_listeners", 0.0),
        ("streamsphere_encodes_waiting", 0.0),
        ("streamsphere_encodes_running", 0.0),
        ("streamsphere_encodes_total{result=\"done\"}", 0.0),
        ("streamsphere_encodes_total{result=\"failed\"}", 0.0),
        ("streamsphere_encode_seconds_total", 0.0),
        ("streamsphere_encoded_media_seconds_total", 0.0),
        ("streamsphere_active_users{days=\"1\"}", 1.0),
        ("streamsphere_active_viewers{days=\"28\"}", 0.0),
    ] {
        assert!(number(words) >= least, "{words}");
        // Counters say so by their names, and nothing else does.
        let name = words.split('{').next().unwrap();
        let kind = if name.ends_with("_total") {
            "counter"
        } else {
            "gauge"
        };
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
    }
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let plain = name.split('{').next().unwrap();
        let fits = plain
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(fits && name.contains('{') == name.ends_with('}'), "{line}");
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_admins() {
    let site = kit::with("trusted_proxies", "127.0.0.1").start().await;
    let (admin, asha) = (site.admin().await, site.person("asha").await);
    let far = |request: reqwest::RequestBuilder| answer(request.header("x-forwarded-for", "203.0.113.9"));
    for person in [&site.anyone(), &asha] {
        let refused = far(person.request(Method::GET, "/metrics")).await;
        refused.refuses(404, "route_not_found");
        // Who asks through no proxy sits at this machine.
        person.get("/metrics").await.is(200);
    }
    let metrics = far(admin.request(Method::GET, "/metrics")).await.is(200);
    assert!(
        String::from_utf8(metrics.bytes)
            .unwrap()
            .contains("# TYPE streamsphere_")
    );
    // What is for everyone stays so.
    far(site.request(Method::GET, "/healthz")).await.is(200);
    far(site.request(Method::GET, "/readyz")).await.is(200);
}
