//! Words as search compares them: how text is taken apart, when two words are nearly the same, and what a match is
//! worth.
//!
//! Words are folded: lower case, without accents. The index of the store folds in the same way, so what is found
//! there is found here again, for marking it and for weighing it.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest search, in characters.
pub const QUERY_CHARS: usize = 200;
/// Words of a search beyond these are not looked at.
pub const QUERY_WORDS: usize = 8;
/// Longer words are not remembered, in characters.
pub const TERM_CHARS: usize = 24;
/// Different words of one text beyond these are not remembered.
pub const TERMS: usize = 400;
/// How much of a word its typing errors are looked for in, in letters.
const TYPO_PREFIX: usize = 7;

/// A word in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// Folded.
    pub folded: String,
}

/// A word in lower case and without accents.
pub fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

/// The words of a text, in their order: letters and digits that stand together.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, _) = chars.find(|(_, c)| c.is_alphanumeric())?;
            let mut end = text.len();
            while let Some((at, c)) = chars.peek().copied() {
                if !(c.is_alphanumeric() || is_combining_mark(c)) {
                    end = at;
                    break;
                }
                chars.next();
            }
            let folded = fold(text.get(start..end).unwrap_or_default());
            if !folded.is_empty() {
                return Some(Word { start, end, folded });
            }
        }
    })
}

/// The words to look for: folded, each once, at most [`QUERY_WORDS`].
pub fn query_words(query: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words(query) {
        if !all.contains(&word.folded) {
            all.push(word.folded);
            if all.len() == QUERY_WORDS {
                break;
            }
        }
    }
    all
}

/// The query with these words in place of others; all else stays as it was typed.
pub fn replace_words(query: &str, replaced: &[(String, String)]) -> String {
    let mut out = String::with_capacity(query.len());
    let mut done = 0;
    for word in words(query) {
        if let Some((_, new)) = replaced.iter().find(|(old, _)| *old == word.folded) {
            out.push_str(query.get(done..word.start).unwrap_or_default());
            out.push_str(new);
            done = word.end;
        }
    }
    out.push_str(query.get(done..).unwrap_or_default());
    out
}

/// The different words of some texts that are worth remembering.
pub fn terms<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in texts {
        for word in words(text) {
            if word.folded.chars().count() <= TERM_CHARS {
                all.insert(word.folded);
            }
            if all.len() == TERMS {
                return all;
            }
        }
    }
    all
}

/// How many errors a word of so many letters may have and still be taken for another: one from four letters on, two
/// from eight on.
pub fn errors_allowed(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// How many letters must be added, left out, changed or swapped with their neighbour to make one word of the other;
/// `None` when more than `most`.
pub fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    // Optimal string alignment, three rows at a time.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut fewest = (last[j] + usize::from(a != b))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            let swapped = i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b;
            if swapped {
                fewest = fewest.min(before[j - 1] + 1);
            }
            row.push(fewest);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|found| *found <= most)
}

/// What two words that are nearly the same have in common, as hashes: what remains of the first letters of a word
/// when as many of them are left out as errors are allowed. Empty for what is no word of four letters or more.
///
/// The idea is that of symmetric deletion: an error in either word is undone by leaving out letters of both, so that
/// looking for near words is looking up at most 29 numbers.
pub fn typo_variants(word: &str) -> BTreeSet<i64> {
    let letters: Vec<char> = word.chars().collect();
    let errors = errors_allowed(letters.len());
    if errors == 0 || letters.len() > TERM_CHARS || !letters.iter().all(|c| c.is_alphabetic()) {
        return BTreeSet::new();
    }
    let prefix: String = letters.iter().take(TYPO_PREFIX).collect();
    let mut all = BTreeSet::from([prefix]);
    for _ in 0..errors {
        let shorter: Vec<String> = all.iter().flat_map(|word| without_one(word)).collect();
        all.extend(shorter);
    }
    all.iter().map(|variant| hash(variant)).collect()
}

fn without_one(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    (0..letters.len())
        .map(|left_out| {
            let kept = letters.iter().enumerate().filter(|(at, _)| *at != left_out);
            kept.map(|(_, c)| *c).collect()
        })
        .collect()
}

/// FNV-1a; two words of the same hash cost a comparison, nothing else.
fn hash(text: &str) -> i64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.cast_signed()
}

/// How a word of a text answers to a word of the search: wholly, by its beginning, or not.
fn matches(word: &str, wanted: &str) -> f64 {
    match word.strip_prefix(wanted) {
        Some("") => 1.0,
        // One letter is the beginning of too much.
        Some(_) if wanted.chars().nth(1).is_some() => 0.5,
        _ => 0.0,
    }
}

/// Where the words of a search stand in a text: start and end of each in UTF-16 code units, as JavaScript counts.
pub fn ranges(text: &str, wanted: &[String]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut at, mut units) = (0, 0);
    for word in words(text) {
        if wanted.iter().any(|wanted| matches(&word.folded, wanted) > 0.0) {
            units += utf16(text, at, word.start);
            let length = utf16(text, word.start, word.end);
            found.push((units, units + length));
            units += length;
            at = word.end;
        }
    }
    found
}

fn utf16(text: &str, from: usize, to: usize) -> usize {
    text.get(from..to)
        .map_or(0, |part| part.chars().map(char::len_utf16).sum())
}

/// A piece of a long text around the first word that was looked for, of about `chars` characters, with an ellipsis
/// where it was cut. `None` when no such word is in it.
pub fn snippet(text: &str, wanted: &[String], chars: usize) -> Option<String> {
    let first = words(text).find(|word| wanted.iter().any(|wanted| matches(&word.folded, wanted) > 0.0))?;
    let before: Vec<(usize, char)> = text.get(..first.start)?.char_indices().collect();
    let mut start = before
        .len()
        .checked_sub(chars / 4)
        .and_then(|n| before.get(n))
        .map_or(0, |(at, _)| *at);
    if start > 0 {
        // Not in the middle of a word.
        let gap = text.get(start..first.start)?.find(char::is_whitespace);
        start = gap.map_or(first.start, |gap| start + gap + 1);
        while !text.is_char_boundary(start) {
            start += 1;
        }
    }
    let rest = text.get(start..)?;
    let end = rest.char_indices().nth(chars).map_or(rest.len(), |(at, _)| at);
    let piece = rest.get(..end)?.trim();
    let one_line: Vec<&str> = piece.split_whitespace().collect();
    let (head, tail) = (
        if start > 0 { "… " } else { "" },
        if end < rest.len() { " …" } else { "" },
    );
    Some(format!("{head}{}{tail}", one_line.join(" ")))
}

/// A part of a thing that is looked through.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// What it says.
    pub text: &'a str,
    /// What a word in it is worth.
    pub weight: f64,
    /// How many words such a part usually has.
    pub usual_words: f64,
}

/// A word of the search, and how rare it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Folded.
    pub word: String,
    /// The larger, the fewer things have it.
    pub rarity: f64,
}

/// The inverse document frequency of BM25: `docs` of `all` things have the word.
pub fn rarity(docs: i64, all: i64) -> f64 {
    let (docs, all) = (docs.max(0) as f64, all.max(docs).max(1) as f64);
    (1.0 + (all - docs + 0.5) / (docs + 0.5)).ln()
}

/// How well a thing answers to the words, 0 to 1: BM25 over weighted fields (BM25F) with k1 = 1.2 and b = 0.5, divided
/// by the most that these words can bring.
pub fn relevance(wanted: &[Wanted], fields: &[Field<'_>]) -> f64 {
    const K1: f64 = 1.2;
    const B: f64 = 0.5;
    let mut counts = vec![0.0; wanted.len()];
    for field in fields {
        let mut in_field = vec![0.0; wanted.len()];
        let mut length = 0.0;
        for word in words(field.text) {
            length += 1.0;
            for (count, wanted) in in_field.iter_mut().zip(wanted) {
                *count += matches(&word.folded, &wanted.word);
            }
        }
        let by_length = 1.0 - B + B * length / field.usual_words;
        for (count, in_field) in counts.iter_mut().zip(in_field) {
            *count += field.weight * in_field / by_length;
        }
    }
    let most: f64 = wanted.iter().map(|wanted| wanted.rarity).sum();
    if most <= 0.0 {
        return 0.0;
    }
    let sum: f64 = wanted
        .iter()
        .zip(counts)
        .map(|(wanted, count)| wanted.rarity * count / (K1 + count))
        .sum();
    sum / most
}

/// What a thing is worth besides: `popularity` is any number of views or followers, `age_ms` since it was published.
/// A million views weigh 0.18, the very newest 0.1, which halves in 30 days.
pub fn bonus(popularity: i64, age_ms: i64) -> f64 {
    const HALF_LIFE_MS: f64 = 30.0 * 24.0 * 3600.0 * 1000.0;
    let popular = 0.03 * (popularity.max(0) as f64 + 1.0).log10();
    popular + 0.1 * (-(age_ms.max(0) as f64) / HALF_LIFE_MS).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_folded_and_syntax_falls_away() {
        assert_eq!(all("Über den 2. Fluß, c++!"), ["uber", "den", "2", "fluß", "c"]);
        assert_eq!(all("e\u{301}tude étude"), ["etude", "etude"]);
        assert_eq!(all("\"*%_( \u{301} 🎬"), Vec::<String>::new());
        assert_eq!(query_words("a A b a"), ["a", "b"]);
        assert_eq!(
            query_words(&"x1 x2 x3 x4 x5 x6 x7 x8 x9 ".repeat(9)).len(),
            QUERY_WORDS
        );
    }

    #[test]
    fn ranges_count_as_javascript_does() {
        let wanted = ["otter".to_owned(), "été".to_owned()].map(|word| fold(&word));
        assert_eq!(ranges("🎬 Otters in été", &wanted), [(3, 9), (13, 16)]);
        assert!(ranges("An otte", &wanted).is_empty());
    }

    #[test]
    fn a_snippet_shows_the_first_match() {
        let long = format!(
            "{} the otter swims {}",
            "word ".repeat(100),
            "and more ".repeat(100)
        );
        let piece = snippet(&long, &["otter".to_owned()], 80).unwrap();
        assert!(piece.starts_with("… ") && piece.ends_with(" …"), "{piece}");
        assert!(piece.contains("the otter swims"), "{piece}");
        assert!(piece.chars().count() <= 84);
        assert_eq!(
            snippet("short otter", &["otter".to_owned()], 80).unwrap(),
            "short otter"
        );
        assert_eq!(snippet("nothing", &["otter".to_owned()], 80), None);
        let wide = format!("{}猫 otter", "猫".repeat(500));
        assert!(
            snippet(&wide, &["otter".to_owned()], 80)
                .unwrap()
                .contains("otter")
        );
    }

    #[test]
    fn distances_count_swapped_letters_as_one() {
        assert_eq!(distance("receive", "recieve", 1), Some(1));
        assert_eq!(distance("television", "televison", 2), Some(1));
        assert_eq!(distance("otter", "outer", 1), Some(1));
        assert_eq!(distance("otter", "water", 1), None);
        assert_eq!(distance("", "abc", 2), None);
    }

    #[test]
    fn words_that_are_nearly_the_same_share_a_variant() {
        for (typed, meant) in [
            ("oter", "otter"),
            ("ottter", "otter"),
            ("otetr", "otter"),
            ("ottar", "otter"),
            ("recieve", "receive"),
            ("televison", "television"),
            ("telivisoin", "television"),
            ("platfrm", "platform"),
        ] {
            let (typed, meant) = (typo_variants(typed), typo_variants(meant));
            assert!(typed.intersection(&meant).next().is_some());
            assert!(typed.len() <= 29 && meant.len() <= 29);
        }
        assert!(typo_variants("cat").is_empty());
        assert!(typo_variants("abc123").is_empty());
    }

    #[test]
    fn a_title_weighs_more_than_a_description_and_a_rare_word_more_than_a_common_one() {
        let field = |text, weight| Field {
            text,
            weight,
            usual_words: 8.0,
        };
        let wanted = [Wanted {
            word: "otter".to_owned(),
            rarity: rarity(10, 1000),
        }];
        let title = relevance(&wanted, &[field("the otter", 8.0), field("", 1.0)]);
        let description = relevance(&wanted, &[field("the", 8.0), field("otter", 1.0)]);
        let beginning = relevance(&wanted, &[field("the otters", 8.0), field("", 1.0)]);
        assert!(title > beginning && beginning > description && description > 0.0);
        assert!(title < 1.0);
        assert!(rarity(1, 1000) > rarity(500, 1000) && rarity(1000, 1000) > 0.0);
        assert_eq!(relevance(&[], &[]).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_correction_keeps_what_it_does_not_correct() {
        let replaced = [("oter".to_owned(), "otter".to_owned())];
        assert_eq!(
            replace_words("The \"Óter\" & co", &replaced),
            "The \"otter\" & co"
        );
    }
}
