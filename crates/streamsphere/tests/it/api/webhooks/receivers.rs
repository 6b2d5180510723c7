//! Receivers that are slow or have moved, and what is left of deliveries that are gone.

use model::Clock;
use serde_json::{Value, json};

use super::{WEBHOOKS, deliveries, hooks, is_signed, open, open_at};
use crate::kit;
use crate::kit::receiver::{receiver, receiver_at};

#[tokio::test(flavor = "multi_thread")]
async fn what_an_address_says_that_a_webhook_no_longer_has_is_not_held_against_it() {
    let site = open().start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    there.answers("/old", 410);
    there.holds("/old");
    let (hook, secret) = hooks(&asha, &format!("{}/old", there.url), &["tweet.created"]).await;
    asha.tweets("Hello").await;
    let old = there.waits_for("/old", 1).await.remove(0);
    let url = format!("{}/new", there.url);
    asha.patch(&hook, &json!({"url": url})).await.is(200);
    there.lets_go("/old");
    let new = there.waits_for("/new", 1).await.remove(0);
    assert_eq!(new.headers["webhook-id"], old.headers["webhook-id"]);
    assert!(is_signed(&new, &secret));
    let all = deliveries(&asha, &hook, |all| all[0]["status"] == "delivered").await;
    assert_eq!((all.len(), &all[0]["attempts"]), (1, &json!(1)));
    let webhook = asha.get(WEBHOOKS).await.is(200).at("/data/0");
    assert_eq!(
        (&webhook["active"], &webhook["ended"], &webhook["failingSince"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_deliveries_are_gone_is_not_due_any_more() {
    let clock = Clock::manual(model::Millis(1_800_000_000_000));
    let site = open_at(&clock).start().await;
    let asha = site.person("asha").await;
    let there = receiver().await;
    there.answers("/a", 500);
    let (hook, _) = hooks(&asha, &format!("{}/a", there.url), &["tweet.created"]).await;
    asha.post(&format!("{hook}/test"), &json!({})).await.is(201);
    deliveries(&asha, &hook, |all| all[0]["attempts"] == 1).await;
    let store = &site.server.app.core.store;
    let later = clock.now().plus_ms(60_000);
    let due = async || {
        let due = store::webhooks::due(&mut store.read(), later, None, 10).await;
        due.unwrap().len()
    };
    assert_eq!(due().await, 1, "it is tried again");
    let mut tx = store.write().await.unwrap();
    assert_eq!(store::webhooks::sweep(&mut tx, later, 10).await.unwrap(), 1);
    tx.commit().await.unwrap();
    clock.advance(5_000);
    kit::until("nothing is due", async || due().await == 0).await;
    assert_eq!(there.received("/a").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_host_of_many_holds_up_no_other() {
    let site = kit::with("egress_allow", "127.0.0.0/8")
        .with("egress_http", "true")
        .start()
        .await;
    let (slow, quick) = (receiver_at("127.0.0.2").await, receiver().await);
    slow.answers("/", 0);
    // More of them than may be sent to at once, whoever's they are.
    let asha = site.person("asha").await;
    hooks(&asha, &format!("{}/asha", quick.url), &["tweet.created"]).await;
    let mut people = Vec::new();
    for n in 0..13 {
        let person = site.person(&format!("person{n}")).await;
        for n in 0..4 {
            hooks(&person, &format!("{}/{n}", slow.url), &["tweet.created"]).await;
        }
        people.push(person);
    }
    for person in &people {
        person.tweets("Nobody answers").await;
    }
    slow.waits_for("/", 8).await;
    asha.tweets("Hello").await;
    quick.waits_for("/asha", 1).await;
    let store = &site.server.app.core.store;
    let due = store::webhooks::due(&mut store.read(), site.clock.now(), None, 100).await;
    assert!(
        due.unwrap().len() > 48,
        "of the slow one's hardly any has been tried to its end"
    );
}
