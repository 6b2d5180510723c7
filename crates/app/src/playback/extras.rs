//! What is shown beside the picture: subtitles, chapters, preview pictures, downloads. Their addresses
//! and their bytes; who may have them is decided in front of both, as for everything of a video.

use model::chapters::{self, Chapter};
use store::renditions::RenditionRow;
use store::videos::{CaptionTrack, VideoRow};

use super::links::PRIVATE_TTL_S;
use super::{Caching, Media, ORIGINAL, Playback, blob, is_theirs, no_media};
use crate::captions;
use crate::error::Error;
use crate::pictures;
use crate::sessions::{Actor, Viewer};
use crate::storyboard;

/// A subtitle track and its address.
#[derive(Debug, Clone)]
pub struct CaptionLink {
    /// BCP 47, lower case.
    pub language: String,
    /// What a menu shows.
    pub label: String,
    /// Address.
    pub url: String,
}

/// What a player's page shows besides [`super::Links`].
#[derive(Debug, Clone, Default)]
pub struct ExtraLinks {
    /// Chapters that the description names.
    pub chapters: Vec<Chapter>,
    /// Address of the same as `WebVTT`.
    pub chapters_file: Option<String>,
    /// Addresses that save renditions as files, in the order of the renditions.
    pub downloads: Vec<String>,
    /// Address that saves the original, for its owner while it is kept.
    pub original: Option<String>,
}

pub(super) fn caption_links(base: &str, video: &VideoRow) -> Vec<CaptionLink> {
    video
        .captions
        .iter()
        .map(|track| CaptionLink {
            language: track.language.clone(),
            label: track.label.clone(),
            url: format!("{base}/{}", captions::file_name(track)),
        })
        .collect()
}

pub(super) fn storyboard_link(base: &str, video: &VideoRow) -> Option<String> {
    let rev = video.storyboard_rev.as_ref()?;
    Some(format!("{base}/storyboard-{rev}.vtt"))
}

fn chapters_of(video: &VideoRow) -> Vec<Chapter> {
    chapters::read(&video.description, u64::try_from(video.duration_ms).unwrap_or(0))
}

/// What is named by a version is kept for as long as its holder likes.
fn for_good(caching: Caching) -> Caching {
    match caching {
        Caching::Private => Caching::Private,
        Caching::Immutable | Caching::Revalidate => Caching::Immutable,
    }
}

impl Playback {
    /// Chapters and downloads of a video that `viewer` may see.
    pub fn extra_links(&self, video: &VideoRow, viewer: &Viewer, renditions: &[RenditionRow]) -> ExtraLinks {
        let (base, _) = self.base(video, viewer);
        let chapters = chapters_of(video);
        ExtraLinks {
            chapters_file: (!chapters.is_empty()).then(|| format!("{base}/chapters.vtt")),
            chapters,
            downloads: renditions
                .iter()
                .map(|row| self.download_link(video, &row.name))
                .collect(),
            original: video
                .source_key
                .as_ref()
                .filter(|_| is_theirs(video, viewer))
                .map(|_| self.download_link(video, ORIGINAL)),
        }
    }

    /// Whether the original stays once the video is ready, if it is the viewer's to know.
    pub fn keeps_original(&self, video: &VideoRow, viewer: &Viewer) -> Option<bool> {
        let kept = video.keep_original.unwrap_or(self.core.settings.keep_originals);
        is_theirs(video, viewer).then_some(kept)
    }

    fn download_link(&self, video: &VideoRow, rendition: &str) -> String {
        let id = video.id;
        self.core
            .url(&format!("/api/v1/videos/{id}/download?rendition={rendition}"))
    }

    /// The address of one subtitle track.
    pub fn caption_link(&self, video: &VideoRow, track: &CaptionTrack, viewer: &Viewer) -> CaptionLink {
        let (base, _) = self.base(video, viewer);
        CaptionLink {
            language: track.language.clone(),
            label: track.label.clone(),
            url: format!("{base}/{}", captions::file_name(track)),
        }
    }

    /// A `WebVTT` file: subtitles, chapters or the storyboard.
    pub(super) fn text_track(video: &VideoRow, file: &str, caching: Caching) -> Result<Media, Error> {
        if let Some(track) = video
            .captions
            .iter()
            .find(|track| captions::file_name(track) == file)
        {
            let key = captions::object_key(video.id, track);
            return blob(&key, "text/vtt", 0, for_good(caching));
        }
        let (body, caching) = if file == "chapters.vtt" {
            let chapters = chapters_of(video);
            if chapters.is_empty() {
                return Err(no_media());
            }
            let cues = chapters.iter().map(|c| (c.start_ms, c.end_ms, c.title.as_str()));
            // The address stays when the description changes.
            let caching = match caching {
                Caching::Immutable => Caching::Revalidate,
                other => other,
            };
            (media::captions::document(cues), caching)
        } else {
            let rev = video
                .storyboard_rev
                .as_deref()
                .filter(|rev| file.strip_prefix("storyboard-") == Some(&format!("{rev}.vtt")))
                .ok_or_else(no_media)?;
            (storyboard::text(rev).ok_or_else(no_media)?, for_good(caching))
        };
        Ok(Media::Text {
            body,
            content_type: "text/vtt",
            caching,
        })
    }

    /// `…/media/{id}` with a part that opens what only the owner may have, whoever else may see the video.
    pub(crate) fn owners_base(&self, video: &VideoRow, owner: &Actor) -> String {
        let until_s = self.core.clock.now().as_seconds() + PRIVATE_TTL_S;
        let token = self.token(video, until_s.div_euclid(60) * 60, Some(owner.session_id));
        self.core.url(&format!("/media/~{token}/{}", video.id))
    }

    /// A frame to choose the poster from; asked for by the owner.
    pub(super) fn candidate(video: &VideoRow, file: &str) -> Result<Media, Error> {
        let key = format!("{}/{file}", pictures::video_folder(video.id));
        blob(&key, "image/jpeg", 0, Caching::Private)
    }

    /// One sheet of the storyboard.
    pub(super) fn sheet(video: &VideoRow, file: &str, caching: Caching) -> Result<Media, Error> {
        video
            .storyboard_rev
            .as_deref()
            .filter(|rev| storyboard::has_sheet(rev, file))
            .ok_or_else(no_media)?;
        let key = format!("{}/{file}", pictures::video_folder(video.id));
        blob(&key, "image/jpeg", 0, for_good(caching))
    }
}
