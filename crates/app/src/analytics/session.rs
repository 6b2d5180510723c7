//! One session: somebody plays one video in one player. What its beacons say becomes what it gains for the sums.
//!
//! What comes twice, late or in another order changes nothing that it should not; what is more than the time that has
//! passed allows does not count. All of it follows from the records alone, so reading them again comes to the same.

use std::sync::Arc;

use model::analytics::beacon::{Beacon, Event, Rendition, Span};
use model::analytics::device::Device;
use model::analytics::rule::{self, MAX_ERRORS, MAX_STALLS};
use model::analytics::source::Source;
use model::analytics::{Grain, SessionKey, Slice};
use model::{Millis, ObjectId, VideoId};

use super::codec::{Damaged, Reader, put_number, put_text};
use super::covered::Covered;
use super::record::{Moment, Record};

/// Whether a beacon came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    /// It did not.
    New,
    /// It did.
    Seen,
    /// Nobody knows: it has no number, or one from long ago.
    Unknown,
}

/// The numbers of the beacons that came: the highest, and which of the 127 before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Numbers {
    highest: u32,
    /// Bit n: the number n below the highest came. 0: none came.
    came: u128,
}

impl Numbers {
    fn take(&mut self, number: u32) -> Freshness {
        if self.came == 0 || number > self.highest {
            let ahead = if self.came == 0 {
                128
            } else {
                number - self.highest
            };
            self.came = self.came.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = number;
            return Freshness::New;
        }
        match 1_u128.checked_shl(self.highest - number) {
            None => Freshness::Unknown,
            Some(bit) if self.came & bit != 0 => Freshness::Seen,
            Some(bit) => {
                self.came |= bit;
                Freshness::New
            }
        }
    }
}

/// What one beacon adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gain {
    /// Media time watched, in milliseconds.
    pub watch_ms: i64,
    /// Bit n: part n of the hundred was watched for the first time.
    pub buckets: u128,
    /// Enough was watched for a view, for the first time.
    pub is_view: bool,
    /// How long the start took, in milliseconds.
    pub startup_ms: Option<u32>,
    /// How long an interruption took, in milliseconds.
    pub stall_ms: Option<u32>,
    /// Playing failed.
    pub is_error: bool,
    /// What was played.
    pub rendition: Rendition,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub key: SessionKey,
    /// What is watched.
    pub video: VideoId,
    /// When it spoke last, by the steady clock.
    pub last_ms: i64,
    /// The day on which it began, for its retention.
    pub day: Millis,
    /// The minute in which it was last counted as alive.
    pub minute: Option<Millis>,
    /// The hour in which its viewer was last added to the different viewers.
    pub hour: Option<Millis>,
    /// Where the viewer came from.
    source: Source,
    host: Option<Arc<str>>,
    device: Device,
    country: Option<[u8; 2]>,
    rendition: Rendition,
    opened_ms: i64,
    numbers: Numbers,
    covered: Covered,
    buckets: u128,
    watched_ms: i64,
    distinct_ms: i64,
    has_view: bool,
    has_startup: bool,
    stalls: u32,
    stalled_ms: i64,
    last_stall_ms: u32,
    errors: u32,
}

impl Session {
    /// The session that a record opens. `host` is that of the record, kept once for all sessions.
    pub fn open(record: &Record, host: Option<Arc<str>>) -> Self {
        Self {
            key: record.session,
            video: record.video,
            last_ms: record.at.steady_ms,
            day: Grain::Day.start(record.at.wall),
            minute: None,
            hour: None,
            // Of who asked not to be tracked, nothing is told apart.
            source: if record.is_private {
                Source::Unknown
            } else {
                record.origin.source
            },
            host: host.filter(|_| !record.is_private),
            device: if record.is_private {
                Device::Unknown
            } else {
                record.device
            },
            country: record.country.filter(|_| !record.is_private),
            rendition: Rendition::UNKNOWN,
            opened_ms: record.at.steady_ms,
            numbers: Numbers::default(),
            covered: Covered::default(),
            buckets: 0,
            watched_ms: 0,
            distinct_ms: 0,
            has_view: false,
            has_startup: false,
            stalls: 0,
            stalled_ms: 0,
            last_stall_ms: 0,
            errors: 0,
        }
    }

    /// What a beacon adds that arrived at a moment, of a video of this length (0: not known).
    pub fn take(&mut self, beacon: &Beacon, at: Moment, duration_ms: i64) -> Gain {
        let freshness = match beacon.seq {
            Some(number) => self.numbers.take(number),
            None => Freshness::Unknown,
        };
        if freshness == Freshness::Seen {
            return Gain::default();
        }
        let elapsed_ms = at.steady_ms.saturating_sub(self.opened_ms);
        let changes = beacon.rendition != Rendition::UNKNOWN;
        // What was watched until the rendition changed was watched before.
        if changes && beacon.event != Event::Quality {
            self.rendition = beacon.rendition;
        }
        let mut gain = Gain {
            rendition: self.rendition,
            startup_ms: beacon.startup_ms.filter(|_| !self.has_startup),
            stall_ms: self.stall(beacon, freshness, elapsed_ms),
            is_error: beacon.event == Event::Error && self.fails(freshness),
            ..Gain::default()
        };
        self.has_startup |= gain.startup_ms.is_some();
        if let Some(span) = beacon.span {
            self.watch(span, freshness, elapsed_ms, duration_ms, &mut gain);
        }
        if changes {
            self.rendition = beacon.rendition;
        }
        gain
    }

    fn watch(
        &mut self,
        span: Span,
        freshness: Freshness,
        elapsed_ms: i64,
        duration_ms: i64,
        gain: &mut Gain,
    ) {
        let left_ms = rule::budget_ms(elapsed_ms).saturating_sub(self.watched_ms);
        let is_new = freshness == Freshness::New;
        // What may have come before counts only where it was not watched before.
        let cut = if is_new {
            span.cut(left_ms)
        } else {
            self.covered.cut(span, left_ms)
        };
        let Some(span) = cut else { return };
        let distinct_ms = i64::from(self.covered.missing_ms(span));
        self.covered.insert(span);
        gain.watch_ms = if is_new {
            span.length_ms().into()
        } else {
            distinct_ms
        };
        self.watched_ms = self.watched_ms.saturating_add(gain.watch_ms);
        self.distinct_ms = self.distinct_ms.saturating_add(distinct_ms);
        for bucket in rule::buckets(span.from_ms(), span.to_ms(), duration_ms) {
            gain.buckets |= 1 << bucket;
        }
        gain.buckets &= !self.buckets;
        self.buckets |= gain.buckets;
        if !self.has_view && self.distinct_ms >= rule::view_ms(duration_ms) {
            self.has_view = true;
            gain.is_view = true;
        }
    }

    fn stall(&mut self, beacon: &Beacon, freshness: Freshness, elapsed_ms: i64) -> Option<u32> {
        let told_ms = match (beacon.stall_ms, beacon.event) {
            (Some(ms), _) if ms > 0 => ms,
            (_, Event::Stall) => 0,
            _ => return None,
        };
        let is_again = freshness != Freshness::New && self.stalls > 0 && told_ms == self.last_stall_ms;
        let most = i64::from(MAX_STALLS).saturating_add(elapsed_ms.max(0) / 1000);
        if is_again || i64::from(self.stalls) >= most {
            return None;
        }
        let left_ms = rule::stall_budget_ms(elapsed_ms).saturating_sub(self.stalled_ms);
        let ms = u32::try_from(left_ms.max(0)).unwrap_or(u32::MAX).min(told_ms);
        self.stalls += 1;
        self.stalled_ms = self.stalled_ms.saturating_add(ms.into());
        self.last_stall_ms = told_ms;
        Some(ms)
    }

    /// Counts a failure; tells whether it is believed. One that may be the same again is not.
    fn fails(&mut self, freshness: Freshness) -> bool {
        let is_believed = self.errors < MAX_ERRORS && (freshness == Freshness::New || self.errors == 0);
        self.errors += u32::from(is_believed);
        is_believed
    }

    /// What the session's numbers are told apart by, the rendition aside.
    pub fn slices(&self) -> impl Iterator<Item = Slice> {
        let source = (self.source != Source::Unknown).then_some(Slice::Source(self.source));
        let device = (self.device != Device::Unknown).then_some(Slice::Device(self.device));
        let host = self.host.clone().map(Slice::Host);
        let country = self.country.map(Slice::Country);
        [source, host, device, country].into_iter().flatten()
    }

    /// The host that is kept with it.
    pub fn host(&self) -> Option<&Arc<str>> {
        self.host.as_ref()
    }

    /// Writes the session behind what is in `out`.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key.0.to_le_bytes());
        out.extend_from_slice(self.video.as_bytes());
        for at in [Some(self.day), self.minute, self.hour] {
            out.extend_from_slice(&at.map_or(i64::MIN, |at| at.0).to_le_bytes());
        }
        out.push(self.source.code());
        put_text(out, self.host.as_deref().unwrap_or(""));
        out.push(self.device.code());
        out.extend_from_slice(&self.country.unwrap_or([0; 2]));
        put_number(out, self.rendition.height().into());
        for number in [
            self.last_ms,
            self.opened_ms,
            self.watched_ms,
            self.distinct_ms,
            self.stalled_ms,
        ] {
            put_number(out, number.max(0).unsigned_abs());
        }
        for number in [self.numbers.highest, self.stalls, self.last_stall_ms, self.errors] {
            put_number(out, number.into());
        }
        out.extend_from_slice(&self.numbers.came.to_le_bytes());
        out.extend_from_slice(&self.buckets.to_le_bytes());
        out.push(u8::from(self.has_view) | u8::from(self.has_startup) << 1);
        self.covered.encode(out);
    }

    /// Reads what was written. `intern` keeps hosts once for all sessions.
    pub(super) fn decode(
        reader: &mut Reader<'_>,
        intern: impl FnOnce(&str) -> Arc<str>,
    ) -> Result<Self, Damaged> {
        let time = |bytes: [u8; 8]| match i64::from_le_bytes(bytes) {
            i64::MIN => None,
            at => Some(Millis(at)),
        };
        let key = SessionKey(u128::from_le_bytes(reader.array()?));
        let video = VideoId(ObjectId(reader.array()?));
        let day = time(reader.array()?).ok_or(Damaged)?;
        let minute = time(reader.array()?);
        let hour = time(reader.array()?);
        let source = Source::from_code(reader.byte()?);
        let host = Some(reader.text()?).filter(|host| !host.is_empty()).map(intern);
        let device = Device::from_code(reader.byte()?);
        let country = Some(reader.array()?).filter(|letters| *letters != [0; 2]);
        let rendition = Rendition::from_height(reader.small()?);
        let last_ms = reader.positive()?;
        let opened_ms = reader.positive()?;
        let watched_ms = reader.positive()?;
        let distinct_ms = reader.positive()?;
        let stalled_ms = reader.positive()?;
        let highest = reader.small()?;
        let stalls = reader.small()?;
        let last_stall_ms = reader.small()?;
        let errors = reader.small()?;
        let came = u128::from_le_bytes(reader.array()?);
        let buckets = u128::from_le_bytes(reader.array()?);
        let flags = reader.byte()?;
        Ok(Self {
            key,
            video,
            last_ms,
            day,
            minute,
            hour,
            source,
            host,
            device,
            country,
            rendition,
            opened_ms,
            numbers: Numbers { highest, came },
            covered: Covered::decode(reader)?,
            buckets,
            watched_ms,
            distinct_ms,
            has_view: flags & 1 != 0,
            has_startup: flags & 2 != 0,
            stalls,
            stalled_ms,
            last_stall_ms,
            errors,
        })
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
