//! A record of the journal: some beacons of one session that came with one request, and all that counting them needs,
//! so that reading the journal again comes to the same sums whatever has changed since.
//!
//! No address and no user agent is in it, and nobody's id but the channel's.

use model::analytics::beacon::{Beacon, Event, MAX_BATCH, Rendition, Span};
use model::analytics::device::Device;
use model::analytics::source::{Origin, Source};
use model::analytics::{SessionKey, ViewerKey};
use model::{Millis, ObjectId, UserId, VideoId};

use super::codec::{Damaged, Reader, put_number, put_text};

/// The form that is written. Older ones stay readable.
const FORM: u8 = 1;

const OWN: u8 = 1;
const PRIVATE: u8 = 1 << 1;
const BEFORE: u8 = 1 << 2;
const HOST: u8 = 1 << 3;
const COUNTRY: u8 = 1 << 4;

const SPAN: u8 = 1;
const SEQ: u8 = 1 << 1;
const STARTUP: u8 = 1 << 2;
const STALL: u8 = 1 << 3;
const RENDITION: u8 = 1 << 4;

/// When something arrived, by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// By the wall clock, which may be set: for buckets of time and for marks.
    pub wall: Millis,
    /// Milliseconds that have passed since the journal began, while the server ran: for what a session can have
    /// watched. Never falls, also over a restart. Not negative.
    pub steady_ms: i64,
}

/// Some beacons of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When they arrived.
    pub at: Moment,
    /// What is watched.
    pub video: VideoId,
    /// Whose it is.
    pub channel: UserId,
    /// How long it is; 0: not known.
    pub duration_ms: i64,
    /// Which session.
    pub session: SessionKey,
    /// Who watches.
    pub viewer: ViewerKey,
    /// How they were called until the salt of the day changed, while that can matter.
    pub before: Option<ViewerKey>,
    /// The video is the viewer's own.
    pub is_own: bool,
    /// The viewer asked not to be tracked: they are not among the different viewers.
    pub is_private: bool,
    /// Where they came from.
    pub origin: Origin,
    /// What they watch on.
    pub device: Device,
    /// From where, two letters in upper case.
    pub country: Option<[u8; 2]>,
    /// What the player said, in its order.
    pub beacons: Vec<Beacon>,
}

impl Record {
    /// Writes the record behind what is in `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        out.push(FORM);
        out.push(
            flag(self.is_own, OWN)
                | flag(self.is_private, PRIVATE)
                | flag(self.before.is_some(), BEFORE)
                | flag(self.origin.host.is_some(), HOST)
                | flag(self.country.is_some(), COUNTRY),
        );
        out.extend_from_slice(&self.at.wall.0.to_le_bytes());
        put_number(out, self.at.steady_ms.max(0).unsigned_abs());
        out.extend_from_slice(self.video.as_bytes());
        out.extend_from_slice(self.channel.as_bytes());
        put_number(out, self.duration_ms.max(0).unsigned_abs());
        out.extend_from_slice(&self.session.0.to_le_bytes());
        out.extend_from_slice(&self.viewer.0.to_le_bytes());
        if let Some(before) = self.before {
            out.extend_from_slice(&before.0.to_le_bytes());
        }
        out.push(self.origin.source.code());
        if let Some(host) = &self.origin.host {
            put_text(out, host);
        }
        out.push(self.device.code());
        if let Some(country) = self.country {
            out.extend_from_slice(&country);
        }
        let beacons = &self.beacons[..self.beacons.len().min(MAX_BATCH)];
        put_number(out, beacons.len() as u64);
        for beacon in beacons {
            encode_beacon(beacon, out);
        }
    }

    /// The record that was written as these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader(bytes);
        if reader.byte()? != FORM {
            return Err(Damaged);
        }
        let flags = reader.byte()?;
        let at = Moment {
            wall: Millis(i64::from_le_bytes(reader.array()?)),
            steady_ms: reader.positive()?,
        };
        let video = VideoId(ObjectId(reader.array()?));
        let channel = UserId(ObjectId(reader.array()?));
        let duration_ms = reader.positive()?;
        let session = SessionKey(u128::from_le_bytes(reader.array()?));
        let viewer = ViewerKey(u64::from_le_bytes(reader.array()?));
        let before = match flags & BEFORE {
            0 => None,
            _ => Some(ViewerKey(u64::from_le_bytes(reader.array()?))),
        };
        let source = Source::from_code(reader.byte()?);
        let host = match flags & HOST {
            0 => None,
            _ => Some(reader.text()?.to_owned()),
        };
        let device = Device::from_code(reader.byte()?);
        let country = match flags & COUNTRY {
            0 => None,
            _ => Some(reader.array()?),
        };
        let count = reader.number()?;
        if count > MAX_BATCH as u64 {
            return Err(Damaged);
        }
        let beacons = (0..count)
            .map(|_| decode_beacon(&mut reader))
            .collect::<Result<_, _>>()?;
        if !reader.is_done() {
            return Err(Damaged);
        }
        Ok(Self {
            at,
            video,
            channel,
            duration_ms,
            session,
            viewer,
            before,
            is_own: flags & OWN != 0,
            is_private: flags & PRIVATE != 0,
            origin: Origin { source, host },
            device,
            country,
            beacons,
        })
    }
}

fn encode_beacon(beacon: &Beacon, out: &mut Vec<u8>) {
    let start = out.len();
    out.push(0);
    out.push(beacon.event.code());
    let mut flags = 0;
    if let Some(span) = beacon.span {
        flags |= SPAN;
        put_number(out, span.from_ms().into());
        put_number(out, span.length_ms().into());
    }
    for (flag, value) in [
        (SEQ, beacon.seq),
        (STARTUP, beacon.startup_ms),
        (STALL, beacon.stall_ms),
    ] {
        if let Some(value) = value {
            flags |= flag;
            put_number(out, value.into());
        }
    }
    if beacon.rendition != Rendition::UNKNOWN {
        flags |= RENDITION;
        put_number(out, beacon.rendition.height().into());
    }
    if let Some(first) = out.get_mut(start) {
        *first = flags;
    }
}

fn decode_beacon(reader: &mut Reader<'_>) -> Result<Beacon, Damaged> {
    let flags = reader.byte()?;
    let event = Event::from_code(reader.byte()?);
    let mut span = None;
    if flags & SPAN != 0 {
        let from_ms = reader.small()?;
        let to_ms = from_ms.checked_add(reader.small()?).ok_or(Damaged)?;
        span = Span::new(from_ms, to_ms);
    }
    let mut number = |flag: u8| match flags & flag {
        0 => Ok(None),
        _ => reader.small().map(Some),
    };
    Ok(Beacon {
        event,
        span,
        seq: number(SEQ)?,
        startup_ms: number(STARTUP)?,
        stall_ms: number(STALL)?,
        rendition: number(RENDITION)?.map_or(Rendition::UNKNOWN, Rendition::from_height),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            at: Moment {
                wall: Millis(1_709_251_230_123),
                steady_ms: 987_654,
            },
            video: VideoId(ObjectId([1; 12])),
            channel: UserId(ObjectId([2; 12])),
            duration_ms: 61_000,
            session: SessionKey(u128::MAX / 3),
            viewer: ViewerKey(u64::MAX / 5),
            before: Some(ViewerKey(7)),
            is_own: false,
            is_private: true,
            origin: Origin {
                source: Source::External,
                host: Some("blog.example".to_owned()),
            },
            device: Device::Phone,
            country: Some(*b"IN"),
            beacons: vec![
                Beacon {
                    event: Event::Start,
                    span: None,
                    seq: Some(0),
                    startup_ms: Some(420),
                    stall_ms: None,
                    rendition: Rendition::from_height(1080),
                },
                Beacon {
                    event: Event::Stall,
                    span: Span::new(0, u32::MAX),
                    seq: Some(u32::MAX),
                    startup_ms: None,
                    stall_ms: Some(1),
                    rendition: Rendition::UNKNOWN,
                },
                Beacon::default(),
            ],
        }
    }

    fn bytes(record: &Record) -> Vec<u8> {
        let mut out = Vec::new();
        record.encode(&mut out);
        out
    }

    #[test]
    fn a_record_survives_the_journal() {
        let full = record();
        assert_eq!(Record::decode(&bytes(&full)), Ok(full.clone()));
        let bare = Record {
            before: None,
            is_own: true,
            is_private: false,
            origin: Origin::default(),
            country: None,
            beacons: Vec::new(),
            duration_ms: 0,
            ..full
        };
        assert_eq!(Record::decode(&bytes(&bare)), Ok(bare));
    }

    #[test]
    fn a_record_that_is_cut_or_longer_is_damage() {
        let whole = bytes(&record());
        for length in 0..whole.len() {
            assert_eq!(Record::decode(&whole[..length]), Err(Damaged), "{length} bytes");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(Record::decode(&longer), Err(Damaged));
        let mut later = whole;
        later[0] = FORM + 1;
        assert_eq!(Record::decode(&later), Err(Damaged), "of a later release");
    }
}
