//! A known audience gives the sums that it must, whatever happens to its beacons and to the server.

use std::collections::BTreeMap;

use model::ObjectId;
use model::analytics::beacon::{Beacon, Event, Span};
use model::analytics::device::Device;
use model::analytics::rule::BUCKETS;
use model::analytics::source::{Origin, Source};
use model::analytics::{DAY_MS, HOUR_MS, MINUTE_MS, SessionKey, ViewerKey};

use super::*;

/// 2024-03-01T00:00:00.000Z.
const BEGAN: i64 = 1_709_251_200_000;
const DURATION_S: u32 = 100;

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

fn id(n: u8) -> ObjectId {
    ObjectId([n; 12])
}

/// What somebody's player says some milliseconds after the beginning.
fn record(who: u64, at_ms: i64, beacons: Vec<Beacon>) -> Record {
    let mut dice = Dice(who);
    let video = (who % 7) as u8 + 1;
    Record {
        at: Moment {
            wall: Millis(BEGAN + at_ms),
            steady_ms: at_ms,
        },
        video: VideoId(id(video)),
        channel: UserId(id(100 + video % 3)),
        duration_ms: i64::from(DURATION_S) * 1000,
        session: SessionKey(u128::from(who) + 1),
        viewer: ViewerKey(dice.next()),
        before: None,
        is_own: false,
        is_private: false,
        origin: Origin {
            source: Source::Search,
            host: None,
        },
        device: Device::Phone,
        country: None,
        beacons,
    }
}

fn watched(seq: u32, from_s: u32, to_s: u32) -> Beacon {
    Beacon {
        span: Span::new(from_s * 1000, to_s * 1000),
        seq: Some(seq),
        ..Beacon::default()
    }
}

/// What the store would hold, without its rows.
#[derive(Debug, Default, PartialEq)]
struct Ledger {
    known: BTreeMap<u8, Position>,
    counts: BTreeMap<VideoId, [i64; 8]>,
    splits: BTreeMap<Slice, i64>,
    views: BTreeMap<VideoId, i64>,
    retention: BTreeMap<(VideoId, Millis), Vec<u32>>,
    viewers: BTreeMap<SketchKey, Vec<u8>>,
}

impl Ledger {
    fn apply(&mut self, counter: &mut Counter) {
        for part in counter.take() {
            let known = self.known.entry(part.shard).or_default();
            assert!(
                part.until > *known,
                "sums come with a place that the store does not have"
            );
            *known = part.until;
            for watched in part.watched {
                let c = watched.counts;
                let sums = self.counts.entry(watched.video).or_default();
                for (sum, more) in sums.iter_mut().zip([
                    c.watch_ms,
                    c.own_watch_ms,
                    c.sessions,
                    c.startups,
                    c.startup_ms,
                    c.stalls,
                    c.stall_ms,
                    c.errors,
                ]) {
                    *sum += more;
                }
                for (slice, split) in watched.splits {
                    *self.splits.entry(slice).or_default() += split.watch_ms;
                }
            }
            for claim in part.claims {
                *self.views.entry(claim.video).or_default() += 1;
            }
            for seen in part.seen {
                let sums = self
                    .retention
                    .entry((seen.video, seen.day))
                    .or_insert_with(|| vec![0; BUCKETS + 1]);
                for (sum, more) in sums.iter_mut().zip(seen.retention.counts.iter()) {
                    *sum += more;
                }
                sums[BUCKETS] += seen.retention.sessions;
            }
        }
        for (key, viewers) in counter.take_sketches() {
            let mut sketch = self
                .viewers
                .get(&key)
                .map_or_else(Sketch::default, |bytes| Sketch::from_bytes(bytes).unwrap());
            sketch.merge(&viewers);
            self.viewers.insert(key, sketch.to_bytes());
        }
    }

    fn known(&self) -> Vec<(u8, Position)> {
        self.known.iter().map(|(shard, at)| (*shard, *at)).collect()
    }

    /// Without the places, which tell when it was written and not what.
    fn sums(self) -> Self {
        Self {
            known: BTreeMap::new(),
            ..self
        }
    }
}

fn place(number: usize) -> Position {
    Position {
        segment: 1,
        place: number as u64 + 1,
    }
}

fn counted(records: &[Record]) -> Ledger {
    let mut counter = Counter::new(&[]);
    let mut ledger = Ledger::default();
    for (number, record) in records.iter().enumerate() {
        counter.count(record, place(number));
    }
    ledger.apply(&mut counter);
    ledger.sums()
}

/// Some viewers, each of whom watches from the beginning to some second, and what they say every five seconds.
fn audience(viewers: u64) -> (Vec<u32>, Vec<Record>) {
    let mut dice = Dice(42);
    let stops: Vec<u32> = (0..viewers)
        .map(|_| dice.below(u64::from(DURATION_S) + 1) as u32)
        .collect();
    let mut records = Vec::new();
    for (who, stop) in stops.iter().enumerate() {
        let comes_ms = dice.below(600_000) as i64;
        let start = Beacon {
            event: Event::Start,
            startup_ms: Some(300),
            ..watched(0, 0, 0)
        };
        records.push(record(who as u64, comes_ms, vec![start]));
        for (seq, from) in (0..*stop).step_by(5).enumerate() {
            let to = (from + 5).min(*stop);
            let beacon = watched(seq as u32 + 1, from, to);
            records.push(record(who as u64, comes_ms + i64::from(to) * 1000, vec![beacon]));
        }
    }
    records.sort_by_key(|record| record.at.steady_ms);
    (stops, records)
}

#[test]
fn a_known_audience_gives_exactly_its_views_time_and_retention() {
    let (stops, records) = audience(2_000);
    let ledger = counted(&records);
    let of_video = |video: u8| {
        let stops = stops.iter().enumerate();
        stops
            .filter(move |(who, _)| (who % 7) as u8 + 1 == video)
            .map(|(_, stop)| *stop)
    };
    for video in 1..=7_u8 {
        let seconds: u32 = of_video(video).sum();
        let viewers = of_video(video).count();
        let views = of_video(video).filter(|stop| *stop >= 30).count();
        let counts = ledger.counts[&VideoId(id(video))];
        assert_eq!(counts[0], i64::from(seconds) * 1000);
        assert_eq!(counts[2], viewers as i64, "sessions");
        assert_eq!(counts[4], viewers as i64 * 300, "starts");
        assert_eq!(ledger.views[&VideoId(id(video))], views as i64);
        let retention = &ledger.retention[&(VideoId(id(video)), Millis(BEGAN))];
        for (second, counted) in retention[..BUCKETS].iter().enumerate() {
            let saw = of_video(video).filter(|stop| *stop as usize > second).count();
            assert_eq!(*counted as usize, saw, "second {second} of video {video}");
        }
        assert_eq!(retention[BUCKETS] as usize, viewers);
    }
    let day = (Subject::SITE, Grain::Day, Millis(BEGAN));
    let estimate = Sketch::from_bytes(&ledger.viewers[&day]).unwrap().estimate();
    assert!((1_960..=2_040).contains(&estimate), "{estimate} viewers");
}

#[test]
fn beacons_that_come_twice_late_or_in_batches_change_nothing() {
    let (_, records) = audience(300);
    let expected = counted(&records);
    let mut dice = Dice(7);
    let mut disturbed: Vec<Record> = Vec::new();
    for record in &records {
        for _ in 0..=dice.below(3) {
            let mut late = record.clone();
            let by_ms = dice.below(20_000) as i64;
            late.at.steady_ms += by_ms;
            late.at.wall = late.at.wall.plus_ms(by_ms);
            disturbed.push(late);
        }
    }
    disturbed.sort_by_key(|record| record.at.steady_ms);
    assert!(disturbed.len() > records.len());
    assert_eq!(counted(&disturbed), expected);

    let mut batches: Vec<Record> = Vec::new();
    for record in &records {
        let whose = batches
            .iter_mut()
            .rev()
            .find(|batch| batch.session == record.session && batch.beacons.len() < 3);
        match whose {
            Some(batch) => batch.beacons.extend(&record.beacons),
            None => batches.push(record.clone()),
        }
    }
    assert!(batches.len() < records.len());
    assert_eq!(counted(&batches), expected);
}

#[test]
fn a_server_that_dies_anywhere_counts_everything_once() {
    let (_, records) = audience(150);
    let expected = counted(&records);
    let mut dice = Dice(9);
    for _ in 0..40 {
        let mut ledger = Ledger::default();
        let mut counter = Counter::new(&[]);
        // What a restart goes on from: a snapshot, and how many records came before it.
        let mut snapshot: Option<(Vec<u8>, usize)> = None;
        let mut number = 0;
        while number < records.len() {
            counter.count(&records[number], place(number));
            number += 1;
            match dice.below(200) {
                0..=9 => ledger.apply(&mut counter),
                10 => {
                    ledger.apply(&mut counter);
                    snapshot = Some((counter.snapshot(), number));
                }
                11 => {
                    // It dies: what waits is gone, and the journal is read again.
                    let from = snapshot.as_ref().map_or(0, |(_, from)| *from);
                    counter = match &snapshot {
                        Some((bytes, from)) => {
                            Counter::restore(bytes, place(from - 1), &ledger.known()).unwrap()
                        }
                        None => Counter::new(&ledger.known()),
                    };
                    for (again, record) in records.iter().enumerate().take(number).skip(from) {
                        counter.count(record, place(again));
                    }
                }
                _ => {}
            }
        }
        ledger.apply(&mut counter);
        assert_eq!(ledger.sums(), expected);
    }
}

#[test]
fn the_owners_watching_is_their_own() {
    let mut own = record(1, 40_000, vec![watched(1, 0, 30)]);
    own.is_own = true;
    let mut counter = Counter::new(&[]);
    counter.count(&own, place(0));
    assert!(counter.take_sketches().is_empty());
    let part = counter.take().remove(0);
    let expected = Counts {
        own_watch_ms: 30_000,
        ..Counts::default()
    };
    assert_eq!(part.watched[0].counts, expected);
    assert!(part.watched[0].splits.is_empty() && part.seen.is_empty());
    assert!(part.claims[0].is_own);
}

#[test]
fn who_asked_not_to_be_tracked_counts_as_a_view_and_no_more() {
    let mut private = record(1, 40_000, vec![watched(1, 0, 30)]);
    private.is_private = true;
    let mut counter = Counter::new(&[]);
    counter.count(&private, place(0));
    assert!(counter.take_sketches().is_empty());
    let part = counter.take().remove(0);
    assert_eq!(part.watched[0].counts.watch_ms, 30_000);
    assert!(part.watched[0].splits.is_empty());
    assert_eq!(part.claims.len(), 1);
    assert!(part.claims[0].slices.is_empty());
}

#[test]
fn a_session_over_midnight_belongs_to_two_days_and_its_retention_to_the_first() {
    let before = DAY_MS - 10_000;
    let mut counter = Counter::new(&[]);
    counter.count(&record(1, before, vec![watched(0, 0, 5)]), place(0));
    counter.count(&record(1, before + 20_000, vec![watched(1, 5, 25)]), place(1));
    let part = counter.take().remove(0);
    let mut minutes: Vec<(Millis, i64)> = part
        .watched
        .iter()
        .map(|watched| (watched.minute, watched.counts.watch_ms))
        .collect();
    minutes.sort();
    let midnight = Millis(BEGAN + DAY_MS);
    assert_eq!(
        minutes,
        [(midnight.plus_ms(-MINUTE_MS), 5_000), (midnight, 20_000)]
    );
    assert_eq!(part.seen.len(), 1);
    assert_eq!(
        (part.seen[0].day, part.seen[0].retention.sessions),
        (Millis(BEGAN), 1)
    );
    let mut days: Vec<Millis> = counter
        .take_sketches()
        .iter()
        .filter(|((subject, grain, _), _)| (*subject, *grain) == (Subject::SITE, Grain::Day))
        .map(|((_, _, at), _)| *at)
        .collect();
    days.sort();
    assert_eq!(days, [Millis(BEGAN), midnight]);
}

#[test]
fn a_clock_that_is_set_back_gives_no_credit_and_stops_nothing() {
    let mut counter = Counter::new(&[]);
    counter.count(&record(1, 10_000, vec![watched(0, 0, 10)]), place(0));
    let mut set_back = record(1, 20_000, vec![watched(1, 10, 100)]);
    set_back.at.wall = Millis(BEGAN - 5 * HOUR_MS);
    counter.count(&set_back, place(1));
    let watched: i64 = counter.take()[0]
        .watched
        .iter()
        .map(|sum| sum.counts.watch_ms)
        .sum();
    assert_eq!(watched, 50_000, "ten seconds and the grace, at twice the speed");
}

#[test]
fn nothing_waits_when_nothing_happened_and_what_is_taken_waits_no_more() {
    let mut counter = Counter::new(&[]);
    assert!(counter.take().is_empty());
    counter.count(&record(1, 0, vec![watched(0, 0, 5)]), place(0));
    assert!(counter.waiting() > 0);
    counter.take();
    counter.take_sketches();
    assert_eq!(counter.waiting(), 0);
    assert!(counter.take().is_empty());
    assert_eq!((counter.sessions(), counter.end()), (1, place(0)));
}

#[test]
fn hosts_beyond_a_thousand_a_day_are_others() {
    let mut hosts = Hosts::default();
    let day = Millis(BEGAN);
    for n in 0..MAX_HOSTS {
        let host = format!("{n}.example");
        assert_eq!(&*hosts.intern(&host, day), host);
    }
    assert_eq!(&*hosts.intern("late.example", day), OTHER_HOST);
    assert_eq!(&*hosts.intern("1.example", day), "1.example");
    assert_eq!(
        &*hosts.intern("late.example", day.plus_ms(DAY_MS)),
        "late.example"
    );
}

#[test]
fn other_bytes_are_no_snapshot() {
    let mut counter = Counter::new(&[]);
    counter.count(&record(1, 0, vec![watched(0, 0, 5)]), place(0));
    let whole = counter.snapshot();
    for length in 0..whole.len() {
        assert!(
            Counter::restore(&whole[..length], place(0), &[]).is_err(),
            "{length} bytes"
        );
    }
    assert!(Counter::restore(&[whole.as_slice(), &[0]].concat(), place(0), &[]).is_err());
    let restored = Counter::restore(&whole, place(0), &[]).unwrap();
    assert_eq!(restored.last(), counter.last());
    assert_eq!(restored.snapshot(), whole);
}
