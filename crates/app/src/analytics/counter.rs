//! The counter: records go in, in the order of the journal, and sums come out.
//!
//! A state machine without clock, disk or store. Given the same records it comes to the same sums, so after a crash
//! the journal is read again from a snapshot on: sums that the store has are left out by their place in the journal,
//! and what may be added twice, the sketches, is added again.
//!
//! A snapshot holds the sessions and not the sums that wait. So it may be put in the place of an older one only when
//! everything that was counted before it was taken, sketches too, is in the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::analytics::beacon::Rendition;
use model::analytics::sketch::Sketch;
use model::analytics::source::{MAX_HOSTS, MAX_HOSTS_OF_VIDEOS, OTHER_HOST};
use model::analytics::{Counts, Grain, Slice, Split, Subject};
use model::{Millis, UserId, VideoId};
use store::analytics::flush::{Claim, Part, Position, Seen, Watched};
use store::analytics::retention::Retention;

use super::codec::{Damaged, Reader, put_number, put_text};
use super::record::{Moment, Record};
use super::session::{Gain, Session};
use super::sessions::{MAX_SESSIONS, Sessions};

/// Parts that sums are kept in, by channel, so that many sums can be written in several transactions. Positions in the
/// store are of these, so the number never changes.
pub const SHARDS: usize = 16;

/// The form of the snapshot.
const FORM: u8 = 1;

/// A place of viewers: whose, and in which hour or day.
pub type SketchKey = (Subject, Grain, Millis);

/// Counts records.
#[derive(Debug)]
pub struct Counter {
    sessions: Sessions,
    hosts: Hosts,
    shards: [Pending; SHARDS],
    sketches: HashMap<SketchKey, Sketch>,
    /// Up to where the store has the sums of each shard.
    known: [Position; SHARDS],
    end: Position,
    last: Moment,
}

/// Sums of one shard that wait to be written.
#[derive(Debug, Default)]
struct Pending {
    watched: HashMap<(VideoId, Millis), Sum>,
    claims: Vec<Claim>,
    seen: HashMap<(VideoId, Millis), Retention>,
}

/// What was watched of a video in a minute.
#[derive(Debug)]
struct Sum {
    channel: UserId,
    counts: Counts,
    splits: HashMap<Slice, Split>,
}

/// What one record comes to.
#[derive(Debug, Default)]
struct Outcome {
    counts: Counts,
    renditions: Vec<(Rendition, Split)>,
    buckets: u128,
    opens: bool,
    is_view: bool,
}

/// Which shard a channel's sums are in.
pub fn shard(channel: UserId) -> usize {
    // The last bytes of ids count up.
    usize::from(channel.as_bytes()[11]) % SHARDS
}

impl Counter {
    /// A counter that has seen nothing. `known` tells up to where the store has the sums of each shard.
    pub fn new(known: &[(u8, Position)]) -> Self {
        let mut positions = [Position::default(); SHARDS];
        for (shard, position) in known {
            if let Some(known) = positions.get_mut(usize::from(*shard)) {
                *known = *position;
            }
        }
        Self {
            sessions: Sessions::default(),
            hosts: Hosts::default(),
            shards: std::array::from_fn(|_| Pending::default()),
            sketches: HashMap::new(),
            known: positions,
            end: Position::default(),
            last: Moment::default(),
        }
    }

    /// Counts a record; `behind` is the place in the journal behind it.
    pub fn count(&mut self, record: &Record, behind: Position) {
        self.end = self.end.max(behind);
        self.last = Moment {
            wall: record.at.wall,
            steady_ms: self.last.steady_ms.max(record.at.steady_ms),
        };
        let at = self.last;
        let hosts = &mut self.hosts;
        let (session, opens) = self.sessions.speaks(record.session, at.steady_ms, || {
            let host = record.origin.host.as_deref().filter(|_| !record.is_private);
            Session::open(record, host.map(|host| hosts.of(record.video, host, at.wall)))
        });
        let minute = Grain::Minute.start(at.wall);
        let hour = Grain::Hour.start(at.wall);
        let mut outcome = Outcome {
            opens,
            ..Outcome::default()
        };
        for beacon in &record.beacons {
            let gain = session.take(beacon, at, record.duration_ms);
            outcome.add(&gain, record.is_own);
        }
        if !record.is_own {
            outcome.counts.sessions = i64::from(opens);
            outcome.counts.viewers = i64::from(session.minute != Some(minute));
            session.minute = Some(minute);
            if !record.is_private && session.hour != Some(hour) {
                session.hour = Some(hour);
                let day = Grain::Day.start(at.wall);
                for subject in [record.video.into(), record.channel.into(), Subject::SITE] {
                    for (grain, at) in [(Grain::Hour, hour), (Grain::Day, day)] {
                        let sketch = self.sketches.entry((subject, grain, at)).or_default();
                        sketch.add(record.viewer);
                    }
                }
            }
        }
        let shard = shard(record.channel);
        if behind > self.known[shard] {
            self.shards[shard].add(record, session, at, outcome);
        }
    }

    /// The sums that wait, of the shards that have any; they wait no more. Whoever takes them writes them, however
    /// often that has to be tried.
    pub fn take(&mut self) -> Vec<Part> {
        let until = self.end;
        let shards = self.shards.iter_mut().enumerate();
        shards
            .filter(|(_, pending)| !pending.is_empty())
            .map(|(shard, pending)| std::mem::take(pending).into_part(shard as u8, until))
            .collect()
    }

    /// The viewers that wait, by where they belong; they wait no more.
    pub fn take_sketches(&mut self) -> Vec<(SketchKey, Sketch)> {
        std::mem::take(&mut self.sketches).into_iter().collect()
    }

    /// How many rows' worth of sums and viewers wait. When the store does not take them, this tells when to accept no
    /// more.
    pub fn waiting(&self) -> usize {
        self.sums() + self.sketches.len()
    }

    /// How many rows' worth of sums wait.
    pub fn sums(&self) -> usize {
        let sums = self
            .shards
            .iter()
            .map(|pending| pending.watched.len() + pending.claims.len() + pending.seen.len());
        sums.sum()
    }

    /// How many sessions are alive.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// The place behind the last record that was counted.
    pub fn end(&self) -> Position {
        self.end
    }

    /// When the last record arrived: the steady clock of a process goes on from here.
    pub fn last(&self) -> Moment {
        self.last
    }

    /// What to go on from without reading the journal from its beginning: the sessions, and the hosts of the day.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = vec![FORM];
        out.extend_from_slice(&self.last.wall.0.to_le_bytes());
        put_number(&mut out, self.last.steady_ms.max(0).unsigned_abs());
        out.extend_from_slice(&self.hosts.day.0.to_le_bytes());
        put_number(&mut out, self.hosts.known.len() as u64);
        self.hosts.known.iter().for_each(|host| put_text(&mut out, host));
        put_number(&mut out, self.sessions.len() as u64);
        self.sessions.iter().for_each(|session| session.encode(&mut out));
        out
    }

    /// The counter that [`Counter::snapshot`] was taken of, at this place of the journal.
    pub fn restore(snapshot: &[u8], end: Position, known: &[(u8, Position)]) -> Result<Self, Damaged> {
        let mut reader = Reader(snapshot);
        if reader.byte()? != FORM {
            return Err(Damaged);
        }
        let mut counter = Self::new(known);
        counter.end = end;
        counter.last = Moment {
            wall: Millis(i64::from_le_bytes(reader.array()?)),
            steady_ms: reader.positive()?,
        };
        counter.hosts.day = Millis(i64::from_le_bytes(reader.array()?));
        let hosts = reader.number()?;
        if hosts > MAX_HOSTS as u64 {
            return Err(Damaged);
        }
        for _ in 0..hosts {
            counter.hosts.known.insert(reader.text()?.into());
        }
        let sessions = reader.number()?;
        if sessions > MAX_SESSIONS as u64 {
            return Err(Damaged);
        }
        for _ in 0..sessions {
            let session = Session::decode(&mut reader, |host| counter.hosts.shared(host))?;
            counter.sessions.restore(session);
        }
        if reader.is_done() {
            Ok(counter)
        } else {
            Err(Damaged)
        }
    }
}

impl Outcome {
    fn add(&mut self, gain: &Gain, is_own: bool) {
        self.is_view |= gain.is_view;
        if is_own {
            self.counts.own_watch_ms += gain.watch_ms;
            return;
        }
        self.buckets |= gain.buckets;
        let counts = Counts {
            watch_ms: gain.watch_ms,
            startups: i64::from(gain.startup_ms.is_some()),
            startup_ms: gain.startup_ms.unwrap_or(0).into(),
            stalls: i64::from(gain.stall_ms.is_some()),
            stall_ms: gain.stall_ms.unwrap_or(0).into(),
            errors: i64::from(gain.is_error),
            ..Counts::default()
        };
        self.counts += counts;
        if gain.rendition == Rendition::UNKNOWN || counts.is_zero() {
            return;
        }
        let split = Split::from(counts);
        match self
            .renditions
            .iter_mut()
            .find(|(known, _)| *known == gain.rendition)
        {
            Some((_, sum)) => *sum += split,
            None => self.renditions.push((gain.rendition, split)),
        }
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.watched.is_empty() && self.claims.is_empty() && self.seen.is_empty()
    }

    fn add(&mut self, record: &Record, session: &Session, at: Moment, outcome: Outcome) {
        if !outcome.counts.is_zero() {
            let minute = Grain::Minute.start(at.wall);
            let sum = self.watched.entry((record.video, minute)).or_insert_with(|| Sum {
                channel: record.channel,
                counts: Counts::default(),
                splits: HashMap::new(),
            });
            sum.counts += outcome.counts;
            let split = Split::from(outcome.counts);
            if split != Split::default() {
                for slice in session.slices() {
                    *sum.splits.entry(slice).or_default() += split;
                }
            }
            // Of who asked not to be tracked, nothing is told apart.
            for (rendition, split) in outcome.renditions.into_iter().filter(|_| !record.is_private) {
                *sum.splits.entry(Slice::Rendition(rendition)).or_default() += split;
            }
        }
        if !record.is_own && (outcome.opens || outcome.buckets != 0) {
            let seen = self.seen.entry((record.video, session.day)).or_default();
            seen.sessions = seen.sessions.saturating_add(u32::from(outcome.opens));
            for (bucket, count) in seen.counts.iter_mut().enumerate() {
                let saw = (outcome.buckets >> bucket) & 1 == 1;
                *count = count.saturating_add(u32::from(saw));
            }
        }
        if outcome.is_view {
            self.claims.push(Claim {
                video: record.video,
                channel: record.channel,
                viewer: record.viewer,
                before: record.before,
                is_own: record.is_own,
                at: at.wall,
                slices: session.slices().collect(),
            });
        }
    }

    fn into_part(self, shard: u8, until: Position) -> Part {
        Part {
            shard,
            until,
            watched: self
                .watched
                .into_iter()
                .map(|((video, minute), sum)| Watched {
                    video,
                    channel: sum.channel,
                    minute,
                    counts: sum.counts,
                    splits: sum.splits.into_iter().collect(),
                })
                .collect(),
            claims: self.claims,
            seen: self
                .seen
                .into_iter()
                .map(|((video, day), retention)| Seen {
                    video,
                    day,
                    retention,
                })
                .collect(),
        }
    }
}

/// The hosts that are told apart on a day, each kept once, and of which videos they are told apart: each pair is rows
/// that stay. Pairs are not in a snapshot, as sums are made of a record once; after a restart there may be as many
/// again.
#[derive(Debug, Default)]
struct Hosts {
    day: Millis,
    known: HashSet<Arc<str>>,
    pairs: HashSet<(VideoId, Arc<str>)>,
}

impl Hosts {
    /// The host that somebody came from to a video, or what stands for all others once a day has seen too many.
    fn of(&mut self, video: VideoId, host: &str, at: Millis) -> Arc<str> {
        let host = self.intern(host, at);
        let pair = (video, host);
        if self.pairs.contains(&pair) {
            return pair.1;
        }
        if self.pairs.len() >= MAX_HOSTS_OF_VIDEOS {
            return OTHER_HOST.into();
        }
        let host = Arc::clone(&pair.1);
        self.pairs.insert(pair);
        host
    }

    /// The host, or what stands for all others once a day has seen too many.
    fn intern(&mut self, host: &str, at: Millis) -> Arc<str> {
        let day = Grain::Day.start(at);
        if day != self.day {
            self.day = day;
            self.known.clear();
            self.pairs.clear();
        }
        if let Some(known) = self.known.get(host) {
            return Arc::clone(known);
        }
        if self.known.len() >= MAX_HOSTS {
            return OTHER_HOST.into();
        }
        let host: Arc<str> = host.into();
        self.known.insert(Arc::clone(&host));
        host
    }

    /// The host, kept once where it is one of this day.
    fn shared(&self, host: &str) -> Arc<str> {
        self.known.get(host).map_or_else(|| host.into(), Arc::clone)
    }
}

#[cfg(test)]
#[path = "counter_tests.rs"]
mod tests;
