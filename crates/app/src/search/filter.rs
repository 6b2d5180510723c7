//! What videos are left of those that have the words, and in which order.

use model::Millis;
use model::text::Fault;
use store::search::videos::Candidate;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

/// How long ago a video was first listed, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 365 days.
    Year,
}

/// How long a video is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Under 4 minutes.
    Short,
    /// 4 to 20 minutes.
    Medium,
    /// Over 20 minutes.
    Long,
}

/// What comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// What fits best.
    #[default]
    Relevance,
    /// What was listed last.
    Newest,
    /// What was watched most.
    Views,
}

/// All of it together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// How old at most.
    pub within: Option<Within>,
    /// How long.
    pub length: Option<Length>,
    /// In which order.
    pub order: Order,
}

impl Within {
    /// `day`, `week`, `month`, `year`.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        match name {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            _ => Err(Fault::new("unknown", "Say day, week, month or year.")),
        }
    }

    const fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        }
    }
}

impl Length {
    /// `short`, `medium`, `long`.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        match name {
            "short" => Ok(Self::Short),
            "medium" => Ok(Self::Medium),
            "long" => Ok(Self::Long),
            _ => Err(Fault::new("unknown", "Say short, medium or long.")),
        }
    }

    const fn has(self, duration_ms: i64) -> bool {
        match self {
            Self::Short => duration_ms < 4 * MINUTE_MS,
            Self::Medium => duration_ms >= 4 * MINUTE_MS && duration_ms <= 20 * MINUTE_MS,
            Self::Long => duration_ms > 20 * MINUTE_MS,
        }
    }
}

impl Order {
    /// `relevance`, `createdAt`, `views`.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        match name {
            "relevance" => Ok(Self::Relevance),
            "createdAt" => Ok(Self::Newest),
            "views" => Ok(Self::Views),
            _ => Err(Fault::new("unknown", "Say relevance, createdAt or views.")),
        }
    }
}

impl Filter {
    /// Whether it leaves everything as it is.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Whether a video is left at this time.
    pub(super) fn takes(self, video: &Candidate, now: Millis) -> bool {
        let is_new = |within: Within| video.published_at.0 >= now.0 - within.days() * DAY_MS;
        self.within.is_none_or(is_new) && self.length.is_none_or(|length| length.has(video.duration_ms))
    }

    /// What a video is put in order by, the most first; `relevance`: how well it fits.
    pub(super) fn weight(self, video: &Candidate, relevance: i64) -> i64 {
        match self.order {
            Order::Relevance => relevance,
            Order::Newest => video.published_at.0,
            Order::Views => video.views,
        }
    }

    /// Its part of a cursor's name: a cursor holds for one list.
    pub(super) fn name(self) -> String {
        if self.is_none() {
            String::new()
        } else {
            format!(" {self:?}")
        }
    }
}
