//! What costs much to find out and holds until somebody commits: sums over long lists, for the pages that are turned
//! one after the other.
//!
//! Exact, unlike what is remembered for a time: one commit of anybody, and it is found out anew.

use std::hash::Hash;

use moka::sync::Cache;
use store::{Store, StoreError};

/// Answers by question, each with the stamp of the state that it was read from.
#[derive(Debug)]
pub(crate) struct Remembered<K, V>(Cache<K, (u64, V)>)
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static;

impl<K, V> Remembered<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Room for so many answers.
    pub(crate) fn new(most: u64) -> Self {
        Self(Cache::new(most))
    }

    /// The answer to `key`: as it is known, if nobody has committed since, else what `find_out` reads from now on.
    pub(crate) async fn get(
        &self,
        store: &Store,
        key: K,
        find_out: impl Future<Output = Result<V, StoreError>>,
    ) -> Result<V, StoreError> {
        // Before it is read: what is committed meanwhile makes it old already.
        let stamp = store.stamp()?;
        if let Some(answer) = self.known(stamp, &key) {
            return Ok(answer);
        }
        let answer = find_out.await?;
        self.keep(stamp, key, answer.clone());
        Ok(answer)
    }

    /// The answer to `key`, if it is one of this state.
    pub(crate) fn known(&self, stamp: u64, key: &K) -> Option<V> {
        let (known, answer) = self.0.get(key)?;
        (known == stamp).then_some(answer)
    }

    /// Keeps an answer that was read after this stamp was asked for.
    pub(crate) fn keep(&self, stamp: u64, key: K, answer: V) {
        self.0.insert(key, (stamp, answer));
    }
}
