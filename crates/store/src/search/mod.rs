//! The full-text indexes and what is found in them: bounded candidates, which `app` then weighs.
//!
//! A document's number is its tier times 2^40 plus a serial number. Tiers tell what a thing is worth before anything
//! is asked (views of a video, subscribers of a channel; 0 is what nobody else finds), serial numbers its age. The
//! newest documents of each tier that have the words are candidates: some dozens each, read from the ends of the
//! word's lists, however many there are. The engine's own `bm25()` would count every document that has the word.
//!
//! [`videos`], [`channels`], [`tweets`] and [`captions`] keep one index each; [`terms`] the words that there are, for
//! completing what is half typed and for mending what is mistyped. Triggers do what follows from a change of rows
//! that other features write (migration `search`).
//!
//! PostgreSQL has the words beside the serial number and the tier, in the row that the other engine only numbers its
//! documents with ([`words`]); the same candidates are found there.

pub mod captions;
pub mod channels;
pub mod terms;
pub mod tweets;
pub mod videos;
pub(crate) mod words;

use std::fmt::Write as _;

/// What a document's number is masked with to get the serial number.
pub const SERIAL: i64 = (1 << 40) - 1;
/// The highest tier.
pub const TIERS: i64 = 6;
/// Candidates of one tier.
pub const NEWEST: i64 = 40;
/// How much of a long text is carried along for weighing and marking it, in characters.
pub const EXCERPT_CHARS: i64 = 2_000;

/// One word of a search, ready for the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Words, any of which will do.
    pub any_of: Vec<String>,
    /// Also what merely begins with them.
    pub beginnings: bool,
}

/// An FTS5 expression that asks for all of the words; `None` when there are none. Words are quoted, and hold letters
/// and digits only ([`model::search::words`]).
pub fn expression(lookups: &[Lookup]) -> Option<String> {
    let mut out = String::new();
    for lookup in lookups {
        if !out.is_empty() {
            out.push_str(" AND ");
        }
        out.push('(');
        for (n, word) in lookup.any_of.iter().enumerate() {
            let or = if n == 0 { "" } else { " OR " };
            let beginning = if lookup.beginnings { "*" } else { "" };
            // Writing to a string cannot fail.
            let _ = write!(out, "{or}\"{}\"{beginning}", word.replace('"', "\"\""));
        }
        out.push(')');
    }
    (!out.is_empty()).then_some(out)
}

/// Where so few have the words, they are read without looking at each tier by itself.
pub const ALL_OF_THEM: i64 = 2 * TIERS * NEWEST;

/// Selects the documents that answer to `$n`, the highest tier first, but tier 0.
fn best(table: &str, n: usize) -> String {
    let from = 1_i64 << 40;
    format!(
        "SELECT rowid AS doc FROM {table} WHERE {table} MATCH ${n} AND rowid >= {from} \
         ORDER BY rowid DESC LIMIT {ALL_OF_THEM}"
    )
}

/// [`best`] for PostgreSQL: of the table `rows`, by the words in `column`.
fn best_rows(rows: &str, key: &str, column: &str, n: usize) -> String {
    format!(
        "SELECT {key} FROM {rows} WHERE {column} @@ CAST(${n} AS tsquery) AND tier > 0 \
         ORDER BY tier DESC, doc DESC LIMIT {ALL_OF_THEM}"
    )
}

/// [`newest_of_tiers`] for PostgreSQL: of the table `rows`, by the words in each column with the parameter for it.
fn newest_rows(rows: &str, key: &str, asked: &[(&str, usize)]) -> String {
    let mut out = String::new();
    for (column, n) in asked {
        for tier in 1..=TIERS {
            let union = if out.is_empty() { "" } else { " UNION " };
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "{union}SELECT {key} FROM (SELECT {key} FROM {rows} WHERE {column} @@ CAST(${n} AS tsquery) \
                 AND tier = {tier} ORDER BY doc DESC LIMIT {NEWEST}) AS of_tier"
            );
        }
    }
    out
}

/// Selects the newest documents of each tier from 1 on that answer to `$n`, for each parameter in `asked`.
fn newest_of_tiers(table: &str, asked: &[usize]) -> String {
    let mut out = String::new();
    for n in asked {
        for tier in 1..=TIERS {
            let union = if out.is_empty() { "" } else { " UNION " };
            let (from, to) = (tier << 40, (tier + 1) << 40);
            let _ = write!(
                out,
                "{union}SELECT doc FROM (SELECT rowid AS doc FROM {table} WHERE {table} MATCH ${n} \
                 AND rowid >= {from} AND rowid < {to} ORDER BY rowid DESC LIMIT {NEWEST})"
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_asks_for_every_word_in_one_of_its_forms() {
        let word = |words: &[&str], beginnings| Lookup {
            any_of: words.iter().map(|word| (*word).to_owned()).collect(),
            beginnings,
        };
        assert_eq!(expression(&[]), None);
        assert_eq!(
            expression(&[word(&["near", "nearly"], false), word(&["or"], true)]).unwrap(),
            "(\"near\" OR \"nearly\") AND (\"or\"*)"
        );
        assert_eq!(expression(&[word(&["a\"b"], false)]).unwrap(), "(\"a\"\"b\")");
    }
}
