//! `/feeds/channel/{username}.xml`: a channel as RSS 2.0, with the progressive files as enclosures.

use std::fmt::Write as _;

use app::videos::list::{Position, Request};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, StatusCode};
use model::Millis;
use store::users::UserRow;
use store::videos::VideoRow;
use store::videos::list::Sort;

use crate::gate::{fingerprint, is_known};
use crate::problem::Problem;
use crate::web::Web;
use crate::xml::{self, date, escape};

/// The most videos of a feed.
const ITEMS: i64 = 50;

pub(crate) async fn get_feed(
    State(web): State<Web>,
    Path(name): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let app = web.app();
    let name = name.strip_suffix(".xml").unwrap_or(&name);
    // What everyone sees: readers of feeds sign in nowhere.
    let channel = app.accounts.channel(name, &None).await?;
    let request = Request {
        query: None,
        user: Some(channel.user.id),
        tag: None,
        sort: Sort::Created,
        descending: true,
        position: Position::Cursor(String::new()),
        limit: ITEMS,
    };
    let videos = app.videos.list(&request, &None).await?.videos;
    let changed = videos
        .iter()
        .map(|video| video.updated_at)
        .chain([channel.user.updated_at])
        .max()
        .unwrap_or_default();
    let body = feed(&web, &channel.user, &videos);
    let tag = format!("\"{:016x}\"", fingerprint(body.as_bytes()));
    let date = date(changed);
    let known = if asked.contains_key(IF_NONE_MATCH) {
        is_known(&asked, &tag)
    } else {
        // To the letter: where a video is taken out, the time of the last change may go back.
        asked
            .get(IF_MODIFIED_SINCE)
            .is_some_and(|value| value.as_bytes() == date.as_bytes())
    };
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        xml::answer("application/rss+xml; charset=utf-8", body)
    };
    let headers = response.headers_mut();
    let caching = if app.core.settings.require_sign_in {
        "private, no-cache"
    } else {
        "public, max-age=0, must-revalidate"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    for (name, value) in [(ETAG, tag), (LAST_MODIFIED, date)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

fn feed(web: &Web, user: &UserRow, videos: &[VideoRow]) -> String {
    let core = &web.app().core;
    let own = core.url(&format!("/api/v1/feeds/channel/{}.xml", user.username));
    let about = if user.bio.is_empty() {
        &user.full_name
    } else {
        &user.bio
    };
    let avatar = web.app().playback.avatar(user.id, &user.avatar_rev);
    let mut out = format!(
        "{}<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
         xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:media=\"http://search.yahoo.com/mrss/\">\n\
         <channel>\n<title>{name}</title>\n<link>{site}</link>\n<description>{about}</description>\n\
         <atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{own}\"/>\n\
         <image><url>{avatar}</url><title>{name}</title><link>{site}</link></image>\n\
         <itunes:author>{name}</itunes:author>\n<itunes:image href=\"{avatar}\"/>\n",
        xml::HEAD,
        name = escape(&user.full_name),
        site = escape(&core.url("/")),
        about = escape(about),
        own = escape(&own),
        avatar = escape(&avatar),
    );
    for video in videos {
        item(&mut out, web, video);
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn item(out: &mut String, web: &Web, video: &VideoRow) {
    let core = &web.app().core;
    let links = web.app().playback.links(video, &None);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<item>\n<title>{}</title>\n<link>{}</link>\n<guid isPermaLink=\"false\">{}</guid>\n\
         <pubDate>{}</pubDate>\n<description>{}</description>\n<itunes:duration>{}</itunes:duration>\n",
        escape(&video.title),
        escape(&core.url(&format!("/watch/{}", video.id))),
        video.id,
        date(published(video)),
        escape(&video.description),
        (video.duration_ms + 500) / 1000,
    );
    for tag in &video.tags {
        let _ = writeln!(out, "<category>{}</category>", escape(tag));
    }
    // Links of public video do not expire; others would be out of date when they are read.
    if links.expires_at.is_none() {
        if let Some(url) = &links.video_file {
            let (bytes, kind) = if video.progressive_key.is_some() {
                (video.progressive_bytes, "video/mp4")
            } else {
                (video.source_bytes, video.source_type.as_str())
            };
            let _ = writeln!(
                out,
                "<enclosure url=\"{}\" length=\"{bytes}\" type=\"{}\"/>",
                escape(url),
                escape(kind)
            );
        }
        if let Some(url) = &links.thumbnail {
            let _ = writeln!(out, "<media:thumbnail url=\"{}\"/>", escape(url));
        }
    }
    out.push_str("</item>\n");
}

fn published(video: &VideoRow) -> Millis {
    video.published_at.unwrap_or(video.created_at)
}
