//! Routes of finding things: search, trending, related videos, feeds, embedding, sitemaps.

use http::Method;

use super::Policy::{Anyone, Reader};
use super::Route;
use crate::bodies::{CursorPageBody, VideoBody};
use crate::limits::Class;
use crate::{feeds, oembed, related, search, sitemaps, trending, watch};

#[expect(
    clippy::too_many_lines,
    reason = "a table: a row for each route, read from top to bottom"
)]
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/search",
            Reader,
            "search",
            "Find videos, channels, tweets, and what is said in videos",
            search::search,
        )
        .costs(Class::Search)
        .asks::<search::SearchQuery>()
        .gives::<search::SearchBody<'static>>(200)
        .gives::<search::SearchPageBody<'static>>(200)
        .refuses(&[400, 401, 429, 503]),
        Route::new(
            Method::GET,
            "/api/v1/trending",
            Reader,
            "list_trending",
            "What is being watched these days",
            trending::list_trending,
        )
        .asks::<trending::TrendingQuery>()
        .gives::<CursorPageBody<'static>>(200)
        .refuses(&[400, 401]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/related",
            Reader,
            "list_related",
            "What to watch next; at most 20",
            related::list_related,
        )
        .asks::<related::RelatedQuery>()
        .gives_list::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::GET,
            "/api/v1/feeds/channel/{username}",
            Reader,
            "get_feed",
            "A channel as RSS; the name may end with .xml",
            feeds::get_feed,
        )
        .costs(Class::Search)
        .also("/feeds/channel/{username}")
        .tells(&[
            ("ETag", "Changes with the feed"),
            ("Last-Modified", "When something in it last changed"),
        ])
        .gives_plain(200)
        .gives_plain(304)
        .refuses(&[401, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/oembed",
            Reader,
            "get_oembed",
            "What other sites need to show a video, by the address of its page",
            oembed::get_oembed,
        )
        .also("/oembed")
        .asks::<oembed::OembedQuery>()
        .gives::<oembed::OembedBody<'static>>(200)
        .bare()
        .refuses(&[400, 401, 404, 501]),
        Route::new(
            Method::GET,
            "/embed/{id}",
            Reader,
            "embed_page",
            "The player alone, for a frame on another page",
            watch::embed_page,
        )
        .gives_plain(200)
        .refuses(&[401, 404]),
        Route::new(
            Method::GET,
            "/sitemap.xml",
            Reader,
            "get_sitemap",
            "Where the pages of the sitemap are",
            sitemaps::get_sitemap,
        )
        .costs(Class::Search)
        .gives_plain(200)
        .refuses(&[401, 429, 503]),
        Route::new(
            Method::GET,
            "/sitemap-videos.xml",
            Reader,
            "get_sitemap_page",
            "Addresses of at most 10,000 videos",
            sitemaps::get_sitemap_page,
        )
        .costs(Class::Search)
        .asks::<sitemaps::SitemapQuery>()
        .gives_plain(200)
        .refuses(&[400, 401, 429, 503]),
        Route::new(
            Method::GET,
            "/robots.txt",
            Anyone,
            "get_robots",
            "What machines may read",
            sitemaps::get_robots,
        )
        .gives_plain(200),
    ]
}
