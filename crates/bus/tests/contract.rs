//! What every bus keeps.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bus::{Audience, Bus, Event, MOST_BEHIND, Missed};

fn poll_once(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> Poll<()> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn event(id: u64) -> Event {
    Event {
        id,
        kind: "video.published",
        audience: Audience::Everyone,
        payload: "{}".into(),
    }
}

async fn contract(bus: Bus) {
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
    bus.publish(event(1));
    let (mut one, mut other) = (bus.subscribe(), bus.subscribe());
    bus.publish(event(2));
    bus.publish(event(3));
    for events in [&mut one, &mut other] {
        assert_eq!(events.next().await, Ok(event(2)));
        assert_eq!(events.next().await, Ok(event(3)));
    }

    // A slow listener holds nobody up, learns how much it missed, and goes on.
    let most = MOST_BEHIND as u64;
    for id in 0..most + 10 {
        bus.publish(event(id));
    }
    assert_eq!(one.next().await, Err(Missed::Events(10)));
    assert_eq!(one.next().await, Ok(event(10)));

    drop(bus);
    let mut left = 1;
    while other.next().await != Err(Missed::Closed) {
        left += 1;
    }
    assert_eq!(
        left as u64,
        1 + 1 + most,
        "the last events are heard before the end"
    );
}

#[tokio::test]
async fn a_bus_in_process_keeps_the_contract() {
    contract(Bus::in_process()).await;
}
