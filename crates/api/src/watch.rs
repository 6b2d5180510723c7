//! `/watch/{id}`: the page of the web app, with what is known of the video in its head. `/embed/{id}`: the player alone,
//! for frames on other sites. Where the app is not there, both are small pages with a video element, which tell what is
//! played of them by one script of our own.

mod preview;

use std::fmt::Write as _;

use app::Viewer;
use app::playback::Links;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use model::VideoId;
use model::videos::{Status, Visibility};
use store::videos::VideoRow;

use crate::docs;
use crate::extract::Id;
use crate::problem::Problem;
use crate::web::Web;
use crate::webapp::{self, Head, escape};

/// The page's only style; the policy names its hash instead of allowing inline styles.
const STYLE: &str = "body{margin:0;background:#111;color:#eee;font:16px/1.5 system-ui,sans-serif}\
main{max-width:72rem;margin:0 auto;padding:1rem}video{width:100%;max-height:80vh;background:#000}\
h1{font-size:1.4rem;margin:.75rem 0 .25rem;overflow-wrap:anywhere}p{margin:.25rem 0;color:#bbb;\
white-space:pre-wrap;overflow-wrap:anywhere}a{color:#8ab4f8}\
.frame main{max-width:none;padding:0}.frame video{display:block;height:100vh;max-height:none}";

/// For what search engines are not to list.
const NOINDEX: &str = "<meta name=\"robots\" content=\"noindex\">";

/// Where the script of the pages is.
pub(crate) const SCRIPT: &str = "/watch/player.js";

pub(crate) async fn serve_script(headers: HeaderMap) -> Response {
    docs::file(
        &headers,
        include_str!("watch/player.js"),
        "text/javascript; charset=utf-8",
    )
}

pub(crate) async fn watch_page(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Id<VideoId>, Problem>,
) -> Response {
    let found = match id {
        Ok(Id(id)) => web.app().videos.find(id, &viewer).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match found {
        Ok(video) if webapp::is_shown(&web) => app_page(&web, &video),
        Ok(video) => page(
            StatusCode::OK,
            &video.title,
            &discovery(&web, &video),
            &watching(&web, &video, &viewer),
            &web.0.facing.media_origin(),
            Framing::Nowhere,
        ),
        Err(problem) if problem.status().is_server_error() => problem.into_response(),
        Err(_) if webapp::is_shown(&web) => webapp::page(&web, StatusCode::NOT_FOUND, &Head::default()),
        Err(_) => not_found(Framing::Nowhere),
    }
}

/// The page of the app. Those without scripts are told what it is about, and where the player alone is.
fn app_page(web: &Web, video: &VideoRow) -> Response {
    let robots = robots(video);
    let tags = format!(
        "{robots}{}{}{}",
        discovery(web, video),
        preview::tags(web, video),
        webapp::preloads(&["WatchPage", "hls"])
    );
    let text = format!(
        "<h1>{}</h1><p>{}</p><p><a href=\"/embed/{}\">Watch without scripts</a></p>",
        escape(&video.title),
        escape(&video.owner.full_name),
        video.id
    );
    let head = Head {
        title: &video.title,
        tags: &tags,
        text: &text,
    };
    webapp::page(web, StatusCode::OK, &head)
}

/// Search engines list what is public.
fn robots(video: &VideoRow) -> &'static str {
    if video.visibility == Visibility::Public {
        ""
    } else {
        NOINDEX
    }
}

/// The player alone. There is nothing on it that acts for whoever is signed in, so any site may frame it.
pub(crate) async fn embed_page(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Id<VideoId>, Problem>,
) -> Response {
    let found = match id {
        Ok(Id(id)) => web.app().videos.find(id, &viewer).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let found = match found {
        Err(problem) if problem.status().is_server_error() => return problem.into_response(),
        found => found.ok(),
    };
    if webapp::is_shown(&web)
        && let Some(response) = app_embed(&web, found.as_deref())
    {
        return response;
    }
    found.map_or_else(
        || not_found(Framing::Anywhere),
        |video| {
            page(
                StatusCode::OK,
                &video.title,
                NOINDEX,
                &player(&web, &video, &viewer, "embed"),
                &web.0.facing.media_origin(),
                Framing::Anywhere,
            )
        },
    )
}

/// The player of the app. What it plays it asks for as anybody, whoever is signed in.
fn app_embed(web: &Web, found: Option<&VideoRow>) -> Option<Response> {
    let Some(video) = found else {
        return webapp::embed(web, StatusCode::NOT_FOUND, &Head::default());
    };
    // For those without scripts, what plays everywhere, and where it comes from.
    let text = format!(
        "{}<p><a href=\"{}\" target=\"_blank\" rel=\"noopener\">{}</a></p>",
        player(web, video, &None, "embed"),
        escape(&web.app().core.url(&format!("/watch/{}", video.id))),
        escape(&video.title)
    );
    let tags = format!("{NOINDEX}{}", webapp::preloads(&["hls"]));
    let head = Head {
        title: &video.title,
        tags: &tags,
        text: &text,
    };
    webapp::embed(web, StatusCode::OK, &head)
}

fn not_found(framing: Framing) -> Response {
    page(
        StatusCode::NOT_FOUND,
        "Not found",
        "",
        "<h1>There is no such video</h1><p>It may have been removed, or it is private.</p>",
        "",
        framing,
    )
}

/// Who may show a page in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Nowhere,
    Anywhere,
}

/// Where other forms of the video and of its channel are.
fn discovery(web: &Web, video: &VideoRow) -> String {
    if video.visibility == Visibility::Private || !video.watchable {
        return String::new();
    }
    let core = &web.app().core;
    let page = core.url(&format!("/watch/{}", video.id));
    // Nothing in the address has to be written otherwise in a query but these.
    let page = page.replace('%', "%25").replace('&', "%26").replace('+', "%2B");
    format!(
        "<link rel=\"alternate\" type=\"application/json+oembed\" title=\"{}\" href=\"{}\">\
         <link rel=\"alternate\" type=\"application/rss+xml\" title=\"{}\" href=\"{}\">",
        escape(&video.title),
        escape(&core.url(&format!("/api/v1/oembed?format=json&url={page}"))),
        escape(&video.owner.full_name),
        escape(&core.url(&format!("/api/v1/feeds/channel/{}.xml", video.owner.username)))
    )
}

fn watching(web: &Web, video: &VideoRow, viewer: &Viewer) -> String {
    let title = escape(&video.title);
    let about = format!(
        "<h1>{title}</h1><p>{} · <span id=\"views\">{}</span> views · <span id=\"likes\">{}</span> likes</p><p>{}</p>",
        escape(&video.owner.full_name),
        video.views,
        video.likes_count,
        escape(&video.description)
    );
    let robots = robots(video);
    let hls = web.app().playback.links(video, viewer).hls;
    let hls = hls.map_or_else(String::new, |url| {
        format!("<p><a href=\"{}\">HLS</a></p>", escape(&url))
    });
    format!("{robots}{}{hls}{about}", player(web, video, viewer, ""))
}

/// The video element and what it needs; `origin`: where viewers come from, where the page knows.
fn player(web: &Web, video: &VideoRow, viewer: &Viewer, origin: &str) -> String {
    let links = web.app().playback.links(video, viewer);
    // What plays everywhere comes first; before that is there, the playlist plays where it can.
    match (video.status, links.video_file.as_ref().or(links.hls.as_ref())) {
        (Status::Rejected | Status::Failed, None) => {
            format!(
                "<p>{}</p>",
                escape(
                    video
                        .status_reason
                        .as_deref()
                        .unwrap_or("This video could not be prepared.")
                )
            )
        }
        (_, None) => "<p>This video is being prepared. Load the page again in a moment.</p>".to_owned(),
        (_, Some(source)) => {
            let poster = links
                .thumbnail
                .as_ref()
                .map_or_else(String::new, |url| format!(" poster=\"{}\"", escape(url)));
            format!(
                "<video controls playsinline preload=\"metadata\" data-video=\"{}\" data-source=\"{origin}\" \
                 width=\"{}\" height=\"{}\" src=\"{}\"{poster}>{}</video><script src=\"{SCRIPT}\" defer></script>",
                video.id,
                video.width,
                video.height,
                escape(source),
                tracks(web, video, viewer, &links)
            )
        }
    }
}

/// Subtitles and chapters.
fn tracks(web: &Web, video: &VideoRow, viewer: &Viewer, links: &Links) -> String {
    let mut tracks = String::new();
    for track in &links.captions {
        // Writing to a string cannot fail.
        let _ = write!(
            tracks,
            "<track kind=\"subtitles\" srclang=\"{}\" label=\"{}\" src=\"{}\">",
            escape(&track.language),
            escape(&track.label),
            escape(&track.url)
        );
    }
    if let Some(url) = web.app().playback.extra_links(video, viewer, &[]).chapters_file {
        let _ = write!(
            tracks,
            "<track kind=\"chapters\" label=\"Chapters\" src=\"{}\">",
            escape(&url)
        );
    }
    tracks
}

/// `elsewhere`: what pages may load media from besides this server, with a space before it.
fn page(
    status: StatusCode,
    title: &str,
    head: &str,
    body: &str,
    elsewhere: &str,
    framing: Framing,
) -> Response {
    let class = if framing == Framing::Anywhere {
        " class=\"frame\""
    } else {
        ""
    };
    // An empty icon: without one every browser asks for /favicon.ico and logs that there is none.
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><title>{}</title>{head}\
         <style>{STYLE}</style></head><body{class}><main>{body}</main></body></html>",
        escape(title)
    );
    let policy = format!(
        "default-src 'none'; media-src 'self' blob:{elsewhere}; img-src 'self' data:; style-src '{}'; script-src 'self'; \
         connect-src 'self'{elsewhere}; base-uri 'none'; \
         form-action 'none'; frame-ancestors {}",
        style_hash(),
        match framing {
            Framing::Nowhere => "'none'",
            Framing::Anywhere => "*",
        }
    );
    let mut response = (status, html).into_response();
    webapp::secure(response.headers_mut(), &policy);
    response
}

fn style_hash() -> &'static str {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    static HASH: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        format!(
            "sha256-{}",
            base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE))
        )
    });
    &HASH
}
