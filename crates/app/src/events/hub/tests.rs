//! Routing, replay and bounds.

use std::task::Waker;

use bus::Event;
use model::users::Role;
use model::{ObjectId, SessionId};

use super::*;
use crate::sessions::Actor;

const BEGUN: u64 = 1_000;

fn someone(n: u8) -> Actor {
    Actor {
        user_id: UserId(ObjectId([n; 12])),
        session_id: SessionId(ObjectId([n; 12])),
        role: Role::User,
    }
}

fn video(n: u8) -> VideoId {
    VideoId(ObjectId([n; 12]))
}

fn event(id: u64, audience: Audience) -> Event {
    Event {
        id,
        kind: "test.happened",
        audience,
        payload: "{}".into(),
    }
}

fn to(actor: Actor) -> Audience {
    Audience::User(actor.user_id)
}

fn next(hub: &Hub, seat: &Seat) -> Option<Next> {
    match hub.poll_next(seat, &mut Context::from_waker(Waker::noop())) {
        Poll::Ready(next) => Some(next),
        Poll::Pending => None,
    }
}

/// The numbers of the events that a listener hears now; panics at anything else.
fn hears(hub: &Hub, seat: &Seat) -> Vec<u64> {
    std::iter::from_fn(|| next(hub, seat))
        .map(|next| match next {
            Next::Event(told) => told.id,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn enter(hub: &Hub, actor: Actor) -> Arc<Seat> {
    hub.enter(&Some(actor), "", &[], None).unwrap()
}

#[test]
fn an_event_reaches_all_streams_of_its_user_and_those_who_have_its_video_open() {
    let hub = Hub::new(BEGUN, true);
    let (asha, bela) = (someone(1), someone(2));
    let (phone, laptop) = (enter(&hub, asha), enter(&hub, asha));
    let watching = hub.enter(&Some(bela), "", &[video(7)], None).unwrap();
    let nobody = hub.enter(&None, "192.0.2.1", &[video(7)], None).unwrap();
    hub.take_in(event(BEGUN + 1, to(asha)));
    let about = |owner| Audience::Watchers {
        video: video(7),
        owner,
    };
    hub.take_in(event(BEGUN + 2, about(Some(asha.user_id))));
    hub.take_in(event(BEGUN + 3, about(Some(bela.user_id))));
    hub.take_in(event(BEGUN + 4, Audience::Admins));
    for seat in [&phone, &laptop] {
        assert_eq!(hears(&hub, seat), [BEGUN + 1, BEGUN + 2]);
    }
    for seat in [&watching, &nobody] {
        assert_eq!(hears(&hub, seat), [BEGUN + 2, BEGUN + 3], "each once");
    }
}

#[test]
fn only_those_are_woken_whom_an_event_may_concern() {
    struct Count(std::sync::atomic::AtomicUsize);
    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let hub = Hub::new(BEGUN, false);
    let woken = Arc::new(Count(std::sync::atomic::AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let seats: Vec<_> = (0..200).map(|n| enter(&hub, someone(n))).collect();
    for seat in &seats {
        assert!(hub.poll_next(seat, &mut Context::from_waker(&waker)).is_pending());
    }
    hub.take_in(event(BEGUN + 1, to(someone(5))));
    assert_eq!(woken.0.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn who_comes_back_hears_what_was_missed_once_and_in_order() {
    let hub = Hub::new(BEGUN, true);
    let (asha, bela) = (someone(1), someone(2));
    for n in 1..=10 {
        hub.take_in(event(BEGUN + n, to(if n % 2 == 0 { asha } else { bela })));
    }
    let last = (BEGUN + 4).to_string();
    let back = hub.enter(&Some(asha), "", &[], Some(&last)).unwrap();
    // While it is being told of the past, the present goes on.
    assert!(matches!(next(&hub, &back), Some(Next::Event(told)) if told.id == BEGUN + 6));
    hub.take_in(event(BEGUN + 11, to(asha)));
    assert_eq!(hears(&hub, &back), [BEGUN + 8, BEGUN + 10, BEGUN + 11]);
    let told = hub.take_in(event(BEGUN + 12, to(asha))).unwrap();
    assert_eq!(hears(&hub, &back), [BEGUN + 12]);

    // What the log has told is not told again by whoever routed it at the same time.
    let again = hub.enter(&Some(asha), "", &[], Some(&last)).unwrap();
    assert_eq!(hears(&hub, &again).len(), 5);
    hub.tell_users(&[asha.user_id], &told);
    assert!(hears(&hub, &again).is_empty());
}

#[test]
fn whoever_was_away_too_long_or_somewhere_else_is_told_so() {
    let hub = Hub::new(BEGUN, false);
    let asha = someone(1);
    let comes_back = |last: &str| {
        let seat = hub.enter(&Some(asha), "", &[], Some(last)).unwrap();
        let first = next(&hub, &seat);
        (matches!(first, Some(Next::Missed)), first.is_none())
    };
    assert_eq!(comes_back("1000"), (false, true), "nothing happened since");
    for elsewhere in ["999", "1001", "-1", "x", "", "99999999999999999999999"] {
        assert_eq!(comes_back(elsewhere), (true, false), "{elsewhere}");
    }
    for n in 1..=5_000 {
        hub.take_in(event(BEGUN + n, to(someone(2))));
    }
    let state = hub.locked();
    assert!(state.log.len() <= LOG_EVENTS && state.log_bytes <= LOG_BYTES);
    let floor = state.floor;
    drop(state);
    assert_eq!(comes_back(&(floor - 1).to_string()), (true, false));
    assert_eq!(comes_back(&floor.to_string()), (false, true));
}

#[test]
fn the_log_is_bounded_by_bytes_too() {
    let hub = Hub::new(BEGUN, true);
    let payload: Arc<str> = "x".repeat(16_000).into();
    for n in 1..=1_000 {
        let event = Event {
            payload: Arc::clone(&payload),
            ..event(BEGUN + n, Audience::Everyone)
        };
        hub.take_in(event);
    }
    let state = hub.locked();
    assert!(state.log.len() < 200 && !state.log.is_empty());
    assert_eq!(
        state.log_bytes,
        state.log.iter().map(|told| told.bytes()).sum::<usize>()
    );
}

#[test]
fn a_listener_who_does_not_take_what_is_told_keeps_little_waiting() {
    let hub = Hub::new(BEGUN, true);
    let asha = someone(1);
    let seat = enter(&hub, asha);
    for n in 1..=10_000 {
        hub.take_in(event(BEGUN + n, to(asha)));
        assert!(seat.locked().events.len() <= MOST_WAITING);
    }
    assert!(matches!(next(&hub, &seat), Some(Next::Missed)));
    let heard = hears(&hub, &seat);
    assert_eq!(heard.last(), Some(&(BEGUN + 10_000)), "what is newest is there");
    assert!(heard.is_sorted());
}

#[test]
fn there_are_so_many_streams_by_user_and_by_address_and_a_place_comes_back() {
    let hub = Hub::new(BEGUN, true);
    let asha = Some(someone(1));
    let refused = |viewer: &Viewer, address: &str| match hub.enter(viewer, address, &[], None) {
        Err(Error::Refused(refusal)) => refusal.code == "too_many_streams",
        Err(other) => panic!("{other}"),
        Ok(seat) => {
            hub.leave(&seat);
            false
        }
    };
    let seats: Vec<_> = (0..MOST_OF_USER)
        .map(|_| hub.enter(&asha, "", &[video(1)], None).unwrap())
        .collect();
    let nobodies: Vec<_> = (0..MOST_OF_ADDRESS)
        .map(|_| hub.enter(&None, "192.0.2.1", &[video(1)], None).unwrap())
        .collect();
    assert!(refused(&asha, ""));
    assert!(refused(&None, "192.0.2.1"));
    assert!(!refused(&Some(someone(2)), ""));
    assert!(!refused(&None, "192.0.2.2"));
    hub.leave(&seats[0]);
    hub.leave(&seats[0]);
    hub.leave(&nobodies[0]);
    assert!(!refused(&asha, "") && !refused(&None, "192.0.2.1"));
    for seat in seats.iter().chain(&nobodies) {
        hub.leave(seat);
    }
    let state = hub.locked();
    let kept = (
        state.seats.len(),
        state.users.len(),
        state.addresses.len(),
        state.videos.len(),
    );
    assert_eq!(kept, (0, 0, 0, 0), "nothing is kept of who is gone");
}

#[test]
fn the_streams_of_an_ended_session_and_of_a_user_who_is_off_are_over() {
    let hub = Hub::new(BEGUN, true);
    let (asha, bela, chen) = (someone(1), someone(2), someone(3));
    let seats = [asha, bela, chen].map(|actor| enter(&hub, actor));
    for actor in [asha, bela, chen] {
        hub.take_in(event(BEGUN + 1, to(actor)));
    }
    hub.end(&HashSet::from([asha.session_id]), &[bela.user_id]);
    assert!(
        matches!(next(&hub, &seats[0]), Some(Next::Over)),
        "also what waited"
    );
    assert!(matches!(next(&hub, &seats[1]), Some(Next::Over)));
    assert_eq!(hears(&hub, &seats[2]).len(), 1);
    hub.close();
    assert!(matches!(next(&hub, &seats[2]), Some(Next::Over)));
    let late = enter(&hub, chen);
    assert!(matches!(next(&hub, &late), Some(Next::Over)));
}

#[test]
fn likes_are_collected_where_somebody_looks() {
    let hub = Hub::new(BEGUN, true);
    let liked = |n| Event {
        kind: kinds::LIKE_CHANGED,
        ..event(
            BEGUN + 1,
            Audience::Watchers {
                video: video(n),
                owner: None,
            },
        )
    };
    let _watching = hub.enter(&None, "192.0.2.1", &[video(1)], None).unwrap();
    for _ in 0..1_000 {
        assert!(hub.take_in(liked(1)).is_none());
        assert!(hub.take_in(liked(2)).is_none());
    }
    assert_eq!(hub.changed_counts(), [Count::Likes(video(1))]);
    assert_eq!(hub.changed_counts(), []);
}

#[test]
fn views_are_told_of_videos_that_somebody_has_open() {
    let hub = Hub::new(BEGUN, true);
    let _watching = hub.enter(&None, "192.0.2.1", &[video(1)], None).unwrap();
    hub.take_views(Some(&[video(1), video(2)]));
    hub.take_views(Some(&[video(1)]));
    assert_eq!(hub.changed_counts(), [Count::Views(video(1))]);
    hub.take_views(Some(&[video(2)]));
    assert_eq!(hub.changed_counts(), [], "nobody has it open");
    hub.take_views(None);
    assert_eq!(
        hub.changed_counts(),
        [Count::Views(video(1))],
        "whatever was missed"
    );
}

#[test]
fn whoever_missed_very_much_is_told_some_of_it_and_then_to_look_again() {
    let hub = Hub::new(BEGUN, true);
    let asha = someone(1);
    for n in 1..=600 {
        hub.take_in(event(BEGUN + n, to(asha)));
    }
    let back = hub.enter(&Some(asha), "", &[], Some("1000")).unwrap();
    for n in 1..=u64::from(MOST_REPLAYED) {
        assert!(matches!(next(&hub, &back), Some(Next::Event(told)) if told.id == BEGUN + n));
    }
    assert!(matches!(next(&hub, &back), Some(Next::Missed)));
    assert!(next(&hub, &back).is_none());
    hub.take_in(event(BEGUN + 601, to(asha)));
    assert_eq!(hears(&hub, &back), [BEGUN + 601]);
}

#[test]
fn when_events_were_lost_on_the_way_everyone_is_told_to_look_again() {
    let hub = Hub::new(BEGUN, true);
    let (asha, bela) = (someone(1), someone(2));
    let here = enter(&hub, asha);
    hub.take_in(event(BEGUN + 1, to(asha)));
    hub.miss_all();
    assert!(matches!(next(&hub, &here), Some(Next::Missed)));
    assert!(next(&hub, &here).is_none());
    // Also those who come back from before it, with the last event before it too.
    hub.take_in(event(BEGUN + 10, to(bela)));
    for last in [BEGUN, BEGUN + 1] {
        let before = hub.enter(&Some(bela), "", &[], Some(&last.to_string())).unwrap();
        assert!(matches!(next(&hub, &before), Some(Next::Missed)), "{last}");
    }
    // Those who heard what came after it have missed nothing.
    hub.take_in(event(BEGUN + 11, to(bela)));
    let last = (BEGUN + 10).to_string();
    let after = hub.enter(&Some(bela), "", &[], Some(&last)).unwrap();
    assert_eq!(hears(&hub, &after), [BEGUN + 11]);
}
