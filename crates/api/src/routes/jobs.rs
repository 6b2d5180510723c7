//! Routes of background work: one's own, and everyone's for admins.

use http::Method;

use super::Policy::{Admin, SignedIn};
use super::Route;
use crate::jobs;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/jobs",
            SignedIn,
            "list_jobs",
            "One's own background work, newest first",
            jobs::list_jobs,
        )
        .asks::<jobs::JobsQuery>()
        .gives::<jobs::JobPageBody<'static>>(200)
        .refuses(&[400, 401]),
        Route::new(
            Method::GET,
            "/api/v1/jobs/{id}",
            SignedIn,
            "get_job",
            "One job",
            jobs::get_job,
        )
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::POST,
            "/api/v1/jobs/{id}/cancel",
            SignedIn,
            "cancel_job",
            "End a job, and with it all work on the same video",
            jobs::cancel_job,
        )
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            Method::POST,
            "/api/v1/jobs/{id}/retry",
            SignedIn,
            "retry_job",
            "Try a job again that failed or was cancelled; answers the job that does so",
            jobs::retry_job,
        )
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            Method::GET,
            "/api/v1/admin/jobs",
            Admin,
            "list_all_jobs",
            "Everyone's background work, newest first",
            jobs::list_all_jobs,
        )
        .asks::<jobs::AllJobsQuery>()
        .gives::<jobs::JobPageBody<'static>>(200)
        .refuses(&[400, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/admin/jobs/{id}",
            Admin,
            "update_job",
            "Say how urgent a job is, and all work on the same video",
            jobs::update_job,
        )
        .takes::<jobs::UpdateJobRequest>()
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 403, 404, 409, 413, 415, 429]),
    ]
}
