//! Addresses: what a viewer is told to ask for, and the signed part that opens what is not everyone's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::videos::{Streaming, Visibility};
use model::{Millis, SessionId, UserId};
use store::videos::VideoRow;
use subtle::ConstantTimeEq;

use super::extras::{self, CaptionLink};
use super::{ORIGINALS_VERSION, Playback, is_theirs, version_of};
use crate::error::Error;
use crate::keys::mac;
use crate::pictures;
use crate::sessions::Viewer;
use crate::videos::may_see;

/// A link to private media works this long (security.md D1).
pub(super) const PRIVATE_TTL_S: i64 = 600;
/// A link to unlisted media works this long: whoever has the video's address gets a new one any time.
const UNLISTED_TTL_S: i64 = 12 * 3600;
/// Addresses of what can be played of a video, for one viewer.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// The progressive file.
    pub video_file: Option<String>,
    /// HLS multivariant playlist.
    pub hls: Option<String>,
    /// DASH manifest.
    pub dash: Option<String>,
    /// Poster.
    pub thumbnail: Option<String>,
    /// Preview pictures as `WebVTT`.
    pub storyboard: Option<String>,
    /// Subtitle tracks, in the order of their languages.
    pub captions: Vec<CaptionLink>,
    /// When signed addresses stop working.
    pub expires_at: Option<Millis>,
}

/// How far a signed address opens a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// Not at all.
    No,
    /// As for anyone who has the link.
    ByLink,
    /// As for its owner or an admin, in whose session it was made and with which it dies.
    ByOwnersLink,
}

impl Playback {
    /// The addresses under which `viewer`, who may see the video, can play it.
    pub fn links(&self, video: &VideoRow, viewer: &Viewer) -> Links {
        let (base, expires_at) = self.base(video, viewer);
        let theirs = is_theirs(video, viewer);
        let progressive = match (&video.progressive_key, &video.source_key) {
            (Some(key), _) => Some(format!("{base}/progressive.mp4?v={}", version_of(key))),
            (None, Some(key)) if video.source_public || theirs => {
                // The name tells the original of a file that replaced another from the one before.
                let file = key.rsplit('/').next().unwrap_or_default();
                Some(format!("{base}/{file}?v={ORIGINALS_VERSION}"))
            }
            _ => None,
        };
        Links {
            video_file: progressive,
            hls: (video.streaming != Streaming::None).then(|| format!("{base}/master.m3u8")),
            dash: (video.streaming == Streaming::Whole).then(|| format!("{base}/manifest.mpd")),
            thumbnail: video
                .thumbnail_rev
                .as_ref()
                .map(|rev| format!("{base}/poster-{rev}-{}.jpg", pictures::POSTER_WIDTHS[0])),
            storyboard: extras::storyboard_link(&base, video),
            captions: extras::caption_links(&base, video),
            expires_at,
        }
    }

    /// `…/media/{id}` with the signed part where the video is not public.
    pub(super) fn base(&self, video: &VideoRow, viewer: &Viewer) -> (String, Option<Millis>) {
        let now_s = self.core.clock.now().as_seconds();
        let (ttl_s, session) = match (video.visibility, viewer) {
            // What is public but not yet watchable is its owner's alone.
            (Visibility::Public, _) if self.is_open(video) => {
                return (self.core.url(&format!("/media/{}", video.id)), None);
            }
            // Where watching needs signing in, every link is somebody's.
            (Visibility::Unlisted, _) if video.watchable && self.opens_by_link(video) => {
                (UNLISTED_TTL_S, None)
            }
            (_, viewer) => (PRIVATE_TTL_S, viewer.map(|actor| actor.session_id)),
        };
        // Rounded up to whole minutes, so that a page asked for again names the same addresses.
        let expires_s = (now_s + ttl_s).div_euclid(60) * 60;
        let token = self.token(video, expires_s, session);
        (
            self.core.url(&format!("/media/~{token}/{}", video.id)),
            Some(Millis(expires_s * 1000)),
        )
    }

    pub(super) fn token(&self, video: &VideoRow, expires_s: i64, session: Option<SessionId>) -> String {
        let expires = u32::try_from(expires_s).unwrap_or(u32::MAX).to_be_bytes();
        let session = session.map_or([0; 12], |id| *id.as_bytes());
        let tag = self.tag(video, expires, session);
        let mut token = Vec::with_capacity(32);
        token.extend_from_slice(&expires);
        token.extend_from_slice(&session);
        token.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whether a link that is nobody's own opens this video, while it can be watched.
    fn opens_by_link(&self, video: &VideoRow) -> bool {
        video.visibility == Visibility::Unlisted
            && video.taken_down_at.is_none()
            && !self.core.settings.require_sign_in
    }

    fn tag(&self, video: &VideoRow, expires: [u8; 4], session: [u8; 12]) -> [u8; 16] {
        let rev = video.access_rev.to_be_bytes();
        let full = mac(&self.key, &[video.id.as_bytes(), &rev, &expires, &session]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&full[..16]);
        tag
    }

    /// Whether, and how, the signed part opens this video now.
    pub(super) async fn opens(&self, token: &str, video: &VideoRow) -> Result<Opened, Error> {
        if token.len() != 43 {
            return Ok(Opened::No);
        }
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return Ok(Opened::No);
        };
        let (Some(expires), Some(session), Some(tag)) = (
            bytes.first_chunk::<4>(),
            bytes.get(4..16).and_then(|part| part.first_chunk::<12>()),
            bytes.get(16..32),
        ) else {
            return Ok(Opened::No);
        };
        let genuine = bool::from(self.tag(video, *expires, *session).ct_eq(tag));
        if !genuine || i64::from(u32::from_be_bytes(*expires)) <= self.core.clock.now().as_seconds() {
            return Ok(Opened::No);
        }
        if *session == [0; 12] {
            return Ok(if self.opens_by_link(video) {
                Opened::ByLink
            } else {
                Opened::No
            });
        }
        let holder = match SessionId::from_slice(session) {
            Ok(session) => self.sessions.holder(session).await?,
            Err(_) => None,
        };
        Ok(if holder.is_none() || !may_see(video, &holder) {
            Opened::No
        } else if is_theirs(video, &holder) {
            Opened::ByOwnersLink
        } else {
            Opened::ByLink
        })
    }

    /// Absolute address of a user's avatar in its larger size.
    pub fn avatar(&self, id: UserId, rev: &str) -> String {
        self.core.url(&format!(
            "/media/users/{id}/avatar-{rev}-{}.jpg",
            pictures::AVATAR_SIZES[0]
        ))
    }

    /// Absolute address of a user's cover in its larger size.
    pub fn cover(&self, id: UserId, rev: &str) -> String {
        self.core.url(&format!(
            "/media/users/{id}/cover-{rev}-{}.jpg",
            pictures::COVER_WIDTHS[0]
        ))
    }
}
