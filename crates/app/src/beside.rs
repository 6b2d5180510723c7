//! The small files that lie directly in a video's folder, beside the folders of the runs that made its
//! renditions: posters, poster candidates, storyboard sheets, captions. Which of them there should be, by
//! the rows, and which may go.

use std::collections::HashSet;

use model::{Millis, ObjectId};
use store::posters::CandidateSet;
use store::videos::VideoRow;

use crate::{captions, pictures, posters, storyboard};

/// How their names begin.
const STEMS: [&str; 4] = ["poster-", "candidate-", "storyboard-", "captions-"];

/// Names of the files that the rows of a video speak of.
pub(crate) fn names(video: &VideoRow, candidates: Option<&CandidateSet>) -> HashSet<String> {
    let mut names = HashSet::new();
    if let Some(rev) = &video.thumbnail_rev {
        names.extend(poster_names(rev));
    }
    if let Some(set) = candidates {
        names.extend(posters::file_names(set));
    }
    if let Some(rev) = &video.storyboard_rev {
        names.extend(storyboard::sheet_names(rev));
    }
    names.extend(video.captions.iter().map(captions::file_name));
    names
}

/// Names of the files of a poster.
pub(crate) fn poster_names(rev: &str) -> impl Iterator<Item = String> {
    pictures::POSTER_WIDTHS
        .into_iter()
        .map(move |width| format!("poster-{rev}-{width}.jpg"))
}

/// Whether a file of this name may go where no row names it. One that was made after `since` may be on its
/// way to a row; what is none of ours stays.
pub(crate) fn may_go(name: &str, since: Millis) -> bool {
    let newest = name
        .split(['-', '.'])
        .filter_map(|part| part.parse::<ObjectId>().ok())
        .map(|id| id.made_at().0)
        .max();
    STEMS.iter().any(|stem| name.starts_with(stem)) && newest.is_some_and(|newest| newest < since.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_files_of_ours_may_go() {
        let (old, new) = ("65a000000000000000000001", "65b000000000000000000001");
        let since = Millis(0x65a8_0000 * 1000);
        for name in [
            format!("poster-{old}-480.jpg"),
            format!("candidate-{old}-3.jpg"),
            format!("storyboard-{old}-12-2000-160x90-24000-0.jpg"),
            format!("captions-zh-hant-{old}.vtt"),
        ] {
            assert!(may_go(&name, since), "{name}");
        }
        for name in [
            format!("poster-{new}-480.jpg"),
            format!("poster-{old}-3-{new}-480.jpg"),
            format!("source-{old}.mp4"),
            "source.mp4".to_owned(),
            "poster-480.jpg".to_owned(),
        ] {
            assert!(!may_go(&name, since), "{name}");
        }
    }
}
