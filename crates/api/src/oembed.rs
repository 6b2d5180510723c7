//! `/oembed`: what other sites need to show one of our videos (oEmbed 1.0).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use model::VideoId;
use model::text::Fault;
use serde::{Deserialize, Serialize};
use store::videos::VideoRow;
use utoipa::{IntoParams, ToSchema};

use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;
use crate::xml::escape;

/// Size of the player where the video does not say, or is larger.
const WIDTH: i64 = 1280;
const HEIGHT: i64 = 720;
/// Seconds for which others may keep the answer.
const CACHE_AGE_S: u32 = 3600;

/// Which video, and how large.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OembedQuery {
    /// Address of the video's page.
    url: Option<String>,
    /// The most pixels across.
    maxwidth: Option<String>,
    /// The most pixels down.
    maxheight: Option<String>,
    /// `json`; nothing else is offered.
    format: Option<String>,
}

/// A video for another page, as oEmbed 1.0 has it; in no envelope.
#[derive(Debug, Serialize, ToSchema)]
pub struct OembedBody<'a> {
    /// Always `video`.
    pub r#type: &'static str,
    /// Always `1.0`.
    pub version: &'static str,
    /// The video's title.
    pub title: &'a str,
    /// Name of its channel.
    pub author_name: &'a str,
    /// Its channel.
    pub author_url: String,
    /// This software.
    pub provider_name: &'static str,
    /// This site.
    pub provider_url: String,
    /// Seconds for which the answer may be kept.
    pub cache_age: u32,
    /// An iframe with the player.
    pub html: String,
    /// Pixels of the player.
    pub width: i64,
    /// Pixels of the player.
    pub height: i64,
    /// Address of the poster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
    /// Pixels of the poster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_width: Option<i64>,
    /// Pixels of the poster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_height: Option<i64>,
}

pub(crate) async fn get_oembed(
    State(web): State<Web>,
    Query(query): Query<OembedQuery>,
) -> Result<Response, Problem> {
    if query.format.as_deref().is_some_and(|format| format != "json") {
        return Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "format_not_offered",
            "Only JSON is offered here.",
        ));
    }
    let mut fields = app::Fields::default();
    let most_across = fields.check("maxwidth", pixels(query.maxwidth.as_deref()));
    let most_down = fields.check("maxheight", pixels(query.maxheight.as_deref()));
    let url = fields.check(
        "url",
        query.url.filter(|url| !url.is_empty()).ok_or_else(Fault::missing),
    );
    let (Some(most_across), Some(most_down), Some(url)) = (most_across, most_down, url) else {
        return Err(fields.into_error().into());
    };
    let id = video_of(&url, &web.app().core.settings.public_url).ok_or_else(app::Error::no_video)?;
    // Whoever embeds shows it to everyone, so it is seen as by everyone.
    let video = web.app().videos.find(id, &None).await?;
    let mut response = answer(&web, &video, most_across, most_down)?;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn pixels(text: Option<&str>) -> Result<Option<i64>, Fault> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=100_000).contains(n))
            .map(Some)
            .ok_or_else(|| Fault::new("out_of_range", "Pixels, as a whole number from 1.")),
    }
}

/// The video whose page has this address.
fn video_of(url: &str, public_url: &str) -> Option<VideoId> {
    let rest = url.strip_prefix(public_url)?;
    let rest = rest
        .strip_prefix("/watch/")
        .or_else(|| rest.strip_prefix("/embed/"))?;
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    rest.get(..end)?.trim_end_matches('/').parse().ok()
}

/// The largest size of the same shape within the bounds.
fn fit(width: i64, height: i64, most_across: i64, most_down: i64) -> (i64, i64) {
    let scale = (most_across as f64 / width as f64)
        .min(most_down as f64 / height as f64)
        .min(1.0);
    let scaled = |n: i64| ((n as f64 * scale) as i64).max(1);
    (scaled(width), scaled(height))
}

fn answer(
    web: &Web,
    video: &VideoRow,
    most_across: Option<i64>,
    most_down: Option<i64>,
) -> Result<Response, Problem> {
    let core = &web.app().core;
    let (across, down) = if video.width > 0 && video.height > 0 {
        (video.width, video.height)
    } else {
        (WIDTH, HEIGHT)
    };
    // Small videos are shown larger than they are, as players do.
    let (usual, _) = fit(
        WIDTH.max(across),
        WIDTH.max(across) * down / across,
        WIDTH,
        HEIGHT,
    );
    let (width, height) = fit(
        usual,
        (usual * down / across).max(1),
        most_across.unwrap_or(WIDTH),
        most_down.unwrap_or(HEIGHT),
    );
    let links = web.app().playback.links(video, &None);
    // What is not public has a poster whose address ends some day.
    let thumbnail = links.thumbnail.filter(|_| links.expires_at.is_none());
    let poster = fit(across, down, 1280, i64::MAX);
    let body = OembedBody {
        r#type: "video",
        version: "1.0",
        title: &video.title,
        author_name: &video.owner.full_name,
        author_url: core.url(&format!("/api/v1/users/c/{}", video.owner.username)),
        provider_name: "StreamSphere",
        provider_url: core.url("/"),
        cache_age: CACHE_AGE_S,
        html: format!(
            "<iframe src=\"{}\" width=\"{width}\" height=\"{height}\" title=\"{}\" style=\"border:0\" \
             allow=\"autoplay; fullscreen; picture-in-picture\" allowfullscreen loading=\"lazy\"></iframe>",
            escape(&core.url(&format!("/embed/{}", video.id))),
            escape(&video.title)
        ),
        width,
        height,
        thumbnail_width: thumbnail.as_ref().map(|_| poster.0),
        thumbnail_height: thumbnail.as_ref().map(|_| poster.1),
        thumbnail_url: thumbnail,
    };
    let text = serde_json::to_string(&body).map_err(|error| {
        tracing::error!(error = %error, "Could not write an answer");
        Problem::internal()
    })?;
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((content_type, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_our_own_videos_lead_to_one() {
        const SITE: &str = "https://videos.example";
        const ID: &str = "0123456789abcdef01234567";
        for good in [
            format!("{SITE}/watch/{ID}"),
            format!("{SITE}/watch/{ID}/"),
            format!("{SITE}/watch/{ID}?t=5#x"),
            format!("{SITE}/embed/{ID}"),
        ] {
            assert_eq!(video_of(&good, SITE).unwrap().to_string(), ID, "{good}");
        }
        for bad in [
            "",
            SITE,
            &format!("https://evil.example/watch/{ID}"),
            &format!("https://videos.example.evil.example/watch/{ID}"),
            &format!("https://videos.example@evil.example/watch/{ID}"),
            &format!("http://videos.example/watch/{ID}"),
            &format!("{SITE}/watch/{ID}/x"),
            &format!("{SITE}/watch/../watch/{ID}"),
            &format!("{SITE}/watch/x"),
            "javascript:alert(1)",
        ] {
            assert_eq!(video_of(bad, SITE), None, "{bad}");
        }
    }

    #[test]
    fn a_player_keeps_its_shape() {
        assert_eq!(fit(1920, 1080, 1280, 720), (1280, 720));
        assert_eq!(fit(1080, 1920, 1280, 720), (405, 720));
        assert_eq!(fit(320, 180, 1280, 720), (320, 180));
        assert_eq!(fit(1280, 720, 1, 1), (1, 1));
    }
}
