//! Routes of the numbers of one's own channel.

use http::Method;

use super::Policy::SignedIn;
use super::Route;
use crate::dashboard::bodies::{DashboardVideoBody, RealtimeBody, RetentionBody, SeriesBody, StatsBody};
use crate::dashboard::{self, export, live, top};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/dashboard/stats",
            SignedIn,
            "get_dashboard_stats",
            "How one's channel stands; for a range of days also its sums beside those of the days before",
            dashboard::get_dashboard_stats,
        )
        .asks::<dashboard::RangeQuery>()
        .gives::<StatsBody>(200)
        .refuses(&[400, 401, 503]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/videos",
            SignedIn,
            "list_dashboard_videos",
            "All videos of one's own, unpublished too, newest first",
            dashboard::list_dashboard_videos,
        )
        .gives_array::<DashboardVideoBody<'static>>()
        .refuses(&[400, 401]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/timeseries",
            SignedIn,
            "get_dashboard_series",
            "One number of the channel or of a video over time, in buckets without gaps",
            dashboard::get_dashboard_series,
        )
        .asks::<dashboard::SeriesQuery>()
        .gives::<SeriesBody>(200)
        .refuses(&[400, 401, 403, 404, 503]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/top",
            SignedIn,
            "get_dashboard_top",
            "The videos of the channel with the most of something, or its views and watch time by source, host, \
             device, country or rendition",
            top::get_dashboard_top,
        )
        .asks::<top::TopQuery>()
        .gives::<top::TopBody>(200)
        .refuses(&[400, 401, 403, 404, 503]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/videos/{id}/retention",
            SignedIn,
            "get_retention",
            "How far a video of one's own is watched, and how well it plays",
            dashboard::get_retention,
        )
        .asks::<dashboard::RangeQuery>()
        .gives::<RetentionBody>(200)
        .refuses(&[400, 401, 403, 404, 503]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/realtime",
            SignedIn,
            "get_realtime",
            "The last hour by the minute, and who watches at this moment",
            dashboard::get_realtime,
        )
        .asks::<dashboard::FocusQuery>()
        .gives::<RealtimeBody>(200)
        .refuses(&[400, 401, 403, 404]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/export",
            SignedIn,
            "export_dashboard",
            "Numbers of a range as a file, CSV or a JSON array",
            export::export_dashboard,
        )
        .asks::<export::ExportQuery>()
        .tells(&[("Content-Disposition", "A file name with the channel and the range")])
        .gives_plain(200)
        .refuses(&[400, 401, 403, 404, 503]),
        Route::new(
            Method::GET,
            "/api/v1/dashboard/live",
            SignedIn,
            "stream_dashboard",
            "The dashboard while it changes, as server-sent events: stats and realtime",
            live::stream_dashboard,
        )
        .asks::<dashboard::FocusQuery>()
        .gives_plain(200)
        .refuses(&[400, 401, 403, 404, 429, 503]),
    ]
}
