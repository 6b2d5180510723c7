//! What a session makes of beacons that come once, twice, late, in another order, or cannot be.

use model::UserId;
use model::analytics::ViewerKey;
use model::analytics::source::Origin;

use super::*;

/// A video of a hundred seconds: a part of its retention is a second.
const DURATION_MS: i64 = 100_000;

fn opened() -> Session {
    let record = Record {
        at: Moment::default(),
        video: VideoId(ObjectId([1; 12])),
        channel: UserId(ObjectId([2; 12])),
        duration_ms: DURATION_MS,
        session: SessionKey(1),
        viewer: ViewerKey(1),
        before: None,
        is_own: false,
        is_private: false,
        origin: Origin {
            source: Source::Search,
            host: None,
        },
        device: Device::Tv,
        country: Some(*b"IN"),
        beacons: Vec::new(),
    };
    Session::open(&record, None)
}

fn watched(seq: Option<u32>, from_s: u32, to_s: u32) -> Beacon {
    Beacon {
        span: Span::new(from_s * 1000, to_s * 1000),
        seq,
        ..Beacon::default()
    }
}

/// What the session makes of a beacon that arrives this many seconds after it began.
fn take(session: &mut Session, at_s: i64, beacon: &Beacon) -> Gain {
    let at = Moment {
        wall: Millis(at_s * 1000),
        steady_ms: at_s * 1000,
    };
    session.take(beacon, at, DURATION_MS)
}

#[test]
fn watching_from_beginning_to_end_counts_every_second_and_part_once() {
    let mut session = opened();
    let (mut watch_ms, mut buckets, mut views) = (0, 0_u128, Vec::new());
    for n in 0..20_u32 {
        let gain = take(
            &mut session,
            i64::from(n) * 5 + 5,
            &watched(Some(n), n * 5, n * 5 + 5),
        );
        assert_eq!(buckets & gain.buckets, 0);
        watch_ms += gain.watch_ms;
        buckets |= gain.buckets;
        if gain.is_view {
            views.push(n);
        }
    }
    assert_eq!(watch_ms, DURATION_MS);
    assert_eq!(buckets.count_ones(), 100);
    assert_eq!(views, [5], "after thirty seconds");
}

#[test]
fn what_comes_twice_counts_once_with_and_without_numbers() {
    for number in [Some(3), None] {
        let mut session = opened();
        let beacon = Beacon {
            stall_ms: Some(200),
            startup_ms: Some(50),
            event: Event::Error,
            ..watched(number, 0, 10)
        };
        let gain = take(&mut session, 10, &beacon);
        assert_eq!(
            (gain.watch_ms, gain.stall_ms, gain.startup_ms, gain.is_error),
            (10_000, Some(200), Some(50), true)
        );
        for _ in 0..3 {
            let again = take(&mut session, 11, &beacon);
            assert_eq!(
                Gain {
                    rendition: Rendition::UNKNOWN,
                    ..again
                },
                Gain::default(),
                "{number:?}"
            );
        }
    }
}

#[test]
fn the_same_part_watched_again_is_time_but_no_more_of_the_video() {
    let mut session = opened();
    let mut watch_ms = 0;
    for n in 0..6_u32 {
        let gain = take(&mut session, i64::from(n) * 10 + 10, &watched(Some(n), 0, 10));
        assert!(!gain.is_view, "ten seconds of the video are no view");
        watch_ms += gain.watch_ms;
    }
    assert_eq!(watch_ms, 60_000);
    let mut session = opened();
    let watch_ms: i64 = (1..7)
        .map(|n| take(&mut session, n * 10, &watched(None, 0, 10)).watch_ms)
        .sum();
    assert_eq!(watch_ms, 10_000, "nobody knows that it was watched again");
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let beacons: Vec<Beacon> = (0..20).map(|n| watched(Some(n), n * 5, n * 5 + 5)).collect();
    let total = |order: &[usize]| {
        let mut session = opened();
        let gains = order.iter().map(|at| take(&mut session, 100, &beacons[*at]));
        gains.fold((0, 0_u128, 0), |(watch_ms, buckets, views), gain| {
            (
                watch_ms + gain.watch_ms,
                buckets | gain.buckets,
                views + u32::from(gain.is_view),
            )
        })
    };
    let forward: Vec<usize> = (0..20).collect();
    let backward: Vec<usize> = (0..20).rev().collect();
    let mixed: Vec<usize> = (0..20).map(|n| n * 7 % 20).collect();
    assert_eq!(total(&forward), (DURATION_MS, (1 << 100) - 1, 1));
    assert_eq!(total(&backward), total(&forward));
    assert_eq!(total(&mixed), total(&forward));
}

#[test]
fn nobody_watches_more_than_twice_the_time_that_passed() {
    let mut session = opened();
    let gain = take(&mut session, 0, &watched(Some(0), 0, 100));
    assert_eq!(gain.watch_ms, 30_000, "the grace, at twice the speed");
    assert_eq!(
        gain.buckets,
        (1 << 30) - 1,
        "what is not believed was not seen either"
    );
    assert_eq!(take(&mut session, 0, &watched(Some(1), 50, 60)).watch_ms, 0);
    assert_eq!(take(&mut session, 2, &watched(Some(2), 50, 60)).watch_ms, 4_000);
    let total: i64 = (3..200_u32)
        .map(|n| take(&mut session, 20, &watched(Some(n), 0, 100)).watch_ms)
        .sum();
    assert_eq!(total + 34_000, 70_000);
}

#[test]
fn a_clock_that_goes_back_gives_nothing_and_takes_nothing() {
    let mut session = opened();
    assert_eq!(take(&mut session, 10, &watched(Some(0), 0, 10)).watch_ms, 10_000);
    let at = Moment {
        wall: Millis(-3_600_000),
        steady_ms: 20_000,
    };
    let gain = session.take(&watched(Some(1), 10, 20), at, DURATION_MS);
    assert_eq!(gain.watch_ms, 10_000, "only the steady clock decides");
}

#[test]
fn a_number_from_long_ago_counts_only_what_was_not_seen() {
    let mut session = opened();
    take(&mut session, 10, &watched(Some(500), 0, 10));
    assert_eq!(take(&mut session, 10, &watched(Some(1), 5, 15)).watch_ms, 5_000);
    assert_eq!(
        take(&mut session, 10, &watched(Some(373), 15, 20)).watch_ms,
        5_000
    );
    assert_eq!(
        take(&mut session, 10, &watched(Some(373), 20, 25)).watch_ms,
        0,
        "came before"
    );
    take(&mut session, 10, &watched(Some(u32::MAX), 20, 21));
    assert_eq!(take(&mut session, 10, &watched(Some(501), 0, 20)).watch_ms, 0);
}

#[test]
fn a_short_video_is_viewed_by_half_of_it_and_once() {
    let mut session = opened();
    let at = Moment::default();
    assert!(!session.take(&watched(Some(0), 0, 4), at, 10_000).is_view);
    assert!(session.take(&watched(Some(1), 4, 5), at, 10_000).is_view);
    assert!(!session.take(&watched(Some(2), 5, 10), at, 10_000).is_view);
}

#[test]
fn interruptions_and_failures_are_bounded_by_time_and_number() {
    let mut session = opened();
    let mut stalls = (0, 0);
    let mut errors = 0;
    for n in 0..1_000_u32 {
        let beacon = Beacon {
            event: Event::Error,
            seq: Some(n),
            stall_ms: Some(4_000),
            ..Beacon::default()
        };
        let gain = take(&mut session, 10, &beacon);
        stalls.0 += u32::from(gain.stall_ms.is_some());
        stalls.1 += gain.stall_ms.unwrap_or(0);
        errors += u32::from(gain.is_error);
    }
    assert_eq!(stalls, (15, 25_000));
    assert_eq!(errors, MAX_ERRORS);
}

#[test]
fn what_was_watched_before_the_rendition_changed_is_of_the_one_before() {
    let mut session = opened();
    let named = |event, height| Beacon {
        event,
        rendition: Rendition::from_height(height),
        ..Beacon::default()
    };
    take(&mut session, 0, &named(Event::Start, 360));
    let change = Beacon {
        span: Span::new(0, 5_000),
        ..named(Event::Quality, 1080)
    };
    assert_eq!(take(&mut session, 5, &change).rendition.height(), 360);
    assert_eq!(
        take(&mut session, 10, &watched(None, 5, 10)).rendition.height(),
        1080
    );
}

#[test]
fn of_who_asked_not_to_be_tracked_nothing_is_told_apart() {
    assert_eq!(opened().slices().count(), 3);
    let record = Record {
        at: Moment::default(),
        video: VideoId(ObjectId([1; 12])),
        channel: UserId(ObjectId([2; 12])),
        duration_ms: DURATION_MS,
        session: SessionKey(1),
        viewer: ViewerKey(1),
        before: None,
        is_own: false,
        is_private: true,
        origin: Origin {
            source: Source::External,
            host: Some("blog.example".to_owned()),
        },
        device: Device::Phone,
        country: Some(*b"IN"),
        beacons: Vec::new(),
    };
    let session = Session::open(&record, Some("blog.example".into()));
    assert_eq!(session.slices().count(), 0);
}

#[test]
fn a_session_goes_on_from_a_snapshot_as_if_nothing_had_happened() {
    let mut session = opened();
    session.minute = Some(Millis(60_000));
    take(&mut session, 10, &watched(Some(0), 0, 10));
    take(
        &mut session,
        20,
        &Beacon {
            event: Event::Stall,
            startup_ms: Some(9),
            stall_ms: Some(5),
            rendition: Rendition::from_height(720),
            ..watched(Some(2), 40, 50)
        },
    );
    let mut out = Vec::new();
    session.encode(&mut out);
    let mut reader = Reader(&out);
    assert_eq!(
        Session::decode(&mut reader, |host| host.to_owned().into()),
        Ok(session)
    );
    assert!(reader.is_done());
    for length in 0..out.len() {
        assert_eq!(
            Session::decode(&mut Reader(&out[..length]), |host| host.to_owned().into()),
            Err(Damaged)
        );
    }
}
