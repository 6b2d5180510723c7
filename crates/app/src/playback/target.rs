//! What is asked for, read from a path. Nothing is looked up here.

use model::{UserId, VideoId};

/// What was asked for under `/media/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file of a video.
    Video {
        /// Which video.
        id: VideoId,
        /// Signed part of the address.
        token: Option<String>,
        /// File name.
        file: String,
        /// The version of the file that the address names: it leads to this one for ever, or nowhere.
        version: Option<String>,
    },
    /// A picture of a user.
    User {
        /// Whose.
        id: UserId,
        /// File name.
        file: String,
    },
    /// The best progressive file of a video.
    Stream {
        /// Which video.
        id: VideoId,
    },
}

impl Target {
    /// Reads a path under `/media/` or `/api/v1/videos/{id}/stream`; `None` when it is neither.
    pub fn parse(path: &str, query: Option<&str>) -> Option<Self> {
        if let Some(rest) = path.strip_prefix("/api/v1/videos/") {
            let id = rest.strip_suffix("/stream")?.parse().ok()?;
            return Some(Self::Stream { id });
        }
        let mut parts = path.strip_prefix("/media/")?.split('/');
        let mut first = parts.next()?;
        if first == "users" {
            let (id, file) = (parts.next()?.parse().ok()?, parts.next()?);
            return (parts.next().is_none() && is_file_name(file)).then(|| Self::User {
                id,
                file: file.to_owned(),
            });
        }
        let token = first.strip_prefix('~').map(ToOwned::to_owned);
        if token.is_some() {
            first = parts.next()?;
        }
        let (id, file) = (first.parse().ok()?, parts.next()?);
        let version = query
            .and_then(|query| query.strip_prefix("v="))
            .map(|rest| rest.split('&').next().unwrap_or_default().to_owned());
        (parts.next().is_none() && is_file_name(file)).then(|| Self::Video {
            id,
            token,
            file: file.to_owned(),
            version,
        })
    }
}

/// Names that files of ours have (security.md D2): nothing that could climb or hide.
fn is_file_name(name: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    name.len() <= 100
        && name
            .split_once('.')
            .is_some_and(|(stem, extension)| fits(stem) && fits(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_lead_anywhere() {
        let id = "0123456789abcdef01234567";
        for good in ["master.m3u8", "video.mp4", "poster-0123-480.jpg"] {
            assert!(
                Target::parse(&format!("/media/{id}/{good}"), None).is_some(),
                "{good}"
            );
        }
        for bad in [
            "..",
            "../x.mp4",
            "a/b.mp4",
            ".hidden",
            "x.mp4.exe",
            "%2e%2e.mp4",
            "x\\y.mp4",
            "X.mp4",
            "x.",
            "x",
        ] {
            assert_eq!(Target::parse(&format!("/media/{id}/{bad}"), None), None, "{bad}");
        }
        assert_eq!(Target::parse("/media/xyz/master.m3u8", None), None);
        assert!(matches!(
            Target::parse(&format!("/media/~abc/{id}/video.mp4"), Some("v=1")),
            Some(Target::Video {
                token: Some(_),
                version: Some(version),
                ..
            }) if version == "1"
        ));
    }
}
