//! `/api/v1/webhooks`: what owners do with them, what is sent, and what becomes of what does not arrive.

mod receivers;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use model::Clock;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::kit::receiver::{Received, receiver};
use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Setup, Site};

const WEBHOOKS: &str = "/api/v1/webhooks";

/// A site that sends to this machine.
fn open() -> Setup {
    sends_here(Setup::default())
}

/// A server on this clock that may send here.
fn open_at(clock: &Clock) -> Setup {
    sends_here(kit::with_clock(clock.clone()))
}

fn sends_here(setup: Setup) -> Setup {
    setup
        .with("egress_allow", "127.0.0.1")
        .with("egress_http", "true")
}

/// Adds a webhook; answers its address here, and its secret.
async fn hooks(person: &Person<'_>, url: &str, events: &[&str]) -> (String, String) {
    let answer = person
        .post(WEBHOOKS, &json!({"url": url, "events": events}))
        .await
        .is(201);
    let id = answer.text_at("/data/_id");
    (format!("{WEBHOOKS}/{id}"), answer.text_at("/data/secret"))
}

/// Verifies as a receiver does: with the standard and nothing of the server's.
fn is_signed(received: &Received, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    for part in [
        &received.headers["webhook-id"],
        &received.headers["webhook-timestamp"],
    ] {
        mac.update(part.as_bytes());
        mac.update(b".");
    }
    mac.update(&received.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    received.headers["webhook-signature"]
        .split(' ')
        .any(|one| one == expected)
}

/// The deliveries of a webhook, when all that is expected of them holds.
async fn deliveries(person: &Person<'_>, hook: &str, done: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut found = Vec::new();
    kit::until("the deliveries are as they should be", async || {
        let answer = person.get(&format!("{hook}/deliveries")).await.is(200);
        found.clone_from(answer.at("/data/items").as_array().unwrap());
        done(&found)
    })
    .await;
    found
}

async fn says_one(site: &Site, owner: &Person<'_>, other: &Person<'_>) -> (String, String) {
    let video = row(site, owner, "Of asha");
    add(site, std::slice::from_ref(&video)).await;
    let video = video.id.to_string();
    let comment = other.comments(&video, "A secret word").await;
    (video, comment)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_on_a_channel_arrives_signed_and_only_what_was_asked_for() {
    let site = open().start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let there = receiver().await;
    let (hook, secret) = hooks(
        &asha,
        &format!("{}/a?k=v", there.url),
        &[
            "comment.created",
            "tweet.created",
            "subscriber.added",
            "video.removed",
        ],
    )
    .await;
    hooks(&asha, &format!("{}/b", there.url), &["tweet.created"]).await;
    hooks(
        &bela,
        &format!("{}/c", there.url),
        &["tweet.created", "comment.created"],
    )
    .await;

    let (video, comment) = says_one(&site, &asha, &bela).await;
    asha.comments(&video, "What the owner says is no news to them")
        .await;
    let tweet = asha.tweets("Hello").await;
    bela.put(&format!("/api/v1/subscriptions/c/{}", asha.id))
        .await
        .is(200);
    // What has gone before it is sent is not sent.
    there.waits_for("/a?k=v", 3).await;
    asha.delete(&format!("/api/v1/videos/{video}")).await.is(200);

    let got = there.waits_for("/a?k=v", 4).await;
    let of = |kind: &str| {
        let found: Vec<&Received> = got.iter().filter(|one| one.json()["type"] == kind).collect();
        assert_eq!(found.len(), 1, "{kind}");
        found[0].json()["data"].clone()
    };
    assert_eq!(
        of("comment.created"),
        json!({"video": video, "comment": comment, "parent": null, "owner": bela.id})
    );
    assert_eq!(
        of("tweet.created"),
        json!({"tweet": tweet, "owner": asha.id, "video": null})
    );
    assert_eq!(
        of("subscriber.added"),
        json!({"channel": asha.id, "subscribersCount": 1})
    );
    assert_eq!(of("video.removed"), json!({"video": video}));
    for one in &got {
        assert!(is_signed(one, &secret), "{one:?}");
        assert_eq!(one.headers["content-type"], "application/json");
        assert!(one.json()["timestamp"].is_string());
        assert!(
            !String::from_utf8_lossy(&one.body).contains("secret word"),
            "ids, not words"
        );
        let mut forged = one.clone();
        forged.body.push(b' ');
        assert!(!is_signed(&forged, &secret));
    }
    assert_eq!(there.waits_for("/b", 1).await.len(), 1);
    let told = deliveries(&asha, &hook, |all| {
        all.len() == 4 && all.iter().all(|one| one["status"] == "delivered")
    })
    .await;
    for one in &told {
        assert_eq!(
            (&one["attempts"], &one["responseStatus"]),
            (&json!(1), &json!(204)),
            "{one}"
        );
        assert!(
            one["durationMs"].is_i64() && one["nextAttemptAt"].is_null(),
            "{one}"
        );
        let id = one["_id"].as_str().unwrap();
        assert!(
            got.iter().any(|received| received.headers["webhook-id"] == id),
            "{one}"
        );
    }
    assert!(
        there.received("/c").is_empty(),
        "nobody is told of other people's channels"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_is_told_of_when_it_is_ready_and_listed() {
    let site = open().start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    hooks(
        &asha,
        &format!("{}/v", there.url),
        &["video.published", "video.ready", "video.failed"],
    )
    .await;
    let id = asha.publishes(&kit::clips::small(), &[]).await;
    let got = there.waits_for("/v", 2).await;
    let mut kinds: Vec<String> = got
        .iter()
        .map(|one| one.json()["type"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["video.published", "video.ready"]);
    for one in got {
        assert_eq!(one.json()["data"]["video"], id);
        assert_eq!(one.json()["data"]["owner"], asha.id);
        assert_eq!(one.json()["data"]["title"], "A clip");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_is_tried_again_with_the_same_id_also_by_hand() {
    let clock = Clock::manual(model::Millis(1_800_000_000_000));
    let site = open_at(&clock).start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    there.answers("/a", 500);
    let (hook, _) = hooks(&asha, &format!("{}/a", there.url), &["tweet.created"]).await;
    let tried = asha.post(&format!("{hook}/test"), &json!({})).await.is(201);
    let id = tried.text_at("/data/_id");
    let failed = deliveries(&asha, &hook, |all| all[0]["attempts"] == 1).await;
    assert_eq!(
        (&failed[0]["status"], &failed[0]["responseStatus"]),
        (&json!("pending"), &json!(500))
    );
    let at = asha.get(WEBHOOKS).await.is(200).at("/data/0/failingSince");
    assert!(at.is_string());

    clock.advance(5_000);
    deliveries(&asha, &hook, |all| all[0]["attempts"] == 2).await;
    there.answers("/a", 200);
    let again = asha
        .post(&format!("{hook}/deliveries/{id}/retry"), &json!({}))
        .await
        .is(200);
    assert_eq!(again.at("/data/status"), "pending");
    let done = deliveries(&asha, &hook, |all| all[0]["status"] == "delivered").await;
    assert_eq!((done.len(), &done[0]["attempts"]), (1, &json!(3)));
    let got = there.received("/a");
    assert_eq!(got.len(), 3);
    assert!(
        got.iter()
            .all(|one| one.headers["webhook-id"] == id && one.json()["type"] == "webhook.test")
    );
    assert!(
        asha.get(WEBHOOKS)
            .await
            .is(200)
            .at("/data/0/failingSince")
            .is_null()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_switched_off_and_its_owner_hears_of_it() {
    let site = open().start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    there.answers("/gone", 410);
    let (hook, _) = hooks(&asha, &format!("{}/gone", there.url), &["tweet.created"]).await;
    asha.tweets("Hello").await;
    let all = deliveries(&asha, &hook, |all| {
        all.first().is_some_and(|one| one["status"] == "dead")
    })
    .await;
    assert_eq!(all[0]["responseStatus"], 410);
    let webhook = asha.get(WEBHOOKS).await.is(200).at("/data/0");
    assert_eq!(
        (&webhook["active"], &webhook["ended"]),
        (&json!(false), &json!("gone"))
    );
    let told = asha.get("/api/v1/notifications").await.is(200);
    assert_eq!(told.at("/data/items/0/kind"), "webhookDisabled");
    asha.post(&format!("{hook}/test"), &json!({}))
        .await
        .refuses(409, "webhook_inactive");
    asha.tweets("Nobody there").await;

    there.answers("/gone", 204);
    let on = asha.patch(&hook, &json!({"active": true})).await.is(200);
    assert_eq!(
        (on.at("/data/active"), on.at("/data/ended")),
        (json!(true), Value::Null)
    );
    asha.tweets("Back").await;
    let all = deliveries(&asha, &hook, |all| all[0]["status"] == "delivered").await;
    assert_eq!(all.len(), 2, "what happened meanwhile is not sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_says_nothing_holds_up_nobody_else() {
    let site = open().start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let there = receiver().await;
    there.answers("/slow", 0);
    let (slow, _) = hooks(&asha, &format!("{}/slow", there.url), &["tweet.created"]).await;
    hooks(&asha, &format!("{}/quick", there.url), &["tweet.created"]).await;
    hooks(&bela, &format!("{}/other", there.url), &["tweet.created"]).await;
    asha.tweets("One").await;
    there.waits_for("/slow", 1).await;
    for n in 0..3 {
        asha.tweets(&format!("Next {n}")).await;
        bela.tweets(&format!("Mine {n}")).await;
    }
    there.waits_for("/quick", 4).await;
    there.waits_for("/other", 3).await;
    let waiting = deliveries(&asha, &slow, |all| all.len() == 4).await;
    assert!(
        waiting.iter().all(|one| one["status"] == "pending"),
        "still on its way to the slow one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_nothing_that_was_on_its_way() {
    let site = open().start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    there.answers("/a", 0);
    let (hook, secret) = hooks(&asha, &format!("{}/a", there.url), &["tweet.created"]).await;
    asha.tweets("One").await;
    let first = there.waits_for("/a", 1).await.remove(0);
    asha.tweets("Two").await;
    let folder = site.stop().await;
    there.answers("/a", 204);
    let site = open().start_in(folder).await;
    let asha = site.sign_in("asha").await;
    deliveries(&asha, &hook, |all| {
        all.len() == 2 && all.iter().all(|one| one["status"] == "delivered")
    })
    .await;
    let got = there.received("/a");
    assert_eq!(got.len(), 3, "the one that was cut off came twice");
    assert_eq!(got[1].headers["webhook-id"], first.headers["webhook-id"]);
    assert!(
        got.iter().all(|one| is_signed(one, &secret)),
        "with the secret that it had"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_signs_from_then_on_and_is_told_once() {
    let site = open().start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    let (hook, old) = hooks(&asha, &format!("{}/a", there.url), &["tweet.created"]).await;
    let new = asha
        .post(&format!("{hook}/secret"), &json!({}))
        .await
        .is(200)
        .text_at("/data/secret");
    assert_ne!(old, new);
    asha.tweets("One").await;
    let got = there.waits_for("/a", 1).await.remove(0);
    assert!(is_signed(&got, &new) && !is_signed(&got, &old));
    let listed = asha.get(WEBHOOKS).await.is(200);
    assert!(listed.at("/data/0").get("secret").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_into_the_servers_own_network() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bad = [
        ("http://hooks.example/", "not_https"),
        ("https://127.0.0.1/", "forbidden_address"),
        ("https://[::ffff:10.0.0.1]/", "forbidden_address"),
        ("https://169.254.169.254/latest/meta-data", "forbidden_address"),
        ("https://2130706433/", "malformed"),
        ("https://me:pw@hooks.example/", "not_plain"),
        ("nonsense", "not_https"),
        ("", "missing"),
    ];
    for (url, code) in bad {
        let body = json!({"url": url, "events": ["tweet.created"]});
        asha.post(WEBHOOKS, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames("url", code);
    }
    // A name is judged by where it leads when something is sent.
    let (hook, _) = hooks(&asha, "https://localhost:1/", &["tweet.created"]).await;
    asha.post(&format!("{hook}/test"), &json!({})).await.is(201);
    let failed = deliveries(&asha, &hook, |all| all[0]["attempts"] == 1).await;
    assert_eq!(
        failed[0]["fault"],
        "the name leads to no address that something is sent to"
    );
    assert!(failed[0]["responseStatus"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_their_owners_alone_and_few() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (hook, _) = hooks(
        &asha,
        "https://hooks.example/0",
        &["tweet.created", "video.ready"],
    )
    .await;
    assert_eq!(
        asha.get(WEBHOOKS).await.is(200).at("/data/0/events"),
        json!(["video.ready", "tweet.created"])
    );
    bela.patch(&hook, &json!({"active": false}))
        .await
        .refuses(404, "webhook_not_found");
    bela.delete(&hook).await.refuses(404, "webhook_not_found");
    bela.post(&format!("{hook}/secret"), &json!({}))
        .await
        .refuses(404, "webhook_not_found");
    bela.post(&format!("{hook}/test"), &json!({}))
        .await
        .refuses(404, "webhook_not_found");
    bela.get(&format!("{hook}/deliveries"))
        .await
        .refuses(404, "webhook_not_found");
    let none = format!("{hook}/deliveries/0123456789abcdef01234567/retry");
    bela.post(&none, &json!({}))
        .await
        .refuses(404, "webhook_not_found");
    asha.post(&none, &json!({}))
        .await
        .refuses(404, "delivery_not_found");
    asha.patch(&format!("{WEBHOOKS}/nonsense"), &json!({}))
        .await
        .refuses(400, "malformed_id");
    assert_eq!(bela.get(WEBHOOKS).await.is(200).at("/data"), json!([]));

    for (body, field, code) in [
        (json!({"events": []}), "events", "empty"),
        (json!({"events": ["video.*"]}), "events", "unknown_event"),
        (json!({"url": "https://10.0.0.1/"}), "url", "forbidden_address"),
    ] {
        asha.patch(&hook, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    asha.patch(&hook, &json!({"active": "yes"}))
        .await
        .refuses(400, "wrong_type");
    let changed = asha
        .patch(&hook, &json!({"events": ["video.failed"], "owner": bela.id}))
        .await
        .is(200);
    assert_eq!(changed.at("/data/events"), json!(["video.failed"]));

    for n in 1..10 {
        hooks(&asha, &format!("https://hooks.example/{n}"), &["tweet.created"]).await;
    }
    let body = json!({"url": "https://hooks.example/", "events": ["tweet.created"]});
    asha.post(WEBHOOKS, &body).await.refuses(422, "too_many_webhooks");
    asha.delete(&hook).await.is(200);
    asha.delete(&hook).await.refuses(404, "webhook_not_found");
    asha.post(WEBHOOKS, &body).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_read_page_by_page() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let (hook, _) = hooks(&asha, "https://localhost:1/", &["tweet.created"]).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(
            asha.post(&format!("{hook}/test"), &json!({}))
                .await
                .is(201)
                .text_at("/data/_id"),
        );
    }
    made.reverse();
    let seen = asha.reads_through(&format!("{hook}/deliveries?limit=2")).await;
    assert_eq!(seen, made);
    asha.get(&format!("{hook}/deliveries?limit=0"))
        .await
        .refuses(400, "invalid_fields");
    asha.get(&format!("{hook}/deliveries?cursor=x"))
        .await
        .refuses(400, "bad_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_for_an_account_that_is_switched_off() {
    let clock = Clock::manual(model::Millis(1_800_000_000_000));
    let site = open_at(&clock).start().await;
    let (root, asha) = (site.admin().await, site.person("asha").await);
    let there = receiver().await;
    there.answers("/a", 500);
    let (hook, _) = hooks(&asha, &format!("{}/a", there.url), &["tweet.created"]).await;
    asha.post(&format!("{hook}/test"), &json!({})).await.is(201);
    deliveries(&asha, &hook, |all| all[0]["attempts"] == 1).await;
    root.changes_account(&asha, &json!({"disabled": true}))
        .await
        .is(200);
    clock.advance(5_000);
    let id: model::WebhookId = hook.rsplit('/').next().unwrap().parse().unwrap();
    let store = &site.server.app.core.store;
    kit::until("what waits is given up", async || {
        let waiting = store::webhooks::waiting(&mut store.read(), id, 10).await;
        waiting.unwrap() == 0
    })
    .await;
    assert_eq!(there.received("/a").len(), 1);
    root.changes_account(&asha, &json!({"disabled": false}))
        .await
        .is(200);
    let asha = site.sign_in("asha").await;
    let told = deliveries(&asha, &hook, |all| all[0]["status"] == "dead").await;
    assert_eq!(told[0]["attempts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_takes_their_webhooks_along() {
    let site = open().start().await;
    let asha = site.person("asha").await;
    let (hook, _) = hooks(&asha, "https://localhost:1/", &["video.removed"]).await;
    asha.post(&format!("{hook}/test"), &json!({})).await.is(201);
    let goes = asha.request(reqwest::Method::DELETE, "/api/v1/users/me");
    kit::answer(goes.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    let id: model::WebhookId = hook.rsplit('/').next().unwrap().parse().unwrap();
    let store = &site.server.app.core.store;
    kit::until("the webhook is gone", async || {
        let found = store::webhooks::find(&mut store.read(), id).await;
        found.unwrap().is_none()
    })
    .await;
}

/// The kinds of what came to paths that begin like this, in order.
fn kinds(received: &[Received]) -> Vec<String> {
    let kinds = received.iter().map(|one| one.json()["type"].clone());
    kinds.map(|kind| kind.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_waits_is_told_of_when_it_is_approved_and_once() {
    let site = open().start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let there = receiver().await;
    let events = ["comment.created", "tweet.created"];
    hooks(&asha, &format!("{}/a", there.url), &events).await;
    let video = row(&site, &asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    let video = video.id.to_string();
    asha.patch(
        &format!("/api/v1/videos/{video}/comment-settings"),
        &json!({"commentsMode": "held"}),
    )
    .await
    .is(200);
    let waits = bela.comments(&video, "May I?").await;
    let refused = bela.comments(&video, "Not this").await;
    // What happens is told in its order: had it been told, it would be there before this.
    asha.tweets("One").await;
    assert_eq!(kinds(&there.waits_for("/a", 1).await), ["tweet.created"]);

    let approval = format!("/api/v1/comments/{waits}/approve");
    for _ in 0..2 {
        asha.post(&approval, &json!({})).await.is(200);
    }
    asha.delete(&format!("/api/v1/comments/c/{refused}"))
        .await
        .is(200);
    bela.patch(
        &format!("/api/v1/comments/c/{waits}"),
        &json!({"content": "May I now?"}),
    )
    .await
    .is(200);
    asha.post(&approval, &json!({})).await.is(200);
    asha.tweets("Two").await;
    let got = there.waits_for("/a", 3).await;
    assert_eq!(kinds(&got), ["tweet.created", "comment.created", "tweet.created"]);
    assert_eq!(
        got[1].json()["data"],
        json!({"video": video, "comment": waits, "parent": null, "owner": bela.id})
    );
}
