//! Chapters: read out of a video's description, where their owners have long been used to writing them.
//!
//! ```text
//! 0:00 Intro
//! 2:30 – How it is made
//! 1:02:03 The end
//! ```

/// The fewest that count as chapters: below, it is a time that is mentioned.
const FEWEST: usize = 3;
/// The most chapters.
const MOST: usize = 200;
/// The longest title, in characters; the rest is cut off.
const TITLE_CHARS: usize = 100;

/// A stretch of a video with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins.
    pub start_ms: u64,
    /// Where it ends: where the next one begins, or with the video.
    pub end_ms: u64,
    /// What it is called; one line.
    pub title: String,
}

/// The chapters that a description names: lines with a time in front, or behind, the first of them 0:00,
/// at least three, each later than the one before and all within the video. Otherwise there are none.
pub fn read(description: &str, duration_ms: u64) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for (start_ms, title) in description.lines().filter_map(line) {
        let in_order = match chapters.last_mut() {
            None => start_ms == 0,
            Some(before) => {
                before.end_ms = start_ms;
                start_ms > before.start_ms
            }
        };
        if !in_order || start_ms >= duration_ms || chapters.len() == MOST {
            return Vec::new();
        }
        chapters.push(Chapter {
            start_ms,
            end_ms: duration_ms,
            title: title
                .chars()
                .take(TITLE_CHARS)
                .collect::<String>()
                .trim_end()
                .to_owned(),
        });
    }
    if chapters.len() < FEWEST {
        return Vec::new();
    }
    chapters
}

/// The time and the title of a line that has both.
fn line(line: &str) -> Option<(u64, &str)> {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    // "- 0:00 Intro", "1. 0:00 Intro"
    let bullet = !first.contains(':') && first.len() <= 4 && !first.contains(char::is_alphabetic);
    let from = if bullet { rest.trim_start() } else { line };
    let (front, behind) = from.split_once(char::is_whitespace).unwrap_or((from, ""));
    let (start_ms, beside) = if let Some(start_ms) = time(front) {
        (start_ms, behind)
    } else {
        let (before, last) = line.rsplit_once(char::is_whitespace)?;
        (time(last)?, before)
    };
    let title = beside
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':' | '|' | '·' | '•'));
    (!title.is_empty()).then_some((start_ms, title))
}

/// `1:02`, `1:02:03`, also in brackets or with a dash or colon behind it.
fn time(word: &str) -> Option<u64> {
    let word = word.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | '-' | '–' | '—' | ':'));
    let mut parts = word.split(':');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let number = |text: &str, most: usize| -> Option<u64> {
        let digits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let below_sixty = |text: &str| number(text, 2).filter(|n| *n < 60 && text.len() == 2);
    let seconds = match third {
        // Without hours, minutes may be many: 75:00.
        None => number(first, 3)? * 60 + below_sixty(second)?,
        Some(third) => (number(first, 3)? * 60 + below_sixty(second)?) * 60 + below_sixty(third)?,
    };
    Some(seconds * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(description: &str, duration_s: u64) -> Vec<(u64, u64, String)> {
        read(description, duration_s * 1000)
            .into_iter()
            .map(|chapter| (chapter.start_ms / 1000, chapter.end_ms / 1000, chapter.title))
            .collect()
    }

    #[test]
    fn chapters_are_read_from_lines_with_times() {
        let description = "A film about bread.\n\n0:00 Intro\n(2:30) – How it is made\n[10:00]: Flour | water\n\
                           1:02:03 - The end\nFilmed at 12 o'clock. See https://example.org:8080/x";
        assert_eq!(
            titles(description, 4000),
            [
                (0, 150, "Intro".to_owned()),
                (150, 600, "How it is made".to_owned()),
                (600, 3723, "Flour | water".to_owned()),
                (3723, 4000, "The end".to_owned()),
            ]
        );
    }

    #[test]
    fn lists_with_bullets_numbers_or_times_behind_are_chapters_too() {
        for description in [
            "- 00:00 a\n- 00:10 b\n- 00:20 c",
            "1. 0:00 a\n2. 0:10 b\n3. 0:20 c",
            "a 0:00\nb - 0:10\nc (0:20)",
            "* 0:00: a\r\n* 0:10: b\r\n* 0:20: c\r\n",
        ] {
            let expected = [(0, 10, "a"), (10, 20, "b"), (20, 30, "c")];
            let found = titles(description, 30);
            assert!(
                found.iter().map(|(s, e, t)| (*s, *e, t.as_str())).eq(expected),
                "{description}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_no_list_of_chapters_has_none() {
        for (why, description) in [
            ("nothing there", ""),
            ("the first is not at the start", "0:01 a\n0:10 b\n0:20 c"),
            ("too few", "0:00 a\n0:10 b"),
            ("not ascending", "0:00 a\n0:20 b\n0:10 c\n0:25 d"),
            ("twice the same", "0:00 a\n0:10 b\n0:10 c"),
            ("behind the end", "0:00 a\n0:10 b\n0:30 c"),
            ("no titles", "0:00\n0:10\n0:20"),
            ("no times", "0:0 a\n0:1 b\n1:2:3:4 c\n0:60 d\n0x:00 e"),
        ] {
            assert_eq!(titles(description, 30), [], "{why}");
        }
        assert_eq!(
            titles("0:00 a\n0:10 b\n0:20 c", 0),
            [],
            "nobody knows how long it is"
        );
        let many: Vec<String> = (0..=MOST)
            .map(|n| format!("{}:{:02} x", n / 60, n % 60))
            .collect();
        assert_eq!(titles(&many.join("\n"), 10_000), []);
        assert_eq!(titles(&many[..MOST].join("\n"), 10_000).len(), MOST);
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        let long = "ü".repeat(300);
        let found = read(&format!("0:00 {long}\n0:01 b\n0:02 c"), 10_000);
        assert_eq!(found[0].title, "ü".repeat(100));
    }
}
