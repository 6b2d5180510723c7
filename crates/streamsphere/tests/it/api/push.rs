//! `/api/v1/push`: browsers that subscribe, and what they are sent, which they open with code of their own.

mod ends;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::kit::receiver::{Received, Receiver, receiver, receiver_at};
use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

const KEY: &str = "/api/v1/push/key";
const SUBSCRIPTIONS: &str = "/api/v1/push/subscriptions";
const CONTACT: &str = "mailto:ops@videos.example";

/// A browser that can open what it is sent.
struct Browser {
    path: String,
    secret: SecretKey,
    auth: [u8; 16],
}

async fn site() -> Site {
    kit::with("push_contact", CONTACT)
        .with("egress_allow", "127.0.0.1")
        .with("egress_http", "true")
        .start()
        .await
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The n-th browser; its keys are the same in every run.
fn browser(n: u8) -> Browser {
    Browser {
        path: format!("/send/{n}-"),
        secret: SecretKey::from_slice(&[n + 1; 32]).unwrap(),
        auth: [n; 16],
    }
}

impl Browser {
    fn point(&self) -> Vec<u8> {
        self.secret
            .public_key()
            .to_encoded_point(false)
            .as_bytes()
            .to_vec()
    }

    /// As `PushSubscription.toJSON` says it.
    fn subscription(&self, service: &Receiver) -> Value {
        json!({
            "endpoint": format!("{}{}x", service.url, self.path), "expirationTime": null,
            "keys": {"p256dh": encode(&self.point()), "auth": encode(&self.auth)},
        })
    }

    async fn subscribes(&self, person: &Person<'_>, service: &Receiver) -> String {
        let answer = person
            .post(SUBSCRIPTIONS, &self.subscription(service))
            .await
            .is(201);
        answer.text_at("/data/_id")
    }

    /// Opens a message, step by step as RFC 8188 and RFC 8291 have them for the receiving side.
    fn opens(&self, message: &Received) -> Value {
        assert_eq!(message.headers["content-encoding"], "aes128gcm");
        assert!(message.body.len() <= 4096);
        let (salt, rest) = message.body.split_at(16);
        assert_eq!(rest[..4], 4096_u32.to_be_bytes());
        assert_eq!(rest[4], 65);
        let (theirs, record) = rest[5..].split_at(65);
        let public = PublicKey::from_sec1_bytes(theirs).unwrap();
        let shared = p256::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), public.as_affine());
        let mut info = b"WebPush: info\0".to_vec();
        info.extend_from_slice(&self.point());
        info.extend_from_slice(theirs);
        let keying = hkdf(&self.auth, shared.raw_secret_bytes(), &info, 32);
        let key = hkdf(salt, &keying, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = hkdf(salt, &keying, b"Content-Encoding: nonce\0", 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut record = record.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let opened = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let (last, text) = opened.split_last().unwrap();
        assert_eq!(*last, 2, "the one record is the last");
        serde_json::from_slice(text).unwrap()
    }
}

/// HKDF with SHA-256 (RFC 5869), of one block.
fn hkdf(salt: &[u8], input: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mac = |key: &[u8], parts: [&[u8]; 2]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    };
    let extracted = mac(salt, [input, &[]]);
    mac(&extracted, [info, &[1]])[..length].to_vec()
}

/// Checks what a push service checks: the token is for it, in time, and signed by the key that browsers know.
fn must_be_authorized(message: &Received, service: &Receiver, key: &str) {
    let authorization = message.headers["authorization"].strip_prefix("vapid ").unwrap();
    let (token, said) = authorization
        .strip_prefix("t=")
        .unwrap()
        .split_once(", k=")
        .unwrap();
    assert_eq!(said, key);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let verifier = VerifyingKey::from_sec1_bytes(&decode(key)).unwrap();
    let signature = Signature::from_slice(&decode(signature)).unwrap();
    verifier.verify(signed.as_bytes(), &signature).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(header, json!({"typ": "JWT", "alg": "ES256"}));
    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    assert_eq!(
        (&claims["aud"], &claims["sub"]),
        (&json!(service.url), &json!(CONTACT))
    );
    let now = model::Clock::system().now().as_seconds();
    let expires = claims["exp"].as_i64().unwrap();
    assert!(expires > now && expires <= now + 24 * 3600, "{expires}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_notification_says_reaches_the_persons_browsers_sealed() {
    let site = site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let service = receiver().await;
    let (desk, phone, belas) = (browser(1), browser(2), browser(3));
    desk.subscribes(&asha, &service).await;
    phone.subscribes(&asha, &service).await;
    belas.subscribes(&bela, &service).await;
    let key = asha.get(KEY).await.is(200);
    assert_eq!(key.at("/data/enabled"), true);
    let key = key.text_at("/data/publicKey");

    let video = row(&site, &asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    let video = video.id.to_string();
    let comment = bela.comments(&video, "What a fine ship!").await;

    for one in [&desk, &phone] {
        let got = service.waits_for(&one.path, 1).await;
        must_be_authorized(&got[0], &service, &key);
        let said = one.opens(&got[0]);
        assert_eq!(said["kind"], "comment");
        assert_eq!(said["actor"]["username"], "bela");
        assert_eq!(said["video"]["title"], "Of asha");
        assert_eq!(said["video"]["url"], format!("{}/watch/{video}", site.url));
        assert_eq!(
            said["comment"],
            json!({"_id": comment, "content": "What a fine ship!"})
        );
        assert!(got[0].headers["ttl"].parse::<u32>().unwrap() > 0);
        assert_eq!(got[0].headers["topic"], said["_id"].as_str().unwrap());
        assert_eq!(got[0].headers["urgency"], "normal");
        let told = asha.get("/api/v1/notifications").await.is(200);
        assert_eq!(told.at("/data/items/0/_id"), said["_id"]);
    }
    assert!(service.received(&belas.path).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_hear_of_what_a_channel_brings_out_unless_they_do_not_want_to() {
    let site = site().await;
    let asha = site.person("asha").await;
    let service = receiver().await;
    let mut people = Vec::new();
    // In the order in which they are looked at.
    for (n, name) in ["chen", "bela", "dara"].into_iter().enumerate() {
        let person = site.person(name).await;
        let browser = browser(u8::try_from(n).unwrap());
        browser.subscribes(&person, &service).await;
        people.push((person, browser));
    }
    for (person, _) in &people[..2] {
        person
            .put(&format!("/api/v1/subscriptions/c/{}", asha.id))
            .await
            .is(200);
    }
    let ((chen, chens), (_, belas)) = (&people[0], &people[1]);
    let preferences = "/api/v1/notifications/preferences";
    chen.patch(preferences, &json!({"newTweet": false})).await.is(200);
    let first = asha.tweets("Hello").await;
    let got = service.waits_for(&belas.path, 1).await;
    let said = belas.opens(&got[0]);
    assert_eq!(
        (&said["kind"], &said["tweet"]["_id"]),
        (&json!("newTweet"), &json!(first))
    );
    assert_eq!(said["tweet"]["content"], "Hello");
    chen.patch(preferences, &json!({"newTweet": true})).await.is(200);
    let second = asha.tweets("Again").await;
    let got = service.waits_for(&chens.path, 1).await;
    // What is told is told in its order: had the first been sent, it would be here.
    assert_eq!(chens.opens(&got[0])["tweet"]["_id"], second);
    assert!(
        service.received(&people[2].1.path).is_empty(),
        "dara does not follow asha"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_gone_is_forgotten() {
    let site = site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let service = receiver().await;
    service.answers("/send/1-", 410);
    let (gone, there) = (browser(1), browser(2));
    let id = gone.subscribes(&asha, &service).await;
    there.subscribes(&asha, &service).await;
    let video = row(&site, &asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    bela.comments(&video.id.to_string(), "One").await;
    service.waits_for(&there.path, 1).await;
    service.waits_for(&gone.path, 1).await;
    let path = format!("{SUBSCRIPTIONS}/{id}");
    // Forgotten by the server, so there is nothing to remove any more.
    kit::until("the subscription is gone", async || {
        let known = asha
            .post(SUBSCRIPTIONS, &gone.subscription(&service))
            .await
            .is(201);
        known.text_at("/data/_id") != id
    })
    .await;
    asha.delete(&path)
        .await
        .refuses(404, "push_subscription_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_its_persons_alone_keeps_its_id_and_of_too_many_the_oldest_goes() {
    let site = site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let service = receiver().await;
    let first = browser(0);
    let id = first.subscribes(&asha, &service).await;
    assert_eq!(first.subscribes(&asha, &service).await, id);
    let path = format!("{SUBSCRIPTIONS}/{id}");
    bela.delete(&path)
        .await
        .refuses(404, "push_subscription_not_found");
    for n in 1..=20 {
        browser(n).subscribes(&asha, &service).await;
    }
    asha.delete(&path)
        .await
        .refuses(404, "push_subscription_not_found");
    let last = browser(20).subscribes(&asha, &service).await;
    asha.delete(&format!("{SUBSCRIPTIONS}/{last}")).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_browser_says_is_refused() {
    let site = kit::with("push_contact", CONTACT).start().await;
    let asha = site.person("asha").await;
    let good = encode(&browser(1).point());
    let bad = [
        (json!({}), "endpoint", "missing"),
        (
            json!({"endpoint": "https://127.0.0.1/", "keys": {"p256dh": good, "auth": encode(&[0; 16])}}),
            "endpoint",
            "malformed",
        ),
        (
            json!({"endpoint": "http://push.example/", "keys": {"p256dh": good, "auth": encode(&[0; 16])}}),
            "endpoint",
            "malformed",
        ),
        (
            json!({"endpoint": "https://push.example/", "keys": {"p256dh": good}}),
            "keys.auth",
            "missing",
        ),
        (
            json!({"endpoint": "https://push.example/", "keys": {"p256dh": good, "auth": "§"}}),
            "keys.auth",
            "malformed",
        ),
        (
            json!({"endpoint": "https://push.example/", "keys": {"p256dh": good, "auth": encode(&[0; 15])}}),
            "keys",
            "malformed",
        ),
        (
            json!({"endpoint": "https://push.example/", "keys": {"p256dh": encode(&[4; 65]), "auth": encode(&[0; 16])}}),
            "keys",
            "malformed",
        ),
    ];
    for (body, field, code) in bad {
        asha.post(SUBSCRIPTIONS, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    asha.post(SUBSCRIPTIONS, &json!({"endpoint": 5}))
        .await
        .refuses(400, "wrong_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_pushed_where_nobody_named_a_contact() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let key = asha.get(KEY).await.is(200);
    assert_eq!(key.at("/data"), json!({"enabled": false, "publicKey": null}));
    let service = receiver().await;
    asha.post(SUBSCRIPTIONS, &browser(1).subscription(&service))
        .await
        .refuses(404, "push_disabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_waits_is_said_to_wait_and_is_told_of_when_it_is_approved() {
    let site = site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let service = receiver().await;
    let desk = browser(1);
    desk.subscribes(&asha, &service).await;
    let video = row(&site, &asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    let video = video.id.to_string();
    let mode = json!({"commentsMode": "held"});
    asha.patch(&format!("/api/v1/videos/{video}/comment-settings"), &mode)
        .await
        .is(200);
    let comment = bela.comments(&video, "May I?").await;
    let got = service.waits_for(&desk.path, 1).await;
    let said = desk.opens(&got[0]);
    assert_eq!(
        (&said["kind"], &said["comment"]),
        (&json!("commentHeld"), &Value::Null)
    );
    asha.post(&format!("/api/v1/comments/{comment}/approve"), &json!({}))
        .await
        .is(200);
    let got = service.waits_for(&desk.path, 2).await;
    let said = desk.opens(&got[1]);
    assert_eq!(
        (&said["kind"], &said["comment"]["_id"]),
        (&json!("comment"), &json!(comment))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_service_that_says_nothing_holds_up_no_other() {
    let site = kit::with("push_contact", CONTACT)
        .with("egress_allow", "127.0.0.0/8")
        .with("egress_http", "true")
        .start()
        .await;
    let (slow, quick) = (receiver_at("127.0.0.2").await, receiver().await);
    slow.answers("/", 0);
    let asha = site.person("asha").await;
    let follows = async |person: &Person<'_>| {
        let path = format!("/api/v1/subscriptions/c/{}", asha.id);
        person.put(&path).await.is(200);
    };
    for n in 0..3 {
        let person = site.person(&format!("person{n}")).await;
        for browsers in 0..20 {
            browser(20 * n + browsers).subscribes(&person, &slow).await;
        }
        follows(&person).await;
    }
    let (dara, daras) = (site.person("dara").await, browser(60));
    daras.subscribes(&dara, &quick).await;
    follows(&dara).await;
    // More messages for the slow one than may be on their way at once, each time before the one for dara.
    for n in 0..5 {
        asha.tweets(&format!("Tweet {n}")).await;
    }
    let got = quick.waits_for(&daras.path, 5).await;
    assert_eq!(daras.opens(&got[0])["kind"], "newTweet");
    assert!(!slow.received("/").is_empty());
}
