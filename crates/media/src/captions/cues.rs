//! The words of a file that was rebuilt here, without markup: for searching, not for showing.

use super::times;

/// One cue as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainCue {
    /// When it begins, milliseconds.
    pub start_ms: u64,
    /// When it ends, milliseconds.
    pub end_ms: u64,
    /// What is said, in one line.
    pub words: String,
}

/// The cues of a file that [`super::rebuild`] wrote, in their order; what is none is passed over.
pub fn plain_cues(vtt: &str) -> Vec<PlainCue> {
    let mut cues = Vec::new();
    for block in vtt.split("\n\n") {
        let mut lines = block.lines().skip_while(|line| !line.contains("-->"));
        let Some((start_ms, end_ms, _)) = lines.next().and_then(times::span) else {
            continue;
        };
        let text: Vec<&str> = lines.collect();
        let words = plain(&text.join(" "));
        if !words.is_empty() {
            cues.push(PlainCue {
                start_ms,
                end_ms,
                words,
            });
        }
    }
    cues
}

/// Without tags, with characters in the place of references. A `<` that is no tag was written as a reference.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            c => out.push(c),
        }
    }
    let decoded = out
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let one_line: Vec<&str> = decoded.split_whitespace().collect();
    one_line.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rebuilt_is_read_back_as_plain_words() {
        let file = "WEBVTT\n\n1\n00:01.000 --> 00:02.500 align:start\n<v Asha>Tom &amp; <b>Jerry</b>\nrun &lt;fast&gt;\n\n\
                    00:03.000 --> 00:04.000\n&amp;lt; a < b\n\nNOTE nothing\n";
        let rebuilt = super::super::rebuild(file.as_bytes()).unwrap();
        let cues = plain_cues(&rebuilt.vtt);
        let told: Vec<(u64, u64, &str)> = cues
            .iter()
            .map(|cue| (cue.start_ms, cue.end_ms, cue.words.as_str()))
            .collect();
        assert_eq!(
            told,
            [(1000, 2500, "Tom & Jerry run <fast>"), (3000, 4000, "&lt; a < b")]
        );
        assert!(plain_cues("").is_empty() && plain_cues("x --> y\nz").is_empty());
    }
}
