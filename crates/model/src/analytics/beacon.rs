//! A beacon: what a player says at one moment of a session, and what of it can be believed.
//!
//! JSON is `api`'s. What is impossible is refused here; what is merely too much is left to the session, which
//! knows how much time has passed.

use crate::history::{self, Claim};
use crate::text::Fault;

use super::rule::MAX_STARTUP_MS;

/// The most beacons that one request may bring.
pub const MAX_BATCH: usize = 100;
/// The longest name that a player may give its session, in bytes.
pub const MAX_SESSION_ID: usize = 100;

/// What happened in the player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Event {
    /// Playing began.
    Start,
    /// It goes on.
    #[default]
    Progress,
    /// The viewer paused.
    Pause,
    /// The viewer went elsewhere in the video.
    Seek,
    /// Data did not come in time.
    Stall,
    /// Another rendition is played from here on.
    Quality,
    /// Playing failed.
    Error,
    /// The video was watched to its end.
    End,
}

impl Event {
    /// The event of this name. Players say many things while they play; what is not known is progress.
    pub fn from_name(name: &str) -> Self {
        match name {
            "start" => Self::Start,
            "pause" => Self::Pause,
            "seek" => Self::Seek,
            "stall" => Self::Stall,
            "quality" => Self::Quality,
            "error" => Self::Error,
            "end" | "ended" => Self::End,
            _ => Self::Progress,
        }
    }

    /// As the journal keeps it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Start => 0,
            Self::Progress => 1,
            Self::Pause => 2,
            Self::Seek => 3,
            Self::Stall => 4,
            Self::Quality => 5,
            Self::Error => 6,
            Self::End => 7,
        }
    }

    /// The event of this code; progress where there is none.
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Start,
            2 => Self::Pause,
            3 => Self::Seek,
            4 => Self::Stall,
            5 => Self::Quality,
            6 => Self::Error,
            7 => Self::End,
            _ => Self::Progress,
        }
    }
}

/// A rung of the ladder, by the short side of its pictures. What players name is rounded to a few, so that nobody
/// can fill tables with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rendition(u16);

/// Rungs that are told apart.
const RUNGS: [(u16, &str); 9] = [
    (144, "144p"),
    (240, "240p"),
    (360, "360p"),
    (480, "480p"),
    (720, "720p"),
    (1080, "1080p"),
    (1440, "1440p"),
    (2160, "2160p"),
    (4320, "4320p"),
];

impl Rendition {
    /// Not told, or not understood.
    pub const UNKNOWN: Self = Self(0);

    /// The rung that is nearest to what a player names: `720p`, `720`, `720p60`.
    pub fn from_name(name: &str) -> Self {
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let rest = &name[digits..];
        if digits == 0 || digits > 5 || !(rest.is_empty() || rest.starts_with('p')) {
            return Self::UNKNOWN;
        }
        name[..digits].parse().map_or(Self::UNKNOWN, Self::from_height)
    }

    /// The rung that is nearest to this height; unknown for 0.
    pub fn from_height(height: u32) -> Self {
        if height == 0 {
            return Self::UNKNOWN;
        }
        RUNGS
            .iter()
            .min_by_key(|(rung, _)| u32::from(*rung).abs_diff(height))
            .map_or(Self::UNKNOWN, |(rung, _)| Self(*rung))
    }

    /// The rung's height; 0 for unknown.
    pub const fn height(self) -> u16 {
        self.0
    }

    /// Its name; `None` for unknown.
    pub fn name(self) -> Option<&'static str> {
        RUNGS
            .iter()
            .find(|(rung, _)| *rung == self.0)
            .map(|(_, name)| *name)
    }
}

/// A stretch of the video that was played, in milliseconds from its beginning. Not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    from_ms: u32,
    to_ms: u32,
}

impl Span {
    /// The stretch between these two; `None` where it is empty.
    pub const fn new(from_ms: u32, to_ms: u32) -> Option<Self> {
        if from_ms < to_ms {
            Some(Self { from_ms, to_ms })
        } else {
            None
        }
    }

    /// Where it begins.
    pub const fn from_ms(self) -> u32 {
        self.from_ms
    }

    /// Where it ends; this millisecond is not part of it.
    pub const fn to_ms(self) -> u32 {
        self.to_ms
    }

    /// How long it is.
    pub const fn length_ms(self) -> u32 {
        self.to_ms - self.from_ms
    }

    /// Its beginning, at most this long; `None` for nothing.
    #[must_use]
    pub fn cut(self, length_ms: i64) -> Option<Self> {
        let length = u32::try_from(length_ms.max(0)).unwrap_or(u32::MAX);
        Self::new(self.from_ms, self.from_ms.saturating_add(length).min(self.to_ms))
    }
}

/// What a player says, as it came. Times are seconds, as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// What happened.
    pub event: Option<&'a str>,
    /// Where the stretch began that was played since the last beacon.
    pub from: Option<f64>,
    /// Where it ended.
    pub to: Option<f64>,
    /// Where the player is now.
    pub position: Option<f64>,
    /// Number of the beacon within its session; grows by one.
    pub seq: Option<u64>,
    /// How long the start took, in milliseconds.
    pub startup_ms: Option<f64>,
    /// How long data was waited for, in milliseconds.
    pub stall_ms: Option<f64>,
    /// What is played.
    pub rendition: Option<&'a str>,
}

/// A beacon that is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Beacon {
    /// What happened.
    pub event: Event,
    /// The stretch that was played since the last beacon.
    pub span: Option<Span>,
    /// Number of the beacon within its session.
    pub seq: Option<u32>,
    /// How long the start took, in milliseconds.
    pub startup_ms: Option<u32>,
    /// How long data was waited for, in milliseconds.
    pub stall_ms: Option<u32>,
    /// What is played; unknown: as before.
    pub rendition: Rendition,
}

impl Said<'_> {
    /// What of it `model::history` speaks about.
    pub fn claim(&self) -> Claim {
        Claim {
            from: self.from,
            to: self.to,
            position: self.position,
            ended: self.event.map(Event::from_name) == Some(Event::End),
        }
    }

    /// The beacon, if it is possible in a video of this length (0: not known); else which field is wrong.
    pub fn check(&self, duration_ms: i64) -> Result<Beacon, (&'static str, Fault)> {
        history::check(&self.claim(), duration_ms)?;
        let span = match (self.from, self.to) {
            (Some(from), Some(to)) => Span::new(place(from, duration_ms), place(to, duration_ms)),
            _ => None,
        };
        let seq = match self.seq {
            None => None,
            Some(seq) => Some(u32::try_from(seq).map_err(|_| {
                let fault = Fault::new("impossible", "A number from 0, larger by one with each beacon.");
                ("seq", fault)
            })?),
        };
        Ok(Beacon {
            event: self.event.map_or(Event::Progress, Event::from_name),
            span,
            seq,
            startup_ms: length("startupMs", self.startup_ms)?.map(|ms| ms.min(MAX_STARTUP_MS)),
            stall_ms: length("stallMs", self.stall_ms)?,
            rendition: self.rendition.map_or(Rendition::UNKNOWN, Rendition::from_name),
        })
    }
}

/// Milliseconds from the beginning, not behind the end. Videos of more than 49 days end there.
fn place(seconds: f64, duration_ms: i64) -> u32 {
    let end = if duration_ms > 0 {
        u32::try_from(duration_ms).unwrap_or(u32::MAX)
    } else {
        u32::MAX
    };
    // Casts of fractions stop at the ends of the range.
    ((seconds * 1000.0).round() as u32).min(end)
}

fn length(name: &'static str, ms: Option<f64>) -> Result<Option<u32>, (&'static str, Fault)> {
    match ms {
        Some(ms) if !ms.is_finite() || ms < 0.0 => {
            Err((name, Fault::new("impossible", "Milliseconds, 0 or more.")))
        }
        ms => Ok(ms.map(|ms| ms.round() as u32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from: f64, to: f64) -> Said<'static> {
        Said {
            from: Some(from),
            to: Some(to),
            ..Said::default()
        }
    }

    #[test]
    fn a_beacon_is_read_as_it_is_meant() {
        let said = Said {
            event: Some("stall"),
            seq: Some(7),
            startup_ms: Some(3_600_000.0),
            stall_ms: Some(250.4),
            rendition: Some("720p60"),
            ..stretch(1.0, 2.5)
        };
        let beacon = said.check(100_000).unwrap();
        assert_eq!(
            beacon,
            Beacon {
                event: Event::Stall,
                span: Span::new(1_000, 2_500),
                seq: Some(7),
                startup_ms: Some(MAX_STARTUP_MS),
                stall_ms: Some(250),
                rendition: Rendition::from_height(720),
            }
        );
        assert_eq!(
            Said::default().check(0),
            Ok(Beacon::default()),
            "it may say nothing"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_field_that_says_so() {
        let wrong = |said: Said<'_>| said.check(100_000).unwrap_err().0;
        assert_eq!(wrong(stretch(-1.0, 5.0)), "from");
        assert_eq!(wrong(stretch(6.0, 5.0)), "to");
        assert_eq!(wrong(stretch(0.0, 105.1)), "to");
        let seq = Said {
            seq: Some(1 << 32),
            ..Said::default()
        };
        assert_eq!(wrong(seq), "seq");
        for ms in [-1.0, f64::NAN, f64::INFINITY] {
            let startup = Said {
                startup_ms: Some(ms),
                ..Said::default()
            };
            let stall = Said {
                stall_ms: Some(ms),
                ..Said::default()
            };
            assert_eq!((wrong(startup), wrong(stall)), ("startupMs", "stallMs"));
        }
    }

    #[test]
    fn a_stretch_ends_with_the_video() {
        assert_eq!(
            stretch(90.0, 104.0).check(100_000).unwrap().span,
            Span::new(90_000, 100_000)
        );
        assert_eq!(stretch(101.0, 104.0).check(100_000).unwrap().span, None);
        assert_eq!(stretch(5.0, 5.0).check(100_000).unwrap().span, None);
        let endless = stretch(0.0, 1e9).check(0).unwrap().span;
        assert_eq!(endless, Span::new(0, u32::MAX));
    }

    #[test]
    fn a_stretch_is_cut_from_its_beginning() {
        let span = Span::new(1_000, 5_000).unwrap();
        assert_eq!(span.cut(1_500), Span::new(1_000, 2_500));
        assert_eq!(span.cut(i64::MAX), Some(span));
        assert_eq!(span.cut(0), None);
        assert_eq!(span.cut(-1), None);
    }

    #[test]
    fn renditions_are_a_few_whatever_players_call_them() {
        for (name, expected) in [
            ("720p", Some("720p")),
            ("720", Some("720p")),
            ("718p", Some("720p")),
            ("99999p", Some("4320p")),
            ("1p", Some("144p")),
            ("999999p", None),
            ("0p", None),
            ("auto", None),
            ("", None),
            ("720é", None),
            ("7x", None),
        ] {
            assert_eq!(Rendition::from_name(name).name(), expected, "{name}");
        }
    }

    #[test]
    fn events_survive_the_journal() {
        for name in [
            "start", "progress", "pause", "seek", "stall", "quality", "error", "end",
        ] {
            let event = Event::from_name(name);
            assert_eq!(Event::from_code(event.code()), event, "{name}");
        }
        assert_eq!(Event::from_name("timeupdate"), Event::Progress);
        assert_eq!(Event::from_code(200), Event::Progress);
    }
}
