//! A replayed audience: people whose watching is known to the millisecond come out as exactly that, also where what
//! their players tell arrives twice, out of order, late, and among lies.
//!
//! What is expected is worked out here, second by second of the rules in docs/analytics.md, with nothing of what counts
//! in the server. Another audience: `AUDIENCE_SEED=7`.

mod days;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::analytics::{Counts, DAY_MS, Grain, Subject};
use model::{Clock, Millis, UserId, VideoId};
use serde_json::{Value, json};
use store::Store;
use store::analytics::{retention, rollups};

use crate::kit::dice::Dice;
use crate::kit::rows::{add, row};
use crate::kit::{self, Site};

/// 2024-03-01T12:00:00.000Z.
const NOON: Millis = Millis(1_709_294_400_000);
/// Lengths of the films, in milliseconds. The middles of their hundred parts are whole tens of milliseconds.
const FILMS: [i64; 8] = [8_000, 20_000, 44_000, 60_000, 90_000, 240_000, 600_000, 3_600_000];
/// Between a session's first word and the rest: enough for everything that anybody watches here.
const PAUSE_MS: i64 = 240_000;
/// What a session may have watched when it says its first word, and a little less.
const AT_ONCE_MS: i64 = 28_000;
const CONNECTIONS: usize = 32;

/// Who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Who {
    Somebody(usize),
    Owner,
    Bot(usize),
}

impl Who {
    fn agent(self) -> String {
        match self {
            Self::Somebody(n) => {
                format!("Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/128.0")
            }
            Self::Owner => "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0".to_owned(),
            Self::Bot(n) => format!("Mozilla/5.0 (compatible; ExampleBot/{n}.0)"),
        }
    }
}

/// Somebody plays a film once.
#[derive(Debug)]
struct Sitting {
    who: Who,
    film: usize,
    session: String,
    /// What they watch, in their order, in milliseconds.
    stretches: Vec<(i64, i64)>,
}

impl Sitting {
    fn watched_ms(&self) -> i64 {
        self.stretches.iter().map(|(from, to)| to - from).sum()
    }

    /// Different milliseconds of the film.
    fn distinct_ms(&self) -> i64 {
        let mut sorted = self.stretches.clone();
        sorted.sort_unstable();
        let (mut sum, mut end) = (0, 0);
        for (from, to) in sorted {
            sum += (to - from.max(end)).max(0);
            end = end.max(to);
        }
        sum
    }

    fn saw(&self, part: usize) -> bool {
        let middle = FILMS[self.film] * (2 * i64::try_from(part).unwrap() + 1) / 200;
        self.stretches
            .iter()
            .any(|(from, to)| (*from..*to).contains(&middle))
    }

    /// Whether there is more than a session can have watched when it says its first word.
    fn is_long(&self) -> bool {
        self.watched_ms() > AT_ONCE_MS
    }

    fn beacons(&self) -> Vec<Value> {
        let beacons = self.stretches.iter().zip(1..);
        beacons
            .map(|((from, to), seq)| {
                let (from, to) = (*from as f64 / 1000.0, *to as f64 / 1000.0);
                json!({"event": "progress", "from": from, "to": to, "position": to, "seq": seq})
            })
            .collect()
    }
}

/// An audience of so many, and what they do.
fn audience(dice: &mut Dice, people: usize) -> Vec<Sitting> {
    let mut sittings = Vec::new();
    for n in 0..people {
        let who = match n % 100 {
            7 | 57 => Who::Bot(n),
            99 => Who::Owner,
            _ => Who::Somebody(n),
        };
        let film = dice.below(FILMS.len());
        // Some come back to the same film, some go on to another.
        let films = match dice.below(5) {
            0 => vec![film, film],
            1 => vec![film, dice.below(FILMS.len())],
            _ => vec![film],
        };
        for film in films {
            let length_ms = FILMS[film];
            let stretches = (0..=dice.below(6))
                .map(|_| {
                    // Never at the middle of a part.
                    let end = usize::try_from(length_ms / 10).unwrap();
                    let from = i64::try_from(dice.below(end - 10)).unwrap() * 10 + 3;
                    let most = usize::try_from((length_ms - from).min(60_000) / 10).unwrap();
                    let to = from + i64::try_from(dice.below(most - 1) + 1).unwrap() * 10;
                    (from, to.min(length_ms))
                })
                .collect();
            sittings.push(Sitting {
                who,
                film,
                session: format!("session-{}", sittings.len()),
                stretches,
            });
        }
    }
    sittings
}

/// What a film comes to.
#[derive(Debug)]
struct Expected {
    counts: Counts,
    seen: [u32; 100],
    viewers: HashSet<Who>,
}

fn expected(sittings: &[Sitting]) -> BTreeMap<usize, Expected> {
    let mut films: BTreeMap<usize, Expected> = BTreeMap::new();
    let mut viewed = HashSet::new();
    for sitting in sittings {
        let film = films.entry(sitting.film).or_insert_with(|| Expected {
            counts: Counts::default(),
            seen: [0; 100],
            viewers: HashSet::new(),
        });
        let is_view = sitting.distinct_ms() >= 30_000.min(FILMS[sitting.film] / 2);
        let is_first = is_view && viewed.insert((sitting.who, sitting.film));
        match sitting.who {
            Who::Bot(_) => {}
            Who::Owner => {
                film.counts.own_watch_ms += sitting.watched_ms();
                film.counts.own_views += i64::from(is_first);
            }
            Who::Somebody(_) => {
                film.counts.sessions += 1;
                film.counts.watch_ms += sitting.watched_ms();
                film.counts.views += i64::from(is_first);
                film.viewers.insert(sitting.who);
                for (part, seen) in film.seen.iter_mut().enumerate() {
                    *seen += u32::from(sitting.saw(part));
                }
            }
        }
    }
    films
}

/// One request, and whether it is to be taken.
#[derive(Debug, Clone)]
struct Sent {
    film: usize,
    headers: Vec<(&'static str, String)>,
    /// Which of those who are signed in.
    account: Option<usize>,
    body: String,
    is_taken: bool,
}

impl Sent {
    fn of(sitting: &Sitting, beacons: &[Value]) -> Self {
        Self {
            film: sitting.film,
            headers: vec![("user-agent", sitting.who.agent())],
            account: (sitting.who == Who::Owner).then_some(0),
            body: json!({"sessionId": sitting.session, "beacons": beacons}).to_string(),
            is_taken: true,
        }
    }
}

/// Sends all of it over some connections, in about this order. `tokens` are of those who are signed in.
async fn send(site: &Site, tokens: &[String], films: &[VideoId], all: Vec<Sent>) {
    let client = kit::client().no_proxy().build().unwrap();
    let (all, next) = (Arc::new(all), Arc::new(AtomicUsize::new(0)));
    let paths: Arc<[String]> = films
        .iter()
        .map(|film| format!("{}/api/v1/videos/{film}/views", site.url))
        .collect();
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, tokens) = (client.clone(), tokens.to_vec());
            let (all, next, paths) = (Arc::clone(&all), Arc::clone(&next), Arc::clone(&paths));
            tokio::spawn(async move {
                while let Some(sent) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut request = client
                        .post(&paths[sent.film])
                        .header("content-type", "application/json")
                        .body(sent.body.clone());
                    for (name, value) in &sent.headers {
                        request = request.header(*name, value);
                    }
                    if let Some(account) = sent.account {
                        request = request.bearer_auth(&tokens[account]);
                    }
                    let status = request.send().await.unwrap().status().as_u16();
                    if sent.is_taken {
                        assert_eq!(status, 202, "{sent:?}");
                    } else {
                        assert!((400..500).contains(&status), "{status}: {sent:?}");
                    }
                }
            })
        })
        .collect();
    for connection in connections {
        connection.await.unwrap();
    }
}

/// What nobody can have watched, or nobody watched.
fn lies(dice: &mut Dice, films: &[i64]) -> Sent {
    let film = dice.below(films.len());
    let length = films[film] as f64 / 1000.0;
    let beacon = match dice.below(6) {
        0 => json!({"from": 5.0, "to": 2.0}),
        1 => json!({"from": 0.0, "to": length + 60.0}),
        2 => json!({"from": -1.0, "to": 3.0}),
        3 => json!({"from": "0", "to": 3.0}),
        4 => json!({"from": length * 1000.0, "to": length * 1000.0 + 5.0}),
        // Nobody plays without a program that has a name.
        _ => Value::Null,
    };
    let is_taken = beacon.is_null();
    let beacon = if is_taken {
        json!({"from": 0.0, "to": length, "seq": 1})
    } else {
        beacon
    };
    Sent {
        film,
        headers: vec![(
            "user-agent",
            if is_taken {
                String::new()
            } else {
                Who::Somebody(1).agent()
            },
        )],
        account: None,
        body: json!({"sessionId": "a-session-of-lies", "beacons": [beacon]}).to_string(),
        is_taken,
    }
}

async fn day(store: &Store, subject: Subject) -> Counts {
    let mut tx = store.read();
    rollups::find(&mut tx, subject, Grain::Day, Grain::Day.start(NOON))
        .await
        .unwrap()
}

fn seed() -> u64 {
    std::env::var("AUDIENCE_SEED").map_or(1, |seed| seed.parse().unwrap())
}

fn is_within_two_percent(estimate: i64, exact: usize) -> bool {
    (estimate as f64 - exact as f64).abs() <= (exact as f64 * 0.02).ceil()
}

/// Gives the day a salt of this test's: estimates of different viewers are then the same each time. By chance alone one of
/// some hundred runs would be off by more than it may.
async fn salt(site: &Site) {
    let salt = format!("{}:{}", NOON.0 / DAY_MS, "5a".repeat(32));
    let mut tx = site.server.app.core.store.write().await.unwrap();
    store::counters::save_fact(&mut tx, "analytics.salts", &salt)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Plays an audience to a server and compares what it says afterwards.
async fn replay(people: usize, is_noisy: bool) {
    let seed = seed();
    let mut dice = Dice::new(seed);
    let sittings = audience(&mut dice, people);
    let clock = Clock::manual(NOON);
    let site = kit::with_clock(clock.clone())
        .with("rate_limits", "off")
        .start()
        .await;
    let asha = site.person("asha").await;
    let tokens = [asha.token.clone().unwrap()];
    let channel: UserId = asha.id.parse().unwrap();
    let mut rows: Vec<_> = FILMS.iter().map(|_| row(&site, &asha, "A film")).collect();
    for (row, length_ms) in rows.iter_mut().zip(FILMS) {
        row.duration_ms = length_ms;
    }
    add(&site, &rows).await;
    let films: Vec<VideoId> = rows.iter().map(|row| row.id).collect();
    salt(&site).await;

    let first_words = sittings.iter().filter(|sitting| sitting.is_long());
    let start = json!({"event": "start", "position": 0, "seq": 0, "startupMs": 150});
    let first_words = first_words.map(|sitting| Sent::of(sitting, std::slice::from_ref(&start)));
    send(&site, &tokens, &films, first_words.collect()).await;
    clock.advance(PAUSE_MS);
    let mut rest = Vec::new();
    for sitting in &sittings {
        let mut beacons = sitting.beacons();
        if is_noisy {
            dice.shuffle(&mut beacons);
            let (some, others) = beacons.split_at(dice.below(beacons.len() + 1));
            let parts = [some, others].into_iter().filter(|part| !part.is_empty());
            rest.extend(parts.map(|part| Sent::of(sitting, part)));
            if dice.below(4) == 0 {
                rest.push(Sent::of(sitting, &beacons));
            }
        } else {
            rest.push(Sent::of(sitting, &beacons));
        }
    }
    if is_noisy {
        rest.extend((0..people / 10).map(|_| lies(&mut dice, &FILMS)));
        dice.shuffle(&mut rest);
    }
    send(&site, &tokens, &films, rest.clone()).await;
    if is_noisy {
        // A device that was asleep says everything again, as long as its sessions are known.
        clock.advance(20 * 60_000);
        let again = rest.into_iter().filter(|_| dice.below(10) == 0);
        // Signing in does not last as long.
        let tokens = [site.sign_in("asha").await.token.unwrap()];
        send(&site, &tokens, &films, again.collect()).await;
    }

    let folder = site.stop().await;
    let store = kit::store_of(folder.path()).await;
    let mut all = Counts::default();
    let mut everybody = HashSet::new();
    for (film, expected) in expected(&sittings) {
        let id = films[film];
        let mut found = day(&store, id.into()).await;
        assert!(
            is_within_two_percent(found.viewers, expected.viewers.len()),
            "{} viewers of film {film}: {}",
            expected.viewers.len(),
            found.viewers
        );
        // Starts were told by some only, and are not what this is about.
        (found.viewers, found.startups, found.startup_ms) = (0, 0, 0);
        assert_eq!(found, expected.counts, "film {film}, seed {seed}");
        let (start, end) = (Millis(0), Millis(i64::MAX));
        let shown = retention::sum(&mut store.read(), id, start, end, 10)
            .await
            .unwrap();
        assert_eq!(
            i64::from(shown.sessions),
            expected.counts.sessions,
            "film {film}, seed {seed}"
        );
        assert_eq!(*shown.counts, expected.seen, "film {film}, seed {seed}");
        let row = store::videos::find(&mut store.read(), id).await.unwrap().unwrap();
        assert_eq!(row.views, expected.counts.views);
        all += expected.counts;
        everybody.extend(expected.viewers);
    }
    assert!(all.views > 0 && all.own_views > 0 && all.watch_ms > all.own_watch_ms);
    for subject in [Subject::from(channel), Subject::SITE] {
        let mut found = day(&store, subject).await;
        assert!(
            is_within_two_percent(found.viewers, everybody.len()),
            "{} viewers: {}",
            everybody.len(),
            found.viewers
        );
        (found.viewers, found.startups, found.startup_ms) = (0, 0, 0);
        assert_eq!(found, all, "{subject:?}, seed {seed}");
    }
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audience_comes_out_as_it_was() {
    replay(1_000, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audience_of_ten_thousand_comes_out_as_it_was_among_repeats_delays_and_lies() {
    replay(10_000, true).await;
}
