//! What an audience comes to, worked out in the plainest way: a film is a row of tenths of a second, and each is seen or
//! not.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::analytics::{Counts, Grain};

use super::{FILMS, Sitting, Stretch, UNIT_MS, Who};

const SIX_HOURS_MS: i64 = 6 * 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// What a clock says, and how much time has passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub wall_ms: i64,
    pub steady_ms: i64,
}

impl Moment {
    fn minute(self) -> i64 {
        self.wall_ms / MINUTE_MS * MINUTE_MS
    }
}

/// Beginning of the hour or day (UTC) of a time.
fn start(grain: Grain, at_ms: i64) -> i64 {
    let length = match grain {
        Grain::Minute => MINUTE_MS,
        Grain::Hour => 60 * MINUTE_MS,
        _ => 24 * 60 * MINUTE_MS,
    };
    at_ms / length * length
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// By film and minute.
    minutes: BTreeMap<(usize, i64), Counts>,
    /// Who watched a film in a minute.
    people: BTreeMap<(usize, i64), HashSet<Who>>,
    /// Sessions that began on a day, and how many of them saw each part.
    seen: BTreeMap<(usize, i64), (u32, [u32; 100])>,
    /// When somebody last gave a film a view.
    viewed: HashMap<(usize, Who), i64>,
}

/// A session as far as it has come.
struct Session<'a> {
    sitting: &'a Sitting,
    credited_ms: i64,
    seen: Vec<bool>,
    has_view: bool,
    /// The minute in which it spoke last.
    minute: i64,
}

impl Session<'_> {
    /// How much of a stretch counts, so long after the first word.
    fn play(&mut self, stretch: Stretch, elapsed_ms: i64) -> i64 {
        let left_ms = 2 * (elapsed_ms + 15_000) - self.credited_ms;
        let unit = |ms: i64| usize::try_from(ms / UNIT_MS).unwrap();
        let until = stretch.to.min(stretch.from + left_ms.max(0));
        let units = &mut self.seen[unit(stretch.from)..unit(until)];
        let new = units.iter().filter(|seen| !**seen).count();
        units.fill(true);
        let watched_ms = if stretch.seq.is_some() {
            until - stretch.from
        } else {
            // Never near to what is possible, so nothing of it was cut off.
            assert_eq!(until, stretch.to);
            i64::try_from(new).unwrap() * UNIT_MS
        };
        self.credited_ms += watched_ms;
        watched_ms
    }

    fn distinct_ms(&self) -> i64 {
        let seen = self.seen.iter().filter(|seen| **seen).count();
        i64::try_from(seen).unwrap() * UNIT_MS
    }

    fn saw(&self, part: usize) -> bool {
        let middle = FILMS[self.sitting.film] * (2 * i64::try_from(part).unwrap() + 1) / 200;
        self.seen[usize::try_from(middle / UNIT_MS).unwrap()]
    }
}

impl Expected {
    /// Adds what comes of a scene with these moments: of the first word, and of the two steps.
    pub(super) fn scene(&mut self, sittings: &[Sitting], moments: &[Moment; 3]) {
        let counted = sittings
            .iter()
            .filter(|sitting| !matches!(sitting.who, Who::Bot(_)));
        let mut sessions: Vec<Session<'_>> = counted
            .map(|sitting| Session {
                sitting,
                credited_ms: 0,
                seen: vec![false; usize::try_from(FILMS[sitting.film] / UNIT_MS).unwrap()],
                has_view: false,
                minute: moments[0].minute(),
            })
            .collect();
        for session in &sessions {
            self.opens(session.sitting, moments[0]);
        }
        for (step, at) in moments[1..].iter().enumerate() {
            for session in &mut sessions {
                self.steps(session, step, *at, moments[0]);
            }
        }
        let day = start(Grain::Day, moments[0].wall_ms);
        for session in sessions.iter().filter(|session| !session.sitting.who.is_owner()) {
            let (count, seen) = self
                .seen
                .entry((session.sitting.film, day))
                .or_insert((0, [0; 100]));
            *count += 1;
            for (part, seen) in seen.iter_mut().enumerate() {
                *seen += u32::from(session.saw(part));
            }
        }
    }

    fn opens(&mut self, sitting: &Sitting, at: Moment) {
        if sitting.who.is_owner() {
            return;
        }
        let counts = self.minutes.entry((sitting.film, at.minute())).or_default();
        counts.sessions += 1;
        counts.viewers += 1;
        counts.startups += 1;
        counts.startup_ms += 150;
        self.is_there(sitting, at);
    }

    fn is_there(&mut self, sitting: &Sitting, at: Moment) {
        if !sitting.who.is_private() {
            let people = self.people.entry((sitting.film, at.minute())).or_default();
            people.insert(sitting.who);
        }
    }

    fn steps(&mut self, session: &mut Session<'_>, step: usize, at: Moment, began: Moment) {
        let (sitting, told) = (session.sitting, &session.sitting.told[step]);
        if told.is_empty() {
            return;
        }
        let elapsed_ms = at.steady_ms - began.steady_ms;
        let watched: i64 = told
            .iter()
            .map(|stretch| session.play(*stretch, elapsed_ms))
            .sum();
        let enough_ms = 30_000.min(FILMS[sitting.film] / 2);
        let is_enough = !session.has_view && session.distinct_ms() >= enough_ms;
        session.has_view |= is_enough;
        let last = self.viewed.get(&(sitting.film, sitting.who));
        let is_view = is_enough && last.is_none_or(|last| at.wall_ms - last >= SIX_HOURS_MS);
        if is_view {
            self.viewed.insert((sitting.film, sitting.who), at.wall_ms);
        }
        let counts = self.minutes.entry((sitting.film, at.minute())).or_default();
        if sitting.who.is_owner() {
            counts.own_watch_ms += watched;
            counts.own_views += i64::from(is_view);
            return;
        }
        counts.watch_ms += watched;
        counts.views += i64::from(is_view);
        counts.viewers += i64::from(session.minute != at.minute());
        session.minute = at.minute();
        self.is_there(sitting, at);
    }

    /// The rows of a film, or of all of them.
    pub(super) fn sums(&self, film: Option<usize>, grain: Grain) -> Vec<(i64, Counts)> {
        let mut sums: BTreeMap<i64, Counts> = BTreeMap::new();
        for ((of, minute), counts) in &self.minutes {
            if film.is_none_or(|film| film == *of) {
                *sums.entry(start(grain, *minute)).or_default() += *counts;
            }
        }
        if grain != Grain::Minute {
            // Different people, however often they came.
            let mut people: BTreeMap<i64, HashSet<Who>> = BTreeMap::new();
            for ((of, minute), who) in &self.people {
                if film.is_none_or(|film| film == *of) {
                    people.entry(start(grain, *minute)).or_default().extend(who);
                }
            }
            for (at, counts) in &mut sums {
                counts.viewers = people
                    .get(at)
                    .map_or(0, |people| i64::try_from(people.len()).unwrap());
            }
        }
        sums.into_iter().filter(|(_, counts)| !counts.is_zero()).collect()
    }

    /// Of each day on which sessions of a film began: how many, and how many of them saw each part.
    pub(super) fn retention(&self, film: usize) -> impl Iterator<Item = (i64, u32, [u32; 100])> {
        let days = self.seen.iter().filter(move |((of, _), _)| *of == film);
        days.map(|((_, day), (count, seen))| (*day, *count, *seen))
    }

    /// The views of these films and minutes.
    pub(super) fn views(&self, is_meant: impl Fn(usize, i64) -> bool) -> i64 {
        let minutes = self.minutes.iter();
        let meant = minutes.filter(|((film, minute), _)| is_meant(*film, *minute));
        meant.map(|(_, counts)| counts.views).sum()
    }

    /// What there was of all films from one time to before another.
    pub(super) fn between(&self, from: i64, to: i64) -> Counts {
        let mut sum = Counts::default();
        for ((_, minute), counts) in &self.minutes {
            if (from..to).contains(minute) {
                sum += *counts;
            }
        }
        sum
    }
}
