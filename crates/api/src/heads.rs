//! What stands in the head of the app's pages about channels and playlists: their status, title, Open Graph, and where
//! their feed is. Videos have theirs in [`crate::watch`].

use std::fmt::Write as _;

use app::playlists::{Which, no_playlist};
use app::{Error, Viewer};
use axum::response::Response;
use http::StatusCode;
use model::videos::Visibility;
use serde_json::json;

use crate::web::Web;
use crate::webapp::{self, Head, escape};

/// As much of a text as previews show, in characters.
const DESCRIPTION_CHARS: usize = 300;

/// What a page is about.
struct About<'a> {
    title: &'a str,
    description: &'a str,
    /// Open Graph's name of such a thing.
    kind: &'static str,
    /// Path of the page.
    path: &'a str,
    image: Option<&'a str>,
    is_listed: bool,
}

/// The page of a channel or a playlist; `None`: the path is of neither.
pub(crate) async fn answer(web: &Web, path: &str, viewer: &Viewer) -> Option<Response> {
    if viewer.is_none() && web.app().core.settings.require_sign_in {
        return None;
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let found = if let Some(rest) = path.strip_prefix("/@") {
        channel(web, rest.split('/').next().unwrap_or_default(), viewer).await
    } else if let Some(id) = path.strip_prefix("/playlist/") {
        playlist(web, id, viewer).await
    } else {
        return None;
    };
    Some(match found {
        Ok(response) => response,
        Err(error) => {
            let refused = crate::problem::Problem::from(error);
            let status = refused.status();
            if status.is_server_error() {
                axum::response::IntoResponse::into_response(refused)
            } else {
                // Who may see it once they have signed in is told so by the app.
                let status = if status == StatusCode::UNAUTHORIZED {
                    StatusCode::OK
                } else {
                    StatusCode::NOT_FOUND
                };
                webapp::page(web, status, &Head::default())
            }
        }
    })
}

async fn channel(web: &Web, username: &str, viewer: &Viewer) -> Result<Response, Error> {
    let app = web.app();
    let user = app.accounts.channel(username, viewer).await?.user;
    let core = &app.core;
    let (path, avatar) = (
        format!("/@{}", user.username),
        app.playback.avatar(user.id, &user.avatar_rev),
    );
    let about = About {
        title: &user.full_name,
        description: &user.bio,
        kind: "profile",
        path: &path,
        image: Some(&avatar),
        is_listed: true,
    };
    let mut tags = about.tags(web);
    // Writing to a string cannot fail.
    let _ = write!(
        tags,
        "<meta property=\"profile:username\" content=\"{name}\">\
         <link rel=\"alternate\" type=\"application/rss+xml\" title=\"{title}\" href=\"{feed}\">",
        name = escape(&user.username),
        title = escape(&user.full_name),
        feed = escape(&core.url(&format!("/api/v1/feeds/channel/{}.xml", user.username)))
    );
    let data = json!({
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "mainEntity": {
            "@type": "Person",
            "name": user.full_name,
            "alternateName": format!("@{}", user.username),
            "description": user.bio,
            "url": core.url(&path),
            "image": avatar,
        },
    });
    tags.push_str(&webapp::data(&data));
    Ok(about.page(web, &tags))
}

async fn playlist(web: &Web, id: &str, viewer: &Viewer) -> Result<Response, Error> {
    let which: Which = id.parse().map_err(|_| no_playlist())?;
    let row = web.app().playlists.find(which, viewer).await?;
    // What is in the head is read by others than who asks: nothing of what is not for them.
    if row.visibility == Visibility::Private {
        return Ok(webapp::page(web, StatusCode::OK, &Head::default()));
    }
    let path = format!("/playlist/{}", row.id);
    let about = About {
        title: &row.name,
        description: &row.description,
        kind: "website",
        path: &path,
        image: None,
        is_listed: row.visibility == Visibility::Public,
    };
    Ok(about.page(web, &about.tags(web)))
}

impl About<'_> {
    fn tags(&self, web: &Web) -> String {
        let url = web.app().core.url(self.path);
        let description: String = self.description.chars().take(DESCRIPTION_CHARS).collect();
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
        tag("property", "og:type", self.kind);
        tag("property", "og:title", self.title);
        tag("property", "og:url", &url);
        tag("name", "twitter:card", "summary");
        if let Some(image) = self.image {
            tag("property", "og:image", image);
        }
        if !self.is_listed {
            tag("name", "robots", "noindex");
        }
        let _ = write!(tags, "<link rel=\"canonical\" href=\"{}\">", escape(&url));
        tags
    }

    fn page(&self, web: &Web, tags: &str) -> Response {
        let text = format!(
            "<h1>{}</h1><p>{}</p>",
            escape(self.title),
            escape(self.description)
        );
        let head = Head {
            title: self.title,
            tags,
            text: &text,
        };
        webapp::page(web, StatusCode::OK, &head)
    }
}
