//! Text that was allowed elsewhere, made to keep our rules: without characters that no text may hold, and cut where it is
//! too long.

use model::text::Fault;

/// What was changed about a document, in words.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<String>);

impl Changes {
    pub(super) fn say(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.0.contains(&what) {
            self.0.push(what);
        }
    }

    pub(super) fn outcome(self) -> super::Outcome {
        if self.0.is_empty() {
            super::Outcome::Taken
        } else {
            super::Outcome::Changed(self.0.join("; "))
        }
    }
}

/// The text as `rule` takes it, and whether something of it was lost. `None`: nothing of it can be taken.
pub(super) fn fitted(
    raw: &str,
    most: usize,
    rule: fn(&str) -> Result<String, Fault>,
) -> Option<(String, bool)> {
    if let Ok(text) = rule(raw) {
        return Some((text, false));
    }
    // One line or several: what separates words goes on doing so.
    let clean: String = raw
        .chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' if rule("a\nb").is_err() => Some(' '),
            '\n' | '\r' | '\t' => Some(c),
            c if c.is_control() => None,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
            c => Some(c),
        })
        .collect();
    if let Ok(text) = rule(&clean) {
        return Some((text, true));
    }
    // A character as people see them has at least one of these; marks beyond reason shorten it further.
    let mut most = most;
    while most > 0 {
        let cut: String = clean.trim().chars().take(most).collect();
        if let Ok(text) = rule(&cut) {
            return Some((text, true));
        }
        most /= 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_the_rules_stays_and_what_does_not_is_cut() {
        let title = model::videos::title;
        assert_eq!(fitted(" A day ", 200, title), Some(("A day".to_owned(), false)));
        assert_eq!(
            fitted("A\nday\u{202e}", 200, title),
            Some(("A day".to_owned(), true))
        );
        assert_eq!(
            fitted(&"é".repeat(300), 200, title),
            Some(("é".repeat(200), true))
        );
        assert_eq!(fitted("  \u{0} ", 200, title), None);
        let tweet = model::tweets::content;
        assert_eq!(
            fitted("one\ntwo", 500, tweet),
            Some(("one\ntwo".to_owned(), false))
        );
    }
}
