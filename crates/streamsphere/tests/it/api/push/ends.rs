//! How long a browser is told: as long as the sign-in that it was subscribed with, and as it is the same person's; and
//! what of that channels know.

use model::{Clock, Millis, ObjectId, UserId};
use reqwest::Method;
use serde_json::json;

use super::{CONTACT, SUBSCRIPTIONS, browser, site};
use crate::kit::receiver::receiver;
use crate::kit::rows::{add, row};
use crate::kit::{self, PASSWORD, Person, Site};

/// The ids of the browsers that the server has of somebody.
async fn kept(site: &Site, person: &Person<'_>) -> Vec<String> {
    let user: UserId = person.id.parse().unwrap();
    let mut tx = site.server.app.core.store.read();
    let rows = store::push::list(&mut tx, user, 100).await.unwrap();
    rows.iter().map(|row| row.id.to_string()).collect()
}

/// Whom a channel looks at when it has brought something out.
async fn looked_at(site: &Site, channel: &Person<'_>) -> usize {
    let channel: UserId = channel.id.parse().unwrap();
    let mut tx = site.server.app.core.store.read();
    let beginning = UserId(ObjectId([0; 12]));
    let found = store::push::followers(&mut tx, channel, beginning, 100).await;
    found.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_hundreds_is_found_by_the_last_of_them_until_they_have_no_browser() {
    let site = site().await;
    let (bela, chen) = (site.person("bela").await, site.person("chen").await);
    let service = receiver().await;
    let core = &site.server.app.core;
    let mut tx = core.store.write().await.unwrap();
    for n in 0..450_u16 {
        let [a, b] = n.to_be_bytes();
        // Before all others in the order of ids.
        let channel = UserId(ObjectId([0, a, b, 1, 1, 1, 1, 1, 1, 1, 1, 1]));
        let now = site.clock.now();
        store::subscriptions::add(
            &mut tx,
            core.ids.next(now),
            bela.id.parse().unwrap(),
            channel,
            now,
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let asha = site.person("asha").await;
    for person in [&bela, &chen] {
        let path = format!("/api/v1/subscriptions/c/{}", asha.id);
        person.put(&path).await.is(200);
    }
    assert_eq!(looked_at(&site, &asha).await, 0);
    browser(1).subscribes(&bela, &service).await;
    browser(2).subscribes(&chen, &service).await;
    kit::until("asha finds both", async || looked_at(&site, &asha).await == 2).await;
    asha.tweets("Hello").await;
    for n in [1, 2] {
        let got = service.waits_for(&browser(n).path, 1).await;
        assert_eq!(browser(n).opens(&got[0])["kind"], "newTweet");
    }

    bela.post("/api/v1/users/logout", &json!({})).await.is(200);
    assert_eq!(
        looked_at(&site, &asha).await,
        2,
        "signing out looks at nothing followed"
    );
    asha.tweets("Again").await;
    kit::until("asha looks at chen alone", async || {
        looked_at(&site, &asha).await == 1
    })
    .await;
    service.waits_for(&browser(2).path, 2).await;
    assert_eq!(service.received(&browser(1).path).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_goes_with_the_sign_in_that_it_was_subscribed_with() {
    let site = site().await;
    let bela = site.person("bela").await;
    let service = receiver().await;
    let phone_of_asha = site.person("asha").await;
    let phone = browser(0);
    let kept_id = phone.subscribes(&phone_of_asha, &service).await;

    let signs_out = site.sign_in("asha").await;
    let first = browser(1);
    let id = first.subscribes(&signs_out, &service).await;
    assert_eq!(kept(&site, &signs_out).await, [kept_id.clone(), id]);
    signs_out.post("/api/v1/users/logout", &json!({})).await.is(200);
    assert_eq!(kept(&site, &phone_of_asha).await, [kept_id.as_str()]);

    let revoked = site.sign_in("asha").await;
    browser(2).subscribes(&revoked, &service).await;
    let sessions = revoked.get("/api/v1/users/sessions").await.is(200).at("/data");
    let sessions = sessions.as_array().unwrap().iter();
    let mut own = sessions.filter(|session| session["current"] == json!(true));
    let own = own.next().unwrap()["_id"].as_str().unwrap().to_owned();
    phone_of_asha
        .delete(&format!("/api/v1/users/sessions/{own}"))
        .await
        .is(200);
    assert_eq!(kept(&site, &phone_of_asha).await, [kept_id.as_str()]);

    let locked_out = site.sign_in("asha").await;
    browser(3).subscribes(&locked_out, &service).await;
    let change = json!({"oldPassword": PASSWORD, "newPassword": "another-otter-85"});
    phone_of_asha
        .post("/api/v1/users/change-password", &change)
        .await
        .is(200);
    assert_eq!(kept(&site, &phone_of_asha).await, [kept_id]);

    let video = row(&site, &phone_of_asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    bela.comments(&video.id.to_string(), "Hello").await;
    service.waits_for(&phone.path, 1).await;
    for n in 1..=3 {
        assert!(service.received(&browser(n).path).is_empty(), "{n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_with_a_sign_in_that_was_left_alone_for_too_long() {
    let clock = Clock::manual(Millis(1_800_000_000_000));
    let site = kit::with_clock(clock.clone())
        .with("push_contact", CONTACT)
        .with("egress_allow", "127.0.0.1")
        .with("egress_http", "true")
        .start()
        .await;
    let service = receiver().await;
    let asha = site.person("asha").await;
    browser(1).subscribes(&asha, &service).await;
    clock.advance(31 * 24 * 3_600_000);
    let (asha, bela) = (site.sign_in("asha").await, site.person("bela").await);
    browser(2).subscribes(&asha, &service).await;
    let video = row(&site, &asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    bela.comments(&video.id.to_string(), "Hello").await;
    service.waits_for(&browser(2).path, 1).await;
    assert!(service.received(&browser(1).path).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_another_person_subscribes_is_theirs_under_another_id() {
    let site = site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let service = receiver().await;
    let shared = browser(1);
    let ashas = shared.subscribes(&asha, &service).await;
    let belas = shared.subscribes(&bela, &service).await;
    assert_ne!(ashas, belas);
    for (person, id) in [(&asha, &ashas), (&asha, &belas), (&bela, &ashas)] {
        person
            .delete(&format!("{SUBSCRIPTIONS}/{id}"))
            .await
            .refuses(404, "push_subscription_not_found");
    }
    let video = row(&site, &asha, "Of asha");
    add(&site, std::slice::from_ref(&video)).await;
    let video = video.id.to_string();
    let comment = bela
        .comments(&video, "What asha is told is not for this browser")
        .await;
    asha.replies(&video, &comment, "What bela is told is").await;
    let got = service.waits_for(&shared.path, 1).await;
    assert_eq!(shared.opens(&got[0])["kind"], "reply");
    assert_eq!(service.received(&shared.path).len(), 1);
    bela.delete(&format!("{SUBSCRIPTIONS}/{belas}")).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_told_nothing_any_more() {
    let site = site().await;
    let asha = site.person("asha").await;
    let service = receiver().await;
    browser(1).subscribes(&asha, &service).await;
    assert_eq!(kept(&site, &asha).await.len(), 1);
    let goes = asha.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(goes.json(&json!({"password": PASSWORD})))
        .await
        .is(200);
    assert!(kept(&site, &asha).await.is_empty(), "at once");
}
