//! What every bus keeps, and what one between nodes keeps besides.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::HashSet;
use std::future::Future;
use std::ops::Range;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bus::{Audience, Bus, Event, Events, MOST_BEHIND, Missed};
use bytes::Bytes;
use model::{ObjectId, UserId};
use testkit::nats::Nats;

fn poll_once(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> Poll<()> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn event(id: u64) -> Event {
    Event {
        id,
        kind: "video.published",
        audience: Audience::Everyone,
        payload: format!("{id}").into(),
    }
}

/// The numbers that were published; ids are the bus's affair.
async fn hears(events: &mut Events) -> Result<u64, Missed> {
    Ok(events.next().await?.payload.parse().unwrap())
}

async fn contract(bus: &Bus) {
    // Whoever listens before the wake-up is woken, even if it only waits afterwards, and all are.
    let (first, second) = (bus.woken("jobs"), bus.woken("jobs"));
    bus.clone().wake("jobs");
    first.await;
    second.await;

    // A wake-up of the past, or of another topic, wakes nobody.
    let mut waiting = pin!(bus.woken("jobs"));
    bus.wake("other");
    assert!(poll_once(waiting.as_mut()).is_pending());
    bus.wake("jobs");
    waiting.await;

    // Every listener hears every event since it began to listen, in order.
    let mut before = bus.subscribe();
    bus.publish(event(1));
    assert_eq!(hears(&mut before).await, Ok(1));
    let (mut one, mut other) = (bus.subscribe(), bus.subscribe());
    bus.publish(event(2));
    bus.publish(event(3));
    for events in [&mut one, &mut other] {
        let (second, third) = (events.next().await.unwrap(), events.next().await.unwrap());
        assert_eq!((second.payload.as_ref(), third.payload.as_ref()), ("2", "3"));
        assert!(second.id < third.id);
    }

    // A slow listener holds nobody up, learns how much it missed, and goes on.
    drop(before);
    let most = MOST_BEHIND as u64;
    let mut quick = bus.subscribe();
    for id in 0..most + 10 {
        bus.publish(event(id));
    }
    while hears(&mut quick).await != Ok(most + 9) {}
    assert_eq!(hears(&mut one).await, Err(Missed::Events(10)));
    assert_eq!(hears(&mut one).await, Ok(10));
}

#[tokio::test]
async fn a_bus_in_process_keeps_the_contract() {
    let bus = Bus::in_process();
    contract(&bus).await;

    let mut last = bus.subscribe();
    bus.publish(event(4));
    drop(bus);
    assert_eq!(
        hears(&mut last).await,
        Ok(4),
        "the last events are heard before the end"
    );
    assert_eq!(hears(&mut last).await, Err(Missed::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_between_nodes_keeps_the_contract() {
    let server = Nats::start();
    contract(&Bus::nats(&server.url("site")).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_on_one_node_is_heard_on_all_in_one_order() {
    let server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let there = Bus::nats(&server.url("site")).await.unwrap();
    let elsewhere = Bus::nats(&server.url("another")).await.unwrap();

    let (mut at_home, mut across) = (here.subscribe(), there.subscribe());
    let mut on_another = elsewhere.subscribe();
    for id in 0..50 {
        here.publish(event(2 * id));
        there.publish(event(2 * id + 1));
    }
    let mut orders = [Vec::new(), Vec::new()];
    for (order, events) in orders.iter_mut().zip([&mut at_home, &mut across]) {
        for _ in 0..100 {
            let heard = events.next().await.unwrap();
            order.push((heard.id, heard.payload));
        }
    }
    assert_eq!(orders[0], orders[1], "the same ids, in the same order");
    assert!(orders[0].is_sorted());

    let woken = there.woken("jobs");
    here.wake("jobs");
    woken.await;

    let mut signals = there.signals("live");
    here.signal("live", Bytes::from_static(b"numbers"));
    assert_eq!(signals.next().await.unwrap(), "numbers");

    // Another site on the same server hears nothing of all this, but of itself.
    elsewhere.publish(event(7));
    assert_eq!(hears(&mut on_another).await, Ok(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_knows_what_was_told_a_moment_ago() {
    let server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let (floor, backlog) = here.backlog().unwrap();
    assert!(backlog.is_empty());
    let mut events = here.subscribe();
    let me = Event {
        audience: Audience::User(UserId(ObjectId([7; 12]))),
        ..event(1)
    };
    here.publish(me.clone());
    let heard = events.next().await.unwrap();
    assert!(heard.id > floor);

    let there = Bus::nats(&server.url("site")).await.unwrap();
    let (floor, backlog) = there.backlog().unwrap();
    assert!(floor < heard.id);
    assert_eq!(backlog, [Event { id: heard.id, ..me }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_while_a_node_starts_is_heard_by_the_first_who_listens_there() {
    let server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let mut events = here.subscribe();
    let there = Bus::nats(&server.url("site")).await.unwrap();
    for id in 0..5 {
        here.publish(event(id));
        assert_eq!(hears(&mut events).await, Ok(id));
    }
    // What is said through the same connection later has come, and so have they.
    let woken = there.woken("jobs");
    here.wake("jobs");
    woken.await;
    let mut late = there.subscribe();
    for id in 0..5 {
        assert_eq!(hears(&mut late).await, Ok(id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_heard_again() {
    let mut server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let there = Bus::nats(&server.url("site")).await.unwrap();
    let mut events = there.subscribe();
    here.publish(event(1));
    assert_eq!(hears(&mut events).await, Ok(1));

    server.kill();
    // Nobody waits, and what does not fit is missed rather than kept, of which all nodes are told.
    for id in 0..10_000 {
        here.publish(event(id));
    }
    server.again();
    let mut missed = false;
    let next = async {
        here.publish(event(42_000));
        let mut last = false;
        while !(missed && last) {
            match hears(&mut events).await {
                Ok(heard) => last |= heard == 42_000,
                Err(reason) => missed |= reason == Missed::Some,
            }
            if !last {
                here.publish(event(42_000));
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), next).await.unwrap();
}

/// Hears at `there` what is told at `here` while the server is killed in between, `rounds` times.
async fn told_while_killed(server: &mut Nats, here: &Bus, there: &mut Events, rounds: u64) {
    for round in 0..rounds {
        let first = round * 300;
        for id in first..first + 300 {
            here.publish(event(id));
            if id == first + 100 {
                // Some are in the stream by now, some on their way, some in no packet yet.
                tokio::time::sleep(Duration::from_micros(300 * round)).await;
                server.kill();
            }
        }
        server.again();
        let mut heard = HashSet::new();
        while heard.len() < 300 {
            let id = hears(there).await.unwrap();
            assert!(
                (first..first + 300).contains(&id) && heard.insert(id),
                "{id} twice"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_while_the_server_is_killed_is_heard_once() {
    let mut server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let there = Bus::nats(&server.url("site")).await.unwrap();
    let mut events = there.subscribe();
    let told = told_while_killed(&mut server, &here, &mut events, 6);
    tokio::time::timeout(Duration::from_mins(2), told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lost_the_end_of_what_it_had_is_heard_again() {
    let mut server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let mut events = here.subscribe();
    let mut tells = async |ids: Range<u64>| {
        for id in ids {
            here.publish(event(id));
            assert_eq!(hears(&mut events).await, Ok(id));
        }
    };
    tells(0..5).await;
    server.kill();
    server.keep();
    server.again();
    tells(5..8).await;
    server.kill();
    server.put_back();
    server.again();
    // The numbers of those three are given to others, before the first node is back.
    let there = Bus::nats(&server.url("site")).await.unwrap();
    let mut others = there.subscribe();
    for id in 8..12 {
        there.publish(event(id));
        assert_eq!(hears(&mut others).await, Ok(id));
    }
    let looks_again = async {
        while hears(&mut events).await != Err(Missed::Some) {}
        there.publish(event(42));
        while hears(&mut events).await != Ok(42) {}
    };
    tokio::time::timeout(Duration::from_mins(1), looks_again)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lost_all_it_had_is_heard_again() {
    let mut server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let mut events = here.subscribe();
    for id in 0..5 {
        here.publish(event(id));
        assert_eq!(hears(&mut events).await, Ok(id));
    }
    server.kill();
    server.forget();
    server.again();
    // Whoever listens is told that something may have passed them by, and hears what comes.
    let mut missed = false;
    let next = async {
        loop {
            here.publish(event(42));
            match tokio::time::timeout(Duration::from_millis(200), hears(&mut events)).await {
                Ok(Ok(42)) => break,
                Ok(Err(Missed::Some)) => missed = true,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), next).await.unwrap();
    assert!(missed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_somebody_deletes_is_made_again() {
    let server = Nats::start();
    let here = Bus::nats(&server.url("site")).await.unwrap();
    let there = Bus::nats(&server.url("site")).await.unwrap();
    let mut events = there.subscribe();
    for id in 0..5 {
        here.publish(event(id));
        assert_eq!(hears(&mut events).await, Ok(id));
    }
    let address = server.url("site");
    let client = async_nats::connect(address.trim_end_matches("/site"))
        .await
        .unwrap();
    let streams = async_nats::jetstream::new(client);
    streams.delete_stream("SITE_EVENTS").await.unwrap();
    // What does not go through the stream goes on.
    let woken = there.woken("jobs");
    here.publish(event(40));
    here.wake("jobs");
    woken.await;
    let mut missed = false;
    let next = async {
        loop {
            here.publish(event(42));
            match tokio::time::timeout(Duration::from_millis(200), hears(&mut events)).await {
                Ok(Ok(42)) => break,
                Ok(Err(Missed::Some)) => missed = true,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), next).await.unwrap();
    assert!(missed);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let refused = Bus::nats("nats://127.0.0.1:1").await;
    assert!(refused.unwrap_err().to_string().contains("cannot be used"));
}
