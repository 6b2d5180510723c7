//! Words for PostgreSQL's full-text search. Texts and questions are taken apart and folded here, by the same rules as
//! everywhere else in the program, so nothing depends on the server's language settings or extensions.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::{CommentId, TweetId, UserId, VideoId};

use crate::{StoreError, Tx, params};

/// Different words of one text beyond these are not found.
const WORDS: usize = 20_000;
/// The longest word that the engine takes is a little longer, in bytes.
const WORD_BYTES: usize = 1_024;
/// All words of one text, in bytes: the engine takes a megabyte with what it notes of each.
const ALL_BYTES: usize = 256 * 1_024;
/// A word that is in no text.
const NEVER: &str = "'-'";

/// The different words of some texts, as a JSON array.
fn array<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    json(&words_of(texts))
}

fn json(words: &BTreeSet<String>) -> String {
    serde_json::to_string(words).unwrap_or_else(|_| "[]".to_owned())
}

fn words_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let (mut all, mut bytes) = (BTreeSet::new(), 0);
    for word in texts.into_iter().flat_map(model::search::words) {
        if word.folded.len() > WORD_BYTES || all.contains(&word.folded) {
            continue;
        }
        bytes += word.folded.len();
        if all.len() == WORDS || bytes > ALL_BYTES {
            break;
        }
        all.insert(word.folded);
    }
    all
}

/// SQL that makes words of parameter `n`, an [`array`].
macro_rules! vector {
    ($n:literal) => {
        concat!(
            "array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(CAST($",
            $n,
            " AS jsonb))))"
        )
    };
}

/// Puts a video's words, and its place among the others, in the place of what was there.
pub(crate) async fn save_video(tx: &mut Tx, id: VideoId) -> Result<(), StoreError> {
    let found = tx
        .one(
            "SELECT title, tags, description FROM videos WHERE id = $1",
            &params![id],
            |row| {
                let tags: Vec<String> = serde_json::from_str(row.text(1)?).unwrap_or_default();
                let title = row.text(0)?;
                let of_title = std::iter::once(title).chain(tags.iter().map(String::as_str));
                Ok((array(of_title.clone()), array(of_title.chain([row.text(2)?]))))
            },
        )
        .await?;
    let Some((of_title, of_all)) = found else {
        return Ok(());
    };
    tx.exec(
        concat!(
            "UPDATE video_search_rows SET title_words = ",
            vector!(1),
            ", words = ",
            vector!(2),
            ", tier = (SELECT CASE WHEN v.listed = 1 THEN tier_of(v.views) ELSE 0 END FROM videos v WHERE v.id = $3) \
             WHERE video_id = $3"
        ),
        &params![of_title, of_all, id],
    )
    .await?;
    Ok(())
}

/// The same of a channel; its place is kept by a trigger.
pub(crate) async fn save_channel(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    let found = tx
        .one(
            "SELECT username, full_name, bio FROM users WHERE id = $1",
            &params![id],
            |row| Ok(array([row.text(0)?, row.text(1)?, row.text(2)?])),
        )
        .await?;
    let Some(words) = found else { return Ok(()) };
    tx.exec(
        concat!(
            "UPDATE channel_search_rows SET words = ",
            vector!(1),
            " WHERE user_id = $2"
        ),
        &params![words, id],
    )
    .await?;
    Ok(())
}

/// The same of a comment, if it has a row there.
pub(crate) async fn save_comment(tx: &mut Tx, id: CommentId) -> Result<(), StoreError> {
    let found = tx
        .one(
            "SELECT video_id, content FROM comments WHERE id = $1",
            &params![id],
            |row| {
                let video: VideoId = row.id(0)?;
                Ok(with_ids(&[("video", video.0)], row.text(1)?))
            },
        )
        .await?;
    let Some(words) = found else { return Ok(()) };
    tx.exec(
        concat!(
            "UPDATE comment_words_rows SET words = ",
            vector!(1),
            " WHERE comment_id = $2"
        ),
        &params![words, id],
    )
    .await?;
    Ok(())
}

/// The same of a tweet.
pub(crate) async fn save_tweet(tx: &mut Tx, id: TweetId) -> Result<(), StoreError> {
    let found = tx
        .one(
            "SELECT owner_id, video_id, content FROM tweets WHERE id = $1",
            &params![id],
            |row| {
                let owner: UserId = row.id(0)?;
                let video: Option<VideoId> = row.opt_id(1)?;
                let ids = [Some(("owner", owner.0)), video.map(|video| ("video", video.0))];
                let ids: Vec<_> = ids.into_iter().flatten().collect();
                Ok(with_ids(&ids, row.text(2)?))
            },
        )
        .await?;
    let Some(words) = found else { return Ok(()) };
    tx.exec(
        concat!(
            "UPDATE tweet_words_rows SET words = ",
            vector!(1),
            " WHERE tweet_id = $2"
        ),
        &params![words, id],
    )
    .await?;
    Ok(())
}

/// Adds a passage of subtitles with its words.
pub(crate) async fn add_passage(
    tx: &mut Tx,
    video: VideoId,
    language: &str,
    cues: &str,
    said: &[&str],
) -> Result<(), StoreError> {
    tx.exec(
        concat!(
            "INSERT INTO caption_passages (tier, video_id, language, cues, words) \
             SELECT tier_of(v.views), v.id, $1, $2, ",
            vector!(3),
            " FROM videos v WHERE v.id = $4"
        ),
        &params![language, cues, array(said.iter().copied()), video],
    )
    .await?;
    Ok(())
}

/// The words of a text, and ids as words that no text has.
fn with_ids(ids: &[(&str, model::ObjectId)], text: &str) -> String {
    let mut all = words_of([text]);
    all.extend(ids.iter().map(|(column, id)| format!("={column}:i{id}")));
    json(&all)
}

/// What the other engine is asked ([`super::expression`], [`crate::keyset::words`], [`crate::videos::list::words`]) in
/// PostgreSQL's words. Ids are words that no text has, with their column's name; for titles there are words apart.
pub(crate) fn question(expression: &str) -> String {
    let mut out = String::new();
    // Whether what comes next is joined to what stands there.
    let mut joined = false;
    let mut column = None;
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        match c {
            '"' => {
                let (word, after) = quoted(rest);
                let beginning = after.starts_with('*');
                rest = if beginning { &after[1..] } else { after };
                if joined {
                    out.push_str(" & ");
                }
                match column.take() {
                    Some(column) => {
                        // Writing to a string cannot fail.
                        let _ = write!(out, "'={column}:{word}'");
                    }
                    None => out.push_str(&operand(&word, beginning)),
                }
                joined = true;
            }
            '(' => {
                if joined {
                    out.push_str(" & ");
                }
                out.push('(');
                joined = false;
                rest = &rest[1..];
            }
            ')' => {
                out.push(')');
                joined = true;
                rest = &rest[1..];
            }
            '{' => rest = rest.split_once(':').map_or("", |(_, after)| after),
            c if c.is_ascii_alphabetic() => {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphabetic())
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                match name {
                    "AND" | "OR" => {
                        out.push_str(if name == "AND" { " & " } else { " | " });
                        joined = false;
                        rest = after;
                    }
                    _ => {
                        column = ["owner", "video"].into_iter().find(|column| *column == name);
                        rest = after.trim_start().strip_prefix(':').unwrap_or(after);
                    }
                }
            }
            c => rest = &rest[c.len_utf8()..],
        }
    }
    if out.is_empty() { NEVER.to_owned() } else { out }
}

/// A quoted word and what follows it.
fn quoted(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '"' {
            word.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == '"') {
            word.push(c);
            chars.next();
        } else {
            return (word, &text[at + 1..]);
        }
    }
    (word, "")
}

fn operand(word: &str, beginning: bool) -> String {
    let words: Vec<String> = model::search::words(word).map(|word| word.folded).collect();
    let last = words.len().saturating_sub(1);
    let each = words.iter().enumerate().map(|(n, word)| {
        // Letters and digits alone: nothing in them ends the quotes.
        let beginning = if beginning && n == last { ":*" } else { "" };
        format!("'{word}'{beginning}")
    });
    let all: Vec<String> = each.collect();
    match all.len() {
        0 => NEVER.to_owned(),
        1 => all.concat(),
        _ => format!("({})", all.join(" & ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_are_asked_the_same() {
        for (sqlite, postgres) in [
            ("\"cat\"* \"OR\"*", "'cat':* & 'or':*"),
            (
                "(\"near\" OR \"nearly\") AND (\"or\"*)",
                "('near' | 'nearly') & ('or':*)",
            ),
            (
                "video : \"i65f0\" AND content : (\"Été\"* \"b\")",
                "'=video:i65f0' & ('ete':* & 'b')",
            ),
            ("{title tags} : ((\"a\"))", "(('a'))"),
            ("(\"a\"\"b\")", "(('a' & 'b'))"),
            ("\"'\"*", "'-'"),
            ("", "'-'"),
        ] {
            assert_eq!(question(sqlite), postgres, "{sqlite}");
        }
    }

    #[test]
    fn words_are_folded_and_there_once() {
        assert_eq!(array(["The Été-otter", "the otter"]), r#"["ete","otter","the"]"#);
    }
}
