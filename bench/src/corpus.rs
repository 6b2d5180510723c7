//! Videos with words as people use them: the commonest stands in every third title, most in hardly any. The same in
//! every run.

use std::path::Path;

use model::videos::Status;
use model::{Ids, Millis, UserId, VideoId};
use store::videos::{self, VideoRow};
use store::{Settings, Store, params};

use crate::error::{BenchError, Doing};

/// Different words that there are.
pub const WORDS: u64 = 30_000;
/// Videos in a transaction.
const BATCH: u64 = 2_000;
/// When the last of them was uploaded.
const NOW: i64 = 1_760_000_000_000;

/// Uniform enough numbers that are the same in every run.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// A number in `0..end`.
    pub fn below(&mut self, end: u64) -> u64 {
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

/// The word of this rank: four to ten letters.
pub fn word(rank: u64) -> String {
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

/// The word of this rank with two letters swapped.
pub fn mistyped(rank: u64, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = word(rank).chars().collect();
    let at = 1 + dice.below(letters.len() as u64 - 2) as usize;
    letters.swap(at, at + 1);
    letters.into_iter().collect()
}

/// Adds `count` videos of `owner` to the database of a stopped server, through the store as the server does it, search
/// words and all. They have no files.
pub fn fill(database: &Path, owner: UserId, count: u64) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Runtime::new().doing("start a runtime")?;
    runtime.block_on(async {
        let store = Store::open(&Settings::sqlite(database)).await?;
        let ids = Ids::seeded(7);
        let mut dice = Dice(42);
        let mut done = 0;
        while done < count {
            let mut tx = store.write().await?;
            for _ in 0..BATCH.min(count - done) {
                let at = Millis(NOW - ((count - done) * 1_000) as i64);
                let video = row(ids.next(at), owner, at, &mut dice);
                videos::add(&mut tx, &video).await?;
                // One in ten is watched, few of those by many.
                if dice.below(10) == 0 {
                    let views = 10_i64.pow(dice.below(6) as u32 + 1) / (1 + dice.below(9) as i64);
                    let watched = params![views, video.id];
                    tx.exec("UPDATE videos SET views = $1 WHERE id = $2", &watched)
                        .await?;
                }
                done += 1;
            }
            tx.commit().await?;
        }
        store.close().await?;
        Ok(())
    })
}

fn text(dice: &mut Dice, words: u64) -> String {
    let all: Vec<String> = (0..words).map(|_| word(dice.rank())).collect();
    all.join(" ")
}

fn row(id: VideoId, owner: UserId, at: Millis, dice: &mut Dice) -> VideoRow {
    let mut tags: Vec<String> = (0..2).map(|_| word(dice.rank())).collect();
    tags.dedup();
    VideoRow {
        title: text(dice, 5),
        description: text(dice, 12),
        tags,
        status: Status::Ready,
        progress: 1.0,
        watchable: true,
        listed: true,
        duration_ms: 60_000,
        width: 1280,
        height: 720,
        ..VideoRow::new(id, owner, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_a_mistyped_one_has_the_same_letters() {
        let mut all: Vec<String> = (0..WORDS).map(word).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len() as u64, WORDS);
        let mut dice = Dice(4_711);
        for rank in 0..100 {
            let mut letters: Vec<char> = mistyped(rank, &mut dice).chars().collect();
            let mut right: Vec<char> = word(rank).chars().collect();
            letters.sort_unstable();
            right.sort_unstable();
            assert_eq!(letters, right);
        }
    }
}
