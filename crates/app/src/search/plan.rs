//! From words to what is asked of an index: completing what is half typed, mending what is mistyped.

use model::search::{Wanted, distance, errors_allowed, rarity, replace_words};
use store::counters;
use store::search::terms::{self, Term};
use store::search::{ALL_OF_THEM, Lookup, expression};

use super::{Request, Search};
use crate::error::Error;

/// What is asked of an index.
#[derive(Debug)]
pub(super) struct Plan {
    /// `None`: there is nothing to look for.
    pub(super) expression: Option<String>,
    /// Few videos have the rarest of the words.
    pub(super) few: bool,
    /// A beginning of more than three letters is asked for.
    pub(super) long_beginnings: bool,
    /// What candidates are weighed by.
    pub(super) wanted: Vec<Wanted>,
}

impl Search {
    pub(super) async fn plan(&self, words: &[String]) -> Result<Plan, Error> {
        let mut tx = self.core.store.read();
        let all = counters::find(&mut tx, counters::LISTED_VIDEOS).await?;
        let mut lookups = Vec::with_capacity(words.len());
        let mut wanted = Vec::with_capacity(words.len());
        let mut few = false;
        for word in words {
            let sought = terms::lookup(&mut tx, word).await?;
            few |= sought.at_most.is_some_and(|docs| docs <= ALL_OF_THEM);
            lookups.push(sought.lookup);
            wanted.push(Wanted {
                word: word.clone(),
                rarity: rarity(sought.docs, all),
            });
        }
        let long = |lookup: &Lookup| lookup.any_of.iter().any(|word| word.chars().count() > 3);
        Ok(Plan {
            expression: expression(&lookups),
            few,
            long_beginnings: lookups.iter().any(|lookup| lookup.beginnings && long(lookup)),
            wanted,
        })
    }

    /// The same search with words that nobody has replaced by near ones that somebody has, and how it reads. `None`
    /// where there is nothing to replace.
    pub(super) async fn corrected(&self, request: &Request) -> Result<Option<(Plan, String)>, Error> {
        let mut replaced = Vec::new();
        let mut tx = self.core.store.read();
        for word in &request.words {
            let known = !terms::completions(&mut tx, word).await?.terms.is_empty();
            if !known && let Some(better) = nearest(word, terms::near(&mut tx, word).await?) {
                replaced.push((word.clone(), better));
            }
        }
        if replaced.is_empty() {
            return Ok(None);
        }
        let query = replace_words(&request.query, &replaced);
        let plan = self.plan(&model::search::query_words(&query)).await?;
        Ok(Some((plan, query)))
    }
}

/// The word with the fewest errors; of those one with the same first letter, which is seldom mistyped; of those the
/// commonest.
fn nearest(word: &str, terms: Vec<Term>) -> Option<String> {
    let most = errors_allowed(word.chars().count());
    let first = word.chars().next();
    terms
        .into_iter()
        .filter_map(|term| {
            let errors = distance(word, &term.word, most)?;
            let elsewhere = term.word.chars().next() != first;
            Some(((errors, elsewhere, std::cmp::Reverse(term.docs)), term.word))
        })
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_has_the_fewest_errors_and_is_the_commonest() {
        let term = |word: &str, docs| Term {
            word: word.to_owned(),
            docs,
        };
        let known = || {
            vec![
                term("otter", 5),
                term("outer", 50),
                term("hotter", 500),
                term("water", 900),
            ]
        };
        assert_eq!(nearest("oter", known()).unwrap(), "outer");
        assert_eq!(nearest("ottr", known()).unwrap(), "otter");
        assert_eq!(nearest("xxxx", known()), None);
        assert_eq!(nearest("ott", known()), None);
    }
}
