//! The words of listed videos and of channels: how many have each, which begin like it, which are nearly it.
//!
//! Counts change in the transaction of the thing that has the words. Words of private things are not counted, so
//! that no suggestion tells of them.

use std::collections::BTreeSet;

use model::search::typo_variants;

use super::Lookup;
use crate::{StoreError, Tx, params};

/// Where so few have a word that begins like this one, the index may read through all of them.
const FEW_DOCS: i64 = 1_000;
/// Words that are looked at to complete one.
const LOOKED_AT: i64 = 1_000;
/// Completions that are used.
const COMPLETIONS: i64 = 5;
/// Words that are looked at for each variant of a misspelt one.
const NEAR: i64 = 64;

/// How many have a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Folded.
    pub word: String,
    /// Listed videos and channels that have it.
    pub docs: i64,
}

/// Words that begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completions {
    /// The commonest of them, with the word itself where there is one.
    pub terms: Vec<Term>,
    /// How many have any of them, where the commonest are not all; counts what has two of them twice.
    pub docs: i64,
    /// There may be more of them than were looked at.
    pub cut: bool,
}

/// Counts words that a thing has now and words that it had before.
pub(crate) async fn recount(
    tx: &mut Tx,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Result<(), StoreError> {
    for word in after.difference(before) {
        let docs = tx
            .one(
                "INSERT INTO search_terms (term, docs) VALUES ($1, 1) \
                 ON CONFLICT (term) DO UPDATE SET docs = search_terms.docs + 1 RETURNING docs",
                &params![word],
                |row| row.int(0),
            )
            .await?;
        if docs == Some(1) {
            for variant in typo_variants(word) {
                tx.exec(
                    "INSERT INTO search_typos (variant, term) VALUES ($1, $2) ON CONFLICT (variant, term) DO NOTHING",
                    &params![variant, word],
                )
                .await?;
            }
        }
    }
    for word in before.difference(after) {
        let docs = tx
            .one(
                "UPDATE search_terms SET docs = docs - 1 WHERE term = $1 RETURNING docs",
                &params![word],
                |row| row.int(0),
            )
            .await?;
        if docs.is_some_and(|docs| docs <= 0) {
            tx.exec("DELETE FROM search_terms WHERE term = $1", &params![word])
                .await?;
            for variant in typo_variants(word) {
                tx.exec(
                    "DELETE FROM search_typos WHERE variant = $1 AND term = $2",
                    &params![variant, word],
                )
                .await?;
            }
        }
    }
    Ok(())
}

/// How many have this word.
pub async fn docs(tx: &mut Tx, word: &str) -> Result<i64, StoreError> {
    let docs = tx
        .one(
            "SELECT docs FROM search_terms WHERE term = $1",
            &params![word],
            |row| row.int(0),
        )
        .await?;
    Ok(docs.unwrap_or(0))
}

/// The commonest words that begin with this one.
pub async fn completions(tx: &mut Tx, word: &str) -> Result<Completions, StoreError> {
    let end = format!("{word}\u{10ffff}");
    let mut found = tx
        .all(COMPLETE, &params![word, end, LOOKED_AT], |row| {
            Ok(Term {
                word: row.text(0)?.to_owned(),
                docs: row.int(1)?,
            })
        })
        .await?;
    let cut = i64::try_from(found.len()).is_ok_and(|n| n == LOOKED_AT);
    let docs = found.iter().map(|term| term.docs).sum();
    found.sort_by(|a, b| {
        (b.word == word)
            .cmp(&(a.word == word))
            .then(b.docs.cmp(&a.docs))
            .then(a.word.cmp(&b.word))
    });
    found.truncate(usize::try_from(COMPLETIONS).unwrap_or(0));
    Ok(Completions {
        terms: found,
        docs,
        cut,
    })
}

/// How a word is asked of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// In which forms.
    pub lookup: Lookup,
    /// Listed videos and channels that have just this word.
    pub docs: i64,
    /// Those that have any of its forms are no more than these, where that is known.
    pub at_most: Option<i64>,
}

/// How a word is asked of an index. A beginning of two or three letters has lists of its own there. A longer one of
/// which many words may be meant is asked for as the commonest of those, since the index would put all their lists
/// together before it answered. A word that many have as it is stands for itself only.
pub async fn lookup(tx: &mut Tx, word: &str) -> Result<Sought, StoreError> {
    let docs = docs(tx, word).await?;
    let letters = word.chars().count();
    let itself = |beginnings, at_most| Sought {
        lookup: Lookup {
            any_of: vec![word.to_owned()],
            beginnings,
        },
        docs,
        at_most,
    };
    if letters <= 3 {
        return Ok(itself(letters > 1, None));
    }
    if docs > FEW_DOCS {
        return Ok(itself(false, Some(docs)));
    }
    let completions = completions(tx, word).await?;
    if !completions.cut && completions.docs <= FEW_DOCS {
        return Ok(itself(true, Some(completions.docs)));
    }
    let mut sought = itself(false, None);
    let others = completions.terms.into_iter().map(|term| term.word);
    sought.lookup.any_of.extend(others.filter(|other| other != word));
    Ok(sought)
}

/// A stretch of the words in their order.
pub const COMPLETE: &str =
    "SELECT term, docs FROM search_terms WHERE term >= $1 AND term < $2 ORDER BY term LIMIT $3";

/// Words that have a variant in common with this one ([`typo_variants`]); whether they are near is for the caller to
/// see.
pub async fn near(tx: &mut Tx, word: &str) -> Result<Vec<Term>, StoreError> {
    let mut all: Vec<Term> = Vec::new();
    for variant in typo_variants(word) {
        let found = tx
            .all(NEARLY, &params![variant, NEAR], |row| {
                Ok(Term {
                    word: row.text(0)?.to_owned(),
                    docs: row.int(1)?,
                })
            })
            .await?;
        for term in found {
            if !all.iter().any(|known| known.word == term.word) {
                all.push(term);
            }
        }
    }
    Ok(all)
}

/// The words of one variant.
pub const NEARLY: &str = "SELECT t.term, t.docs FROM search_typos y JOIN search_terms t ON t.term = y.term \
     WHERE y.variant = $1 LIMIT $2";
