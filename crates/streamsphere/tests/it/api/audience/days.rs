//! An audience over three days: midnight, the hour that clocks leave out in spring, clocks that are set, a restart in the
//! middle of it all. What counts is known minute by minute; days of zones are those of the minutes.
//!
//! People are told apart by address and browser, by account, or not at all; some play at twice the speed, some have
//! players without `seq`, some claim more than is possible, some use what others call their sessions.

mod expected;

use model::analytics::{Counts, Grain, Subject};
use model::{Clock, Millis, UserId, VideoId};
use serde_json::{Value, json};
use store::analytics::{retention, rollups};

use self::expected::{Expected, Moment};
use super::{Sent, lies, seed, send};
use crate::kit::dice::Dice;
use crate::kit::rows::{add, row};
use crate::kit::{self, Site};

/// Lengths of the films, in milliseconds.
const FILMS: [i64; 6] = [8_000, 44_000, 60_000, 90_000, 240_000, 600_000];
/// So few that their numbers are told exactly.
const PEOPLE: usize = 440;
/// Who is signed in; the first of them owns the films.
const ACCOUNTS: [&str; 6] = ["asha", "bela", "chen", "dora", "emil", "fumi"];
/// Stretches begin and end at whole ones of these.
const UNIT_MS: i64 = 100;
/// Between the steps of a scene.
const STEP_MS: i64 = 50_000;

/// When some of the people watch: a first word, and twice what was played since.
struct Scene {
    at: &'static str,
    /// By how much the clock is set after the first word.
    is_set_by_ms: i64,
    /// Whether the server ends and starts again before the last word.
    restarts: bool,
}

const fn scene(at: &'static str) -> Scene {
    Scene {
        at,
        is_set_by_ms: 0,
        restarts: false,
    }
}

const SCENES: [Scene; 9] = [
    scene("2024-03-30T21:40:00Z"),
    // Over midnight.
    scene("2024-03-30T23:58:30Z"),
    // In Berlin it is 3 o'clock after 2 o'clock.
    scene("2024-03-31T00:58:30Z"),
    // Six hours after the first and not yet after the second.
    Scene {
        restarts: true,
        ..scene("2024-03-31T03:50:00Z")
    },
    scene("2024-03-31T06:30:00Z"),
    Scene {
        is_set_by_ms: -80 * 60_000,
        ..scene("2024-03-31T07:40:00Z")
    },
    // Over midnight in Kolkata, which is in the middle of an hour.
    scene("2024-03-31T18:28:30Z"),
    // Over midnight in Berlin, where it is summer now.
    scene("2024-03-31T21:58:30Z"),
    // To the next day, without the time for it.
    Scene {
        is_set_by_ms: 3 * 3_600_000,
        ..scene("2024-03-31T22:40:00Z")
    },
];

fn at(text: &str) -> Millis {
    model::analytics::zones::Zone::utc().read(text).unwrap()
}

/// Who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Guest(usize),
    Account(usize),
    Bot(usize),
}

impl Who {
    fn of(n: usize) -> Self {
        match n % 40 {
            7 | 27 => Self::Bot(n),
            0 => Self::Account(n / 40 % ACCOUNTS.len()),
            _ => Self::Guest(n),
        }
    }

    fn is_owner(self) -> bool {
        self == Self::Account(0)
    }

    /// Whether they ask not to be tracked.
    fn is_private(self) -> bool {
        matches!(self, Self::Guest(n) if n % 20 == 3)
    }

    fn headers(self, dice: &mut Dice) -> Vec<(&'static str, String)> {
        let browser = |n: usize| ["Firefox/128.0", "Chrome/126.0.0.0", "Mobile Safari/604.1"][n % 3];
        let (address, agent) = match self {
            // One home has a network, of which a device has many addresses.
            Self::Guest(n) if n % 30 == 11 => {
                let (a, b) = (1 + dice.below(0xfffe), dice.below(0xffff));
                (format!("2001:db8:0:{n:x}:{a:x}::{b:x}"), browser(n))
            }
            // Two people behind one address have different browsers, and the same ones as everybody.
            Self::Guest(n) => (format!("10.{}.{}.9", n / 2 / 200, n / 2 % 200), browser(n % 2)),
            // Whatever they sit in front of, and wherever.
            Self::Account(_) => (format!("192.0.2.{}", 1 + dice.below(200)), browser(dice.below(3))),
            Self::Bot(n) => (format!("198.51.100.{}", n % 200), "(compatible; ExampleBot/2.0)"),
        };
        let mut headers = vec![
            ("x-forwarded-for", address),
            ("user-agent", format!("Mozilla/5.0 (X11; Linux x86_64) {agent}")),
        ];
        if self.is_private() {
            headers.push((["dnt", "sec-gpc"][dice.below(2)], "1".to_owned()));
        }
        headers
    }
}

/// A stretch of a film, in milliseconds, and the number of its beacon.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    seq: Option<u32>,
    from: i64,
    to: i64,
}

/// Somebody plays a film in one scene.
#[derive(Debug)]
struct Sitting {
    who: Who,
    film: usize,
    session: String,
    /// The number of its first word, where it counts its words.
    first: Option<u32>,
    /// What is told of at each of the two steps after the first word.
    told: [Vec<Stretch>; 2],
    /// They tell of more than anybody can have played.
    exaggerates: bool,
}

impl Sitting {
    /// Everybody who watches in a scene. `before` is the one before it: some of its pages are still open.
    fn all(dice: &mut Dice, scene: usize, before: &[Self]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for n in 0..PEOPLE {
            for tab in 0..[0, 0, 1, 1, 1, 2][dice.below(6)] {
                let who = Who::of(n);
                let is_theirs = |open: &&Self| open.session.ends_with(&format!("-{n}-{tab}"));
                let open = before.iter().filter(|open| open.who == who).find(is_theirs);
                let open = open.filter(|_| dice.below(3) > 0);
                let film = open.map_or_else(|| dice.below(FILMS.len()), |open| open.film);
                let name = format!("session-{scene}-{n}-{tab}");
                let mut sitting = Self::new(dice, who, film, name, n % 10 != 6);
                if let Some(open) = open {
                    sitting.goes_on_from(open);
                }
                // Somebody knows what another page called its session, and has another film there.
                let other = all.get(dice.below(all.len() + 20));
                if let Some(other) = other.filter(|other| other.film != film && sitting.first == Some(0)) {
                    let name = other.session.clone();
                    if !all.iter().any(|one| one.film == film && one.session == name) {
                        sitting.session = name;
                    }
                }
                all.push(sitting);
            }
        }
        all
    }

    fn new(dice: &mut Dice, who: Who, film: usize, session: String, counts: bool) -> Self {
        let length = FILMS[film];
        let exaggerates = counts && dice.below(20) == 0;
        let mut next = 1;
        let mut seq = || {
            next += 1;
            counts.then(|| next - 1)
        };
        // At twice the speed there is twice as much.
        let most = STEP_MS * if dice.below(6) == 0 { 2 } else { 1 };
        let told = [(); 2].map(|()| {
            let mut stretches = Vec::new();
            if exaggerates {
                for _ in 0..3 {
                    stretches.push(Stretch {
                        seq: seq(),
                        from: 0,
                        to: length,
                    });
                }
                return stretches;
            }
            let mut left = most;
            for _ in 0..dice.below(4) {
                let from = part_of(dice, length - UNIT_MS);
                let to = from + UNIT_MS + part_of(dice, (length - from - UNIT_MS).min(left));
                left -= to - from;
                stretches.push(Stretch { seq: seq(), from, to });
                if left <= UNIT_MS {
                    break;
                }
            }
            stretches
        });
        Self {
            who,
            film,
            session,
            first: counts.then_some(0),
            told,
            exaggerates,
        }
    }

    /// Has the same page as another sitting: its name goes on, and so do its numbers.
    fn goes_on_from(&mut self, open: &Self) {
        self.session.clone_from(&open.session);
        let stretches = || open.told.iter().flatten();
        let last = stretches().filter_map(|stretch| stretch.seq).max();
        if let (Some(_), Some(before)) = (self.first, open.first) {
            let ahead = last.unwrap_or(before) + 1;
            self.first = Some(ahead);
            for stretch in self.told.iter_mut().flatten() {
                stretch.seq = stretch.seq.map(|seq| seq + ahead);
            }
        }
    }

    fn request(&self, dice: &mut Dice, beacons: &[Value]) -> Sent {
        let account = match self.who {
            Who::Account(n) => Some(n),
            Who::Guest(_) | Who::Bot(_) => None,
        };
        Sent {
            film: self.film,
            headers: self.who.headers(dice),
            account,
            body: json!({"sessionId": self.session, "beacons": beacons}).to_string(),
            is_taken: true,
        }
    }

    fn first_word(&self, dice: &mut Dice) -> Sent {
        let mut beacon = json!({"event": "start", "position": 0, "startupMs": 150});
        if let Some(seq) = self.first {
            beacon["seq"] = seq.into();
        }
        self.request(dice, &[beacon])
    }

    /// What is told of at a step, perhaps in several requests, more than once and in any order.
    fn words(&self, dice: &mut Dice, step: usize) -> Vec<Sent> {
        let mut beacons: Vec<Value> = self.told[step].iter().map(beacon).collect();
        if beacons.is_empty() {
            return Vec::new();
        }
        let mut sent = vec![self.request(dice, &beacons)];
        if !self.exaggerates {
            dice.shuffle(&mut beacons);
            let (some, others) = beacons.split_at(dice.below(beacons.len() + 1));
            sent.clear();
            for part in [some, others] {
                if !part.is_empty() {
                    sent.push(self.request(dice, part));
                }
            }
        }
        if dice.below(4) == 0 {
            sent.push(self.request(dice, &beacons));
        }
        if step > 0 && dice.below(4) == 0 && !self.told[0].is_empty() {
            // Late, and for the second time.
            let beacons: Vec<Value> = self.told[0].iter().map(beacon).collect();
            sent.push(self.request(dice, &beacons));
        }
        sent
    }
}

/// A number of whole units up to some milliseconds.
fn part_of(dice: &mut Dice, most_ms: i64) -> i64 {
    let units = usize::try_from(most_ms.max(0) / UNIT_MS).unwrap();
    i64::try_from(dice.below(units + 1)).unwrap() * UNIT_MS
}

fn beacon(stretch: &Stretch) -> Value {
    let second = |ms: i64| ms as f64 / 1000.0;
    let (from, to) = (second(stretch.from), second(stretch.to));
    let mut beacon = json!({"event": "progress", "from": from, "to": to, "position": to});
    if let Some(seq) = stretch.seq {
        beacon["seq"] = seq.into();
    }
    beacon
}

/// Somebody who knows what another's page calls its session, and says that something else was played.
fn thief(dice: &mut Dice, victim: &Sitting, n: usize) -> Option<Sent> {
    // Where nobody has been told of before, the thief is just somebody who watches.
    let is_known = matches!(victim.who, Who::Guest(_) | Who::Account(1..)) && !victim.who.is_private();
    if !is_known || victim.told[1].is_empty() {
        return None;
    }
    let mut stolen: Vec<Stretch> = victim.told.iter().flatten().copied().collect();
    stolen.retain(|stretch| stretch.seq.is_some());
    for stretch in &mut stolen {
        (stretch.from, stretch.to) = (0, FILMS[victim.film]);
    }
    let thief = Sitting {
        who: Who::Guest(100_000 + n),
        film: victim.film,
        session: victim.session.clone(),
        first: victim.first,
        told: Default::default(),
        exaggerates: true,
    };
    let beacons: Vec<Value> = stolen.iter().map(beacon).collect();
    (!beacons.is_empty()).then(|| thief.request(dice, &beacons))
}

async fn sign_in(site: &Site) -> Vec<String> {
    let mut tokens = Vec::new();
    for name in ACCOUNTS {
        tokens.push(site.sign_in(name).await.token.unwrap());
    }
    tokens
}

fn moment(clock: &Clock) -> Moment {
    Moment {
        wall_ms: clock.now().0,
        steady_ms: i64::try_from(clock.steady().as_millis()).unwrap(),
    }
}

fn setup(clock: &Clock) -> kit::Setup {
    kit::with_clock(clock.clone()).with("trusted_proxies", "127.0.0.1")
}

/// Ends the server and starts it again on its folder.
async fn restarted(site: Site, clock: &Clock) -> Site {
    let folder = site.stop().await;
    setup(clock).start_in(folder).await
}

/// Plays all scenes. Answers the site, and what is expected of it.
async fn play(clock: &Clock) -> (Site, Vec<VideoId>, UserId, Expected) {
    let mut dice = Dice::new(seed());
    let mut site = setup(clock).start().await;
    let mut rows = Vec::new();
    let mut channel = None;
    for name in ACCOUNTS {
        let person = site.person(name).await;
        if channel.is_none() {
            channel = Some(person.id.parse().unwrap());
            rows = FILMS.iter().map(|_| row(&site, &person, "A film")).collect();
        }
    }
    for (row, length_ms) in rows.iter_mut().zip(FILMS) {
        row.duration_ms = length_ms;
    }
    add(&site, &rows).await;
    let films: Vec<VideoId> = rows.iter().map(|row| row.id).collect();
    let mut expected = Expected::default();
    let mut before = Vec::new();
    for (number, scene) in SCENES.iter().enumerate() {
        clock.advance(at(scene.at).since(clock.now()));
        let mut tokens = sign_in(&site).await;
        let sittings = Sitting::all(&mut dice, number, &before);
        let first = sittings.iter().map(|sitting| sitting.first_word(&mut dice));
        let first = first.collect();
        send(&site, &tokens, &films, first).await;
        let began = moment(clock);
        if scene.is_set_by_ms != 0 {
            clock.jump(scene.is_set_by_ms);
            tokens = sign_in(&site).await;
        }
        let mut steps = Vec::new();
        for step in 0..2 {
            if step == 1 && scene.restarts {
                site = restarted(site, clock).await;
            }
            clock.advance(STEP_MS);
            steps.push(moment(clock));
            let mut words: Vec<Sent> = Vec::new();
            for sitting in &sittings {
                words.extend(sitting.words(&mut dice, step));
            }
            words.extend((0..PEOPLE / 20).map(|_| lies(&mut dice, &FILMS)));
            dice.shuffle(&mut words);
            send(&site, &tokens, &films, words).await;
        }
        let thieves = sittings.iter().step_by(10).enumerate();
        let thieves = thieves.filter_map(|(n, victim)| thief(&mut dice, victim, n));
        let thieves = thieves.collect();
        send(&site, &tokens, &films, thieves).await;
        expected.scene(&sittings, &[began, steps[0], steps[1]]);
        before = sittings;
    }
    (site, films, channel.unwrap(), expected)
}

/// What the store has of a subject in buckets of some length is what is expected.
async fn is_counted(site: &Site, subject: Subject, grain: Grain, expected: &[(i64, Counts)]) {
    let mut tx = site.server.app.core.store.read();
    let rows = rollups::list(&mut tx, subject, grain, Millis(0), Millis(i64::MAX), 1_000);
    let mut found: Vec<(i64, Counts)> = Vec::new();
    let rows = rows.await.unwrap();
    assert_eq!(
        rows.len(),
        expected.len(),
        "{subject:?} by {grain:?}, seed {}",
        seed()
    );
    for (row, (_, expected)) in rows.into_iter().zip(expected) {
        let (at, mut counts) = row;
        // Of some hundred people two may look the same to a list of hashes, once in a thousand days.
        if grain != Grain::Minute && counts.viewers == expected.viewers - 1 {
            counts.viewers = expected.viewers;
        }
        found.push((at.0, counts));
    }
    assert_eq!(found, expected, "{subject:?} by {grain:?}, seed {}", seed());
}

#[tokio::test(flavor = "multi_thread")]
async fn days_come_out_as_they_were_though_clocks_are_set_and_the_server_restarts() {
    let clock = Clock::manual(at("2024-03-30T12:00:00Z"));
    let (site, films, channel, expected) = play(&clock).await;
    // A clean stop writes everything.
    let site = restarted(site, &clock).await;
    let seed = seed();
    for (film, id) in films.iter().enumerate() {
        for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
            is_counted(&site, (*id).into(), grain, &expected.sums(Some(film), grain)).await;
        }
        for (day, sessions, seen) in expected.retention(film) {
            let (from, to) = (Millis(day), Millis(day).plus_ms(1));
            let mut tx = site.server.app.core.store.read();
            let found = retention::sum(&mut tx, *id, from, to, 10).await.unwrap();
            assert_eq!(
                found.sessions,
                sessions,
                "film {film} on {}, seed {seed}",
                Millis(day)
            );
            assert_eq!(*found.counts, seen, "film {film} on {}, seed {seed}", Millis(day));
        }
        let mut tx = site.server.app.core.store.read();
        let row = store::videos::find(&mut tx, *id).await.unwrap().unwrap();
        assert_eq!(
            row.views,
            expected.views(|of, _| of == film),
            "film {film}, seed {seed}"
        );
    }
    for subject in [Subject::from(channel), Subject::SITE] {
        for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
            is_counted(&site, subject, grain, &expected.sums(None, grain)).await;
        }
    }
    is_shown(&site, &films, &expected).await;
    site.stop().await;
}

/// The same numbers, as the channel's dashboard has them.
async fn is_shown(site: &Site, films: &[VideoId], expected: &Expected) {
    let asha = site.sign_in("asha").await;
    let stats = asha.get("/api/v1/dashboard/stats").await.is(200);
    assert_eq!(stats.at("/data/totalViews"), expected.views(|_, _| true));
    // When days begin, written by hand.
    for (zone, days) in [
        (
            "UTC",
            [
                "2024-03-30T00:00:00Z",
                "2024-03-31T00:00:00Z",
                "2024-04-01T00:00:00Z",
                "2024-04-02T00:00:00Z",
            ],
        ),
        (
            "Europe/Berlin",
            [
                "2024-03-29T23:00:00Z",
                "2024-03-30T23:00:00Z",
                "2024-03-31T22:00:00Z",
                "2024-04-01T22:00:00Z",
            ],
        ),
        (
            "Asia/Kolkata",
            [
                "2024-03-29T18:30:00Z",
                "2024-03-30T18:30:00Z",
                "2024-03-31T18:30:00Z",
                "2024-04-01T18:30:00Z",
            ],
        ),
    ] {
        let days = days.map(|day| at(day).0);
        for metric in ["views", "watchTime"] {
            let query = [
                ("metric", metric),
                ("tz", zone),
                ("from", "2024-03-30"),
                ("to", "2024-04-02"),
            ];
            let answer = asha.asks("/api/v1/dashboard/timeseries", &query).await.is(200);
            let points = answer.at("/data/points");
            let points = points.as_array().unwrap().iter();
            let found: Vec<f64> = points.map(|point| point["value"].as_f64().unwrap()).collect();
            let of = |from: i64, to: i64| {
                let counts = expected.between(from, to);
                if metric == "views" {
                    counts.views as f64
                } else {
                    counts.watch_ms as f64 / 1000.0
                }
            };
            let sums: Vec<f64> = days.windows(2).map(|day| of(day[0], day[1])).collect();
            let parted = sums.iter().filter(|sum| **sum > 0.0).count();
            assert!(parted > 1, "midnight parts nothing: {sums:?}");
            assert_eq!(found, sums, "{metric} in {zone}, seed {}", seed());
        }
    }
    let (from, to) = (at("2024-03-31T00:00:00Z").0, at("2024-04-01T00:00:00Z").0);
    let query = [("metric", "views"), ("from", "2024-03-31"), ("to", "2024-04-01")];
    let top = asha.asks("/api/v1/dashboard/top", &query).await.is(200);
    let items = top.at("/data/items");
    let items = items.as_array().unwrap();
    assert_eq!(items.len(), FILMS.len());
    for item in items {
        let id = item["video"]["_id"].as_str().unwrap();
        let film = films.iter().position(|film| film.to_string() == id).unwrap();
        let views = expected.views(|of, minute| of == film && (from..to).contains(&minute));
        assert_eq!(
            item["value"].as_f64(),
            Some(views as f64),
            "film {film}, seed {}",
            seed()
        );
    }
    let values: Vec<_> = items.iter().map(|item| item["value"].as_f64()).collect();
    assert!(values.is_sorted_by(|a, b| a >= b), "{values:?}");
}
