//! The storyboard of a video: preview pictures on sheets, made once, and the text that names them, made
//! when it is asked for.
//!
//! Everything that the text needs is in the name of the sheets (`VideoRow::storyboard_rev`):
//! `<name>-<tiles>-<interval>-<size>-<length>`.

use std::path::Path;

use bytes::Bytes;
use media::images::Encoded;
use media::runner::{self, RunError};
use media::storyboard::{self, Layout, Plan, StoryboardError};
use model::VideoId;
use objects::Key;
use thiserror::Error as ThisError;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::Error;
use crate::pictures;

pub use media::storyboard::Source;

/// A storyboard that is not stored yet.
#[derive(Debug)]
pub struct StoryboardMade {
    layout: Layout,
    duration_ms: u64,
    sheets: Vec<Encoded>,
}

/// Why there is none. A video without a storyboard is still a video.
#[derive(Debug, ThisError)]
pub enum MakeError {
    /// The program did not do it.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Its output could not be read.
    #[error(transparent)]
    Read(#[from] StoryboardError),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Makes the sheets of `source`, of this shown size and length. `folder` is an existing folder for what
/// lies around meanwhile. `None` when there is nothing to show.
pub async fn make(
    core: &Core,
    source: &Source<'_>,
    size: (u32, u32),
    duration_ms: u64,
    folder: &Path,
    stop: &CancellationToken,
) -> Result<Option<StoryboardMade>, MakeError> {
    let Some(plan) = storyboard::plan(source, size, duration_ms, folder) else {
        return Ok(None);
    };
    let run = runner::run(&core.tools, &plan.invocation, &plan.limits, |_| (), stop).await;
    // A file that is broken near its end has shown most of itself by then.
    if let Err(error) = run
        && (stop.is_cancelled() || !matches!(error, RunError::Failed { .. }))
    {
        return Err(error.into());
    }
    let (layout, sheets) = read(plan).await?;
    Ok(Some(StoryboardMade {
        layout,
        duration_ms,
        sheets,
    }))
}

async fn read(plan: Plan) -> Result<(Layout, Vec<Encoded>), StoryboardError> {
    media::background::spawn(move || storyboard::sheets(&plan))
        .await
        .map_err(std::io::Error::other)?
}

impl StoryboardMade {
    /// Stores the sheets; answers what belongs into `VideoRow::storyboard_rev`. `name` tells this making
    /// from others of the video, in letters that keys have; the same name writes over the same files.
    pub async fn store(self, core: &Core, video: VideoId, name: &str) -> Result<String, Error> {
        let rev = format!("{name}-{}-{}", self.layout, self.duration_ms);
        for (number, sheet) in self.sheets.into_iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            core.objects
                .put(&sheet_key(video, &rev, number)?, Bytes::from(sheet.jpeg))
                .await?;
        }
        Ok(rev)
    }

    /// Bytes of all sheets.
    pub fn size_bytes(&self) -> u64 {
        self.sheets.iter().map(|sheet| sheet.jpeg.len() as u64).sum()
    }
}

/// Names of the files of a storyboard.
pub(crate) fn sheet_names(rev: &str) -> impl Iterator<Item = String> {
    let sheets = parse(rev).map_or(0, |(layout, _)| layout.sheets());
    (0..sheets).map(move |number| sheet_name(rev, number))
}

/// The text that says when each tile is shown.
pub(crate) fn text(rev: &str) -> Option<String> {
    let (layout, duration_ms) = parse(rev)?;
    Some(storyboard::vtt(layout, duration_ms, |number| {
        sheet_name(rev, number)
    }))
}

/// Whether `file` is one of the sheets.
pub(crate) fn has_sheet(rev: &str, file: &str) -> bool {
    sheet_names(rev).any(|name| file == name)
}

/// The layout and the video's length that are in a name.
fn parse(rev: &str) -> Option<(Layout, u64)> {
    let (_, facts) = rev.split_once('-')?;
    let (layout, duration_ms) = facts.rsplit_once('-')?;
    Some((layout.parse().ok()?, duration_ms.parse().ok()?))
}

fn sheet_name(rev: &str, number: u32) -> String {
    format!("storyboard-{rev}-{number}.jpg")
}

fn sheet_key(video: VideoId, rev: &str, number: u32) -> Result<Key, Error> {
    let name = sheet_name(rev, number);
    Key::parse(&format!("{}/{name}", pictures::video_folder(video)))
        .map_err(|error| Error::failed("storyboard key", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_the_text_needs_and_which_sheets_there_are() {
        let rev = "65f1c0ffee0123456789abcd-112-2000-160x90-223500";
        let text = text(rev).unwrap();
        assert!(text.contains(&format!(
            "00:03:42.000 --> 00:03:43.500\nstoryboard-{rev}-1.jpg#xywh=160,90,160,90"
        )));
        assert!(
            has_sheet(rev, &format!("storyboard-{rev}-0.jpg"))
                && has_sheet(rev, &format!("storyboard-{rev}-1.jpg"))
        );
        for other in ["-2.jpg", "-01.jpg", "-0.png", ".vtt"] {
            assert!(!has_sheet(rev, &format!("storyboard-{rev}{other}")), "{other}");
        }
        assert!(super::text("65f1c0ffee0123456789abcd").is_none());
    }
}
