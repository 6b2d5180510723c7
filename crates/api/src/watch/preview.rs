//! What other programs read in the head of a video's page: Open Graph for links in messages, JSON-LD for search
//! engines. Only of what everyone who has the address may watch, and never with an address that ends.

use std::fmt::Write as _;

use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::web::Web;
use crate::webapp::{self, escape};

/// As much of a description as previews show, in characters.
const DESCRIPTION_CHARS: usize = 300;

/// Markup for the head; empty for what is not for everyone.
pub(super) fn tags(web: &Web, video: &VideoRow) -> String {
    if video.visibility == Visibility::Private || !video.watchable || video.taken_down_at.is_some() {
        return String::new();
    }
    let core = &web.app().core;
    let links = web.app().playback.links(video, &None);
    // Of what is unlisted, pictures have addresses that end too.
    let poster = links.thumbnail.filter(|_| links.expires_at.is_none());
    let page = core.url(&format!("/watch/{}", video.id));
    let embed = core.url(&format!("/embed/{}", video.id));
    let description: String = video.description.chars().take(DESCRIPTION_CHARS).collect();
    let (width, height) = (video.width.to_string(), video.height.to_string());
    let mut tags = String::new();
    let mut tag = |name: &str, key: &str, text: &str| {
        // Writing to a string cannot fail.
        let _ = write!(tags, "<meta {name}=\"{key}\" content=\"{}\">", escape(text));
    };
    if !description.is_empty() {
        tag("name", "description", &description);
        tag("property", "og:description", &description);
    }
    tag("property", "og:site_name", "StreamSphere");
    tag("property", "og:type", "video.other");
    tag("property", "og:title", &video.title);
    tag("property", "og:url", &page);
    tag("property", "og:video", &embed);
    tag("property", "og:video:type", "text/html");
    tag("property", "og:video:width", &width);
    tag("property", "og:video:height", &height);
    tag("name", "twitter:card", "player");
    tag("name", "twitter:player", &embed);
    tag("name", "twitter:player:width", &width);
    tag("name", "twitter:player:height", &height);
    if let Some(poster) = &poster {
        tag("property", "og:image", poster);
    }
    let _ = write!(tags, "<link rel=\"canonical\" href=\"{}\">", escape(&page));
    let mut about = json!({
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": video.description,
        "url": page,
        "embedUrl": embed,
        "uploadDate": video.published_at.unwrap_or(video.created_at).to_string(),
        "duration": format!("PT{}S", video.duration_ms / 1000),
        "author": {
            "@type": "Person",
            "name": video.owner.full_name,
            "url": core.url(&format!("/@{}", video.owner.username)),
        },
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "WatchAction"},
            "userInteractionCount": video.views,
        },
    });
    if let (Some(fields), Some(poster)) = (about.as_object_mut(), poster) {
        fields.insert("thumbnailUrl".to_owned(), Value::String(poster));
    }
    tags.push_str(&webapp::data(&about));
    tags
}
