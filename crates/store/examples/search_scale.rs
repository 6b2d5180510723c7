//! What a search costs over a million videos, beside a page of the newest.
//!
//! `cargo run --release -p streamsphere-store --example search_scale -- [videos] [folder]`
//!
//! Words are drawn as people use them: the commonest stands in every third title, most in hardly any. What is timed is
//! what the store does for one search: completing its words, reading candidates, and weighing them; mending where a
//! word is mistyped.

#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use model::search::{Field, Wanted, distance, errors_allowed, query_words, rarity, relevance};
use model::users::Role;
use model::videos::{Status, Streaming, Visibility};
use model::{Ids, Millis, UserId, VideoId};
use store::search::{ALL_OF_THEM, expression, terms, videos as index};
use store::videos::list::{self, Query, Scope, Sort, Start};
use store::videos::{self, Owner, VideoRow};
use store::{Settings, Store, StoreError, params, users};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const WORDS: u64 = 30_000;
const BATCH: u64 = 1_000;
const ROUNDS: u64 = 300;
const NOW: i64 = 1_800_000_000_000;

/// Uniform enough numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// The rank of a word: rank 0 most often, by Zipf's law.
    fn rank(&mut self) -> u64 {
        let fraction = self.below(1_000_000) as f64 / 1_000_000.0;
        ((WORDS as f64).powf(fraction) - 1.0) as u64
    }
}

/// A word of this rank: four to ten letters.
fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 32] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qi", "ro", "su", "ta", "ve",
        "wi", "xo", "yu", "za", "bre", "cli", "dro", "flu", "gra", "ple", "sti", "tro", "spu", "sha", "che",
    ];
    let mut out = String::new();
    let mut left = rank + 1_024;
    while left > 0 {
        out.push_str(SYLLABLES[(left % 32) as usize]);
        left /= 32;
    }
    out
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let most: u64 = args.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let file = folder.join(format!("search-scale-{}.db", std::process::id()));
    let store = Store::open(&Settings::sqlite(&file)).await?;
    let began = Instant::now();
    fill(&store, most).await?;
    let size = std::fs::metadata(&file)?.len() >> 20;
    println!("{most} videos in {:.0?}, {size} MiB", began.elapsed());
    report(&store, most).await?;
    store.close().await?;
    for end in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(end));
    }
    Ok(())
}

async fn fill(store: &Store, most: u64) -> Result<(), Failure> {
    let ids = Ids::seeded(7);
    let owner: UserId = ids.next(Millis(NOW));
    let mut tx = store.write().await?;
    let new = users::New {
        id: owner,
        username: "owner",
        email: "owner@example.com",
        full_name: "Owner",
        password_hash: "",
        role: Role::User,
        avatar_rev: "",
        cover_rev: None,
        now: Millis(NOW),
    };
    users::add(&mut tx, &new).await?;
    tx.commit().await?;
    let mut dice = Dice(42);
    let mut done = 0;
    while done < most {
        let mut tx = store.write().await?;
        for _ in 0..BATCH.min(most - done) {
            let at = Millis(NOW - ((most - done) * 1_000) as i64);
            let video = row(ids.next(at), owner, at, &mut dice);
            videos::add(&mut tx, &video).await?;
            // One in ten is watched, few of those by many.
            if dice.below(10) == 0 {
                let views = 10_i64.pow(dice.below(6) as u32 + 1) / (1 + dice.below(9) as i64);
                tx.exec(
                    "UPDATE videos SET views = $1 WHERE id = $2",
                    &params![views, video.id],
                )
                .await?;
            }
            done += 1;
        }
        tx.commit().await?;
        if done % 100_000 == 0 {
            println!("{done} …");
        }
    }
    Ok(())
}

fn text(dice: &mut Dice, words: u64) -> String {
    let all: Vec<String> = (0..words).map(|_| word(dice.rank())).collect();
    all.join(" ")
}

fn row(id: VideoId, owner: UserId, at: Millis, dice: &mut Dice) -> VideoRow {
    let mut tags: Vec<String> = (0..2).map(|_| word(dice.rank())).collect();
    tags.dedup();
    VideoRow {
        id,
        owner_id: owner,
        title: text(dice, 5),
        description: text(dice, 12),
        tags,
        visibility: Visibility::Public,
        access_rev: 0,
        status: Status::Ready,
        status_reason: None,
        progress: 1.0,
        watchable: true,
        listed: true,
        duration_ms: 60_000,
        width: 1280,
        height: 720,
        source_key: None,
        source_type: "video/mp4".to_owned(),
        source_bytes: 0,
        source_hash: None,
        source_name: String::new(),
        source_public: false,
        progressive_key: None,
        progressive_bytes: 0,
        thumbnail_rev: None,
        thumbnail_custom: false,
        views: 0,
        likes_count: 0,
        comments_count: 0,
        created_at: at,
        updated_at: at,
        published_at: None,
        owner: Owner::default(),
        streaming: Streaming::None,
        media_gen: 0,
        keep_original: None,
        stored_bytes: 0,
        captions: Vec::new(),
        storyboard_rev: None,
        taken_down_at: None,
        taken_down_reason: None,
    }
}

/// The query of a round.
type Queries = Box<dyn FnMut(u64) -> String>;

async fn report(store: &Store, most: u64) -> Result<(), Failure> {
    let mut dice = Dice(4_711);
    let mut mistyped = move |rank: u64| {
        let mut letters: Vec<char> = word(rank).chars().collect();
        let at = 1 + dice.below(letters.len() as u64 - 2) as usize;
        letters.swap(at, at + 1);
        letters.into_iter().collect::<String>()
    };
    let kinds: [(&str, Queries); 7] = [
        ("the commonest word", Box::new(|_| word(0))),
        ("common words", Box::new(|n| word(n % 20))),
        ("rare words", Box::new(|n| word(WORDS / 2 + n * 31))),
        (
            "two common words",
            Box::new(|n| format!("{} {}", word(n % 7), word(n % 11 + 7))),
        ),
        (
            "a common and a rare word",
            Box::new(|n| format!("{} {}", word(n % 7), word(20_000 + n))),
        ),
        (
            "the beginning of a word",
            Box::new(|n| word(n * 97 % WORDS).chars().take(4).collect()),
        ),
        ("mistyped words", Box::new(move |n| mistyped(n * 97 % WORDS))),
    ];
    for (name, mut query) in kinds {
        let (mut took, mut found) = (Vec::new(), 0);
        for n in 0..ROUNDS {
            let query = query(n);
            let started = Instant::now();
            found += search(store, &query, most).await?;
            took.push(started.elapsed());
        }
        print(name, &mut took);
        println!("    {:.1} found on average", found as f64 / ROUNDS as f64);
    }
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let query = Query {
            scope: Scope::Listed,
            tag: None,
            words: None,
            sort: Sort::Created,
            descending: true,
            start: Start::Offset(0),
            limit: 20,
        };
        let started = Instant::now();
        list::list(&mut store.read(), &query).await?;
        took.push(started.elapsed());
    }
    print("a page of the newest", &mut took);
    Ok(())
}

fn print(name: &str, took: &mut [Duration]) {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!(
        "{name}: p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
        at(50),
        at(99),
        at(100)
    );
}

/// One search, as `app` does it; tells how many were found.
async fn search(store: &Store, query: &str, all: u64) -> Result<usize, StoreError> {
    let mut words = query_words(query);
    let found = once(store, &words, all).await?;
    if found >= 3 {
        return Ok(found);
    }
    let mut mended = false;
    let mut tx = store.read();
    for word in &mut words {
        if !terms::completions(&mut tx, word).await?.terms.is_empty() {
            continue;
        }
        let most = errors_allowed(word.chars().count());
        let near = terms::near(&mut tx, word).await?;
        let best = near
            .into_iter()
            .filter_map(|term| Some((distance(word, &term.word, most)?, term.word)))
            .min();
        if let Some((_, better)) = best {
            *word = better;
            mended = true;
        }
    }
    if mended {
        once(store, &words, all).await
    } else {
        Ok(found)
    }
}

async fn once(store: &Store, words: &[String], all: u64) -> Result<usize, StoreError> {
    let mut tx = store.read();
    let (mut lookups, mut wanted, mut few) = (Vec::new(), Vec::new(), false);
    for word in words {
        let sought = terms::lookup(&mut tx, word).await?;
        few |= sought.at_most.is_some_and(|docs| docs <= ALL_OF_THEM);
        lookups.push(sought.lookup);
        wanted.push(Wanted {
            word: word.clone(),
            rarity: rarity(sought.docs, all as i64),
        });
    }
    let Some(expression) = expression(&lookups) else {
        return Ok(0);
    };
    let candidates = index::candidates(&mut store.slow_read(10_000), &expression, few).await?;
    let mut weights: Vec<(f64, VideoId)> = candidates
        .iter()
        .map(|video| {
            let field = |text, weight, usual_words| Field {
                text,
                weight,
                usual_words,
            };
            let fields = [
                field(&*video.title, 8.0, 8.0),
                field(&*video.tags, 4.0, 6.0),
                field(&*video.description, 1.0, 60.0),
            ];
            (relevance(&wanted, &fields), video.id)
        })
        .collect();
    weights.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, id) in weights.iter().take(20) {
        videos::find(&mut store.read(), *id).await?;
    }
    Ok(weights.len())
}
