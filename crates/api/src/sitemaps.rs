//! `/sitemap.xml`, its pages, and `/robots.txt`.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use model::{Millis, VideoId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;
use crate::xml::{self, escape};

const XML: &str = "application/xml; charset=utf-8";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SitemapQuery {
    /// As `/sitemap.xml` says; the first page when absent.
    after: Option<String>,
}

/// The list of pages.
pub(crate) async fn get_sitemap(State(web): State<Web>) -> Result<Response, Problem> {
    let starts = web.app().sitemaps.starts().await?;
    let mut out = format!("{}<sitemapindex xmlns=\"{NAMESPACE}\">\n", xml::HEAD);
    for start in starts.iter() {
        let path = match start {
            None => "/sitemap-videos.xml".to_owned(),
            Some((at, id)) => format!("/sitemap-videos.xml?after={}-{id}", at.0),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<sitemap><loc>{}</loc></sitemap>",
            escape(&web.app().core.url(&path))
        );
    }
    out.push_str("</sitemapindex>\n");
    Ok(xml::answer(XML, out))
}

/// One page: addresses of videos.
pub(crate) async fn get_sitemap_page(
    State(web): State<Web>,
    Query(query): Query<SitemapQuery>,
) -> Result<Response, Problem> {
    let after = match query.after.as_deref() {
        None | Some("") => None,
        Some(text) => Some(
            place(text)
                .ok_or_else(|| Problem::bad_request("bad_cursor", "This is not a place in the list."))?,
        ),
    };
    let videos = web.app().sitemaps.page(after).await?;
    let mut out = format!("{}<urlset xmlns=\"{NAMESPACE}\">\n", xml::HEAD);
    for (id, changed) in videos {
        let _ = writeln!(
            out,
            "<url><loc>{}</loc><lastmod>{changed}</lastmod></url>",
            escape(&web.app().core.url(&format!("/watch/{id}")))
        );
    }
    out.push_str("</urlset>\n");
    Ok(xml::answer(XML, out))
}

fn place(text: &str) -> Option<(Millis, VideoId)> {
    let (at, id) = text.rsplit_once('-')?;
    Some((Millis(at.parse().ok()?), id.parse().ok()?))
}

/// What machines may read: pages of videos, and nothing where one must sign in.
pub(crate) async fn get_robots(State(web): State<Web>) -> Response {
    let core = &web.app().core;
    let text = if core.settings.require_sign_in {
        "User-agent: *\nDisallow: /\n".to_owned()
    } else {
        format!(
            "User-agent: *\nAllow: /api/v1/oembed\nAllow: /api/v1/feeds/\nDisallow: /api/\nDisallow: /users/\n\
             Disallow: /embed/\n\nSitemap: {}\n",
            core.url("/sitemap.xml")
        )
    };
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(CONTENT_TYPE, content_type)], text).into_response()
}
