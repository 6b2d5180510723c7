//! Finished answers that hold until somebody commits: what everyone is shown alike and asks for often.
//!
//! Whether nobody has committed is the store's to tell ([`app::videos::Videos::stamp`]), so nothing
//! kept here is ever older than the newest commit, whoever made it.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

/// Memory for all of them; when it is used up, they are all let go.
const MOST_BYTES: usize = 8 << 20;
/// An answer longer than this is not kept: a few of them would push out all others.
const MOST_BYTES_OF_ONE: usize = MOST_BYTES / 16;
/// What keeping one costs beside its text and what was asked, about.
const OVERHEAD_BYTES: usize = 128;

/// Answers by what was asked, all of one state of the store.
#[derive(Debug, Default)]
pub struct Kept(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    stamp: u64,
    bytes: usize,
    answers: HashMap<String, Bytes>,
}

impl Kept {
    /// The answer to `asked`, if one is kept and the store still is as it was then.
    pub fn find(&self, stamp: u64, asked: &str) -> Option<Bytes> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if state.stamp == stamp {
            state.answers.get(asked).cloned()
        } else {
            None
        }
    }

    /// Keeps an answer that was made of what was read after `stamp` had been asked for.
    pub fn keep(&self, stamp: u64, asked: String, answer: Bytes) {
        let bytes = asked.len() + answer.len() + OVERHEAD_BYTES;
        if bytes > MOST_BYTES_OF_ONE {
            return;
        }
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if state.stamp > stamp {
            return;
        }
        if state.stamp < stamp || state.bytes + bytes > MOST_BYTES {
            *state = State {
                stamp,
                ..State::default()
            };
        }
        if state.answers.insert(asked, answer).is_none() {
            state.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_until_the_store_changes_and_an_older_one_never_replaces_it() {
        let kept = Kept::default();
        kept.keep(5, "a".to_owned(), Bytes::from_static(b"old"));
        assert_eq!(kept.find(5, "a").as_deref(), Some(&b"old"[..]));
        assert_eq!(kept.find(5, "b"), None);
        assert_eq!(kept.find(6, "a"), None);
        kept.keep(6, "a".to_owned(), Bytes::from_static(b"new"));
        kept.keep(5, "a".to_owned(), Bytes::from_static(b"late"));
        assert_eq!(kept.find(5, "a"), None);
        assert_eq!(kept.find(6, "a").as_deref(), Some(&b"new"[..]));
    }

    #[test]
    fn memory_is_bounded_whatever_is_asked() {
        let kept = Kept::default();
        let answer = Bytes::from(vec![b'x'; 100_000]);
        for n in 0..1_000 {
            kept.keep(1, format!("page={n}"), answer.clone());
            assert!(
                kept.find(1, &format!("page={n}")).is_some(),
                "the newest is there"
            );
            let state = kept.0.read().unwrap();
            assert!(state.bytes <= MOST_BYTES);
            assert!(state.answers.len() * answer.len() <= MOST_BYTES);
        }
        kept.keep(1, "all".to_owned(), Bytes::from(vec![b'x'; MOST_BYTES_OF_ONE]));
        assert_eq!(kept.find(1, "all"), None);
    }
}
